/* {{ name }}: P waves and boundaries judged by the beats around them, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_parts.h"

#if ECGSEG_WITH_RHYTHM
#include <math.h>
#include <string.h>

/* Number of the first beat that begins at a sample or after it. */
static ECGSEG_NOINLINE int beat_after(const ecgseg_beat_t *beats, int num_beats, int sample)
{
    int beat = 0;
    while (beat < num_beats && beats[beat].first < sample) beat++;
    return beat;
}

{% if calibrated %}
#define BEATS_AROUND {{ judge.neighbours }} /* on either side */
#define AROUND (2 * BEATS_AROUND + 1)

/* Features of a candidate, from the network and the beats. */
enum { {{ judge.features|join(", ") }}, FEATURES };

/* Logistic regression over the features and their squares. */
static const float feature_mean[FEATURES] = {
{{ judge.mean }}
};
static const float feature_scale[FEATURES] = { /* 1 / standard deviation */
{{ judge.scale }}
};
static const float weights[1 + 2 * FEATURES] = {
{{ judge.weights }}
};

/* A run of samples that may be a P wave. */
typedef struct {
    int first, end, labelled; /* labelled: at least in part the network's choice */
    int centre, beat, far, distance;
    int32_t largest;
    float mean;
} candidate_t;

typedef struct {
    float value[AROUND];
    int count;
} list_t;

static void put(list_t *list, float value)
{
    list->value[list->count++] = value;
}

static float mean_of(const list_t *list, float otherwise)
{
    float sum = 0;
    for (int i = 0; i < list->count; i++) sum += list->value[i];
    return list->count ? sum / (float)list->count : otherwise;
}

static float median_of(list_t *list, float otherwise)
{
    for (int i = 1; i < list->count; i++) {
        const float value = list->value[i];
        int place = i;
        for (; place > 0 && list->value[place - 1] > value; place--) list->value[place] = list->value[place - 1];
        list->value[place] = value;
    }
    return list->count ? (list->value[(list->count - 1) / 2] + list->value[list->count / 2]) / 2 : otherwise;
}

static ECGSEG_NOINLINE float limited(float value, float low, float high)
{
    return value < low ? low : value > high ? high : value;
}

static float log_odds(float probability)
{
    const float p = limited(probability, {{ judge.least_p }}, {{ judge.most_p }});
    return logf(p / (1 - p));
}

static int may_be_p(const ecgseg_window_t *window, const uint8_t *labels, int sample)
{
    const uint16_t *probability = window->probability[sample];
    uint16_t largest = 0;
    if (labels[sample]) return labels[sample] == ECGSEG_P;
    for (int kind = 0; kind < ECGSEG_NUM_CLASSES; kind++)
        if (probability[kind] > largest) largest = probability[kind];
    return probability[ECGSEG_P] >= {{ judge.min_p }} * ECGSEG_CERTAIN && (float)probability[ECGSEG_P] >= {{ judge.min_share }} * (float)largest;
}

/* The sample at the centre of a run, exactly; half-way between two samples, the even one, as in Python. */
static int centre_of(int first, uint64_t moment, uint32_t weight)
{
    if (!weight) return first;
    const uint32_t place = (uint32_t)(moment / weight), rest = (uint32_t)(moment % weight);
    return first + (int)(place + (2 * rest + ((uint32_t)first + place) % 2 > weight));
}

/* The next candidate from a sample on; 0 if there is none. */
static int next_candidate(const ecgseg_window_t *window, int size, int from, const ecgseg_beat_t *beats, int num_beats, const uint8_t *labels,
                          candidate_t *found)
{
    int end;
    for (int first = from; first < size; first = end + 1) {
        for (end = first; end < size && may_be_p(window, labels, end);) end++;
        if (end - first < {{ judge.min_samples }}) continue;
        uint32_t weight = 0;
        uint64_t moment = 0;
        found->first = first, found->end = end;
        found->labelled = 0, found->largest = 0;
        for (int i = first; i < end; i++) {
            const uint16_t p = window->probability[i][ECGSEG_P];
            weight += p;
            moment += (uint32_t)p * (uint32_t)(i - first);
            if (p > found->largest) found->largest = p;
            found->labelled |= labels[i] == ECGSEG_P;
        }
        found->mean = (float)weight / ((float)(end - first) * ECGSEG_CERTAIN);
        found->centre = centre_of(first, moment, weight);
        const int after = beat_after(beats, num_beats, found->centre), longest = {{ judge.longest }};
        found->beat = after < num_beats ? after : num_beats - 1;
        found->distance = after < num_beats ? beats[after].first - found->centre : longest + 1;
        found->far = found->distance > longest;
        found->distance = found->distance < {{ judge.nearest }} ? {{ judge.nearest }} : found->distance > longest ? longest : found->distance;
        return 1;
    }
    return 0;
}

