/* {{ name }}: waves and beats of an ECG stream, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_segment.h"

#include <math.h>
#include <string.h>

#ifdef ECGSEG_SHOW_QUALITY
void ecgseg_watch(const uint8_t *flags, int32_t begin, int32_t end); /* supplied by programs that show the flags: called for decided samples */
#define ECGSEG_WATCH(flags, begin, end) ecgseg_watch(flags, begin, end);
#else
#define ECGSEG_WATCH(flags, begin, end)
#endif

/* Weight of a frame at each of its samples: a Hann window without its zeros; its first half, and the middle of an odd one. */
static const float weights[(ECGSEG_FRAME_SIZE + 1) / 2] = {
{{ window }}
};

static float weight_of(int place)
{
    return weights[place < ECGSEG_FRAME_SIZE / 2 ? place : ECGSEG_FRAME_SIZE - 1 - place];
}

#define AMPLITUDES (ECGSEG_WINDOW / ECGSEG_HOP + 2)
#define SAMPLES 64 /* probabilities computed per step, or samples stored at the end of the stream */
#define REPORTED 4 /* waves reported per step */
#define ROUNDS 12  /* steps that drop short runs and close beats, more than noise needs */
#define SPURIOUS_ROUNDS {{ spurious.rounds }}
#define REJUDGED {{ boundaries.reach + boundaries.longest }} /* samples before the waves to be reported, whose P waves are compared with theirs */

/* The current work: on one frame of one stream at a time, in steps. */
static struct {
    ecgseg_stream_t *stream; /* NULL: none */
    int stage, place;        /* see `stages` */
    int32_t begin, end;      /* samples of the frame */
    int32_t known;           /* sample before which probabilities are final after this frame */
    int32_t final, until;    /* the samples for the decision, and the last end of a wave that it may report */
} work;

static float signal[ECGSEG_FRAME_SIZE]; /* mV */
static int8_t in[ECGSEG_FRAME_SIZE], out[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES];
static uint8_t labels[ECGSEG_WINDOW];
static ecgseg_beat_t beats[ECGSEG_MAX_BEATS];
static int num_beats;

/* The stages of the work. Each function does one step, from a given place on, and returns the next place, 0 at the end of the stage. */

static int take(ecgseg_stream_t *stream, int place)
{
    return ecgseg_take(&stream->intake, work.end, &stream->window, place);
}

static int preprocess(ecgseg_stream_t *stream, int place)
{
    if (place == 0) {
        memcpy(signal, stream->window.signal + (work.begin - stream->window.begin), sizeof signal);
        stream->frames++;
    }
    place = ecgseg_preprocess_step(signal, &stream->scale, in, &stream->amplitudes[(stream->frames - 1) % AMPLITUDES], place);
    if (place == 0) ecgseg_model_begin(in, out);
    return place;
}

static int run_network(ecgseg_stream_t *stream, int place)
{
    (void)stream, (void)place;
    return !ecgseg_model_step();
}

/* Move the sums to the new frame. */
static void move_sums(ecgseg_stream_t *stream)
{
    const int32_t count = work.begin - stream->last_frame;
    memmove(stream->sums, stream->sums + count, (size_t)(ECGSEG_FRAME_SIZE - count) * sizeof stream->sums[0]);
    memset(stream->sums + ECGSEG_FRAME_SIZE - count, 0, (size_t)count * sizeof stream->sums[0]);
    stream->last_frame = work.begin;
}

/* Add the weighted probabilities of the frame, in the same 32-bit arithmetic as Python, so the sums are the same. */
static int add_frame(ecgseg_stream_t *stream, int place)
{
    const int stop = ECGSEG_FRAME_SIZE - place > SAMPLES ? place + SAMPLES : ECGSEG_FRAME_SIZE;
    if (place == 0) move_sums(stream);
    for (; place < stop; place++) {
        const int8_t *logits = out + place * ECGSEG_NUM_CLASSES;
        const float weight = weight_of(place);
        float total = 0;
        int highest = logits[0];
        for (int c = 1; c < ECGSEG_NUM_CLASSES; c++)
            if (logits[c] > highest) highest = logits[c];
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) total += ecgseg_powers[highest - logits[c]];
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) stream->sums[place][c] += weight * (ecgseg_powers[highest - logits[c]] / total);
    }
    return place < ECGSEG_FRAME_SIZE ? place : 0;
}

