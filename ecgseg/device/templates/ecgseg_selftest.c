/* {{ name }}: self-test that compares this device with Python, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_selftest.h"

#include <math.h>
#include <string.h>

#include "ecgseg_segment.h"

#ifndef ECGSEG_SELFTEST_FRAMES
#define ECGSEG_SELFTEST_FRAMES {{ frames|length }} /* golden frames: fewer need less flash */
#endif
#define FRAMES ECGSEG_SELFTEST_FRAMES
#define TOLERANCE {{ tolerance }}f

/* The frames:
{% for frame in frames %} * {{ loop.index0 }}: {{ frame }}
{% endfor %} */
{% for array in arrays %}{{ array }}
{% endfor %}
/* CRC32 of numbers of `size` bytes, from the lowest byte of each to the highest, whatever their order in memory */
static uint32_t crc32(const void *data, size_t count, size_t size)
{
    const uint16_t one = 1;
    const uint8_t *bytes = (const uint8_t *)data;
    const int low_first = *(const uint8_t *)&one;
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[low_first ? i : i - i % size + size - 1 - i % size];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static int failed(int (*print)(const char *, ...), const char *stage, int frame, int index, double found, double expected)
{
    print("FAIL %s: frame %d, index %d: %.7g instead of %.7g\n", stage, frame, index, found, expected);
    return 1;
}

static int passed(int (*print)(const char *, ...), const char *stage)
{
    print("pass %s\n", stage);
    return 0;
}

static int check_crc(int (*print)(const char *, ...), const char *array, int frame, const void *data, size_t count, size_t size, uint32_t right)
{
    if (crc32(data, count, size) == right) return 0;
    print("FAIL vectors: the CRC32 of %s, frame %d, is not %08lx\n", array, frame, (unsigned long)right);
    return 1;
}

static int test_vectors(int (*print)(const char *, ...))
{
    int wrong = 0;
{% for check in crcs %}    static const uint32_t {{ check.name }}_crc[] = { {{ check["values"]|join(", ") }} };
{% endfor %}{% for check in crcs %}{% if check.frames %}    for (int f = 0; f < FRAMES; f++) wrong += check_crc(print, "{{ check.name }}", f, {{ check.name }}[f], sizeof {{ check.name }}[f], {{ check.size }}, {{ check.name }}_crc[f]);
{% else %}    wrong += check_crc(print, "{{ check.name }}", 0, {{ check.name }}, sizeof {{ check.name }}, {{ check.size }}, {{ check.name }}_crc[0]);
{% endif %}{% endfor %}    return wrong ? 1 : passed(print, "vectors");
}
{% for stage in float_stages %}
static int test_{{ stage.name }}(int (*print)(const char *, ...))
{
    static float result[ECGSEG_FRAME_SIZE];
    for (int f = 0; f < FRAMES; f++) {
        ecgseg_{{ stage.name }}({{ stage.given }}[f], result);
        for (int i = 0; i < ECGSEG_FRAME_SIZE; i++)
            if (!(fabsf(result[i] - {{ stage.name }}[f][i]) <= TOLERANCE)) return failed(print, "{{ stage.name }}", f, i, (double)result[i], (double){{ stage.name }}[f][i]);
    }
    return passed(print, "{{ stage.name }}");
}
{% endfor %}
static int test_quantise(int (*print)(const char *, ...))
{
    static int8_t result[ECGSEG_FRAME_SIZE];
    for (int f = 0; f < FRAMES; f++) {
        ecgseg_quantise({{ last }}[f], result);
        for (int i = 0; i < ECGSEG_FRAME_SIZE; i++)
            if (result[i] != input[f][i]) return failed(print, "quantise", f, i, result[i], input[f][i]);
    }
    return passed(print, "quantise");
}

static int8_t result[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES];

static int test_network(int (*print)(const char *, ...))
{
    for (int f = 0; f < FRAMES; f++) {
        ecgseg_model_run(input[f], result);
        for (int i = 0; i < ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES; i++)
            if (result[i] != output[f][i]) return failed(print, "network", f, i, result[i], output[f][i]);
    }
    return passed(print, "network");
}

/* all stages together: rounding of the filter may change an input by one step, so only labels that lead by more than a few steps are compared */
#define LEAD 8

static int test_labels(int (*print)(const char *, ...))
{
    static float frame[ECGSEG_FRAME_SIZE];
    static int8_t steps[ECGSEG_FRAME_SIZE];
    const int allowed = FRAMES * ECGSEG_FRAME_SIZE / 200;
    int differ = 0;
    for (int f = 0; f < FRAMES; f++) {
        memcpy(frame, raw[f], sizeof frame);
        ecgseg_preprocess(frame, NULL, steps);
        ecgseg_model_run(steps, result);
        for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) {
            const int8_t *found = result + i * ECGSEG_NUM_CLASSES, *right = output[f] + i * ECGSEG_NUM_CLASSES;
            int best = 0;
            for (int c = 1; c < ECGSEG_NUM_CLASSES; c++)
                if (found[c] > found[best]) best = c;
            differ += right[labels[f][i]] - right[best] > LEAD;
        }
    }
    print("%s labels: %d of %d samples differ, %d are allowed\n", differ > allowed ? "FAIL" : "pass", differ, FRAMES * ECGSEG_FRAME_SIZE, allowed);
    return differ > allowed;
}