static float width_of(const ecgseg_beat_t *beat)
{
    return (float)(beat->end - beat->first);
}

/* Whether two QRS complexes are about equally wide. */
static ECGSEG_NOINLINE int alike(const ecgseg_beat_t *one, const ecgseg_beat_t *other)
{
    const float a = width_of(one), b = width_of(other);
    return a <= b * {{ judge.same_width }} && b <= a * {{ judge.same_width }};
}

static uint16_t largest_p_near(const ecgseg_window_t *window, int size, int sample)
{
    uint16_t largest = 0;
    for (int i = sample - {{ judge.place_reach }}; i <= sample + {{ judge.place_reach }}; i++)
        if (i >= 0 && i < size && window->probability[i][ECGSEG_P] > largest) largest = window->probability[i][ECGSEG_P];
    return largest;
}

/* The position of the candidate relative to the neighbouring beats. `own` are the distances of their own most probable candidates, 0 if none. */
static void describe_place(const ecgseg_window_t *window, int size, const candidate_t *candidate, const ecgseg_beat_t *beats, int num_beats,
                           const uint8_t *own, float *feature)
{
    const int beat = candidate->beat, begin = beat < BEATS_AROUND ? 0 : beat - BEATS_AROUND;
    const int end = beat + BEATS_AROUND < num_beats ? beat + BEATS_AROUND + 1 : num_beats;
    list_t widths = {{ "{{0}, 0}" }}, places = {{ "{{0}, 0}" }}, distances = {{ "{{0}, 0}" }};
    int num_alike = 0, above = 0;
    for (int other = begin; other < end; other++) {
        if (other == beat) continue;
        put(&widths, width_of(&beats[other]));
        num_alike += alike(&beats[beat], &beats[other]);
    }
    for (int other = begin; other < end; other++) {
        if (other == beat || (num_alike >= {{ judge.fewest_alike }} && !alike(&beats[beat], &beats[other]))) continue;
        if (own[other]) put(&distances, own[other]);
        const int place = beats[other].first - candidate->distance;
        if (place < 0) continue;
        const uint16_t p = largest_p_near(window, size, place);
        put(&places, (float)p * (1.0f / ECGSEG_CERTAIN));
        above += p >= {{ judge.place_steps }};
    }
    const float usual = median_of(&widths, width_of(&beats[beat])), any = (float)places.count;
    feature[F_WIDTH] = limited(logf(width_of(&beats[beat]) / usual), {{ judge.ranges.width }});
    feature[F_PLACE_MEAN] = mean_of(&places, 0.5f);
    feature[F_PLACE_MEDIAN] = median_of(&places, 0.5f);
    feature[F_PLACE_SHARE] = places.count ? (float)above / any : 0.5f;
    const float off = fabsf(median_of(&distances, 0) - (float)candidate->distance);
    feature[F_OFF_PLACE] = limited((distances.count ? off : {{ judge.far_off }}) / ECGSEG_SAMPLING_RATE, {{ judge.ranges.off_place }});
    feature[F_NEIGHBOURS] = (any < BEATS_AROUND ? any : BEATS_AROUND) / BEATS_AROUND;
}

/* The RR intervals around the beat of the candidate. */
static void describe_intervals(int beat, const ecgseg_beat_t *beats, int num_beats, float *feature)
{
    const int size = num_beats - 1, begin = beat < BEATS_AROUND ? 0 : beat - BEATS_AROUND;
    const int end = beat + BEATS_AROUND < size ? beat + BEATS_AROUND : size;
    list_t around = {{ "{{0}, 0}" }}, changes = {{ "{{0}, 0}" }};
    int num_alike = 0, regular = 0;
    float before = -1;
    feature[F_CHANGE_MEAN] = feature[F_CHANGE_MEDIAN] = 0;
    feature[F_REGULAR] = feature[F_PREMATURE] = feature[F_NEXT_INTERVAL] = 1;
    if (num_beats < 3) return;
    for (int i = begin; i < end; i++) num_alike += alike(&beats[beat], &beats[i]) && alike(&beats[beat], &beats[i + 1]);
    for (int i = begin; i < end; i++) {
        const float interval = (float)(beats[i + 1].first - beats[i].first);
        const int known = num_alike < {{ judge.fewest_alike }} || (alike(&beats[beat], &beats[i]) && alike(&beats[beat], &beats[i + 1]));
        if (known) put(&around, interval);
        if (known && before >= 0) put(&changes, fabsf(interval - before));
        before = known ? interval : -1;
    }
    const float mean = mean_of(&around, 1), median = median_of(&around, 1);
    for (int i = 0; i < around.count; i++) regular += fabsf(around.value[i] / median - 1) < {{ judge.regular_within }};
    feature[F_CHANGE_MEAN] = limited(mean_of(&changes, 0) / (mean > 1 ? mean : 1), {{ judge.ranges.change_mean }});
    feature[F_CHANGE_MEDIAN] = limited(median_of(&changes, 0) / median, {{ judge.ranges.change_median }});
    feature[F_REGULAR] = around.count ? (float)regular / (float)around.count : 0;
    feature[F_PREMATURE] = beat > 0 ? limited((float)(beats[beat].first - beats[beat - 1].first) / median, {{ judge.ranges.premature }}) : 1;
    feature[F_NEXT_INTERVAL] = beat < size ? limited((float)(beats[beat + 1].first - beats[beat].first) / median, {{ judge.ranges.next_interval }}) : 1;
}

