/* {{ name }}: the C code as a WebAssembly module for a page, written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
 * The page writes samples to samples() and calls push(); the module calls wave() and stretch() of the page. */
#include "ecgseg_segment.h"

#include <math.h>
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("page"), import_name(#name)))

#define CHUNK 65536
#define MAX_TERMS 1000 /* of the ratio of two rates */
#define FLAGS 5 /* gap, clipped, flat, noise, uncertain: the bits of a sample's flags */
#define PI 3.141592653589793

IMPORT(wave) void page_wave(int kind, uint32_t onset, uint32_t peak, uint32_t offset, float confidence, int quality, float rr);
IMPORT(stretch) void page_stretch(int flag, double begin, double end); /* of a flag, in samples of the stream */
IMPORT(sin) double sin(double x);

ecgseg_rate_t ecgseg_rate;
static ecgseg_stream_t stream;
static int resumed; /* see resume() */
static float level, lowest, highest;
static float chunk[CHUNK], filter[2 * MAX_TERMS * {{ 2 * filter_reach + 1 }}];

/* In double, so that the results are those of a C library but for a rounding in a million. Of positive numbers: the exponent, and an area
 * hyperbolic tangent of the rest, from 1 / sqrt(2) to sqrt(2). */
float logf(float x)
{
    double value = (double)x;
    uint64_t bits;
    if (!(x > 0)) return -INFINITY;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffff) | (uint64_t)1023 << 52;
    memcpy(&value, &bits, sizeof value);
    if (value > 1.4142135623730951) value /= 2, exponent++;
    const double z = (value - 1) / (value + 1);
    double sum = 0;
    for (int i = 19; i > 0; i -= 2) sum = sum * z * z + 1.0 / i;
    return (float)(exponent * 0.6931471805599453 + 2 * z * sum);
}

/* Bessel function of the first kind, modified, of order 0 */
static double bessel(double x)
{
    double sum = 1, term = 1;
    for (int i = 1; term > 1e-17 * sum; i++) sum += term *= x * x / (4.0 * i * i);
    return sum;
}

/* The nearest fraction whose denominator is at most MAX_TERMS, by continued fractions, as Python's Fraction.limit_denominator. */
static void set_ratio(double value)
{
    int64_t numerator = (int64_t)(value * (1ll << 56)), denominator = 1ll << 56;
    int64_t p0 = 0, q0 = 1, p1 = 1, q1 = 0;
    while (denominator) {
        const int64_t whole = numerator / denominator, rest = numerator % denominator;
        if (q0 + whole * q1 > MAX_TERMS) {
            const int64_t k = (MAX_TERMS - q0) / q1, p = p0 + k * p1, q = q0 + k * q1;
            if (fabs((double)p1 / (double)q1 - value) > fabs((double)p / (double)q - value)) p1 = p, q1 = q;
            break;
        }
        const int64_t p = p0 + whole * p1, q = q0 + whole * q1;
        p0 = p1, q0 = q1, p1 = p, q1 = q;
        numerator = denominator, denominator = rest;
    }
    ecgseg_rate.up = (int32_t)p1;
    ecgseg_rate.down = (int32_t)q1;
}

/* The low-pass of `Polyphase`: a sinc with a Kaiser window, one row for each position between two samples. */
static void set_filter(void)
{
    ecgseg_rate_t *rate = &ecgseg_rate;
    const int32_t longer = rate->up > rate->down ? rate->up : rate->down;
    rate->half = longer > 1 ? {{ filter_reach }} * longer : 0;
    rate->taps = 2 * rate->half / rate->up + 1;
    rate->filter = filter;
    for (int32_t row = 0; row < rate->up; row++) {
        double sum = 0;
        float *own = filter + row * rate->taps;
        for (int pass = 0; pass < 2; pass++)
            for (int32_t tap = 0; tap < rate->taps; tap++) {
                const int32_t place = row + rate->up * (rate->taps - 1 - tap) - rate->half;
                const double angle = PI * place / longer, share = rate->half ? (double)place / rate->half : 0;
                const double value = place > rate->half ? 0 : (place ? sin(angle) / angle : 1) * bessel({{ kaiser_beta }} * sqrt(1 - share * share));
                if (pass) own[tap] = (float)(value / sum);
                else sum += value;
            }
    }
}