/* A whole recording through the stream, in chunks: results of the parts, and finally the waves. */
#define SAMPLES ((int)(sizeof recording / sizeof recording[0]))
#define WAVES {{ waves|length }}

{% if waves %}static const ecgseg_wave_t expected[WAVES] = { /* onset, peak, offset, class, quality, confidence, RR interval, heart rate */
{{ waves|join(",\n") }}
};{% else %}static ecgseg_wave_t expected[1]; /* none: a network that finds no waves */{% endif %}

static ecgseg_stream_t stream;
static int num_waves, wrong_waves, wrong_peaks, wrong_beats;

/* in s; an RR interval lies between two peaks */
#define RR_TOLERANCE (0.005f + (ECGSEG_WITH_PEAKS ? 0 : (2 * ECGSEG_PEAK_REACH + 1) / ECGSEG_FS))

static int differs(uint32_t one, uint32_t other, uint32_t most)
{
    return (one > other ? one - other : other - one) > most;
}

static void compare_wave(void *user, const ecgseg_wave_t *wave)
{
    const int last = WAVES ? WAVES - 1 : 0;
    const ecgseg_wave_t *right = &expected[num_waves < last ? num_waves : last];
    (void)user;
    num_waves++;
    wrong_waves += wave->kind != right->kind || wave->quality != right->quality || differs(wave->onset, right->onset, 1) ||
                   differs(wave->offset, right->offset, 1) || !(fabsf(wave->confidence - right->confidence) < 0.01f);
    wrong_peaks += differs(wave->peak, right->peak, ECGSEG_WITH_PEAKS ? 1 : ECGSEG_PEAK_REACH);
    wrong_beats += !(fabsf(wave->rr - right->rr) < RR_TOLERANCE) ||
                   !(fabsf(wave->heart_rate * wave->rr - (right->heart_rate > 0 ? 60 : 0)) < 0.1f);
}

static int check_part(int (*print)(const char *, ...), const char *part, int wrong, int of, const char *what, int allowed)
{
    print("%s %s: %d of %d %s differ, %d are allowed\n", wrong > allowed ? "FAIL" : "pass", part, wrong, of, what, allowed);
    return wrong > allowed;
}

static int test_stream(int (*print)(const char *, ...))
{
    const int samples = (int)(sizeof resampled / sizeof resampled[0]), frames = (int)(sizeof amplitudes / sizeof amplitudes[0]);
    int wrong_samples = 0, wrong_flags = 0, wrong_frames = 0, failures = 0;
    num_waves = wrong_waves = wrong_peaks = wrong_beats = 0;
    ecgseg_start(&stream, compare_wave, NULL);
    for (int i = 0; i < SAMPLES; i += 7) ecgseg_push(&stream, recording + i, (size_t)(SAMPLES - i < 7 ? SAMPLES - i : 7));
    while (ecgseg_step(&stream)) {} /* the flags of the last frame */
    const int32_t begin = stream.window.begin;
    for (int i = begin; i < samples; i++) {
        wrong_samples += i - begin >= stream.window.count || !(fabsf(stream.window.signal[i - begin] - resampled[i]) <= TOLERANCE);
        wrong_flags += i - begin < stream.window.count && stream.window.flags[i - begin] != flags[i];
    }
    for (int i = stream.frames < frames ? 0 : stream.frames - frames; i < frames; i++) {
        const float right = amplitudes[i];
        wrong_frames += !(fabsf(stream.amplitudes[i % (int)(sizeof stream.amplitudes / sizeof stream.amplitudes[0])] - right) <= TOLERANCE * right);
    }
    while (ecgseg_finish(&stream)) {}
    failures += check_part(print, "intake", wrong_samples, samples, "samples at the new rate", 0);
#if ECGSEG_WITH_SCALE
    failures += check_part(print, "scale", wrong_frames, frames, "frames", 0);
#endif
#if ECGSEG_WITH_SCALE && ECGSEG_WITH_QUALITY && ECGSEG_WITH_RHYTHM
    failures += check_part(print, "quality", wrong_flags, samples, "flags", samples / 100);
#endif
#if ECGSEG_WITH_SCALE && ECGSEG_WITH_QUALITY && ECGSEG_WITH_RHYTHM
    wrong_waves += num_waves > WAVES ? num_waves - WAVES : WAVES - num_waves;
    failures += check_part(print, "waves", wrong_waves, WAVES, "waves", WAVES / 20);
    failures += check_part(print, "peaks", wrong_peaks, WAVES, "peaks", WAVES / 20);
#if ECGSEG_WITH_BEATS
    failures += check_part(print, "beats", wrong_beats, WAVES, "beats", WAVES / 20);
#endif
#else
    print("skip waves: a part that they need is left out\n");
#endif
    return failures;
}

int ecgseg_selftest(int (*print)(const char *format, ...))
{
    int failures = test_vectors(print);
{% for stage in float_stages %}    failures += test_{{ stage.name }}(print);
{% endfor %}    failures += test_quantise(print);
    failures += test_network(print);
    failures += test_labels(print);
    failures += test_stream(print);
    print(failures ? "SELF-TEST FAILED: %d stages\n" : "SELF-TEST PASSED{% if caution %}, but: {{ caution }}{% endif %}\n", failures);
    return failures;
}
