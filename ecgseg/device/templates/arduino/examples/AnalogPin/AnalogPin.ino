// Prints the waves of an amplifier's signal at an analogue pin: kind, first and last sample. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
// Not a medical device. Run the board from a battery while it is connected to a person.
#include <ecgseg.h>

const int PIN = A0;
const float SUPPLY = 3300;                // mV, for which the converter gives STEPS
const float STEPS = 1023;                 // largest value of analogRead, with 10 bits
const float GAIN = 1100;                  // of the amplifier; boards with an AD8232 have 1100
const unsigned long PERIOD = {{ period_us }};       // µs between two samples

static unsigned long due, late;

{% set print_wave %}Serial.print(name);
    Serial.print(' ');
    Serial.print(first);
    Serial.print(' ');
    Serial.println(last);
    if (late) Serial.println("samples came late: the board is too slow");{% endset %}{% include "shared/waves.inc" %}

void setup()
{
    Serial.begin(115200);
    ecgseg_start(&stream, on_wave, NULL);
    due = micros();
}

void loop()
{
    if ((long)(micros() - due) < 0) {
        ecgseg_step(&stream); // between two samples, the network runs in steps of a few milliseconds
        return;
    }
    due += PERIOD;
    float millivolts = (analogRead(PIN) - STEPS / 2) * SUPPLY / STEPS / GAIN;
    ecgseg_push(&stream, &millivolts, 1);
    if ((long)(micros() - due) >= 0) late++;
}
