/* {{ name }}: from a stream of samples to waves, written by ecgseg. Do not edit. */
#ifndef ECGSEG_SEGMENT_H
#define ECGSEG_SEGMENT_H

#include <stddef.h>

#include "ecgseg_preprocess.h"

#ifndef ECGSEG_HOP
#define ECGSEG_HOP {{ hop }} /* samples from one frame to the next, 1 to ECGSEG_FRAME_SIZE: a short hop is more accurate, a long one cheaper */
#endif
#define ECGSEG_MAX_RUNS 64 /* that wait for a decision; of more, in heavy noise, the first are decided on without what follows */
#define ECGSEG_MAX_SAMPLES 0x80000000u /* of one stream, 248 days at 100 Hz; what comes after is not read */

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
/* Any number of samples at ECGSEG_SAMPLING_RATE, all of them finite. Every ECGSEG_HOP samples the network runs once before this returns. */
void ecgseg_push(ecgseg_stream_t *stream, const float *millivolts, size_t count);
/* Reports what is left. The next push begins a new stream, at sample 0. */
void ecgseg_finish(ecgseg_stream_t *stream);

#ifdef __cplusplus
}
#endif

#endif
