/* {{ name }}: preprocessing of frames, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_preprocess.h"

#include <math.h>
#include <string.h>

#define SUMMED {{ summed }} /* numbers are summed in blocks, which keeps rounding errors small */

static ECGSEG_NOINLINE float mean_of(const float *frame)
{
    float sum = 0;
    for (int i = 0; i < ECGSEG_FRAME_SIZE;) {
        float part = 0;
        for (int k = 0; k < SUMMED && i < ECGSEG_FRAME_SIZE; k++, i++) part += frame[i];
        sum += part;
    }
    return sum / ECGSEG_FRAME_SIZE;
}

static ECGSEG_NOINLINE float variance_of(const float *frame, float mean)
{
    float sum = 0;
    for (int i = 0; i < ECGSEG_FRAME_SIZE;) {
        float part = 0;
        for (int k = 0; k < SUMMED && i < ECGSEG_FRAME_SIZE; k++, i++) part += (frame[i] - mean) * (frame[i] - mean);
        sum += part;
    }
    return sum / ECGSEG_FRAME_SIZE;
}

{% if "filter" in steps %}
#define PADDING {{ padding }} /* samples by which each end is extended */
#define LENGTH (ECGSEG_FRAME_SIZE + 2 * PADDING)
#define BLOCK {{ filtered }} /* samples that are filtered at a time */
#define BLOCKS ECGSEG_STEPS(LENGTH, BLOCK)
#define FILTER_STEPS ECGSEG_STEPS(2 * BLOCKS, ECGSEG_FILTERED)
#define STATES {{ states }}

/* The band-pass in blocks: the outputs of a block, and the state after it, are sums over its samples and the state before it. */
static const float response[BLOCK] = { /* to a single sample, backwards */
{{ response }}
};
static const float from_state[BLOCK][STATES] = {
{{ from_state|join(",\n") }}
};
static const float to_state[STATES][BLOCK] = {
{{ to_state|join(",\n") }}
};
static const float carried[STATES][2] = { /* each pair of states turns alone */
{{ carried|join(",\n") }}
};
static const float steady[STATES] = { /* state for a constant input of 1 */
{{ steady }}
};

static float extended[LENGTH], state[STATES];

static float add_products(float sum, const float *one, const float *other, int count)
{
    for (int i = 0; i < count; i++) sum += one[i] * other[i];
    return sum;
}

/* One block of `extended`, forwards (step 1) or backwards (step -1). */
static void filter_block(float *sample, int count, int step)
{
    float in[BLOCK] = {0}, next[STATES];
    for (int n = 0; n < count; n++) in[n] = sample[n * step];
    for (int n = 0; n < count; n++)
        sample[n * step] = add_products(add_products(0, response + BLOCK - 1 - n, in, n + 1), from_state[n], state, STATES);
    for (int s = 0; s < STATES; s++) next[s] = add_products(add_products(0, to_state[s], in, BLOCK), carried[s], state + s / 2 * 2, 2);
    memcpy(state, next, sizeof state);
}

/* The frame, extended at both ends. */
static void extend(const float *frame)
{
    const int last = ECGSEG_FRAME_SIZE - 1;
    const float level = frame[0]; /* the filter removes any constant; subtracting it first preserves precision */
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) extended[PADDING + i] = frame[i] - level;
    for (int i = 1; i <= PADDING; i++) {
        extended[PADDING - i] = -extended[PADDING + i];
        extended[PADDING + last + i] = 2 * extended[PADDING + last] - extended[PADDING + last - i];
    }
}

/* The next blocks of both passes, forwards and then backwards; each pass begins in the steady state of its first sample. */
static int filter_step(const float *frame, float *result, int place)
{
    if (place == 0) extend(frame);
    int block = place * ECGSEG_FILTERED;
    for (int i = 0; i < ECGSEG_FILTERED && block < 2 * BLOCKS; i++, block++) {
        const int backwards = block >= BLOCKS, begin = block % BLOCKS * BLOCK, left = LENGTH - begin;
        float *sample = extended + (backwards ? LENGTH - 1 - begin : begin);
        if (begin == 0)
            for (int s = 0; s < STATES; s++) state[s] = steady[s] * *sample;
        filter_block(sample, left < BLOCK ? left : BLOCK, backwards ? -1 : 1);
    }
    if (block < 2 * BLOCKS) return place + 1;
    memcpy(result, extended + PADDING, ECGSEG_FRAME_SIZE * sizeof(float));
    return 0;
}

/* zero-phase band-pass, as scipy.signal.sosfiltfilt */
void ecgseg_filter(const float *frame, float *result)
{
    int place = 0;
    do place = filter_step(frame, result, place);
    while (place);
}
{% endif %}{% if "normalise" in steps %}
/* subtract the mean, divide by sqrt(variance + epsilon) */
void ecgseg_normalise(const float *frame, float *result)
{
    const float mean = mean_of(frame), scale = 1 / sqrtf(variance_of(frame, mean) + ECGSEG_ZSCORE_EPSILON);
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) result[i] = (frame[i] - mean) * scale;
}
{% endif %}{% if "clip" in steps %}
void ecgseg_clip(const float *frame, float *result)
{
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) result[i] = fminf(fmaxf(frame[i], -ECGSEG_CLIP_LIMIT), ECGSEG_CLIP_LIMIT);
}
{% endif %}
/* round, halves away from zero, and clip */
void ecgseg_quantise(const float *frame, int8_t *input)
{
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) {
        float step = roundf(frame[i] / ECGSEG_INPUT_SCALE) + ECGSEG_INPUT_ZERO_POINT;
        input[i] = (int8_t)(step >= 127 ? 127 : step > -128 ? step : -128); /* NaN becomes -128 */
    }
}

