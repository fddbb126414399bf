/* {{ name }}: waves and beats of an ECG stream, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_segment.h"

#include <math.h>
#include <string.h>

#ifdef ECGSEG_SHOW_QUALITY
void ecgseg_watch(const uint8_t *flags, int32_t begin, int32_t end); /* of a program that shows them: called for decided samples */
#define ECGSEG_WATCH(flags, begin, end) ecgseg_watch(flags, begin, end);
#else
#define ECGSEG_WATCH(flags, begin, end)
#endif

/* Weight of a frame at each of its samples: a Hann window without its zeros. */
static const float weights[ECGSEG_FRAME_SIZE] = {
{{ window }}
};

#define AMPLITUDES (ECGSEG_WINDOW / ECGSEG_HOP + 2)

/* Sum of the weights of the frames that cover a sample of the last one. */
static float weight_at(const ecgseg_stream_t *stream, int32_t sample)
{
    float sum = weights[sample - stream->last_frame];
    for (int32_t frame = (stream->last_frame - 1) / ECGSEG_HOP * ECGSEG_HOP; frame >= 0 && frame > sample - ECGSEG_FRAME_SIZE; frame -= ECGSEG_HOP)
        if (frame < stream->last_frame) sum += weights[sample - frame];
    return sum;
}

/* Final probabilities of the samples up to `end` that the last frame covers. */
static void set_probabilities(ecgseg_stream_t *stream, int32_t end)
{
    for (int32_t sample = stream->last_frame; sample < end; sample++) {
        const float scale = ECGSEG_CERTAIN / weight_at(stream, sample), *sums = stream->sums[sample - stream->last_frame];
        uint16_t *probability = stream->window.probability[sample - stream->window.begin];
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) probability[c] = (uint16_t)fminf(sums[c] * scale + 0.5f, ECGSEG_CERTAIN);
    }
}

/* Move the sums to a frame that begins at sample `begin`. */
static void move_sums(ecgseg_stream_t *stream, int32_t begin)
{
    const int32_t count = begin - stream->last_frame;
    memmove(stream->sums, stream->sums + count, (size_t)(ECGSEG_FRAME_SIZE - count) * sizeof stream->sums[0]);
    memset(stream->sums + ECGSEG_FRAME_SIZE - count, 0, (size_t)count * sizeof stream->sums[0]);
    stream->last_frame = begin;
}

/* The frame in the network: of one stream at a time. */
static int8_t in[ECGSEG_FRAME_SIZE], out[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES];
static ecgseg_stream_t *in_network; /* NULL: none */

static void end_frame(ecgseg_stream_t *stream);

/* Give the network the frame that begins at sample `begin`. */
static void begin_frame(ecgseg_stream_t *stream, int32_t begin)
{
    static float frame[ECGSEG_FRAME_SIZE];
    if (in_network) end_frame(in_network); /* of another stream */
    memcpy(frame, stream->window.signal + (begin - stream->window.begin), sizeof frame);
    stream->amplitudes[stream->frames % AMPLITUDES] = ecgseg_preprocess(frame, &stream->scale, in);
    if (stream->frames) move_sums(stream, begin);
    stream->frames++;
    ecgseg_model_begin(in, out);
    in_network = stream;
}

/* Add the probabilities of the frame that the network has read. */
static void add_frame(ecgseg_stream_t *stream)
{
    for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) {
        const int8_t *logits = out + i * ECGSEG_NUM_CLASSES;
        float power[ECGSEG_NUM_CLASSES], total = 0;
        int8_t highest = logits[0];
        for (int c = 1; c < ECGSEG_NUM_CLASSES; c++)
            if (logits[c] > highest) highest = logits[c];
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) total += power[c] = expf((float)(logits[c] - highest) * ECGSEG_OUTPUT_SCALE);
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) stream->sums[i][c] += weights[i] * (power[c] / total);
    }
    in_network = NULL;
}

#if ECGSEG_WITH_QUALITY
/* Largest range of a flat line around a sample: a share of the running scale. */
static float flat_limit(const void *pointer, int32_t sample)
{
    const ecgseg_stream_t *stream = (const ecgseg_stream_t *)pointer;
    int32_t frame = sample / ECGSEG_HOP;
    if (frame >= stream->frames || sample >= stream->last_frame) frame = stream->frames - 1;
    const float amplitude = stream->amplitudes[frame % AMPLITUDES];
    return amplitude > 0 ? {{ flat_range }} * amplitude : INFINITY;
}
#endif

