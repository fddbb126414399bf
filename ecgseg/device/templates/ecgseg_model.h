/* {{ name }}: int8 network, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_MODEL_H
#define ECGSEG_MODEL_H

#include <stdint.h>

{{ defines }}
#define ECGSEG_NUM_LAYERS {{ num_layers }}
#define ECGSEG_BUFFER_SIZE {{ buffer_size }} /* bytes of RAM for intermediate results, static in ecgseg_model.c */

#ifdef __cplusplus
extern "C" {
#endif

/* One frame: input[ECGSEG_FRAME_SIZE], output[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES], sample by sample.
 * input = round(z-score / ECGSEG_INPUT_SCALE) + ECGSEG_INPUT_ZERO_POINT, halves away from zero, clipped to -128 .. 127;
 * logit = (output - ECGSEG_OUTPUT_ZERO_POINT) * ECGSEG_OUTPUT_SCALE. Not reentrant: intermediate results are static. */
void ecgseg_model_run(const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
