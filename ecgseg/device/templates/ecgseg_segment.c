/* {{ name }}: segmentation of a stream of samples into waves, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_segment.h"

#include <math.h>
#include <string.h>

/* Weight of a frame at each of its samples: a Hann window without its zeros. */
static const float window[ECGSEG_FRAME_SIZE] = {
{{ window }}
};

/* Length of the shortest run of each class that is kept; for the background, of the shortest gap that splits a wave. */
static const uint32_t least[ECGSEG_NUM_CLASSES] = { {{ least|join(", ") }} };

static void report(ecgseg_stream_t *stream, const ecgseg_run_t *run)
{
    if (run->kind) stream->on_wave(stream->user, run->kind, run->first, run->end - 1);
}

/* Merge short runs into their neighbours, the shortest first; of equally short adjacent runs every other one, from the left. */
static void clean(ecgseg_stream_t *stream)
{
    ecgseg_run_t *runs = stream->runs;
    for (;;) {
        uint32_t shortest = UINT32_MAX;
        int place = 0, kept = 0;
        for (int i = 0; i < stream->num_runs; i++) {
            int before = i ? runs[i - 1].kind : 0, after = i + 1 < stream->num_runs ? runs[i + 1].kind : 0;
            uint32_t length = runs[i].end - runs[i].first;
            runs[i].next = (uint8_t)(before == after ? before : 0);
            if (length >= least[runs[i].kind]) runs[i].next = runs[i].kind;
            if (runs[i].next != runs[i].kind && length < shortest) shortest = length;
        }
        if (shortest == UINT32_MAX) return;
        for (int i = 0; i < stream->num_runs; i++) {
            int chosen = runs[i].next != runs[i].kind && runs[i].end - runs[i].first == shortest;
            place = chosen ? place + 1 : 0;
            if (place % 2) runs[i].kind = runs[i].next;
        }
        for (int i = 1; i < stream->num_runs; i++) { /* join adjacent runs of the same kind */
            if (runs[i].kind == runs[kept].kind) runs[kept].end = runs[i].end;
            else runs[++kept] = runs[i];
        }
        stream->num_runs = kept + 1;
    }
}

/* Clean all runs, report all but the last. */
static void settle(ecgseg_stream_t *stream)
{
    clean(stream);
    for (int i = 0; i < stream->num_runs - 1; i++) report(stream, &stream->runs[i]);
    stream->runs[0] = stream->runs[stream->num_runs - 1];
    stream->num_runs = 1;
}

static void add_label(ecgseg_stream_t *stream, uint8_t kind, uint32_t sample)
{
    ecgseg_run_t *last = stream->runs + stream->num_runs - 1;
    if (stream->num_runs && last->kind == kind) last->end = sample + 1;
    else {
        if (stream->num_runs == ECGSEG_MAX_RUNS) settle(stream);
        last = stream->runs + stream->num_runs++;
        last->first = sample, last->end = sample + 1, last->kind = kind;
    }
    if (last->end - last->first == least[kind]) settle(stream); /* this run is kept, whatever follows */
}

/* Samples before `end` are final: label them, and move the window. */
static void advance(ecgseg_stream_t *stream, uint32_t end)
{
    uint32_t count = end - stream->start;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t best = 0;
        for (uint8_t c = 1; c < ECGSEG_NUM_CLASSES; c++)
            if (stream->sums[i][c] > stream->sums[i][best]) best = c;
        add_label(stream, best, stream->start + i);
    }
    memmove(stream->sums, stream->sums + count, (ECGSEG_FRAME_SIZE - count) * sizeof stream->sums[0]);
    memset(stream->sums + ECGSEG_FRAME_SIZE - count, 0, count * sizeof stream->sums[0]);
    stream->start = end;
}

/* Run the network on the last frame and add its probabilities. */
static void add_frame(ecgseg_stream_t *stream)
{
    static float frame[ECGSEG_FRAME_SIZE];
    static int8_t in[ECGSEG_FRAME_SIZE], out[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES];
    ecgseg_ring_frame(&stream->ring, frame);
    ecgseg_preprocess(frame, in);
    ecgseg_model_run(in, out);
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) {
        const int8_t *logits = out + i * ECGSEG_NUM_CLASSES;
        float power[ECGSEG_NUM_CLASSES], total = 0;
        int8_t highest = logits[0];
        for (int c = 1; c < ECGSEG_NUM_CLASSES; c++)
            if (logits[c] > highest) highest = logits[c];
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) total += power[c] = expf((logits[c] - highest) * ECGSEG_OUTPUT_SCALE);
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) stream->sums[i][c] += window[i] * power[c] / total;
    }
}

void ecgseg_start(ecgseg_stream_t *stream, ecgseg_wave_fn on_wave, void *user)
{
    memset(stream, 0, sizeof *stream);
    stream->on_wave = on_wave;
    stream->user = user;
}

void ecgseg_push(ecgseg_stream_t *stream, const float *millivolts, size_t count)
{
    for (; count && stream->ring.received < ECGSEG_MAX_SAMPLES; count--) {
        ecgseg_ring_push(&stream->ring, *millivolts++);
        uint32_t received = stream->ring.received;
        if (received >= ECGSEG_FRAME_SIZE && (received - ECGSEG_FRAME_SIZE) % ECGSEG_HOP == 0) {
            advance(stream, received - ECGSEG_FRAME_SIZE);
            add_frame(stream);
        }
    }
}

void ecgseg_finish(ecgseg_stream_t *stream)
{
    uint32_t end = stream->ring.received;
    if (!end) return;
    if (end < ECGSEG_FRAME_SIZE) { /* shorter than a frame: padded with the last value */
        float last = stream->ring.samples[end - 1];
        while (stream->ring.received < ECGSEG_FRAME_SIZE) ecgseg_ring_push(&stream->ring, last);
        add_frame(stream);
    } else if ((end - ECGSEG_FRAME_SIZE) % ECGSEG_HOP) {
        advance(stream, end - ECGSEG_FRAME_SIZE);
        add_frame(stream);
    }
    advance(stream, end);
    settle(stream);
    report(stream, &stream->runs[0]);
    ecgseg_start(stream, stream->on_wave, stream->user);
}