/* Classes of the samples before `final`, without anything that is no wave. Returns the number of beats. */
static int find_waves(ecgseg_stream_t *stream, int32_t final, uint8_t *labels, ecgseg_beat_t *beats)
{
    ecgseg_window_t *window = &stream->window;
    const int size = final - window->begin;
    for (int i = 0; i < size; i++) window->flags[i] &= ECGSEG_FLAG_GAP | ECGSEG_FLAG_CLIPPED;
    ecgseg_most_probable(window, size, labels);
    ecgseg_drop_short_runs(labels, size);
{% if p_class >= 0 and qrs_class >= 0 %}#if ECGSEG_WITH_RHYTHM
    ecgseg_drop_close_beats(window, size, labels);
    ecgseg_judge_p_waves(window, size, stream->decided - window->begin, beats, ecgseg_find_beats(labels, size, beats), labels);
#endif
{% endif %}#if ECGSEG_WITH_QUALITY
    ecgseg_flag_flat(window, size, flat_limit, stream);
#endif
    ecgseg_drop_flagged(window, size, labels, ECGSEG_FLAG_GAP | ECGSEG_FLAG_FLAT);
{% if calibrated %}#if ECGSEG_WITH_QUALITY
    ecgseg_flag_noise(window, size, beats, {% if qrs_class >= 0 %}ecgseg_find_beats(labels, size, beats){% else %}0{% endif %});
    ecgseg_drop_flagged(window, size, labels, ECGSEG_FLAG_NOISE);
    ecgseg_drop_unlikely(window, size, labels);
#endif
{% endif %}    return {% if qrs_class >= 0 %}ecgseg_find_beats(labels, size, beats){% else %}0{% endif %};
}

/* Where one class gives way to the next: the crossing of their probabilities between two samples, or half-way if they do not cross. */
static double crossing(const ecgseg_window_t *window, int sample, int before, int after)
{
    const int32_t margin = window->probability[sample - 1][before] - window->probability[sample - 1][after];
    const int32_t drop = margin - (window->probability[sample][before] - window->probability[sample][after]);
    return sample - 1 + (margin >= 0 && drop >= margin && drop > 0 ? (double)margin / drop : 0.5);
}

static uint8_t quality_of(const ecgseg_window_t *window, int first, int last)
{
    uint8_t flags = 0;
    for (int i = first; i <= last; i++) {
        const uint8_t usable = window->flags[i] & (ECGSEG_FLAG_GAP | ECGSEG_FLAG_FLAT) ? 0 : ECGSEG_FLAG_CLIPPED;
        flags |= window->flags[i] & (usable | ECGSEG_FLAG_UNCERTAIN);
    }
    return flags & ECGSEG_FLAG_CLIPPED ? ECGSEG_CLIPPED : flags & ECGSEG_FLAG_UNCERTAIN ? ECGSEG_UNCERTAIN : ECGSEG_GOOD;
}

#if ECGSEG_WITH_BEATS
/* The RR interval of a beat, unless the signal was unusable in between. */
static void measure_beat(ecgseg_stream_t *stream, ecgseg_wave_t *wave)
{
    const ecgseg_window_t *window = &stream->window;
    double peak = wave->peak;
#if ECGSEG_WITH_PEAKS
    peak += (double)ecgseg_between_samples(&stream->intake, (int32_t)wave->peak);
#endif
    int usable = stream->last_peak >= 0;
    int32_t first = (int32_t)ceil(stream->last_peak / ECGSEG_RATIO) - window->begin;
    const int32_t last = (int32_t)(peak / ECGSEG_RATIO) - window->begin;
    for (first = first < 0 ? 0 : first; first <= last; first++)
        if (window->flags[first] & (ECGSEG_FLAG_GAP | ECGSEG_FLAG_FLAT | ECGSEG_FLAG_NOISE)) usable = 0;
    if (usable && peak > stream->last_peak) {
        wave->rr = (float)((peak - stream->last_peak) / (double)ECGSEG_FS);
        wave->heart_rate = 60 / wave->rr;
    }
    stream->last_peak = peak;
}
#endif

/* Report the wave of a run of the window. */
static void report(ecgseg_stream_t *stream, int size, const uint8_t *labels, int first, int end, int upright)
{
    const ecgseg_window_t *window = &stream->window;
    const int kind = labels[first], peak = ecgseg_peak(window, first, end, kind == ECGSEG_QRS, upright);
    const double begin = window->begin, given = stream->intake.given - 1;
    double onset = first ? crossing(window, first, labels[first - 1], kind) + 0.5 : 0;
    double offset = end < size ? crossing(window, end, kind, labels[end]) - 0.5 : size - 1;
    if (offset < onset) offset = onset;
    double place = peak < onset ? onset : peak > offset ? offset : peak;
    ecgseg_wave_t wave;
    memset(&wave, 0, sizeof wave);
    wave.kind = (uint8_t)kind;
    wave.confidence = ecgseg_mean_probability(window, first, end, kind);
    wave.quality = quality_of(window, (int)rint(onset), (int)rint(offset));
    onset = (begin + onset) * ECGSEG_RATIO, place = (begin + place) * ECGSEG_RATIO, offset = (begin + offset) * ECGSEG_RATIO;
    wave.onset = (uint32_t)fmin(rint(onset), given);
    wave.offset = (uint32_t)fmin(rint(offset), given);
#if ECGSEG_WITH_PEAKS
    wave.peak = (uint32_t)ecgseg_peak_in_stream(&stream->intake, onset, place, offset);
#else
    wave.peak = (uint32_t)fmin(rint(place), given);
#endif
#if ECGSEG_WITH_BEATS
    if (kind == ECGSEG_QRS) measure_beat(stream, &wave);
#endif
    stream->on_wave(stream->user, &wave);
}

