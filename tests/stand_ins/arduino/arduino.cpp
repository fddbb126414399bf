// A board whose time passes with each look at the clock, and while the network runs. The pin has the signal of a file.
// The serial port is standard input and output. On a core without files (compiled with -DNO_FILES) the pin is always 0 and nothing is printed.
#include "Arduino.h"

#include <stdint.h>

#include "ecg.h"

static const unsigned long LOOK = 1000, SLICE = 1000; // µs, of a look at the clock and of a slice of the network
static unsigned long now;
extern "C" int __real_ecgseg_model_step(void);
extern "C" int __wrap_ecgseg_model_step(void)
{
    now += SLICE;
    return __real_ecgseg_model_step();
}

unsigned long micros() { return now += LOOK; }
unsigned long millis() { return now / 1000; }
void yield() {}

int analogRead(int)
{
    const unsigned long place = now / 10000;
    const float steps = ecg[place < ECG_SAMPLES ? place : ECG_SAMPLES - 1] * 1100 * 1023 / 3300 + 1023 / 2.0f;
    return (int)(steps + 0.5f);
}

SerialPort Serial;
#ifdef NO_FILES
void SerialPort::print(const char *) {}
void SerialPort::print(char) {}
void SerialPort::print(unsigned long) {}
void SerialPort::println(const char *) {}
void SerialPort::println(unsigned long) {}
int SerialPort::available() { return 0; }
int SerialPort::read() { return -1; }
size_t SerialPort::write(uint8_t) { return 1; }
void SerialPort::flush() {}
#else
#include <stdio.h>
#include <stdlib.h>
void SerialPort::print(const char *text) { fputs(text, stdout); }
void SerialPort::print(char letter) { putchar(letter); }
void SerialPort::print(unsigned long number) { printf("%lu", number); }
void SerialPort::println(const char *text) { puts(text); }
void SerialPort::println(unsigned long number) { printf("%lu\n", number); }
int SerialPort::available() { return 1; }
int SerialPort::read()
{
    const int byte = getchar();
    if (byte == EOF) exit(0);
    return byte;
}
size_t SerialPort::write(uint8_t byte) { return putchar(byte) != EOF; }
void SerialPort::flush() { fflush(stdout); }
#endif

int main()
{
    setup();
    while (now / 10000 < ECG_SAMPLES + 300) { loop(); now += LOOK; }
    return 0;
}
