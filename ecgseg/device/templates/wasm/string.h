/* The part of string.h that the C code needs, for WebAssembly, which has instructions for it. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_WASM_STRING_H
#define ECGSEG_WASM_STRING_H

#include <stddef.h>

#define memcpy __builtin_memcpy
#define memmove __builtin_memmove
#define memset __builtin_memset

#endif
