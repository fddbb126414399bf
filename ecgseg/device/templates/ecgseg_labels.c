/* {{ name }}: from probabilities to runs that can be waves, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_parts.h"

#include <math.h>
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

{% if calibrated %}uint16_t ecgseg_largest_of(const ecgseg_window_t *window, int sample)
{
    uint16_t largest = 0;
    for (int kind = 0; kind < ECGSEG_NUM_CLASSES; kind++)
        if (window->probability[sample][kind] > largest) largest = window->probability[sample][kind];
    return largest;
}

{% endif %}void ecgseg_most_probable(const ecgseg_window_t *window, int size, uint8_t *labels)
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
        beats[count].likely = 0;
        beats[count++].end = (uint16_t)end;
    }
    return count;
}
{% if calibrated %}
#if ECGSEG_WITH_QUALITY
/* Insert a weak beat around a sample into the beats, which are in order, unless it is too short. */
static int insert_weak_beat(const ecgseg_window_t *window, int size, int centre, int likely, ecgseg_beat_t *beats, int num_beats)
{
    int top = centre > {{ weak.reach }} ? centre - {{ weak.reach }} : 0;
    for (int i = top + 1; i <= centre + {{ weak.reach }} && i < size; i++)
        if (window->probability[i][ECGSEG_QRS] > window->probability[top][ECGSEG_QRS]) top = i;
    const uint32_t highest = window->probability[top][ECGSEG_QRS];
    int first = top, end = top + 1, place = num_beats;
    while (first > 0 && top - first < {{ weak.longest }} && 2u * window->probability[first - 1][ECGSEG_QRS] >= highest) first--;
    while (end < size && end - top <= {{ weak.longest }} && 2u * window->probability[end][ECGSEG_QRS] >= highest) end++;
    if (end - first < least[ECGSEG_QRS] || num_beats == ECGSEG_MAX_BEATS) return num_beats;
    for (; place > 0 && beats[place - 1].first > first; place--) beats[place] = beats[place - 1];
    beats[place].first = (uint16_t)first;
    beats[place].end = (uint16_t)end;
    beats[place].likely = (uint8_t)likely;
    return num_beats + 1;
}

/* Add the beats that the network suspects without deciding on them: the highest places of the probability's sum, with nothing as high before and
 * nothing higher after within APART samples, and no QRS complex. */
#define APART {{ weak.apart }}
int ecgseg_find_weak_beats(const ecgseg_window_t *window, int size, const uint8_t *labels, ecgseg_beat_t *beats, int num_beats)
{
    static uint32_t sums[APART]; /* of the latest samples, as a ring; 0 where there is no weak beat */
    uint32_t sum = 0, highest = 0;
    int next = 0, far = 0, place = -1, slot = 0; /* next sample to be tested for QRS, first one far from it, highest place so far */
    memset(sums, 0, sizeof sums);
    for (int i = 0; i < {{ weak.reach }} && i < size; i++) sum += window->probability[i][ECGSEG_QRS];
    for (int sample = 0; sample < size; sample++) {
        if (sample + {{ weak.reach }} < size) sum += window->probability[sample + {{ weak.reach }}][ECGSEG_QRS];
        if (sample > {{ weak.reach }}) sum -= window->probability[sample - {{ weak.reach + 1 }}][ECGSEG_QRS];
        for (; next < size && next <= sample + APART; next++)
            if (labels[next] == ECGSEG_QRS) far = next + APART + 1;
        const uint32_t own = sample >= far && sum >= {{ weak.least }}u ? sum : 0;
        if (place >= 0 && sample - place > APART) {
            num_beats = insert_weak_beat(window, size, place, highest >= {{ weak.likely }}u, beats, num_beats);
            place = -1;
        }
        if (own) {
            int lower = 0;
            while (lower < APART && sums[lower] < own) lower++;
            if (lower == APART) place = sample, highest = own;
        }
        sums[slot] = own;
        slot = slot + 1 < APART ? slot + 1 : 0;
    }
    return place < 0 ? num_beats : insert_weak_beat(window, size, place, highest >= {{ weak.likely }}u, beats, num_beats);
}

/* Remove what a beat has left of a wave on one side, if it is too short. */
static void drop_rest(uint8_t *labels, int from, int end)
{
    const int kind = labels[from];
    if (kind && end - from < least[kind]) memset(labels + from, 0, (size_t)(end - from));
}

