/* {{ name }}: int8 network, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_MODEL_H
#define ECGSEG_MODEL_H

#include <stdint.h>

{{ defines }}
#define ECGSEG_NUM_LAYERS {{ num_layers }}
#define ECGSEG_BUFFER_SIZE {{ buffer_size }} /* bytes of RAM for intermediate results, static in ecgseg_model.c */

#ifndef ECGSEG_SLICE
#define ECGSEG_SLICE 16384 /* operations of a slice of the network: one for each product, four for each result */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* One frame: input[ECGSEG_FRAME_SIZE], output[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES], sample by sample.
 * input = round(z-score / ECGSEG_INPUT_SCALE) + ECGSEG_INPUT_ZERO_POINT, halves away from zero, clipped to -128 .. 127;
 * logit = (output - ECGSEG_OUTPUT_ZERO_POINT) * ECGSEG_OUTPUT_SCALE. Not reentrant: intermediate results are static. */
void ecgseg_model_run(const int8_t *input, int8_t *output);

/* The same in slices. After ecgseg_model_begin, each step does one slice and returns 1 when the output is complete; both arrays must stay
 * where they are until then. */
void ecgseg_model_begin(const int8_t *input, int8_t *output);
int ecgseg_model_step(void);
int ecgseg_model_slices(void); /* number of these steps */

/* exp(-n * ECGSEG_OUTPUT_SCALE), for probabilities: softmax of the logits */
extern const float ecgseg_powers[256];

#ifdef __cplusplus
}
#endif

#endif