/* Report the waves that end after the last decision and not after sample `until`. */
static void decide(ecgseg_stream_t *stream, int32_t final, int32_t until)
{
    static uint8_t labels[ECGSEG_WINDOW];
    static ecgseg_beat_t beats[ECGSEG_MAX_BEATS];
    if (until <= stream->decided) return;
    const int32_t begin = stream->window.begin, decided = stream->decided, reported = stream->reported;
    const int size = final - begin, num_beats = find_waves(stream, final, labels, beats);
    const int upright = ecgseg_upright(&stream->window, beats, num_beats);
    ECGSEG_WATCH(stream->window.flags + (decided - begin), decided, until)
    stream->decided = until;
    for (int first = 0, end; first < size; first = end) {
        end = ecgseg_run_end(labels, first, size);
        if (!labels[first] || begin + end <= decided || begin + end > until || begin + first < reported) continue;
        report(stream, size, labels, first, end, upright);
        stream->reported = begin + end;
    }
}

/* Forget the samples of the window before one. */
static void forget(ecgseg_window_t *window, int32_t before)
{
    const int count = before - window->begin;
    if (count <= 0) return;
    window->count -= count;
    window->begin = before;
    memmove(window->probability, window->probability + count, (size_t)window->count * sizeof window->probability[0]);
    memmove(window->signal, window->signal + count, (size_t)window->count * sizeof window->signal[0]);
    memmove(window->flags, window->flags + count, (size_t)window->count);
}

/* The end of the next frame. */
static int32_t next_end(const ecgseg_stream_t *stream)
{
    return ECGSEG_FRAME_SIZE + stream->frames * ECGSEG_HOP;
}

/* Let the network finish a frame, and report the waves that have become final. */
static void end_frame(ecgseg_stream_t *stream)
{
    const int32_t final = stream->frames * ECGSEG_HOP;
    while (!ecgseg_model_step()) {}
    add_frame(stream);
    set_probabilities(stream, final);
    if (stream->ended) return; /* ecgseg_finish decides once for all remaining frames */
    decide(stream, final, final - ECGSEG_LOOKAHEAD);
    forget(&stream->window, stream->decided - ECGSEG_HISTORY);
}

/* Store the samples that the intake has ready, and begin the frames that they complete, each after the end of the one before. */
static void store(ecgseg_stream_t *stream)
{
    while (ecgseg_intake_next(&stream->intake)) {
        if (!ecgseg_can_take(&stream->intake, next_end(stream))) continue;
        if (in_network == stream) end_frame(stream);
        ecgseg_take(&stream->intake, next_end(stream), &stream->window);
        begin_frame(stream, stream->frames * ECGSEG_HOP);
    }
}

void ecgseg_start(ecgseg_stream_t *stream, ecgseg_wave_fn on_wave, void *user)
{
    if (in_network == stream) in_network = NULL;
    memset(stream, 0, sizeof *stream);
    ecgseg_intake_start(&stream->intake);
    stream->last_peak = -1;
    stream->on_wave = on_wave;
    stream->user = user;
}

void ecgseg_store(ecgseg_stream_t *stream, const float *millivolts, size_t count)
{
    for (; count && stream->intake.given < ECGSEG_MAX_SAMPLES; count--) {
        ecgseg_intake_push(&stream->intake, *millivolts++);
        store(stream);
    }
}

int ecgseg_step(ecgseg_stream_t *stream)
{
    if (in_network != stream) return 0;
    if (!ecgseg_model_step()) return 1;
    end_frame(stream);
    return 0;
}

void ecgseg_push(ecgseg_stream_t *stream, const float *millivolts, size_t count)
{
    for (; count; count--) {
        ecgseg_store(stream, millivolts++, 1);
        if (in_network == stream) end_frame(stream);
    }
}

void ecgseg_finish(ecgseg_stream_t *stream)
{
    const int32_t samples = (int32_t)(((int64_t)stream->intake.given * ECGSEG_UP + ECGSEG_DOWN - 1) / ECGSEG_DOWN);
    const int32_t padded = samples > ECGSEG_FRAME_SIZE ? samples : ECGSEG_FRAME_SIZE;
    if (samples) {
        ecgseg_intake_end(&stream->intake);
        store(stream);
        if (in_network == stream) end_frame(stream);
        stream->ended = 1;
        if (padded > stream->intake.made) {
            ecgseg_intake_extend(&stream->intake, padded);
            while (ecgseg_intake_next(&stream->intake)) {
                if (next_end(stream) >= padded || !ecgseg_can_take(&stream->intake, next_end(stream))) continue;
                ecgseg_take(&stream->intake, next_end(stream), &stream->window);
                begin_frame(stream, stream->frames * ECGSEG_HOP);
                end_frame(stream);
            }
            ecgseg_take(&stream->intake, padded, &stream->window);
            begin_frame(stream, padded - ECGSEG_FRAME_SIZE); /* the last frame ends with the stream */
            while (!ecgseg_model_step()) {}
            add_frame(stream);
        }
        set_probabilities(stream, padded);
        decide(stream, samples, samples);
    }
    ecgseg_start(stream, stream->on_wave, stream->user);
}