void ecgseg_add_likely_beats(const ecgseg_window_t *window, int size, uint8_t *labels, const ecgseg_beat_t *beats, int num_beats)
{
    for (int beat = 0; beat < num_beats; beat++) {
        const int first = beats[beat].first, end = beats[beat].end;
        if (!beats[beat].likely || window->flags[(first + end - 1) / 2] & (ECGSEG_FLAG_GAP | ECGSEG_FLAG_FLAT | ECGSEG_FLAG_NOISE)) continue;
        memset(labels + first, ECGSEG_QRS, (size_t)(end - first));
        int before = first;
        while (before > 0 && labels[before - 1] == labels[first - 1]) before--;
        if (before < first) drop_rest(labels, before, first);
        if (end < size) drop_rest(labels, end, ecgseg_run_end(labels, end, size));
    }
}
#endif
{% if p_class >= 0 %}
#if ECGSEG_WITH_RHYTHM
static ECGSEG_NOINLINE int centre_of(const ecgseg_beat_t *beat)
{
    return (beat->first + beat->end - 1) / 2;
}

static uint32_t certainty_of(const ecgseg_window_t *window, int size, int centre)
{
    uint32_t sum = 0;
    for (int i = centre - {{ weak.reach }}; i <= centre + {{ weak.reach }}; i++)
        if (i >= 0 && i < size) sum += window->probability[i][ECGSEG_QRS];
    return sum;
}

/* The largest difference between two successive samples around a beat. */
static ECGSEG_NOINLINE float steepness_of(const ecgseg_window_t *window, int size, int centre)
{
    float steepest = 0;
    for (int i = centre - {{ spurious.steep_reach }}; i < centre + {{ spurious.steep_reach }}; i++)
        if (i >= 0 && i + 1 < size && fabsf(window->signal[i + 1] - window->signal[i]) > steepest)
            steepest = fabsf(window->signal[i + 1] - window->signal[i]);
    return steepest;
}

/* Whether the rhythm around a beat is regular, and the interval between its neighbours not longer than usual: of the intervals on either side, without
 * those to the neighbours, at least half are within a tenth of the median. */
#define INTERVALS {{ spurious.intervals }}
static ECGSEG_NOINLINE int fits_without(const ecgseg_beat_t *beats, int num_beats, int beat)
{
    int around[2 * INTERVALS], count = 0, regular = 0;
    for (int i = beat - 1 - INTERVALS; i <= beat + INTERVALS; i++) {
        if (i < 0 || i == beat - 1 || i == beat || i + 1 >= num_beats) continue;
        const int interval = centre_of(beats + i + 1) - centre_of(beats + i);
        int place = count++;
        for (; place > 0 && around[place - 1] > interval; place--) around[place] = around[place - 1];
        around[place] = interval;
    }
    if (count < {{ spurious.fewest }}) return 0;
    const int twice_median = around[(count - 1) / 2] + around[count / 2];
    for (int i = 0; i < count; i++) regular += 20 * around[i] >= 9 * twice_median && 20 * around[i] <= 11 * twice_median;
    return 2 * regular >= count && 20 * (centre_of(beats + beat + 1) - centre_of(beats + beat - 1)) < {{ spurious.longest }} * twice_median;
}

/* Whether the network is sure of its classes, on average over a frame length. */
static int is_clean(const ecgseg_window_t *window, int size, int centre)
{
    const int first = centre < ECGSEG_FRAME_SIZE / 2 ? 0 : centre - ECGSEG_FRAME_SIZE / 2;
    const int stop = centre + ECGSEG_FRAME_SIZE - ECGSEG_FRAME_SIZE / 2, end = stop < size ? stop : size;
    uint32_t sum = 0;
    for (int i = first; i < end; i++) sum += ecgseg_largest_of(window, i);
    return sum >= (uint32_t)(end - first) * {{ spurious.clean }}u;
}

/* A beat within a T wave becomes part of it. */
static void drop_beat(uint8_t *labels, int first, int end, int size)
{
    const int before = first ? labels[first - 1] : 0, after = end < size ? labels[end] : 0;
    memset(labels + first, before == after ? before : 0, (size_t)(end - first));
}

/* Drop the spurious beats from `place` on, some per call. `beats` are those before the round, so that each is judged independently. Returns the next
 * place, 0 at the end. */
int ecgseg_drop_spurious_beats(const ecgseg_window_t *window, int size, uint8_t *labels, const ecgseg_beat_t *beats, int num_beats, int place)
{
    const int stop = num_beats - place > ECGSEG_CHECKED ? place + ECGSEG_CHECKED : num_beats;
    for (int beat = place; beat < stop; beat++) {
        if (!beat || beat + 1 == num_beats) continue;
        const int centre = centre_of(beats + beat);
        const float before = steepness_of(window, size, centre_of(beats + beat - 1)), after = steepness_of(window, size, centre_of(beats + beat + 1));
        const int less_steep = steepness_of(window, size, centre) < {{ spurious.less_steep }} * (before < after ? before : after);
        if (certainty_of(window, size, centre) < (less_steep ? {{ spurious.certain }}u : {{ spurious.doubtful }}u) && fits_without(beats, num_beats, beat)
            && !is_clean(window, size, centre))
            drop_beat(labels, beats[beat].first, beats[beat].end, size);
    }
    return stop < num_beats ? stop : 0;
}
#endif
{% endif %}{% endif %}{% endif %}
