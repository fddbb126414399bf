/* {{ name }}: declarations shared by the parts of the segmentation, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause
 * Internal: programs include ecgseg_segment.h. */
#ifndef ECGSEG_PARTS_H
#define ECGSEG_PARTS_H

#include "ecgseg_preprocess.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ECGSEG_CERTAIN {{ certain }} /* a probability of 1 */
#if ECGSEG_WITH_RHYTHM
#define ECGSEG_MAX_BEATS (ECGSEG_WINDOW / {{ refractory }} + 2)
#else
#define ECGSEG_MAX_BEATS (ECGSEG_WINDOW / {{ beat_distance }} + 2)
#endif

/* flags of a sample */
enum { ECGSEG_FLAG_GAP = 1, ECGSEG_FLAG_CLIPPED = 2, ECGSEG_FLAG_FLAT = 4, ECGSEG_FLAG_NOISE = 8, ECGSEG_FLAG_UNCERTAIN = 16 };

/* The samples at ECGSEG_SAMPLING_RATE from which waves are decided. */
typedef struct {
    int32_t begin; /* number of the first */
    int count;
    uint16_t probability[ECGSEG_WINDOW][ECGSEG_NUM_CLASSES]; /* of samples that a frame has covered */
    float signal[ECGSEG_WINDOW];                             /* mV, without gaps, minus the level */
    uint8_t flags[ECGSEG_WINDOW];
} ecgseg_window_t;

#if ECGSEG_WITH_SPIKES
/* The latest samples, in which pacing spikes are sought, as rings. */
typedef struct {
    float held[ECGSEG_SPIKE_HELD];                                   /* mV */
    float highest[ECGSEG_SPIKE_BLOCKS], lowest[ECGSEG_SPIKE_BLOCKS]; /* values of each block, without spikes */
    float high, low;        /* extremes of the block that is being measured */
    float limit;            /* what a spike in the previous block exceeds */
    int place, block;       /* of the next sample and of the block, in the rings */
    int measured, blocks;   /* samples of the block so far; blocks so far, as many as the ring has */
    int marked;             /* samples that remain to be marked as missing */
    int waiting, ending;    /* samples until the first one is passed on, and from the last one to the end */
} ecgseg_spikes_t;
#endif

/* The stream as it arrives. */
typedef struct {
#if ECGSEG_WITH_SPIKES
    ecgseg_spikes_t spikes;
#endif
    float samples[ECGSEG_RAW];          /* mV, without gaps */
    uint8_t gap[(ECGSEG_RAW + 7) / 8];  /* a bit for each */
    int32_t first;                      /* number of the first; before the stream the first value is repeated */
    int count;
    int32_t given;                      /* samples of the stream that have left the search for spikes */
    int32_t begin;                      /* from which on clipped runs are measured */
    int32_t made;                       /* samples at the new rate */
    int32_t missing;                    /* samples of a gap, held back until its end is known */
    int32_t line, step;                 /* length of a line to be stored, and how much of it is stored */
    float level, last, lowest, highest; /* the first value, the latest one, extremes */
    float slope, next;                  /* of the line, and the value after it */
    uint8_t started, long_gap, line_flagged, has_next;
} ecgseg_intake_t;

typedef struct {
    uint16_t first, end; /* of a QRS complex, in samples of the window */
    uint8_t likely;      /* a weak beat that is to become a QRS complex */
} ecgseg_beat_t;

/* Work of several steps: a function takes the place to continue from, at first 0, and returns the next place, 0 when all is done. */
#define ECGSEG_TAKEN (1 + 1024 / ECGSEG_TAPS) /* samples at the new rate per step */
#define ECGSEG_JUDGED {{ 4 if calibrated else 1 }}                       /* P waves judged per step{% if calibrated %}: with fewer, a sample would need more than two steps{% endif %} */
#define ECGSEG_MEASURED 8                     /* QRS complexes measured per step */
#define ECGSEG_CHECKED 16                     /* QRS complexes compared with their neighbours per step */

