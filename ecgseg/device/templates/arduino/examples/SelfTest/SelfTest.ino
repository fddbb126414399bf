// Compares each stage on this board with the correct results. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
#include <ecgseg.h>
#include <stdarg.h>
#include <stdio.h>

#include "ecgseg_selftest.h"

static int print(const char *format, ...)
{
    char text[200];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    Serial.print(text);
    return length;
}

void setup()
{
    Serial.begin(115200);
    while (!Serial && millis() < 5000) {}
    ecgseg_selftest(print);
}

void loop() {}
