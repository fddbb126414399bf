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
/* CRC32 of numbers of `size` bytes, from the lowest byte of each to the highest, in whatever order they lie in memory */
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
        ecgseg_preprocess(frame, steps);
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

static int8_t seen[sizeof recording_labels / sizeof recording_labels[0]];

static void mark(void *user, int kind, uint32_t onset, uint32_t offset)
{
    (void)user;
    for (uint32_t i = onset; i <= offset && i < sizeof seen; i++) seen[i] = (int8_t)kind;
}

/* a recording through the stream, in chunks; labels may differ if two classes are almost equally probable */
static int test_segment(int (*print)(const char *, ...))
{
    static ecgseg_stream_t stream;
    const int samples = sizeof seen, allowed = samples / 50;
    int differ = 0;
    memset(seen, 0, sizeof seen);
    ecgseg_start(&stream, mark, NULL);
    for (int i = 0; i < samples; i += 7) ecgseg_push(&stream, recording + i, (size_t)(samples - i < 7 ? samples - i : 7));
    ecgseg_finish(&stream);
    for (int i = 0; i < samples; i++) differ += seen[i] != recording_labels[i];
    print("%s segment: %d of %d labels differ, %d are allowed\n", differ > allowed ? "FAIL" : "pass", differ, samples, allowed);
    return differ > allowed;
}

int ecgseg_selftest(int (*print)(const char *format, ...))
{
    int failures = test_vectors(print);
{% for stage in float_stages %}    failures += test_{{ stage.name }}(print);
{% endfor %}    failures += test_quantise(print);
    failures += test_network(print);
    failures += test_labels(print);
    failures += test_segment(print);
    print(failures ? "SELF-TEST FAILED: %d stages\n" : "SELF-TEST PASSED{% if caution %}, but: {{ caution }}{% endif %}\n", failures);
    return failures;
}
