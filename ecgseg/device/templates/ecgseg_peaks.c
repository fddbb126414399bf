/* {{ name }}: peaks of waves, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_parts.h"

#include <math.h>

/* The highest sample of a run above the straight line between its ends and the lowest one below it, and their distances from the line. */
typedef struct {
    int highest, lowest;
    float up, down; /* down: below zero */
} extremes_t;

static extremes_t extremes_of(const float *signal, int first, int end)
{
    const int length = end - first - 1;
    const float slope = (signal[end - 1] - signal[first]) / (float)(length > 1 ? length : 1);
    extremes_t found = {{ "{first, first, 0, 0}" }};
    for (int i = first + 1; i < end; i++) {
        const float height = signal[i] - signal[first] - slope * (float)(i - first);
        if (height > found.up) found.highest = i, found.up = height;
        if (height < found.down) found.lowest = i, found.down = height;
    }
    return found;
}

static float balance[ECGSEG_MAX_BEATS]; /* of both deflections of each QRS complex, in ascending order */

int ecgseg_measure_beats(const ecgseg_window_t *window, const ecgseg_beat_t *beats, int num_beats, int beat)
{
    const int stop = num_beats - beat > ECGSEG_MEASURED ? beat + ECGSEG_MEASURED : num_beats;
    for (; beat < stop; beat++) {
        const extremes_t found = extremes_of(window->signal, beats[beat].first, beats[beat].end);
        const float sum = found.up + found.down;
        int place = beat;
        for (; place > 0 && balance[place - 1] > sum; place--) balance[place] = balance[place - 1];
        balance[place] = sum;
    }
    return beat < num_beats ? beat : 0;
}

/* Whether most QRS complexes have their larger deflection upwards. */
int ecgseg_upright(int num_beats)
{
    return !num_beats || balance[(num_beats - 1) / 2] + balance[num_beats / 2] >= 0;
}

int ecgseg_peak(const ecgseg_window_t *window, int first, int end, int qrs, int upright)
{
    const extremes_t found = extremes_of(window->signal, first, end);
    const int highest = found.highest, lowest = found.lowest;
    const float up = found.up, down = -found.down;
    if (!qrs) return up == down ? (highest < lowest ? highest : lowest) : up > down ? highest : lowest;
    return (upright ? 1.0f : {{ other_direction }}) * up >= (upright ? {{ other_direction }} : 1.0f) * down ? highest : lowest;
}

#if ECGSEG_WITH_PEAKS
/* A sample of the stream; beyond the ends of what is kept, the nearest one. */
static double value_at(const ecgseg_intake_t *intake, int32_t sample)
{
    const int32_t begin = intake->first > 0 ? intake->first : 0, stored = intake->first + intake->count;
    const int32_t end = stored < intake->given ? stored : intake->given;
    sample = sample < begin ? begin : sample >= end ? end - 1 : sample;
    return (double)intake->samples[sample - intake->first];
}

static int32_t limited(int32_t sample, int32_t low, int32_t high)
{
    return sample < low ? low : sample > high ? high : sample;
}

#define PLACES (2 * ECGSEG_PEAK_REACH + 1)
#define AVERAGED (2 * ECGSEG_PEAK_HALF + 1)

/* Means around `count` samples from `first` on, minus the value at `first`. In double precision and in Python's order, so equal heights are equal
 * in both. */
static void means(const ecgseg_intake_t *intake, int32_t first, int count, double *mean)
{
    double sums[PLACES + AVERAGED];
    sums[0] = 0;
    for (int i = 0; i < count + AVERAGED - 1; i++)
        sums[i + 1] = sums[i] + (value_at(intake, first - ECGSEG_PEAK_HALF + i) - value_at(intake, first));
    for (int i = 0; i < count; i++) mean[i] = (sums[i + AVERAGED] - sums[i]) / AVERAGED;
}

/* The sample near an approximate peak that is furthest from the line between the ends of its wave, on the side of the approximate peak. */
int32_t ecgseg_peak_in_stream(const ecgseg_intake_t *intake, double onset, double peak, double offset)
{
    const int32_t last = intake->given - 1;
    const int32_t low = limited((int32_t)ceil(onset), 0, last), high = limited((int32_t)floor(offset), low, last);
    const int32_t centre = limited((int32_t)rint(peak), low, high), first = centre - ECGSEG_PEAK_REACH;
    const double slope = (value_at(intake, high) - value_at(intake, low)) / (high > low ? high - low : 1);
    const double start = value_at(intake, low) - value_at(intake, first);
    double height[PLACES], sign = 1;
    int found = -1;
    means(intake, first, PLACES, height);
    for (int i = 0; i < PLACES; i++) height[i] -= start + slope * (first + i - low);
    if (height[ECGSEG_PEAK_REACH] < 0) sign = -1;
    for (int i = 0; i < PLACES; i++)
        if (first + i >= low && first + i <= high && (found < 0 || sign * height[i] > sign * height[found])) found = i;
    return first + found;
}

/* Distance of the vertex of a parabola through a peak and its neighbours from the peak. */
float ecgseg_between_samples(const ecgseg_intake_t *intake, int32_t peak)
{
    double mean[3];
    if (peak <= 0 || peak >= intake->given - 1) return 0;
    means(intake, peak - 1, 3, mean);
    const double curve = mean[0] - 2 * mean[1] + mean[2], shift = curve == 0 ? 0 : 0.5 * (mean[0] - mean[2]) / curve;
    return (float)(shift < -0.5 ? -0.5 : shift > 0.5 ? 0.5 : shift);
}
#endif
