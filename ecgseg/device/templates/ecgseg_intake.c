/* {{ name }}: gaps and sampling rate of a stream, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#include "ecgseg_parts.h"

#include <math.h>
#include <string.h>

#define LARGEST {{ largest }} /* mV; a value beyond that is cut off */
#define MISSING (4 * LARGEST)

#ifndef ECGSEG_TAPS_OF
/* The low-pass, one row for each position of a new sample between two given ones; the coefficient of the oldest sample first. */
static const float taps[ECGSEG_UP][ECGSEG_TAPS] = {
{{ filter|join(",
") }}
};
#define ECGSEG_TAPS_OF(position) taps[position]
#endif

static int is_finite(float value) /* not isfinite(), which -ffast-math removes */
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7f800000u) != 0x7f800000u;
}

/* 64 bits: the product exceeds 32 after some days */
static int32_t floor_of(int64_t numerator, int32_t denominator)
{
    int64_t quotient = numerator / denominator;
    return (int32_t)(numerator % denominator < 0 ? quotient - 1 : quotient);
}

static int32_t needed(int32_t outputs)
{
    return floor_of((int64_t)(outputs - 1) * ECGSEG_DOWN + ECGSEG_FILTER_HALF, ECGSEG_UP) + 1;
}

static int32_t oldest(int32_t output)
{
    return needed(output + 1) - ECGSEG_TAPS;
}

static void store(ecgseg_intake_t *intake, float value, int gap)
{
    if (intake->count == ECGSEG_RAW) { /* forget the oldest samples, in whole bytes of flags */
        const int forgotten = (ECGSEG_RAW - ECGSEG_RAW_KEPT) / 8 * 8;
        intake->count -= forgotten;
        intake->first += forgotten;
        memmove(intake->samples, intake->samples + forgotten, (size_t)intake->count * sizeof(float));
        memmove(intake->gap, intake->gap + forgotten / 8, sizeof intake->gap - (size_t)forgotten / 8);
    }
    const uint8_t bit = (uint8_t)(1 << intake->count % 8);
    uint8_t *flags = intake->gap + intake->count / 8;
    *flags = (uint8_t)(gap ? *flags | bit : *flags & ~bit);
    intake->samples[intake->count++] = value;
}

/* Bridge the samples that are held back by a line to `value`. */
static void bridge(ecgseg_intake_t *intake, float value)
{
    intake->line = intake->missing;
    intake->step = 0;
    intake->slope = (value - intake->last) / (float)(intake->missing + 1);
    intake->line_flagged = intake->long_gap || intake->missing >= ECGSEG_MIN_GAP;
    intake->missing = 0;
}

/* The first value is also used before it. */
static void set_level(ecgseg_intake_t *intake, float value)
{
    for (int i = 0; i < intake->count; i++) intake->samples[i] = value;
    intake->level = intake->last = intake->lowest = intake->highest = value;
    intake->started = 1;
}

/* Take the next sample, MISSING where there is none or where it belongs to a spike. */
static void pass_on(ecgseg_intake_t *intake, float millivolts)
{
    intake->given++;
    if (millivolts < MISSING) {
        intake->next = millivolts;
        intake->has_next = 1;
        if (!intake->started) set_level(intake, intake->next);
        bridge(intake, intake->next);
        intake->long_gap = 0;
    } else if (++intake->missing > ECGSEG_BRIDGE) { /* the longest line; in a longer gap, the last value is held before it */
        intake->missing = 1;
        intake->long_gap = 1;
        bridge(intake, intake->last);
        intake->missing = ECGSEG_BRIDGE;
    }
}

#if ECGSEG_WITH_SPIKES
static void start_spikes(ecgseg_spikes_t *spikes)
{
    for (int i = 0; i <= ECGSEG_SPIKE_DELAY; i++) spikes->held[i] = MISSING;
    spikes->limit = MISSING;
    spikes->high = -LARGEST;
    spikes->low = LARGEST;
    spikes->measured = -ECGSEG_SPIKE_WIDTH; /* the first middle value is that of the first sample */
    spikes->waiting = spikes->ending = ECGSEG_SPIKE_DELAY;
}

/* The sample that arrived `back` samples before the latest one. */
static float held(const ecgseg_spikes_t *spikes, int back)
{
    const int place = spikes->place - 1 - back;
    return spikes->held[place < 0 ? place + ECGSEG_SPIKE_DELAY + 1 : place];
}

/* The middle one of three values, MISSING if one of them is. */
static float middle_of(float before, float own, float after)
{
    const float low = before < own ? before : own, high = before < own ? own : before;
    if (high >= MISSING || after >= MISSING) return MISSING;
    return after < low ? low : after > high ? high : after;
}

/* End a block. A spike in it exceeds a multiple of the range of the last blocks; there is none before the range is known. */
static void end_block(ecgseg_spikes_t *spikes)
{
    float high = -LARGEST, low = LARGEST;
    spikes->highest[spikes->block] = spikes->high;
    spikes->lowest[spikes->block] = spikes->low;
    if (++spikes->block == ECGSEG_SPIKE_BLOCKS) spikes->block = 0;
    if (spikes->blocks < ECGSEG_SPIKE_BLOCKS) spikes->blocks++;
    for (int i = 0; i < spikes->blocks; i++) {
        if (spikes->highest[i] > high) high = spikes->highest[i];
        if (spikes->lowest[i] < low) low = spikes->lowest[i];
    }
    spikes->limit = spikes->blocks > {{ first_blocks }} ? ECGSEG_SPIKE_HEIGHT * (high - low) : MISSING;
    spikes->measured = 0;
    spikes->high = -LARGEST;
    spikes->low = LARGEST;
}

/* Exchange a new sample for the one ECGSEG_SPIKE_DELAY before it, MISSING in a spike and close to it; returns 0 if there is none yet. */
static int exchange(ecgseg_spikes_t *spikes, float *millivolts)
{
    spikes->held[spikes->place] = *millivolts;
    if (++spikes->place > ECGSEG_SPIKE_DELAY) spikes->place = 0;
    float middle = middle_of(held(spikes, 2 * ECGSEG_SPIKE_WIDTH), held(spikes, ECGSEG_SPIKE_WIDTH), *millivolts);
    if (middle < MISSING) {
        if (middle > spikes->high) spikes->high = middle;
        if (middle < spikes->low) spikes->low = middle;
    }
    if (++spikes->measured == ECGSEG_SPIKE_BLOCK) end_block(spikes);
    const float oldest = held(spikes, ECGSEG_SPIKE_DELAY), own = held(spikes, ECGSEG_SPIKE_DELAY - ECGSEG_SPIKE_WIDTH);
    middle = middle_of(oldest, own, held(spikes, ECGSEG_SPIKE_DELAY - 2 * ECGSEG_SPIKE_WIDTH));
    if (middle < MISSING && fabsf(own - middle) > spikes->limit) spikes->marked = 2 * ECGSEG_SPIKE_WIDTH + 1;
    if (spikes->waiting) {
        spikes->waiting--;
        return 0;
    }
    *millivolts = spikes->marked ? MISSING : oldest;
    if (spikes->marked) spikes->marked--;
    return 1;
}
#endif

void ecgseg_intake_start(ecgseg_intake_t *intake)
{
    memset(intake, 0, sizeof *intake);
    intake->first = intake->begin = oldest(0);
    intake->count = -oldest(0);
#if ECGSEG_WITH_SPIKES
    start_spikes(&intake->spikes);
#endif
}

static void push(ecgseg_intake_t *intake, float millivolts)
{
#if ECGSEG_WITH_SPIKES
    if (ECGSEG_SPIKE_WIDTH && !exchange(&intake->spikes, &millivolts)) return;
#endif
    pass_on(intake, millivolts);
}

void ecgseg_intake_push(ecgseg_intake_t *intake, float millivolts)
{
    const float limited = millivolts > LARGEST ? LARGEST : millivolts < -LARGEST ? -LARGEST : millivolts;
    push(intake, is_finite(millivolts) ? limited : MISSING);
}

int ecgseg_intake_end(ecgseg_intake_t *intake)
{
#if ECGSEG_WITH_SPIKES
    if (intake->spikes.ending) {
        intake->spikes.ending--;
        push(intake, MISSING);
        return 1;
    }
#endif
    bridge(intake, intake->last);
    return 0;
}

void ecgseg_intake_extend(ecgseg_intake_t *intake, int32_t outputs)
{
    intake->missing = needed(outputs) - intake->first - intake->count;
    if (intake->missing < 0) intake->missing = 0;
    bridge(intake, intake->last);
    intake->line_flagged = 0;
}

int ecgseg_intake_next(ecgseg_intake_t *intake)
{
    if (intake->step < intake->line) {
        intake->step++;
        store(intake, intake->last + intake->slope * (float)intake->step, intake->line_flagged);
    } else if (intake->has_next) {
        store(intake, intake->next, 0);
        intake->last = intake->next;
        intake->has_next = 0;
    } else return 0;
    return 1;
}

int32_t ecgseg_intake_surplus(const ecgseg_intake_t *intake, int32_t end)
{
    return intake->first + intake->count - needed(end);
}

/* Flag the new samples from `made` on that are less than half a period from a flagged sample of the stream. */
static void flag(const ecgseg_intake_t *intake, int32_t end, int32_t first, int32_t stop, uint8_t bit, uint8_t *flags)
{
    const int32_t last = needed(end) - 1;
    int32_t sample = floor_of((int64_t)first * ECGSEG_UP, ECGSEG_DOWN) - 1;
    const int32_t beyond = floor_of((int64_t)stop * ECGSEG_UP, ECGSEG_DOWN) + 3;
    for (sample = sample < intake->made ? intake->made : sample; sample < end && sample < beyond; sample++) {
        int32_t low = floor_of((2 * (int64_t)sample - 1) * ECGSEG_DOWN, 2 * ECGSEG_UP);
        int32_t high = -floor_of(-(2 * (int64_t)sample + 1) * ECGSEG_DOWN, 2 * ECGSEG_UP);
        low = low < intake->begin ? intake->begin : low > last ? last : low;
        high = high > last + 1 ? last + 1 : high <= low ? low + 1 : high;
        if (low < stop && high > first) flags[sample - intake->made] |= bit;
    }
}

static void flag_gaps(const ecgseg_intake_t *intake, int32_t end, uint8_t *flags)
{
    const int32_t stop = needed(end);
    int32_t run = intake->begin;
    for (int32_t i = intake->begin; i < stop; i++) {
        const int place = i - intake->first;
        if (intake->gap[place / 8] >> place % 8 & 1) continue;
        if (i > run) flag(intake, end, run, i, ECGSEG_FLAG_GAP, flags);
        run = i + 1;
    }
    if (stop > run) flag(intake, end, run, stop, ECGSEG_FLAG_GAP, flags);
}

#if ECGSEG_WITH_QUALITY
/* Runs at the highest or the lowest value so far. */
static void flag_clipped(ecgseg_intake_t *intake, int32_t end, uint8_t *flags)
{
    const int32_t begin = intake->begin, count = needed(end) - begin;
    const float *sample = intake->samples + (begin - intake->first);
    float low = sample[0], high = low;
    for (int32_t i = 0; i < count; i++) {
        if (sample[i] < low) low = sample[i];
        if (sample[i] > high) high = sample[i];
    }
    if (low < intake->lowest) intake->lowest = low;
    if (high > intake->highest) intake->highest = high;
    if (low == high) return;
    const float limits[2] = {intake->lowest, intake->highest};
    for (int side = 0; side < 2; side++) {
        int32_t run = 0;
        for (int32_t i = 0; i <= count; i++) {
            if (i < count && sample[i] == limits[side]) continue;
            if (i - run >= ECGSEG_MIN_CLIPPED) flag(intake, end, begin + run, begin + i, ECGSEG_FLAG_CLIPPED, flags);
            run = i + 1;
        }
    }
}
#endif

int ecgseg_take(ecgseg_intake_t *intake, int32_t end, ecgseg_window_t *window, int done)
{
    const int count = end - intake->made, stop = count - done > ECGSEG_TAKEN ? done + ECGSEG_TAKEN : count;
    uint8_t *flags = window->flags + window->count;
    for (; done < stop; done++) {
        const int32_t output = intake->made + done;
        const float *sample = intake->samples + (oldest(output) - intake->first);
        const float *row = ECGSEG_TAPS_OF(((int64_t)output * ECGSEG_DOWN + ECGSEG_FILTER_HALF) % ECGSEG_UP);
        const float centre = sample[ECGSEG_TAPS / 2]; /* differences from it are small and have small rounding errors */
        float sum = 0;
        for (int i = 0; i < ECGSEG_TAPS; i++) sum += row[i] * (sample[i] - centre);
        window->signal[window->count + done] = centre - intake->level + sum;
    }
    if (done < count) return done;
    memset(flags, 0, (size_t)count);
    flag_gaps(intake, end, flags);
#if ECGSEG_WITH_QUALITY
    flag_clipped(intake, end, flags);
#endif
    window->count += count;
    intake->made = end;
    const int32_t begin = oldest(end) - ECGSEG_CONTEXT;
    if (begin > intake->begin) intake->begin = begin;
    return 0;
}
