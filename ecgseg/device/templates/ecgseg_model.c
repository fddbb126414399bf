/* {{ name }}: int8 network of {{ network.layers|length }} layers, written by ecgseg. Do not edit. This file may be used under the BSD 3-Clause licence.
 * C99 without libraries, floating point or dynamic memory. Results are bit-identical to TensorFlow Lite for Microcontrollers. */
#include "ecgseg_model.h"

#include <limits.h>

{{ kernels }}
{% for layer in layers %}
/* {{ layer.number }}: {{ layer.kind }}, {{ layer.name }} */
{% for text in layer.arrays %}{{ text }}
{% endfor -%}
static const layer_t layer{{ layer.number }} = { {{ layer.fields }} };
{% endfor %}
static int8_t buffer[ECGSEG_BUFFER_SIZE];

void ecgseg_model_run(const int8_t *input, int8_t *output)
{
{% for layer in layers %}    {{ layer.call }}{{ " " * (width - layer.call|length) }} /* {{ layer.name }} */
{% endfor %}}
