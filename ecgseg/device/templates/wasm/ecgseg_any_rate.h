/* Settings of a stream whose rate is known only when it starts: ecgseg_settings.h includes this file in place of the constants of one rate.
 * SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_ANY_RATE_H
#define ECGSEG_ANY_RATE_H

typedef struct {
    float fs;
    double ratio;
    int32_t up, down, half, taps, bridge, min_gap, context, min_clipped, spike_width, spike_block, peak_half, peak_reach;
    float spike_height;
    const float *filter; /* [up][taps] */
} ecgseg_rate_t;

extern ecgseg_rate_t ecgseg_rate;

#define ECGSEG_FS ecgseg_rate.fs
#define ECGSEG_UP ecgseg_rate.up
#define ECGSEG_DOWN ecgseg_rate.down
#define ECGSEG_FILTER_HALF ecgseg_rate.half
#define ECGSEG_TAPS ecgseg_rate.taps
#define ECGSEG_TAPS_OF(position) (ecgseg_rate.filter + (position) * ecgseg_rate.taps)
#define ECGSEG_RATIO ecgseg_rate.ratio
#define ECGSEG_BRIDGE ecgseg_rate.bridge
#define ECGSEG_MIN_GAP ecgseg_rate.min_gap
#define ECGSEG_CONTEXT ecgseg_rate.context
#define ECGSEG_MIN_CLIPPED ecgseg_rate.min_clipped
#define ECGSEG_SPIKE_WIDTH ecgseg_rate.spike_width
#define ECGSEG_SPIKE_BLOCK ecgseg_rate.spike_block
#define ECGSEG_SPIKE_HEIGHT ecgseg_rate.spike_height
#define ECGSEG_SPIKE_HELD 160 /* samples, enough for the highest rate */
#define ECGSEG_PEAK_HALF ecgseg_rate.peak_half
#define ECGSEG_PEAK_REACH ecgseg_rate.peak_reach
#define ECGSEG_RAW (1 << 16) /* samples, enough for the highest rate */
#define ECGSEG_SPREAD 1      /* a page wants waves early, and has time */

#endif
