/* {{ name }}: int8 network for TensorFlow Lite for Microcontrollers, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "{{ header }}"

alignas({{ alignment }}) const uint8_t {{ variable }}[{{ prefix }}_LEN] = {
{{ content }}
};
