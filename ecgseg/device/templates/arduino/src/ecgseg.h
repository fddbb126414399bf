/* {{ sentence }} Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_H
#define ECGSEG_H

#ifdef __AVR__
#error "ecgseg needs {{ ram_kb }} KB of RAM, more than an AVR has"
#endif

#include "ecgseg_segment.h"

#endif
