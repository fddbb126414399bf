/* {{ name }}: does this device compute what Python computes? Written by ecgseg. Do not edit. */
#ifndef ECGSEG_SELFTEST_H
#define ECGSEG_SELFTEST_H

#ifdef __cplusplus
extern "C" {
#endif

/* Runs every stage on the golden vectors; `print` gets the report, like printf. Returns the number of stages that failed. */
int ecgseg_selftest(int (*print)(const char *format, ...));

#ifdef __cplusplus
}
#endif

#endif
