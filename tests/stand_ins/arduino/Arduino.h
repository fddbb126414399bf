// The part of Arduino's functions that the sketches use.
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stddef.h>
#include <stdint.h>

const int A0 = 14;
int analogRead(int pin);
unsigned long micros();
unsigned long millis();
void yield();

class SerialPort {
  public:
    void begin(unsigned long) {}
    explicit operator bool() const { return true; }
    void print(const char *text);
    void print(char letter);
    void print(unsigned long number);
    void println(const char *text);
    void println(unsigned long number);
    int available();
    int read();
    size_t write(uint8_t byte);
    void flush();
};
extern SerialPort Serial;

void setup();
void loop();

#endif
