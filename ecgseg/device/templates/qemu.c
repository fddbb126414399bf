/* {{ name }}: measurement and self-test on Cortex-M cores in QEMU, written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
 * `make qemu` runs it. Output goes through semihosting, so no device driver is needed. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "ecgseg_segment.h"
#ifndef MEASURE_ONLY
#include "ecgseg_selftest.h"
#endif

extern uint32_t stack_limit[]; /* from qemu.ld */

/* SysTick counts down; with `-icount shift=0` its speed in instructions is constant and measured with a loop of known length. */
static volatile uint32_t *const systick = (volatile uint32_t *)0xe000e010;

static void restart(void)
{
    systick[1] = 0xffffff;
    systick[2] = 0;
    systick[0] = 5;
}

static uint32_t ticks(void)
{
    return (0xffffff - systick[2]) % 0xffffff; /* 0 before the first tick, too */
}

static uint32_t ticks_per_million(void)
{
    uint32_t count = 500000;
    restart();
    __asm__ volatile(".syntax unified\n0: subs %0, #1\n bne 0b" : "+l"(count) : : "cc");
    return ticks();
}

static uint32_t per_million;
static uint32_t at_layer[ECGSEG_NUM_LAYERS];

void ecgseg_probe(int layer);
void ecgseg_probe(int layer)
{
    at_layer[layer] = ticks();
}

static unsigned long instructions(uint32_t count)
{
    return (unsigned long)((uint64_t)count * 1000000 / per_million);
}

static void ignore_wave(void *user, const ecgseg_wave_t *wave)
{
    (void)user, (void)wave;
}

#define SAMPLES (9 * ECGSEG_FRAME_SIZE * ECGSEG_DOWN / ECGSEG_UP) /* of the stream that is measured */

static float triangle(float time, float centre, float half, float height)
{
    const float distance = time < centre ? centre - time : time - centre;
    return distance < half ? height * (1 - distance / half) : 0;
}

/* A signal similar to an ECG, with 75 beats per minute, so that waves are judged and reported, and with noise at the end. */
static float sample_at(int number)
{
    static uint32_t random = 1;
    const float time = (float)(number % (int)(0.8f * ECGSEG_FS)) / ECGSEG_FS;
    const float clean = triangle(time, 0.2f, 0.05f, 0.12f) + triangle(time, 0.36f, 0.04f, 1.0f) + triangle(time, 0.62f, 0.1f, 0.3f);
    random = random * 1664525 + 1013904223;
    return number < SAMPLES * 2 / 3 ? clean : clean + (float)(random >> 16) / 65536;
}

static ecgseg_stream_t stream;
static uint32_t pushes[SAMPLES]; /* ticks of each call, with ecgseg_push alone */
static uint32_t longest_step, longest_frame;

/* With the longest gap that is bridged: the sample after it stores the whole line. */
static void push_alone(void)
{
    ecgseg_start(&stream, ignore_wave, NULL);
    for (int i = 0; i < SAMPLES; i++) {
        const float sample = i >= SAMPLES / 3 && i < SAMPLES / 3 + ECGSEG_BRIDGE ? NAN : sample_at(i);
        restart();
        ecgseg_push(&stream, &sample, 1);
        pushes[i] = ticks();
    }
}

/* All steps of a frame at once, as with much time between two samples. */
static void push_and_step(void)
{
    ecgseg_start(&stream, ignore_wave, NULL);
    for (int i = 0; i < SAMPLES; i++) {
        const float sample = sample_at(i);
        int more = 1;
        restart();
        ecgseg_push(&stream, &sample, 1);
        uint32_t sum = ticks();
        while (more) {
            restart();
            more = ecgseg_step(&stream);
            const uint32_t count = ticks();
            if (count > longest_step) longest_step = count;
            sum += count;
        }
        if (sum > longest_frame) longest_frame = sum;
    }
    for (int more = 1; more;) {
        restart();
        more = ecgseg_finish(&stream);
        const uint32_t count = ticks();
        if (count > longest_step) longest_step = count;
    }
}

static void measure(void)
{
    static float frame[ECGSEG_FRAME_SIZE];
    static int8_t in[ECGSEG_FRAME_SIZE], out[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES];
    uint32_t longest = 0, slices = 0;
    int done;
    per_million = ticks_per_million();

    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) frame[i] = (float)(i * 37 % 101) / 100; /* arbitrary numbers: the time hardly depends on them */
    restart();
    ecgseg_preprocess(frame, NULL, in);
    printf("preprocess %lu\n", instructions(ticks()));
    restart();
    ecgseg_model_run(in, out);
    printf("network %lu\n", instructions(ticks()));
    for (int i = 0; i < ECGSEG_NUM_LAYERS; i++) printf("layer %d %lu\n", i, instructions(at_layer[i] - (i ? at_layer[i - 1] : 0)));

    ecgseg_model_begin(in, out);
    do {
        restart();
        done = ecgseg_model_step();
        if (ticks() > longest) longest = ticks();
        slices++;
    } while (!done);
    printf("slices %lu\nlongest slice %lu\n", (unsigned long)slices, instructions(longest));

    uint32_t *mark = (uint32_t *)__builtin_frame_address(0) - 64; /* below it, writes of the stream to the stack become visible */
    for (uint32_t *word = stack_limit; word < mark; word++) *word = 0xa5a5a5a5;
    push_alone();
    push_and_step();
    uint32_t *word = stack_limit;
    while (word < mark && *word == 0xa5a5a5a5) word++;
    printf("frame %lu\nlongest step %lu\nstack %lu\n", instructions(longest_frame), instructions(longest_step), (unsigned long)(4 * (mark + 64 - word)));
    printf("pushes");
    for (int i = 0; i < SAMPLES; i++) printf(" %lu", instructions(pushes[i]));
    printf("\n");
}

int main(void)
{
    measure();
#ifndef MEASURE_ONLY
    return ecgseg_selftest(printf);
#endif
}
