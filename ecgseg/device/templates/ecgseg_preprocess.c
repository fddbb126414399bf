/* {{ name }}: preprocessing of frames, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_preprocess.h"

#include <math.h>
#include <string.h>

void ecgseg_ring_push(ecgseg_ring_t *ring, float millivolts)
{
    ring->samples[ring->received++ % ECGSEG_FRAME_SIZE] = millivolts;
}

void ecgseg_ring_frame(const ecgseg_ring_t *ring, float *frame)
{
    for (uint32_t i = 0; i < ECGSEG_FRAME_SIZE; i++) frame[i] = ring->samples[(ring->received + i) % ECGSEG_FRAME_SIZE];
}
{% if "filter" in steps %}
#define PADDING {{ padding }} /* samples by which each end is extended */
#define SECTIONS {{ sections|length }}

/* second-order sections of the band-pass: b0, b1, b2, a1, a2; and their steady state for an input of ones */
static const float section[SECTIONS][5] = {
{{ sections|join(",
") }}
};
static const float steady[SECTIONS][2] = {
{{ steady|join(",
") }}
};

static float extended[ECGSEG_FRAME_SIZE + 2 * PADDING];

/* one pass over `extended`, forwards (step 1) or backwards (step -1), from the steady state of the first sample */
static void pass(float *sample, int step)
{
    float state[SECTIONS][2];
    for (int s = 0; s < SECTIONS; s++)
        for (int i = 0; i < 2; i++) state[s][i] = steady[s][i] * *sample;
    for (int n = 0; n < ECGSEG_FRAME_SIZE + 2 * PADDING; n++, sample += step)
        for (int s = 0; s < SECTIONS; s++) {
            const float *c = section[s];
            float in = *sample, out = c[0] * in + state[s][0];
            state[s][0] = c[1] * in - c[3] * out + state[s][1];
            state[s][1] = c[2] * in - c[4] * out;
            *sample = out;
        }
}

/* zero-phase band-pass, as scipy.signal.sosfiltfilt */
void ecgseg_filter(const float *frame, float *result)
{
    const int last = ECGSEG_FRAME_SIZE - 1;
    const float level = frame[0]; /* the filter removes any constant; subtracting it first preserves precision */
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) extended[PADDING + i] = frame[i] - level;
    for (int i = 1; i <= PADDING; i++) {
        extended[PADDING - i] = -extended[PADDING + i];
        extended[PADDING + last + i] = 2 * extended[PADDING + last] - extended[PADDING + last - i];
    }
    pass(extended, 1);
    pass(extended + ECGSEG_FRAME_SIZE + 2 * PADDING - 1, -1);
    memcpy(result, extended + PADDING, ECGSEG_FRAME_SIZE * sizeof(float));
}
{% endif %}{% if "normalise" in steps %}
/* subtract the mean, divide by sqrt(variance + epsilon) */
void ecgseg_normalise(const float *frame, float *result)
{
    float mean = 0, variance = 0;
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) mean += frame[i] / ECGSEG_FRAME_SIZE;
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) variance += (frame[i] - mean) * (frame[i] - mean) / ECGSEG_FRAME_SIZE;
    const float scale = 1 / sqrtf(variance + ECGSEG_ZSCORE_EPSILON);
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) result[i] = (frame[i] - mean) * scale;
}
{% endif %}{% if "clip" in steps %}
void ecgseg_clip(const float *frame, float *result)
{
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) result[i] = fminf(fmaxf(frame[i], -ECGSEG_CLIP_LIMIT), ECGSEG_CLIP_LIMIT);
}
{% endif %}
/* round, halves away from zero, and clip */
void ecgseg_quantise(const float *frame, int8_t *steps)
{
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) {
        float step = roundf(frame[i] / ECGSEG_INPUT_SCALE) + ECGSEG_INPUT_ZERO_POINT;
        steps[i] = (int8_t)(step >= 127 ? 127 : step > -128 ? step : -128); /* NaN becomes -128 */
    }
}

void ecgseg_preprocess(float *frame, int8_t *steps)
{
{% for step in steps %}    ecgseg_{{ step }}(frame, frame);
{% endfor %}    ecgseg_quantise(frame, steps);
}
