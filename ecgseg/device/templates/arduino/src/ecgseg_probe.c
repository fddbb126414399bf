/* The function that is called after each layer, unless the sketch has its own. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg.h"

__attribute__((weak)) void ecgseg_probe(int layer)
{
    (void)layer;
}
