/* {{ name }}: int8 network for TensorFlow Lite for Microcontrollers, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause
 * Preprocessing: band-pass (FILTER_COEFFICIENTS, forwards and backwards, see ecgseg_preprocess.c), z-score and clipping (CLIP_LIMIT) of each frame, if configured.
 * int8 input = round(sample / INPUT_SCALE) + INPUT_ZERO_POINT, halves away from zero, clipped to -128 to 127; logit = (int8 output - OUTPUT_ZERO_POINT) * OUTPUT_SCALE. */
#ifndef {{ prefix }}_H
#define {{ prefix }}_H

#include <stdint.h>

{% for key, value in constants.items() %}#define {{ prefix }}_{{ key }} {{ value }}
{% endfor %}
#ifdef __cplusplus
extern "C" {
#endif

extern const uint8_t {{ variable }}[{{ prefix }}_LEN]; /* content of model.tflite, aligned to {{ alignment }} bytes */

#ifdef __cplusplus
}
#endif

#endif
