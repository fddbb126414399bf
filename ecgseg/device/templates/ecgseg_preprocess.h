/* {{ name }}: what happens to a frame before the network, written by ecgseg. Do not edit. */
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

void ecgseg_ring_push(ecgseg_ring_t *ring, float millivolts);    /* begin with a ring of zeros */
void ecgseg_ring_frame(const ecgseg_ring_t *ring, float *frame); /* oldest first; before a whole frame has come: zeros first */

/* Each takes and gives ECGSEG_FRAME_SIZE numbers, which must be finite. `frame` and `result` may be the same array.
 * None of the functions here is reentrant: they use static memory. */
{% for step in steps %}void ecgseg_{{ step }}(const float *frame, float *result);
{% endfor %}void ecgseg_quantise(const float *frame, int8_t *steps);

/* All of it, in the order of training. `frame` comes in millivolts and is overwritten. */
void ecgseg_preprocess(float *frame, int8_t *steps);

#ifdef __cplusplus
}
#endif

#endif