/* Logarithm of the odds that a candidate is a P wave. */
static float judge(const ecgseg_window_t *window, int size, const candidate_t *candidate, const ecgseg_beat_t *beats, int num_beats,
                   const uint8_t *own)
{
    float feature[FEATURES], odds = weights[0];
    const int after = beat_after(beats, num_beats, candidate->centre), previous_end = after ? beats[after - 1].end : 0;
    feature[F_MEAN] = log_odds(candidate->mean);
    feature[F_LARGEST] = log_odds((float)candidate->largest * (1.0f / ECGSEG_CERTAIN));
    feature[F_DURATION] = (float)(candidate->end - candidate->first) / ECGSEG_SAMPLING_RATE;
    feature[F_DISTANCE] = (float)candidate->distance / ECGSEG_SAMPLING_RATE;
    feature[F_FAR] = (float)candidate->far;
    feature[F_SINCE] = limited((float)(candidate->centre - previous_end) / ECGSEG_SAMPLING_RATE, {{ judge.ranges.since }});
    describe_place(window, size, candidate, beats, num_beats, own, feature);
    describe_intervals(candidate->beat, beats, num_beats, feature);
    for (int i = 0; i < FEATURES; i++) {
        const float scaled = limited((feature[i] - feature_mean[i]) * feature_scale[i], -{{ judge.limit }}, {{ judge.limit }});
        odds += weights[1 + i] * scaled + weights[1 + FEATURES + i] * (scaled * scaled - 1);
    }
    return odds;
}

int ecgseg_judge_p_waves(const ecgseg_window_t *window, int size, int from, const ecgseg_beat_t *beats, int num_beats, uint8_t *labels, int place)
{
    static uint8_t own[ECGSEG_MAX_BEATS]; /* distance of each beat's most probable candidate; 0: it has none */
    static int32_t largest[ECGSEG_MAX_BEATS];
    candidate_t candidate;
    int judged = 0;
    if (!num_beats) return 0;
    if (place == 0) {
        memset(own, 0, sizeof own);
        memset(largest, 0, sizeof largest);
        for (int i = 0; next_candidate(window, size, i, beats, num_beats, labels, &candidate); i = candidate.end)
            if (!candidate.far && candidate.largest >= largest[candidate.beat]) {
                largest[candidate.beat] = candidate.largest;
                own[candidate.beat] = (uint8_t)candidate.distance;
            }
        return 1;
    }
    for (int i = place - 1; next_candidate(window, size, i, beats, num_beats, labels, &candidate); i = candidate.end) {
        if (candidate.end < from) continue;
        if (judged++ == ECGSEG_JUDGED) return i + 1;
        const float odds = judge(window, size, &candidate, beats, num_beats, own);
        if (candidate.labelled ? odds >= {{ judge.keep }} : odds < {{ judge.add }}) continue;
        for (int k = candidate.first; k < candidate.end; k++) labels[k] = candidate.labelled ? 0 : ECGSEG_P;
    }
    return 0;
}

#define STEADY_BEATS {{ boundaries.neighbours }} /* on either side */
#define NO_WAVE (1 << 20)

/* Samples from the start of a QRS complex to the start, or to the end, of the P wave directly before it or the T wave directly after it. */
static ECGSEG_NOINLINE int32_t distance_of(const uint8_t *labels, int size, const ecgseg_beat_t *beat, int kind, int of_end)
{
    const int step = kind == ECGSEG_P ? -1 : 1;
    int first = kind == ECGSEG_P ? beat->first - 1 : beat->end;
    while (first >= 0 && first < size && !labels[first]) first += step;
    if (first < 0 || first >= size || labels[first] != kind) return NO_WAVE;
    const int end = ecgseg_run_end(labels, first, size);
    while (first > 0 && labels[first - 1] == kind) first--;
    if (first < beat->first - {{ boundaries.longest }} || end > beat->first + {{ boundaries.longest }}) return NO_WAVE;
    return (of_end ? end : first) - beat->first;
}