#if ECGSEG_WITH_SCALE
/* Standard deviation of a filtered frame; negative for a constant one, which has only rounding errors. */
static float deviation(const float *frame, float largest)
{
    const float found = sqrtf(variance_of(frame, mean_of(frame)));
    return found > {{ constant }} * largest ? found : -1;
}

/* The value of a rank (0: the lowest) among the latest deviations; found by bisection, since the bits of positive numbers have their order. */
static float ranked(const ecgseg_scale_t *scale, int frames, int rank)
{
    uint32_t bits = 0;
    for (uint32_t bit = 0x40000000u; bit; bit >>= 1) {
        float trial;
        int below = 0;
        bits |= bit;
        memcpy(&trial, &bits, sizeof trial);
        for (int i = 1; i <= frames; i++) {
            const float value = scale->deviations[(scale->frames - i) % ECGSEG_SCALE_FRAMES];
            below += value >= 0 && value < trial;
        }
        if (below > rank) bits &= ~bit;
    }
    float found;
    memcpy(&found, &bits, sizeof found);
    return found;
}

/* Median of the latest deviations; negative if none counts. */
static float median(const ecgseg_scale_t *scale, int frames)
{
    int count = 0;
    if (frames > scale->frames) frames = scale->frames;
    for (int i = 1; i <= frames; i++) count += scale->deviations[(scale->frames - i) % ECGSEG_SCALE_FRAMES] >= 0;
    if (!count) return -1;
    return (ranked(scale, frames, (count - 1) / 2) + ranked(scale, frames, count / 2)) / 2;
}

static float next_scale(ecgseg_scale_t *scale, float found)
{
    scale->deviations[scale->frames++ % ECGSEG_SCALE_FRAMES] = found;
    const float recent = median(scale, ECGSEG_RECENT_FRAMES);
    float whole = median(scale, ECGSEG_SCALE_FRAMES);
    if (whole < 0) return 0;
    if (recent >= 0 && whole < recent / {{ max_rise }}) whole = recent / {{ max_rise }};
    if (recent >= 0 && whole > recent * {{ max_drop }}) whole = recent * {{ max_drop }};
    return whole;
}
#endif

#if ECGSEG_WITH_SCALE
/* Scale a frame to the amplitude of the training data. Returns the running amplitude. */
static float set_amplitude(float *frame, ecgseg_scale_t *scale, float found)
{
    const float amplitude = next_scale(scale, found), gain = amplitude > 0 ? fminf({{ typical }} / amplitude, {{ max_gain }}) : 0;
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) frame[i] *= gain;
    return amplitude;
}

static float largest_of(const float *frame)
{
    float largest = 0;
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) largest = fmaxf(largest, fabsf(frame[i]));
    return largest;
}
#endif

{% set filter_first = steps[:1] == ["filter"] %}{% set filter_steps = "FILTER_STEPS" if "filter" in steps else "0" %}int ecgseg_preprocess_step(float *frame, ecgseg_scale_t *scale, int8_t *input, float *amplitude, int place)
{
#if ECGSEG_WITH_SCALE
    static float largest;
    if (place == 0) largest = largest_of(frame);
#else
    (void)scale;
#endif
    if (place == 0) *amplitude = {{ typical }};
{% if filter_first %}    if (place < FILTER_STEPS) {
        filter_step(frame, frame, place);
        return place + 1;
    }
#if ECGSEG_WITH_SCALE
    if (place == FILTER_STEPS && scale) {
        *amplitude = set_amplitude(frame, scale, deviation(frame, largest));
        return place + 1;
    }
#endif
{% else %}#if ECGSEG_WITH_SCALE
    static float filtered[ECGSEG_FRAME_SIZE]; /* for the amplitude alone */
    if (scale && place == 0) {
        memcpy(filtered, frame, sizeof filtered);
{% for step in before_scale if step != "filter" %}        ecgseg_{{ step }}(filtered, filtered);
{% endfor %}    }
{% if "filter" in steps %}    if (scale && place < FILTER_STEPS) {
        filter_step(filtered, filtered, place);
        return place + 1;
    }
{% endif %}    if (scale && place == {{ filter_steps }}) {
        *amplitude = set_amplitude(frame, scale, deviation(filtered, largest));
        return place + 1;
    }
#endif
{% endif %}{% for step in (steps[1:] if filter_first else steps) %}    ecgseg_{{ step }}(frame, frame);
{% endfor %}    ecgseg_quantise(frame, input);
    return 0;
}

float ecgseg_preprocess(float *frame, ecgseg_scale_t *scale, int8_t *input)
{
    float amplitude;
    int place = 0;
    do place = ecgseg_preprocess_step(frame, scale, input, &amplitude, place);
    while (place);
    return amplitude;
}