/* The limits of pacing spikes, as `spike_limits` */
static void set_spikes(double fs)
{
    const double width = fmax(1, rint({{ spike_seconds }} * fs)) / fs, rest = {{ narrowest }} - width;
    ecgseg_rate.spike_width = rest > 0 ? (int32_t)rint(width * fs) : 0;
    ecgseg_rate.spike_block = rest > 0 ? (int32_t)rint({{ block_seconds }} * fs) : 1;
    ecgseg_rate.spike_height = (float)fmax({{ least_height }}, width / rest);
}

static void on_wave(void *user, const ecgseg_wave_t *wave)
{
    (void)user;
    page_wave(wave->kind, wave->onset, wave->peak, wave->offset, wave->confidence, wave->quality, wave->rr);
}

/* Called by the stream with the flags of samples that were decided, in order. */
static int32_t seen, since[FLAGS];

static void end_stretches(uint8_t kept)
{
    for (int flag = 0; flag < FLAGS; flag++) {
        if (since[flag] < 0 || kept >> flag & 1) continue;
        page_stretch(flag, since[flag] * ecgseg_rate.ratio, seen * ecgseg_rate.ratio);
        since[flag] = -1;
    }
}

void ecgseg_watch(const uint8_t *flags, int32_t begin, int32_t end)
{
    for (seen = begin; seen < end; seen++, flags++) {
        end_stretches(*flags);
        for (int flag = 0; flag < FLAGS; flag++)
            if (*flags >> flag & 1 && since[flag] < 0) since[flag] = seen;
    }
}

/* A stream of `fs` Hz, {{ min_rate }} to {{ max_rate }}. */
EXPORT(start) void start(double fs)
{
    ecgseg_rate_t *rate = &ecgseg_rate;
    set_ratio((double)ECGSEG_SAMPLING_RATE / fs);
    set_filter();
    const double network_rate = fs * rate->up / rate->down;
    rate->fs = (float)fs;
    rate->ratio = fs / network_rate;
    rate->bridge = (int32_t)rint({{ bridge_seconds }} * fs);
    rate->min_gap = (int32_t)ceil({{ min_gap_seconds }} * fs);
    rate->context = (int32_t)rint({{ context_seconds }} * fs);
    rate->min_clipped = (int32_t)ceil(fmax(2, {{ clipped_seconds }} * fs));
    set_spikes(fs);
    rate->peak_half = (int32_t)rint({{ smoothing_seconds }} * fs);
    rate->peak_reach = (int32_t)ceil(1 / network_rate * fs);
    for (int flag = 0; flag < FLAGS; flag++) since[flag] = -1;
    resumed = 0;
    ecgseg_start(&stream, on_wave, NULL);
}

/* After start(): the stream begins within a recording, a multiple of period() samples from its begin. Once it has received more than it
 * remembers, its results are those of a stream of the whole recording, of which these are the first value and the extremes before. */
EXPORT(resume) void resume(float first, float low, float high)
{
    resumed = 1, level = first, lowest = low, highest = high;
}

/* Samples after which frames, the filter and the blocks in which spikes are sought repeat */
EXPORT(period) int period(void)
{
    const int hop = ECGSEG_HOP * ecgseg_rate.down;
    int repeated = hop;
    while (repeated % ecgseg_rate.spike_block) repeated += hop;
    return repeated;
}

/* Samples of the recording from one sample of the network to the next */
EXPORT(ratio) double ratio(void)
{
    return ecgseg_rate.ratio;
}

/* Where the page writes up to capacity() samples in mV, NaN where one is missing */
EXPORT(samples) float *samples(void)
{
    return chunk;
}

EXPORT(capacity) int capacity(void)
{
    return CHUNK;
}

EXPORT(push) void push(int count)
{
    int done = 0;
    while (resumed && done < count) {
        ecgseg_push(&stream, chunk + done++, 1);
        if (!stream.intake.started) continue;
        stream.intake.level = level;
        stream.intake.lowest = fminf(stream.intake.lowest, lowest);
        stream.intake.highest = fmaxf(stream.intake.highest, highest);
        resumed = 0;
    }
    ecgseg_push(&stream, chunk + done, (size_t)(count - done));
}

EXPORT(finish) void finish(void)
{
    while (ecgseg_finish(&stream)) {}
    end_stretches(0);
}