/* ecgseg_intake.c */
void ecgseg_intake_start(ecgseg_intake_t *intake);
void ecgseg_intake_push(ecgseg_intake_t *intake, float millivolts);  /* NaN or infinity where missing */
int ecgseg_intake_end(ecgseg_intake_t *intake);                      /* nothing follows; to be called until it returns 0 */
void ecgseg_intake_extend(ecgseg_intake_t *intake, int32_t outputs); /* by the last value, as far as these outputs require */
int ecgseg_intake_next(ecgseg_intake_t *intake);                     /* stores a sample; to be called after each call of these until it returns 0 */
int32_t ecgseg_intake_surplus(const ecgseg_intake_t *intake, int32_t end); /* samples beyond what outputs before `end` need; negative: missing */
int ecgseg_take(ecgseg_intake_t *intake, int32_t end, ecgseg_window_t *window, int place); /* to the window, from the last one taken to `end` */

/* ecgseg_labels.c: the classes of a window without runs that cannot be waves */
int ecgseg_run_end(const uint8_t *labels, int first, int size);
void ecgseg_most_probable(const ecgseg_window_t *window, int size, uint8_t *labels);
int ecgseg_drop_shortest_runs(uint8_t *labels, int size); /* to be called until it returns 0, as the next one */
int ecgseg_drop_close_beats(const ecgseg_window_t *window, int size, uint8_t *labels);
void ecgseg_drop_flagged(const ecgseg_window_t *window, int size, uint8_t *labels, uint8_t flags); /* waves whose centre has a flag */
int ecgseg_find_beats(const uint8_t *labels, int size, ecgseg_beat_t *beats);
int ecgseg_find_weak_beats(const ecgseg_window_t *window, int size, const uint8_t *labels, ecgseg_beat_t *beats, int num_beats);
void ecgseg_add_likely_beats(const ecgseg_window_t *window, int size, uint8_t *labels, const ecgseg_beat_t *beats, int num_beats);
int ecgseg_drop_spurious_beats(const ecgseg_window_t *window, int size, uint8_t *labels, const ecgseg_beat_t *beats, int num_beats, int place);
uint16_t ecgseg_largest_of(const ecgseg_window_t *window, int sample); /* probabilities */
float ecgseg_mean_probability(const ecgseg_window_t *window, int first, int end, int kind);

/* ecgseg_rhythm.c: P waves judged by the beats around them; only those that end at sample `from` or later */
int ecgseg_judge_p_waves(const ecgseg_window_t *window, int size, int from, const ecgseg_beat_t *beats, int num_beats, uint8_t *labels, int place);
{% if calibrated %}double ecgseg_shift(const ecgseg_window_t *window, int size, const uint8_t *labels, const ecgseg_beat_t *beats, int num_beats, int first, int end,
                    int of_end); /* of the onset or offset of a wave, samples */
{% endif %}
/* ecgseg_quality.c: `limit` is a function for the largest range of a flat line around a sample of the stream */
void ecgseg_flag_flat(ecgseg_window_t *window, int size, float (*limit)(const void *, int32_t), const void *stream);
void ecgseg_flag_doubtful(ecgseg_window_t *window, int size);
void ecgseg_flag_noise(ecgseg_window_t *window, int size, const ecgseg_beat_t *beats, int num_beats); /* among the doubtful samples */
void ecgseg_drop_unlikely(const ecgseg_window_t *window, int size, uint8_t *labels);

/* ecgseg_peaks.c: sample of the window, and of the stream */
int ecgseg_measure_beats(const ecgseg_window_t *window, const ecgseg_beat_t *beats, int num_beats, int place); /* before ecgseg_upright */
int ecgseg_upright(int num_beats);
int ecgseg_peak(const ecgseg_window_t *window, int first, int end, int qrs, int upright);
int32_t ecgseg_peak_in_stream(const ecgseg_intake_t *intake, double onset, double peak, double offset);
float ecgseg_between_samples(const ecgseg_intake_t *intake, int32_t peak); /* distance of the vertex from a peak, samples */

#ifdef __cplusplus
}
#endif

#endif
