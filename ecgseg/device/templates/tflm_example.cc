// {{ name }}: how to run the network with TensorFlow Lite for Microcontrollers. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
#include "{{ header }}"

#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

alignas({{ alignment }}) static uint8_t arena[{{ arena }}];{{ arena_note }}

// One frame of {{ prefix }}_FRAME_SIZE quantised samples in, {{ prefix }}_NUM_CLASSES logits for each of them out; false when TFLM refuses.
bool {{ variable }}_run(const int8_t *in, int8_t *out) {
  static tflite::MicroMutableOpResolver<{{ operators|length }}> resolver;
  static tflite::MicroInterpreter *interpreter = nullptr;
  if (!interpreter) {
{% for operator in operators %}    if (resolver.Add{{ operator }}() != kTfLiteOk) return false;
{% endfor %}    static tflite::MicroInterpreter instance(tflite::GetModel({{ variable }}), resolver, arena, sizeof arena);
    if (instance.AllocateTensors() != kTfLiteOk) return false;
    interpreter = &instance;
  }
  int8_t *input = interpreter->input(0)->data.int8;
  for (int i = 0; i < {{ prefix }}_FRAME_SIZE; i++) input[i] = in[i];
  if (interpreter->Invoke() != kTfLiteOk) return false;
  const int8_t *output = interpreter->output(0)->data.int8;
  for (int i = 0; i < {{ prefix }}_FRAME_SIZE * {{ prefix }}_NUM_CLASSES; i++) out[i] = output[i];
  return true;
}
