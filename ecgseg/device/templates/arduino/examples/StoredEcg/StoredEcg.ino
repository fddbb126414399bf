// Prints the waves of a stored recording: kind, first and last sample. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
#include <ecgseg.h>

#include "ecg.h"

{% set print_wave %}Serial.print(name);
    Serial.print(' ');
    Serial.print(first);
    Serial.print(' ');
    Serial.println(last);{% endset %}{% include "shared/waves.inc" %}

void setup()
{
    Serial.begin(115200);
    while (!Serial && millis() < 5000) {}
    ecgseg_start(&stream, on_wave, NULL);
    ecgseg_push(&stream, ecg, ECG_SAMPLES);
    while (ecgseg_finish(&stream)) {}
    Serial.println("end");
}

void loop() {}
