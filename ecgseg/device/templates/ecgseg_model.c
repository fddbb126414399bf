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
{% if buffer_size %}static int32_t buffer[ECGSEG_BUFFER_SIZE / 4];
#define MEMORY(offset) ((int8_t *)buffer + (offset))

{% endif %}const float ecgseg_powers[256] = {
{{ powers }}
};

static struct {
    const int8_t *input;
    int8_t *output;
    int layer, unit; /* of the next slice */
} job = {0, 0, ECGSEG_NUM_LAYERS, 0};

void ecgseg_model_begin(const int8_t *input, int8_t *output)
{
    job.input = input;
    job.output = output;
    job.layer = job.unit = 0;
}

int ecgseg_model_step(void)
{
    switch (job.layer) {
{% for layer in layers %}    case {{ layer.number }}: job.unit = {{ layer.call }} break; /* {{ layer.name }} */
{% endfor %}    default: return 1;
    }
    if (job.unit == 0) {
        ECGSEG_PROBE(job.layer)
        job.layer++;
    }
    return job.layer == ECGSEG_NUM_LAYERS;
}

int ecgseg_model_slices(void)
{
    return {% for layer in layers %}slices(&layer{{ layer.number }}){{ ";" if loop.last else "\n        + " }}{% endfor %}
}

void ecgseg_model_run(const int8_t *input, int8_t *output)
{
    ecgseg_model_begin(input, output);
    while (!ecgseg_model_step()) {}
}
