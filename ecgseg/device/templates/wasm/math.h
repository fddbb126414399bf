/* The part of math.h that the C code needs, for WebAssembly, where there is no C library. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_WASM_MATH_H
#define ECGSEG_WASM_MATH_H

#define INFINITY __builtin_inff()

/* instructions of WebAssembly */
#define sqrt __builtin_sqrt
#define sqrtf __builtin_sqrtf
#define fabs __builtin_fabs
#define fabsf __builtin_fabsf
#define floor __builtin_floor
#define floorf __builtin_floorf
#define ceil __builtin_ceil
#define ceilf __builtin_ceilf
#define rint __builtin_rint
#define rintf __builtin_rintf
#define truncf __builtin_truncf

/* the other one if one is NaN */
static inline double fmin(double a, double b) { return a < b || b != b ? a : b; }
static inline double fmax(double a, double b) { return a > b || b != b ? a : b; }
static inline float fminf(float a, float b) { return a < b || b != b ? a : b; }
static inline float fmaxf(float a, float b) { return a > b || b != b ? a : b; }

/* halves away from zero */
static inline float roundf(float x)
{
    const float whole = truncf(x);
    return fabsf(x - whole) >= 0.5f ? whole + __builtin_copysignf(1, x) : whole;
}

float logf(float x);

#endif
