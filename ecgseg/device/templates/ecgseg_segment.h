/* {{ name }}: segmentation of a stream of samples into waves, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_SEGMENT_H
#define ECGSEG_SEGMENT_H

#include <stddef.h>

#include "ecgseg_preprocess.h"

#ifndef ECGSEG_HOP
#define ECGSEG_HOP {{ hop }} /* samples from one frame to the next, 1 to ECGSEG_FRAME_SIZE: a short hop is more accurate, a long one is faster */
#endif
#define ECGSEG_MAX_RUNS 64 /* maximum number of undecided runs; beyond it, in heavy noise, the first are decided without later samples */
#define ECGSEG_MAX_SAMPLES 0x80000000u /* maximum length of a stream, 248 days at 100 Hz; later samples are ignored */

#ifdef __cplusplus
extern "C" {
#endif

/* A wave of class `kind` (see ECGSEG_CLASS_NAMES) from sample `onset` to sample `offset`, both included, counted from the start of the stream. */
typedef void (*ecgseg_wave_fn)(void *user, int kind, uint32_t onset, uint32_t offset);

typedef struct {
    uint32_t first, end; /* end: first sample after it */
    uint8_t kind, next;
} ecgseg_run_t;

/* One stream. Fields are private. Several streams can be open, but the functions use static memory: call them from one thread at a time,
 * not from an interrupt, and not from `on_wave`. */
typedef struct {
    ecgseg_ring_t ring;
    uint32_t start;                                      /* of the window below */
    float sums[ECGSEG_FRAME_SIZE][ECGSEG_NUM_CLASSES];   /* weighted probabilities */
    ecgseg_run_t runs[ECGSEG_MAX_RUNS];
    int num_runs;
    ecgseg_wave_fn on_wave;
    void *user;
} ecgseg_stream_t;

void ecgseg_start(ecgseg_stream_t *stream, ecgseg_wave_fn on_wave, void *user);
/* Takes any number of finite samples at ECGSEG_SAMPLING_RATE. The network runs once per ECGSEG_HOP samples, within this call. */
void ecgseg_push(ecgseg_stream_t *stream, const float *millivolts, size_t count);
/* Reports the remaining waves. The next push begins a new stream, at sample 0. */
void ecgseg_finish(ecgseg_stream_t *stream);

#ifdef __cplusplus
}
#endif

#endif
