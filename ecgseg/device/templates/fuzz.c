/* {{ name }}: fuzzing of the stream with libFuzzer, written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
 * `make fuzz` builds and runs it; it needs clang. Any samples, in chunks of any size, must give waves in order and nothing else. The network is
 * replaced by outputs that the input chooses, so classes follow each other in any order. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "ecgseg_segment.h"

static const uint8_t *input_bytes;
static size_t num_bytes, position;
static uint32_t received, last_offset, steps_of_network;

static uint8_t next_byte(void) /* cyclically */
{
    return input_bytes[position++ % num_bytes];
}

static int8_t *outputs;
static const int8_t *inputs;

void ecgseg_model_begin(const int8_t *input, int8_t *output)
{
    inputs = input;
    outputs = output;
}

const float ecgseg_powers[256] = {1, 0.5f, 0.25f};

int ecgseg_model_slices(void)
{
    return 4;
}

int ecgseg_model_step(void)
{
    steps_of_network++;
    const uint8_t longest = (uint8_t)(1 + next_byte() % 64);
    static uint8_t calls;
    uint8_t kind = 0, left = 0;
    if (++calls % 4 && next_byte() % 4) return 0; /* at most three times in a row, because the bytes repeat */
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) {
        if (!left) kind = next_byte() % ECGSEG_NUM_CLASSES, left = (uint8_t)(1 + next_byte() % longest);
        left--;
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) *outputs++ = (int8_t)(c == kind ? 40 + next_byte() % 64 : inputs[i] / 4);
    }
    return 1;
}

static void check_wave(void *user, const ecgseg_wave_t *wave)
{
    (void)user;
    if (wave->kind < 1 || wave->kind >= ECGSEG_NUM_CLASSES || wave->quality > ECGSEG_UNCERTAIN) abort();
    if (wave->onset > wave->peak || wave->peak > wave->offset || wave->offset >= received) abort();
    if (wave->onset + 2 * ECGSEG_RATIO < last_offset) abort(); /* in order; boundaries are rounded */
    if (!(wave->confidence >= 0 && wave->confidence <= 1)) abort();
    if (!(wave->rr >= 0 && wave->rr < 1e6f && wave->heart_rate >= 0 && wave->heart_rate < 1e5f)) abort();
    last_offset = wave->offset;
}

/* One of many kinds of samples. */
static float sample_of(uint8_t kind, uint8_t size, uint32_t number)
{
    static const float special[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-45f, 1e15f, 0};
    const float value = (float)((int)size - 128) / 32;
    switch (kind % 5) {
    case 0: return special[size % 8];
    case 1: return value;
    case 2: return value * (float)(number % 200) / 100;
    case 3: return value * (float)(number * 2654435761u >> 16) / 65536;
    default: return number % 7 ? value : NAN;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ecgseg_stream_t stream;
    static float chunk[1024];
    if (size < 4) return 0;
    input_bytes = data, num_bytes = size, position = 0;
    received = last_offset = 0;
    ecgseg_start(&stream, check_wave, NULL);
    for (size_t i = 0; i + 3 < size; i += 4) { /* number, chunks and kind of samples */
        const uint32_t count = 4u * data[i], pieces = 1u + data[i + 1] % 4u;
        for (uint32_t k = 0; k < count; k++) chunk[k] = sample_of(data[i + 2], data[i + 3], received + k);
        for (uint32_t k = 0; k < pieces; k++) {
            const uint32_t begin = count * k / pieces, end = count * (k + 1) / pieces;
            received += end - begin;
            steps_of_network = 0;
            ecgseg_push(&stream, chunk + begin, end - begin);
            if (steps_of_network > end - begin) abort(); /* one step for each sample is enough for a frame of few slices */
            for (int steps = data[i + 1] & 24; steps; steps--) ecgseg_step(&stream);
        }
        if (data[i + 1] > 250) {
            while (ecgseg_finish(&stream)) {}
            received = last_offset = 0;
        }
    }
    while (ecgseg_finish(&stream)) {}
    return 0;
}
