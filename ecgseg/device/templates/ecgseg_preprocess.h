/* {{ name }}: preprocessing of frames, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_PREPROCESS_H
#define ECGSEG_PREPROCESS_H

#include "ecgseg_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The last ECGSEG_FRAME_SIZE samples of a stream. */
typedef struct {
    float samples[ECGSEG_FRAME_SIZE];
    uint32_t received;
} ecgseg_ring_t;

void ecgseg_ring_push(ecgseg_ring_t *ring, float millivolts);    /* initialise the ring with zeros */
void ecgseg_ring_frame(const ecgseg_ring_t *ring, float *frame); /* oldest sample first; padded with leading zeros until a whole frame has arrived */

/* Each function reads and writes ECGSEG_FRAME_SIZE numbers, which must be finite. `frame` and `result` may be the same array.
 * No function in this file is reentrant: all use static memory. */
{% for step in steps %}void ecgseg_{{ step }}(const float *frame, float *result);
{% endfor %}void ecgseg_quantise(const float *frame, int8_t *steps);

/* All steps, in the order of training. `frame` is in millivolts and is overwritten. */
void ecgseg_preprocess(float *frame, int8_t *steps);

#ifdef __cplusplus
}
#endif

#endif
