// Prints the waves of an amplifier's signal at an analogue pin: kind, first and last sample. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
// Not a medical device. Run the board from a battery while it is connected to a person.
#include <ecgseg.h>

const int PIN = A0;
const float SUPPLY = 3300;                // mV, for which the converter gives STEPS
const float STEPS = 1023;                 // largest value of analogRead, with 10 bits
const float GAIN = 1100;                  // of the amplifier; boards with an AD8232 have 1100
const unsigned long PERIOD = {{ period_us }};       // µs between two samples
const unsigned WAITING = 64;              // samples that may wait while the network runs

static float queue[WAITING];
static unsigned received, used;
static unsigned long due, lost;

static void sample_if_due()
{
    if ((long)(micros() - due) < 0) return;
    due += PERIOD;
    float millivolts = (analogRead(PIN) - STEPS / 2) * SUPPLY / STEPS / GAIN;
    if (received - used < WAITING) queue[received++ % WAITING] = millivolts;
    else lost++;
}

// called after each layer of the network, within ecgseg_push
extern "C" void ecgseg_probe(int)
{
    sample_if_due();
}

{% set print_wave %}Serial.print(name);
    Serial.print(' ');
    Serial.print(first);
    Serial.print(' ');
    Serial.println(last);
    if (lost) Serial.println("samples were lost: the board is too slow");{% endset %}{% include "shared/waves.inc" %}

void setup()
{
    Serial.begin(115200);
    ecgseg_start(&stream, on_wave, NULL);
    due = micros();
}

void loop()
{
    sample_if_due();
    if (used != received) {
        float millivolts = queue[used++ % WAITING];
        ecgseg_push(&stream, &millivolts, 1);
    }
}
