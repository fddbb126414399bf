/* {{ name }}: from probabilities to runs that can be waves, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_parts.h"

#include <string.h>

/* Length of the shortest run of each class that is kept; for the background, of the shortest gap that splits a wave. */
static const int least[ECGSEG_NUM_CLASSES] = { {{ least|join(", ") }} };

ECGSEG_NOINLINE int ecgseg_run_end(const uint8_t *labels, int first, int size)
{
    int end = first + 1;
    while (end < size && labels[end] == labels[first]) end++;
    return end;
}

float ecgseg_mean_probability(const ecgseg_window_t *window, int first, int end, int kind)
{
    uint32_t sum = 0;
    for (int i = first; i < end; i++) sum += window->probability[i][kind];
    return (float)sum / ((float)(end - first) * ECGSEG_CERTAIN);
}

void ecgseg_most_probable(const ecgseg_window_t *window, int size, uint8_t *labels)
{
    for (int i = 0; i < size; i++) {
        const uint16_t *probability = window->probability[i];
        uint8_t best = 0;
        for (uint8_t kind = 1; kind < ECGSEG_NUM_CLASSES; kind++)
            if (probability[kind] > probability[best]) best = kind;
        labels[i] = best;
    }
}

/* Merge the shortest of the short runs into their neighbours; of equally short adjacent runs every other one, from the left. Returns 0 when no run
 * is too short. */
int ecgseg_drop_shortest_runs(uint8_t *labels, int size)
{
    int shortest = size + 1;
    for (int change = 0; change < 2; change++) { /* find the shortest, then change them */
        int before = 0, place = 0;
        for (int first = 0, end; first < size; first = end) {
            end = ecgseg_run_end(labels, first, size);
            const int kind = labels[first], after = end < size ? labels[end] : 0, length = end - first;
            const int filling = before == after ? before : 0;
            const int is_short = length < least[kind] && filling != kind;
            before = kind;
            if (!change) {
                if (is_short && length < shortest) shortest = length;
            } else {
                place = is_short && length == shortest ? place + 1 : 0;
                if (place % 2) memset(labels + first, filling, (size_t)length);
            }
        }
        if (shortest > size) return 0;
    }
    return 1;
}
{% if qrs_class >= 0 %}
/* Of two beats that begin within the refractory time, drop the less probable; of a chain of them the weakest. Returns 0 when none are too close. */
int ecgseg_drop_close_beats(const ecgseg_window_t *window, int size, uint8_t *labels)
{
    int beat = -1, beat_end = 0, weak = 0, strong = 0, dropped = 0; /* the last beat, compared with the one before it */
    uint32_t weight = 0;
    for (int first = 0, end; first <= size; first = end) {
        end = first < size ? ecgseg_run_end(labels, first, size) : size + 1;
        if (first < size && labels[first] != ECGSEG_QRS) continue;
        uint32_t own = 0;
        int own_weak = 0, own_strong = 0;
        for (int i = first; i < end && i < size; i++) own += window->probability[i][ECGSEG_QRS];
        if (beat >= 0 && first < size && first - beat < {{ refractory }}) {
            if (weight < own) weak = own_strong = 1;
            else own_weak = strong = 1;
        }
        if (beat >= 0 && weak && !strong) {
            memset(labels + beat, 0, (size_t)(beat_end - beat));
            dropped = 1;
        }
        beat = first, beat_end = end, weight = own, weak = own_weak, strong = own_strong;
    }
    return dropped;
}
{% endif %}
void ecgseg_drop_flagged(const ecgseg_window_t *window, int size, uint8_t *labels, uint8_t flags)
{
    for (int first = 0, end; first < size; first = end) {
        end = ecgseg_run_end(labels, first, size);
        if (window->flags[(first + end - 1) / 2] & flags) memset(labels + first, 0, (size_t)(end - first));
    }
}
{% if qrs_class >= 0 %}
int ecgseg_find_beats(const uint8_t *labels, int size, ecgseg_beat_t *beats)
{
    int count = 0;
    for (int first = 0, end; first < size && count < ECGSEG_MAX_BEATS; first = end) {
        end = ecgseg_run_end(labels, first, size);
        if (labels[first] != ECGSEG_QRS) continue;
        beats[count].first = (uint16_t)first;
        beats[count++].end = (uint16_t)end;
    }
    return count;
}
{% endif %}
