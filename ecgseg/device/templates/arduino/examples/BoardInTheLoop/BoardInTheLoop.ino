// Takes recordings from a computer, which compares the waves with Python's. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
// Close the serial monitor, then: ecgseg demo {{ name }} --backend serial:PORT
#include <ecgseg.h>

#include "board.h"

uint8_t board_get(void)
{
    while (!Serial.available()) yield();
    return (uint8_t)Serial.read();
}

void board_put(uint8_t byte)
{
    Serial.write(byte);
    if (!byte) Serial.flush(); // the end of an answer
}

uint32_t board_now(void)
{
    return micros();
}

const uint32_t board_now_rate = 1000000;

void setup()
{
    Serial.begin(115200);
}

void loop()
{
    board_serve();
}
