/* {{ name }}: intervals without usable ECG, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_parts.h"

#if ECGSEG_WITH_QUALITY
#include <string.h>

#define WIDTH {{ flat_width }} /* shortest flat line, samples */

static void raise_flags(ecgseg_window_t *window, int first, int end, uint8_t flag)
{
    for (int i = first; i < end; i++) window->flags[i] |= flag;
}

/* Flag the samples of all windows of WIDTH samples whose range is within the limit of their first one. */
void ecgseg_flag_flat(ecgseg_window_t *window, int size, float (*limit)(const void *, int32_t), const void *stream)
{
    const int width = size < WIDTH ? size : WIDTH;
    for (int first = 0; first + width <= size;) {
        const float allowed = limit(stream, window->begin + first);
        float low = window->signal[first + width - 1], high = low;
        int change = first + width - 1; /* backwards to the last sample that is too far from those after it: later windows with it are not flat */
        for (; change >= first; change--) {
            const float value = window->signal[change];
            if (value < low) low = value;
            if (value > high) high = value;
            if (!(high - low <= allowed)) break;
        }
        if (change >= first) {
            for (first++; first <= change && limit(stream, window->begin + first) <= allowed;) first++;
            continue;
        }
        raise_flags(window, first, first + width, ECGSEG_FLAG_FLAT);
        for (first++; first + width <= size; first++) { /* continue as long as all windows are flat */
            const float value = window->signal[first + width - 1];
            if (value < low) low = value;
            if (value > high) high = value;
            if (!(high - low <= limit(stream, window->begin + first))) break;
            window->flags[first + width - 1] |= ECGSEG_FLAG_FLAT;
        }
    }
    for (int i = 0; i < size; i++)
        if (window->flags[i] & ECGSEG_FLAG_GAP) window->flags[i] &= (uint8_t)~ECGSEG_FLAG_FLAT;
}
{% if calibrated %}
#define REACH (ECGSEG_FRAME_SIZE / 2)

/* Flag samples as uncertain where the network is unsure on average over a frame, and within a quarter of a frame around. */
void ecgseg_flag_doubtful(ecgseg_window_t *window, int size)
{
    uint32_t sum = 0;
    int first = 0, end = 0, flagged = 0;
    for (int sample = 0; sample < size; sample++) {
        for (; end < size && end < sample + ECGSEG_FRAME_SIZE - REACH; end++) sum += ecgseg_largest_of(window, end);
        for (; first < sample - REACH; first++) sum -= ecgseg_largest_of(window, first);
        if (sum >= (uint32_t)(end - first) * {{ min_confidence }}u) continue;
        int from = sample - (REACH - 1) / 2, to = sample + REACH - (REACH - 1) / 2;
        if (from < flagged) from = flagged;
        if (from < 0) from = 0;
        if (to > size) to = size;
        for (; from < to; from++)
            if (!(window->flags[from] & (ECGSEG_FLAG_GAP | ECGSEG_FLAG_FLAT))) window->flags[from] |= ECGSEG_FLAG_UNCERTAIN;
        flagged = to;
    }
}

/* Of the uncertain samples, flag as noise those around which the beats are uncertain too, or missing. */
void ecgseg_flag_noise(ecgseg_window_t *window, int size, const ecgseg_beat_t *beats, int num_beats)
{
{% if qrs_class >= 0 %}    static uint16_t highest[ECGSEG_MAX_BEATS]; /* probability of each QRS complex in an uncertain interval, 0 for the others */
    uint32_t sum = 0;
    int first = 0, end = 0, own = 0;
    for (int beat = 0; beat < num_beats; beat++) {
        highest[beat] = 0;
        if (!(window->flags[(beats[beat].first + beats[beat].end - 1) / 2] & ECGSEG_FLAG_UNCERTAIN)) continue;
        highest[beat] = 1;
        for (int i = beats[beat].first; i < beats[beat].end; i++)
            if (window->probability[i][ECGSEG_QRS] > highest[beat]) highest[beat] = window->probability[i][ECGSEG_QRS];
    }
    for (int sample = 0; sample < size; sample++) {
        for (; end < num_beats && (beats[end].first + beats[end].end - 1) / 2 <= sample + {{ beat_reach }}; end++)
            sum += highest[end], own += highest[end] > 0;
        for (; first < end && (beats[first].first + beats[first].end - 1) / 2 < sample - {{ beat_reach }}; first++)
            sum -= highest[first], own -= highest[first] > 0;
        if (!(window->flags[sample] & ECGSEG_FLAG_UNCERTAIN)) continue;
        if (first == end || 2u * sum < (uint32_t)own * {{ twice_min_beat_probability }}u)
            window->flags[sample] = (uint8_t)((window->flags[sample] & ~ECGSEG_FLAG_UNCERTAIN) | ECGSEG_FLAG_NOISE);
    }
{% else %}    (void)beats, (void)num_beats;
    for (int i = 0; i < size; i++)
        if (window->flags[i] & ECGSEG_FLAG_UNCERTAIN) window->flags[i] = (uint8_t)((window->flags[i] & ~ECGSEG_FLAG_UNCERTAIN) | ECGSEG_FLAG_NOISE);
{% endif %}}

/* In uncertain intervals, drop the waves that are more likely wrong than right. */
void ecgseg_drop_unlikely(const ecgseg_window_t *window, int size, uint8_t *labels)
{
    for (int first = 0, end; first < size; first = end) {
        end = ecgseg_run_end(labels, first, size);
        const int uncertain = window->flags[(first + end - 1) / 2] & ECGSEG_FLAG_UNCERTAIN;
        if (uncertain && ecgseg_mean_probability(window, first, end, labels[first]) < {{ likely }})
            memset(labels + first, 0, (size_t)(end - first));
    }
}
{% endif %}
#else
typedef int ecgseg_no_quality_t; /* ISO C forbids an empty file */
#endif
