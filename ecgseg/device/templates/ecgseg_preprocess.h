/* {{ name }}: preprocessing of frames, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_PREPROCESS_H
#define ECGSEG_PREPROCESS_H

#include "ecgseg_settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Running amplitude of a stream: the median of the deviations of the last frames after the filter. */
typedef struct {
    float deviations[ECGSEG_SCALE_FRAMES]; /* mV; negative: a constant frame, which does not count */
    int32_t frames;
} ecgseg_scale_t;

/* Each function reads and writes ECGSEG_FRAME_SIZE numbers, which must be finite. `frame` and `result` may be the same array.
 * No function in this file is reentrant: all use static memory. */
{% for step in steps %}void ecgseg_{{ step }}(const float *frame, float *result);
{% endfor %}void ecgseg_quantise(const float *frame, int8_t *input);

/* All steps, in the order of training. `frame` is in millivolts and is overwritten. With a `scale` (else NULL; initialise it with zeros),
 * the frame is first scaled to the amplitude of the training data. Returns the running amplitude in mV, 0 before any signal. */
float ecgseg_preprocess(float *frame, ecgseg_scale_t *scale, int8_t *input);

/* The same in ECGSEG_PREPROCESS_STEPS calls, of which the first has place 0: returns the place of the next one, 0 when all is done. */
#define ECGSEG_STEPS(count, of_a_step) (((count) + (of_a_step) - 1) / (of_a_step))
{% if "filter" in steps %}#define ECGSEG_FILTERED 4 /* blocks of the filter, of {{ filtered }} samples, in a call */
#define ECGSEG_PREPROCESS_STEPS (2 + ECGSEG_STEPS(2 * ECGSEG_STEPS(ECGSEG_FRAME_SIZE + 2 * {{ padding }}, {{ filtered }}), ECGSEG_FILTERED))
{% else %}#define ECGSEG_PREPROCESS_STEPS 2
{% endif %}int ecgseg_preprocess_step(float *frame, ecgseg_scale_t *scale, int8_t *input, float *amplitude, int place);

#ifdef __cplusplus
}
#endif

#endif
