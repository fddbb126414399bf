/* {{ name }}: waves and beats of an ECG stream, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_SEGMENT_H
#define ECGSEG_SEGMENT_H

#include <stddef.h>

#include "ecgseg_parts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Quality of a wave: good; touching the highest or lowest value of an amplifier; or in an interval where the network is unsure. */
enum { ECGSEG_GOOD, ECGSEG_CLIPPED, ECGSEG_UNCERTAIN };

/* A wave. A QRS complex is a beat and has an RR interval. */
typedef struct {
    uint32_t onset, peak, offset; /* samples from the start of the stream, at ECGSEG_FS; onset and offset belong to the wave */
    uint8_t kind;                 /* class, see ECGSEG_CLASS_NAMES */
    uint8_t quality;              /* ECGSEG_GOOD, ... */
    float confidence;             /* mean probability of the class, 0 to 1 */
    float rr;                     /* s since the previous R peak; 0: not a beat, the first one, or the signal was unusable in between */
    float heart_rate;             /* per minute, 60 / rr; 0 where rr is 0 */
} ecgseg_wave_t;

typedef void (*ecgseg_wave_fn)(void *user, const ecgseg_wave_t *wave);

/* One stream: sizeof(ecgseg_stream_t) bytes of RAM. Fields are private; the memory belongs to the stream until ecgseg_finish returns 0. Several
 * streams can be open, but the functions use static memory: call them from one thread at a time, not from an interrupt, and not from `on_wave`. */
typedef struct {
    ecgseg_intake_t intake;
    ecgseg_window_t window;
    ecgseg_scale_t scale;
    float sums[ECGSEG_FRAME_SIZE][ECGSEG_NUM_CLASSES]; /* weighted probabilities, from the start of the last frame on */
    float amplitudes[ECGSEG_WINDOW / ECGSEG_HOP + 2];  /* running scale of each frame, mV */
    int32_t frames, last_frame;                        /* frames so far, start of the last one */
    int32_t decided, reported;                         /* sample up to which waves were decided, end of the last wave */
    int32_t ended;                                     /* 0, or how far ecgseg_finish is */
    int32_t due;                                       /* work that ecgseg_push owes, in steps times ECGSEG_SPREAD */
    double last_peak;                                  /* R peak of the last beat, in samples of the stream; negative: none */
    ecgseg_wave_fn on_wave;
    void *user;
} ecgseg_stream_t;

void ecgseg_start(ecgseg_stream_t *stream, ecgseg_wave_fn on_wave, void *user);

/* Takes any number of samples in mV at ECGSEG_FS, NaN or infinity where one is missing, and calls `on_wave` for each wave that has become
 * final, in order and at most ECGSEG_LATENCY seconds after its end. Never waits for a whole frame: with each sample it does enough steps of the
 * work to finish a frame before the next one is complete, ECGSEG_SPREAD samples later. */
void ecgseg_push(ecgseg_stream_t *stream, const float *millivolts, size_t count);

/* Does one step of that work in advance, in the time between two samples: a slice of the network (ECGSEG_SLICE), or a similar part of the work
 * before and after it. The same waves are then reported earlier. Returns 1 as long as there is more to do, else 0.
 *
 * `make measure` counts the instructions of the longest call on Cortex-M cores. */
int ecgseg_step(ecgseg_stream_t *stream);

/* Ends the stream and reports the remaining waves: `while (ecgseg_finish(stream)) {}`. One call is no longer than one of ecgseg_step, and returns
 * 1 as long as there is more to do; all of them take as long as the frames that remain, up to four. The next push begins a new stream, at
 * sample 0; if it comes before 0 was returned, it does what is left at once. */
int ecgseg_finish(ecgseg_stream_t *stream);

#ifdef __cplusplus
}
#endif

#endif