/* Sum of the weights of the frames that cover a sample of the last one, the oldest first. */
static float weight_at(const ecgseg_stream_t *stream, int32_t sample)
{
    float sum = 0;
    int32_t first = sample < ECGSEG_FRAME_SIZE ? 0 : ((sample - ECGSEG_FRAME_SIZE) / ECGSEG_HOP + 1) * ECGSEG_HOP;
    for (;; first += ECGSEG_HOP) {
        if (first > stream->last_frame) first = stream->last_frame;
        sum += weight_of(sample - first);
        if (first == stream->last_frame) return sum;
    }
}

/* Final probabilities of samples that the last frame covers. */
static int set_probabilities(ecgseg_stream_t *stream, int place)
{
    int32_t sample = stream->last_frame + place;
    const int32_t stop = work.known - sample > SAMPLES ? sample + SAMPLES : work.known;
    for (; sample < stop; sample++) {
        const float weight = weight_at(stream, sample), *sums = stream->sums[sample - stream->last_frame];
        uint16_t *probability = stream->window.probability[sample - stream->window.begin];
        for (int c = 0; c < ECGSEG_NUM_CLASSES; c++) probability[c] = (uint16_t)fminf(sums[c] / weight * ECGSEG_CERTAIN + 0.5f, ECGSEG_CERTAIN);
    }
    return sample < work.known ? (int)(sample - stream->last_frame) : 0;
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

/* Decide which classes of the samples before `final` are waves. */
static int window_size(const ecgseg_stream_t *stream)
{
    return work.final - stream->window.begin;
}

static int find_labels(ecgseg_stream_t *stream, int place)
{
    ecgseg_window_t *window = &stream->window;
    const int size = window_size(stream);
    if (place) return ecgseg_drop_shortest_runs(labels, size);
    for (int i = 0; i < size; i++) window->flags[i] &= ECGSEG_FLAG_GAP | ECGSEG_FLAG_CLIPPED;
    ecgseg_most_probable(window, size, labels);
    return 1;
}

{% if p_class >= 0 and qrs_class >= 0 %}#if ECGSEG_WITH_RHYTHM
static int find_beats(ecgseg_stream_t *stream, int place)
{
    const int size = window_size(stream);
    (void)place;
    if (ecgseg_drop_close_beats(&stream->window, size, labels)) return 1;
    num_beats = ecgseg_find_beats(labels, size, beats);
    return 0;
}

static int judge_p_waves(ecgseg_stream_t *stream, int place)
{
    int from = stream->decided - stream->window.begin{% if calibrated %} - REJUDGED{% endif %};
    if (from < 0) from = 0;
    while (from > 0 && labels[from] && labels[from - 1] == labels[from]) from--; /* the onset of a wave depends on the class before it */
    return ecgseg_judge_p_waves(&stream->window, window_size(stream), from, beats, num_beats, labels, place);
}
#endif

{% endif %}static int drop_flat(ecgseg_stream_t *stream, int place)
{
    const int size = window_size(stream);
    (void)place;
#if ECGSEG_WITH_QUALITY
    ecgseg_flag_flat(&stream->window, size, flat_limit, stream);
#endif
    ecgseg_drop_flagged(&stream->window, size, labels, ECGSEG_FLAG_GAP | ECGSEG_FLAG_FLAT);
    return 0;
}

{% if calibrated %}#if ECGSEG_WITH_QUALITY
static int find_doubtful(ecgseg_stream_t *stream, int place)
{
    (void)place;
    ecgseg_flag_doubtful(&stream->window, window_size(stream));
    return 0;
}
{% if qrs_class >= 0 %}
static int find_weak_beats(ecgseg_stream_t *stream, int place)
{
    const int size = window_size(stream);
    (void)place;
    num_beats = ecgseg_find_weak_beats(&stream->window, size, labels, beats, ecgseg_find_beats(labels, size, beats));
    return 0;
}
{% endif %}
static int drop_noise(ecgseg_stream_t *stream, int place)
{
    const int size = window_size(stream);
    (void)place;
    ecgseg_flag_noise(&stream->window, size, beats, {% if qrs_class >= 0 %}num_beats{% else %}0{% endif %});
    ecgseg_drop_flagged(&stream->window, size, labels, ECGSEG_FLAG_NOISE);
    ecgseg_drop_unlikely(&stream->window, size, labels);
{% if qrs_class >= 0 %}    ecgseg_add_likely_beats(&stream->window, size, labels, beats, num_beats);
{% endif %}    return 0;
}
#endif

{% if p_class >= 0 and qrs_class >= 0 %}#if ECGSEG_WITH_RHYTHM
/* In rounds: the next one sees RR intervals with fewer spurious beats. */
static int drop_spurious_beats(ecgseg_stream_t *stream, int place)
{
    const int size = window_size(stream), beat = place % ECGSEG_MAX_BEATS, round = place - beat;
    if (beat == 0) num_beats = ecgseg_find_beats(labels, size, beats);
    const int next = ecgseg_drop_spurious_beats(&stream->window, size, labels, beats, num_beats, beat);
    if (next) return round + next;
    return round + ECGSEG_MAX_BEATS < SPURIOUS_ROUNDS * ECGSEG_MAX_BEATS ? round + ECGSEG_MAX_BEATS : 0;
}
#endif

{% endif %}{% endif %}static int measure_beats(ecgseg_stream_t *stream, int place)
{
{% if qrs_class >= 0 %}    if (place == 0) num_beats = ecgseg_find_beats(labels, window_size(stream), beats);
{% endif %}    return ecgseg_measure_beats(&stream->window, beats, num_beats, place);
}

/* By how much one class is more probable than another. */
static float margin_of(const ecgseg_window_t *window, int sample, int one, int other)
{
    const uint16_t *probability = window->probability[sample];
    return (float)probability[one] / ECGSEG_CERTAIN - (float)probability[other] / ECGSEG_CERTAIN;
}

/* Position at which one class follows another: the crossing of their probabilities between two samples, or half-way if they do not cross. In the
 * precision of each of Python's operations, so that a boundary between two samples is rounded to the same one. */
static ECGSEG_NOINLINE double crossing(const ecgseg_window_t *window, int sample, int before, int after)
{
    const double margin = (double)margin_of(window, sample - 1, before, after);
    const double drop = margin - (double)margin_of(window, sample, before, after);
    return sample - 1 + (margin >= 0 && drop >= margin && drop > 0 ? margin / drop : 0.5);
}

/* Onset and offset of a run, where the probabilities cross. */
static ECGSEG_NOINLINE double crossing_before(const ecgseg_window_t *window, int first)
{
    return first ? crossing(window, first, labels[first - 1], labels[first]) + 0.5 : 0;
}

static ECGSEG_NOINLINE double crossing_after(const ecgseg_window_t *window, int size, int first, int end)
{
    const double onset = crossing_before(window, first), offset = end < size ? crossing(window, end, labels[first], labels[end]) - 0.5 : size - 1;
    return offset < onset ? onset : offset;
}

/* Shift of a boundary towards its place in the neighbouring beats. */
static ECGSEG_NOINLINE double shift_of(const ecgseg_window_t *window, int size, int first, int end, int of_end)
{
{% if calibrated and p_class >= 0 and qrs_class >= 0 %}#if ECGSEG_WITH_RHYTHM
    return ecgseg_shift(window, size, labels, beats, num_beats, first, end, of_end);
#endif
{% endif %}    (void)window, (void)size, (void)first, (void)end, (void)of_end;
    return 0;
}

/* Onset and offset of a wave. If they are moved, each stays in its half of the gap to the next wave, and on its side of the middle of its own. */
static double onset_of(const ecgseg_window_t *window, int size, int first, int end)
{
    const double onset = crossing_before(window, first), shift = shift_of(window, size, first, end, 0);
    double lowest = 0;
    int before = first;
    if (shift == 0) return onset;
    while (before > 0 && !labels[before - 1]) before--;
    if (before > 0) {
        int begin = before - 1;
        while (begin > 0 && labels[begin - 1] == labels[before - 1]) begin--;
        lowest = (crossing_after(window, size, begin, before) + onset + 1) / 2;
    }
    return fmin(fmax(onset + shift, lowest), (first + end - 1) / 2);
}

static double offset_of(const ecgseg_window_t *window, int size, int first, int end)
{
    const double offset = crossing_after(window, size, first, end), shift = shift_of(window, size, first, end, 1);
    double highest = size - 1;
    int next = end;
    if (shift == 0) return offset;
    while (next < size && !labels[next]) next++;
    if (next < size) highest = (offset + crossing_before(window, next) - 1) / 2;
    return fmin(fmax(offset + shift, (first + end - 1) / 2), highest);
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

/* Report a run of the window as a wave. */
static void report(ecgseg_stream_t *stream, int size, int first, int end, int upright)
{
    const ecgseg_window_t *window = &stream->window;
    const int kind = labels[first], peak = ecgseg_peak(window, first, end, kind == ECGSEG_QRS, upright);
    const double begin = window->begin, given = stream->intake.given - 1;
    double onset = onset_of(window, size, first, end), offset = offset_of(window, size, first, end);
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

/* Forget the samples of the window before a sample. */
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

/* Report the waves that end after the last decision and not after sample `until`. */
static int report_waves(ecgseg_stream_t *stream, int place)
{
    const int32_t begin = stream->window.begin, decided = stream->decided, reported = stream->reported;
    const int size = window_size(stream), upright = ecgseg_upright(num_beats);
    int count = 0;
    if (place == 0) {
        ECGSEG_WATCH(stream->window.flags + (decided - begin), decided, work.until)
    }
    for (int first = place, end; first < size; first = end) {
        end = ecgseg_run_end(labels, first, size);
        if (!labels[first] || begin + end <= decided || begin + end > work.until || begin + first < reported) continue;
        if (count++ == REPORTED) return first;
        report(stream, size, first, end, upright);
        stream->reported = begin + end;
    }
    stream->decided = work.until;
    forget(&stream->window, stream->decided - ECGSEG_HISTORY);
    return 0;
}

static int (*const stages[])(ecgseg_stream_t *, int) = {
    take, preprocess, run_network, add_frame, set_probabilities, find_labels,
{% if p_class >= 0 and qrs_class >= 0 %}#if ECGSEG_WITH_RHYTHM
    find_beats, judge_p_waves,
#endif
{% endif %}    drop_flat,
{% if calibrated %}#if ECGSEG_WITH_QUALITY
    find_doubtful,{% if qrs_class >= 0 %} find_weak_beats,{% endif %} drop_noise,
#endif
{% if p_class >= 0 and qrs_class >= 0 %}#if ECGSEG_WITH_RHYTHM
    drop_spurious_beats,
#endif
{% endif %}{% endif %}    measure_beats, report_waves,
};
enum { DECISION = 5, STAGES = (int)(sizeof stages / sizeof stages[0]) };

/* Steps of a frame, at most: the slices of the network and, in the order of the stages, the others. */
static int32_t steps_of_frame(void)
{
    const int waves = ECGSEG_HOP / {{ shortest }} + 2, judged = {% if calibrated %}(REJUDGED + ECGSEG_HOP + ECGSEG_LOOKAHEAD) / {{ judge.min_samples + 1 }}{% else %}(ECGSEG_HOP + ECGSEG_LOOKAHEAD) / {{ shortest }}{% endif %} + 2;
    return ecgseg_model_slices() + ECGSEG_STEPS(ECGSEG_FRAME_SIZE, ECGSEG_TAKEN) + ECGSEG_PREPROCESS_STEPS + ECGSEG_STEPS(ECGSEG_FRAME_SIZE, SAMPLES)
        + ECGSEG_STEPS(ECGSEG_HOP, SAMPLES) + 1 + ROUNDS + 1 + ECGSEG_STEPS(judged, ECGSEG_JUDGED) + 1 + 3 + SPURIOUS_ROUNDS * ECGSEG_STEPS(ECGSEG_MAX_BEATS, ECGSEG_CHECKED) + ECGSEG_STEPS(ECGSEG_MAX_BEATS, ECGSEG_MEASURED)
        + ECGSEG_STEPS(waves, REPORTED);
}

/* The end of a stream: no sample follows; none is held back; it was extended to a whole frame; its last frame was begun. */
enum { ENDING = 1, ENDED, EXTENDED, LAST_FRAME };

/* The end of the next frame. */
static int32_t next_end(const ecgseg_stream_t *stream)
{
    return ECGSEG_FRAME_SIZE + stream->frames * ECGSEG_HOP;
}

static void begin_work(ecgseg_stream_t *stream, int32_t end)
{
    work.stream = stream;
    work.stage = work.place = 0;
    work.end = end;
    work.begin = end - ECGSEG_FRAME_SIZE;
    work.known = work.final = work.begin + ECGSEG_HOP;
    work.until = stream->ended == EXTENDED ? 0 : work.final - ECGSEG_LOOKAHEAD; /* one decision for all remaining frames */
}

static int can_begin(const ecgseg_stream_t *stream)
{
    return stream->ended <= ENDED && ecgseg_intake_surplus(&stream->intake, next_end(stream)) >= 0;
}

int ecgseg_step(ecgseg_stream_t *stream)
{
    if (!work.stream) {
        if (!can_begin(stream)) return 0;
        begin_work(stream, next_end(stream));
    }
    stream->due -= ECGSEG_SPREAD;
    work.place = stages[work.stage](work.stream, work.place);
    if (work.place == 0) work.stage++;
    if (work.stage == STAGES || (work.stage == DECISION && work.until <= work.stream->decided)) work.stream = NULL;
    return work.stream || can_begin(stream);
}

/* Store samples that the intake has ready; returns 1 if `most` of them were not all. Never waits, unless ECGSEG_SPREAD leaves more work than is
 * done until the next frame. */
static ECGSEG_NOINLINE int store(ecgseg_stream_t *stream, int most)
{
    while (ecgseg_intake_next(&stream->intake)) {
        while (ecgseg_intake_surplus(&stream->intake, work.stream == stream ? work.end : next_end(stream)) > ECGSEG_AHEAD && ecgseg_step(stream)) {}
        if (!--most) return 1;
    }
    return 0;
}

void ecgseg_start(ecgseg_stream_t *stream, ecgseg_wave_fn on_wave, void *user)
{
    if (work.stream == stream) work.stream = NULL;
    memset(stream, 0, sizeof *stream);
    ecgseg_intake_start(&stream->intake);
    stream->last_peak = -1;
    stream->on_wave = on_wave;
    stream->user = user;
}

void ecgseg_push(ecgseg_stream_t *stream, const float *millivolts, size_t count)
{
    while (stream->ended && ecgseg_finish(stream)) {}
    for (; count && stream->intake.given < ECGSEG_MAX_SAMPLES; count--) {
        ecgseg_intake_push(&stream->intake, *millivolts++);
        store(stream, ECGSEG_RAW);
        if (!work.stream) stream->due = 0;
        stream->due += steps_of_frame();
        while (stream->due > 0 && ecgseg_step(stream)) {}
    }
}

/* Begin the next frame; the last one ends with the stream. */
static void begin_remaining(ecgseg_stream_t *stream, int32_t samples, int32_t padded)
{
    const int32_t end = next_end(stream);
    begin_work(stream, end < padded ? end : padded);
    if (end < padded) return;
    work.known = padded;
    work.final = work.until = samples;
    if (padded == stream->intake.made) work.stage = DECISION - 1; /* it is the latest one */
    stream->ended = LAST_FRAME;
}

int ecgseg_finish(ecgseg_stream_t *stream)
{
    if (!stream->ended) stream->ended = ENDING;
    if (store(stream, SAMPLES)) return 1;
    if (stream->ended == ENDING) {
        if (!ecgseg_intake_end(&stream->intake)) stream->ended = ENDED;
        return 1;
    }
    const int32_t samples = (int32_t)(((int64_t)stream->intake.given * ECGSEG_UP + ECGSEG_DOWN - 1) / ECGSEG_DOWN);
    const int32_t padded = samples > ECGSEG_FRAME_SIZE ? samples : ECGSEG_FRAME_SIZE;
    if (!samples || (stream->ended == LAST_FRAME && !work.stream)) {
        ecgseg_start(stream, stream->on_wave, stream->user);
        return 0;
    }
    if (stream->ended == ENDED && !work.stream && !can_begin(stream)) {
        ecgseg_intake_extend(&stream->intake, padded);
        stream->ended = EXTENDED;
        return 1;
    }
    if (stream->ended == EXTENDED && !work.stream) begin_remaining(stream, samples, padded);
    ecgseg_step(stream);
    return 1;
}
