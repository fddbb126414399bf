/* {{ name }}: self-test that compares this device with Python, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_SELFTEST_H
#define ECGSEG_SELFTEST_H

#ifdef __cplusplus
extern "C" {
#endif

/* Runs every stage on the golden vectors and reports to `print`, a function like printf. Returns the number of failed stages. */
int ecgseg_selftest(int (*print)(const char *format, ...));

#ifdef __cplusplus
}
#endif

#endif