/* Shift of a boundary of a P or T wave towards its place in the beats around it: a share of the distance to the median of those that are alike, larger
 * the less sharp the boundary is. The operations and their order are Python's. The last one is exact, so it does not matter whether a compiler fuses it
 * with the addition in onset_of. */
double ecgseg_shift(const ecgseg_window_t *window, int size, const uint8_t *labels, const ecgseg_beat_t *beats, int num_beats, int first, int end, int of_end)
{
    const int kind = labels[first], edge = of_end ? end : first;
    int beat = beat_after(beats, num_beats, end), count = 0;
    int32_t around[2 * STEADY_BEATS + 1];
    if (kind == ECGSEG_T) beat--;
    if ((kind != ECGSEG_P && kind != ECGSEG_T) || beat < 0 || beat == num_beats) return 0;
    const int32_t own = edge - beats[beat].first;
    if (distance_of(labels, size, beats + beat, kind, of_end) != own) return 0; /* another wave is between them, or it is too far */
    for (int i = beat < STEADY_BEATS ? 0 : beat - STEADY_BEATS; i <= beat + STEADY_BEATS && i < num_beats; i++) {
        if (beats[i].first > beats[beat].first + {{ boundaries.reach }} || beats[i].first < beats[beat].first - {{ boundaries.reach }}) continue;
        const int32_t distance = distance_of(labels, size, beats + i, kind, of_end);
        if (distance > own + {{ boundaries.alike }} || distance < own - {{ boundaries.alike }}) continue;
        int place = count++;
        for (; place > 0 && around[place - 1] > distance; place--) around[place] = around[place - 1];
        around[place] = distance;
    }
    if (count < {{ boundaries.fewest }}) return 0;
    const float after = (float)window->probability[edge + 1 < size ? edge + 1 : size - 1][kind] / ECGSEG_CERTAIN;
    const float before = (float)window->probability[edge > 2 ? edge - 2 : 0][kind] / ECGSEG_CERTAIN;
    const double missing = 1 - (double)fabsf(after - before);
    return (double)(around[(count - 1) / 2] + around[count / 2] - 2 * own) * missing * missing / 2;
}
{% else %}
static float p_of(const ecgseg_window_t *window, int sample)
{
    return (float)window->probability[sample][ECGSEG_P] * (1.0f / ECGSEG_CERTAIN);
}

/* Evidence for P waves around a beat: the mean probability of P at the distance from the beats where it is largest; irregular
 * beats require more. Without calibrated probabilities, single candidates cannot be judged. */
static int confirmed(const ecgseg_window_t *window, const ecgseg_beat_t *beats, int num_beats, int beat)
{
    int first = beat, end = beat + 1;
    float evidence = 0, change = 0;
    while (first > 0 && beats[beat].first - beats[first - 1].first <= {{ evidence.reach }}) first--;
    while (end < num_beats && beats[end].first - beats[beat].first <= {{ evidence.reach }}) end++;
    if (end - first < {{ evidence.min_beats }}) return 1;
    for (int distance = {{ evidence.nearest }}; distance < {{ evidence.furthest }}; distance++) {
        float sum = 0;
        int known = 0;
        for (int i = first; i < end; i++)
            if (beats[i].first >= distance) sum += p_of(window, beats[i].first - distance), known++;
        if (known && sum / (float)known > evidence) evidence = sum / (float)known;
    }
    for (int i = first; i + 2 < end; i++) change += fabsf((float)(beats[i + 2].first - 2 * beats[i + 1].first + beats[i].first));
    const float interval = (float)(beats[end - 1].first - beats[first].first) / (float)(end - first - 1);
    const float irregularity = change / (float)(end - first - 2) / (interval > 1 ? interval : 1);
    return evidence >= {{ evidence.least }} + {{ evidence.irregular }} * fminf(irregularity, {{ evidence.most_irregular }});
}

int ecgseg_judge_p_waves(const ecgseg_window_t *window, int size, int from, const ecgseg_beat_t *beats, int num_beats, uint8_t *labels, int place)
{
    int judged = 0;
    if (num_beats < {{ evidence.min_beats }}) return 0;
    for (int first = place, end; first < size; first = end) {
        end = ecgseg_run_end(labels, first, size);
        if (labels[first] != ECGSEG_P || end < from) continue;
        if (judged++ == ECGSEG_JUDGED) return first;
        const int after = beat_after(beats, num_beats, first);
        if (!confirmed(window, beats, num_beats, after < num_beats ? after : num_beats - 1)) memset(labels + first, 0, (size_t)(end - first));
    }
    return 0;
}
{% endif %}
#else
typedef int ecgseg_no_rhythm_t; /* ISO C forbids an empty file */
#endif
