/* {{ name }}: int8 network of {{ network.layers|length }} layers, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause
 * C99 without libraries, floating point or dynamic memory. Results are bit-identical to TensorFlow Lite for Microcontrollers. */
#include "ecgseg_model.h"

#include <limits.h>

{% for key, value in limits.items() %}#define {{ key }} {{ value }}
{% endfor %}
{{ kernels }}

/* The layers, each in the order of layer_t */
{% for layer in layers %}
/* {{ layer.number }}: {{ layer.kind }}, {{ layer.name }} */
{% for text in layer.arrays %}{{ text }}
{% endfor -%}
static const layer_t layer{{ layer.number }} = {{ "{ " }}{{ layer.fields }}{{ " };" }}
{% endfor %}
static int32_t buffer[ECGSEG_BUFFER_SIZE / 4];

void ecgseg_model_run(const int8_t *input, int8_t *output)
{
    int8_t *const memory = (int8_t *)buffer;
{% for layer in layers %}    {{ layer.call }}
    ECGSEG_PROBE({{ layer.number }}) /* {{ layer.name }} */
{% endfor %}}
