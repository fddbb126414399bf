/* {{ name }}: settings of the stream, written by ecgseg. Do not edit. SPDX-License-Identifier: BSD-3-Clause */
#ifndef ECGSEG_SETTINGS_H
#define ECGSEG_SETTINGS_H

#include "ecgseg_model.h"

/* The parts of the segmentation. -DECGSEG_WITH_...=0 omits a part and its results, which makes the code smaller. */
{% for part, switch, meaning in parts %}#ifndef ECGSEG_WITH_{{ part }}
#define ECGSEG_WITH_{{ part }} {{ switch }} /* {{ meaning }} */
#endif
{% endfor %}
#define ECGSEG_HOP {{ hop }}     /* samples at ECGSEG_SAMPLING_RATE from one frame to the next: a short hop is more accurate, a long one is faster */
#define ECGSEG_LOOKAHEAD {{ lookahead }} /* final samples required after a wave before it is reported */
#define ECGSEG_MAX_SAMPLES {{ max_samples }} /* per stream, {{ max_days }} days; later samples are ignored */

#ifdef ECGSEG_ANY_RATE
#include "ecgseg_any_rate.h" /* for builds whose rate is set when a stream starts */
#else
#define ECGSEG_FS {{ fs }}       /* Hz, sampling rate of the stream */

/* from ECGSEG_FS to ECGSEG_SAMPLING_RATE: by UP / DOWN */
#define ECGSEG_UP {{ up }}
#define ECGSEG_DOWN {{ down }}
#define ECGSEG_FILTER_HALF {{ half }} /* length of the low-pass on each side, in steps of 1 / UP of a sample */
#define ECGSEG_TAPS {{ taps }}   /* samples of the stream that a sample at the new rate depends on */
#define ECGSEG_RATIO {{ ratio }} /* samples of the stream for one at the new rate */

/* lengths in samples of the stream */
#define ECGSEG_BRIDGE {{ bridge }}     /* longest line across a gap */
#define ECGSEG_MIN_GAP {{ min_gap }}   /* shorter gaps are not flagged */
#define ECGSEG_CONTEXT {{ context }}   /* kept before the filter's input, for the length of clipped runs */
#define ECGSEG_MIN_CLIPPED {{ min_clipped }} /* at the highest or lowest value */
#define ECGSEG_SPIKE_WIDTH {{ spike_width }}    /* longest pacing spike; 0: none can be recognised at this rate */
#define ECGSEG_SPIKE_BLOCK {{ spike_block }}    /* in which the range of the signal is measured */
#define ECGSEG_SPIKE_HEIGHT {{ spike_height }}  /* least height of a spike, in ranges of the signal */
#define ECGSEG_PEAK_HALF {{ peak_half }}     /* on either side, over which a height is averaged */
#define ECGSEG_PEAK_REACH {{ peak_reach }}   /* of the search around a peak */
#endif

/* samples of the stream until a pacing spike is recognised */
#if ECGSEG_WITH_SPIKES
#define ECGSEG_SPIKE_DELAY (ECGSEG_SPIKE_WIDTH ? ECGSEG_SPIKE_BLOCK + 2 * ECGSEG_SPIKE_WIDTH - 1 : 0)
#ifndef ECGSEG_SPIKE_HELD
#define ECGSEG_SPIKE_HELD (ECGSEG_SPIKE_DELAY + 1)
#endif
#define ECGSEG_SPIKE_BLOCKS {{ spike_blocks }} /* over which the range is taken */
#else
#define ECGSEG_SPIKE_DELAY 0
#endif

/* Samples of the stream over which ecgseg_push spreads the work of a frame; by default, from one frame to the next. With fewer, waves are
 * reported earlier and the calls are longer; 1: all at once. */
#ifndef ECGSEG_SPREAD
#define ECGSEG_SPREAD ((int)(ECGSEG_HOP * (int64_t)ECGSEG_DOWN / ECGSEG_UP))
#endif

/* longest delay from the end of a wave to its report, s of signal; a gap adds up to {{ bridge_seconds }} s. Calls of ecgseg_step between samples
 * reduce it by up to ECGSEG_SPREAD samples. Measured at 500 Hz with the default hop and lookahead: median 4.9 s, maximum 5.6 s; with ecgseg_step
 * 4.1 and 4.7 s. */
#define ECGSEG_LATENCY ({{ latency }} + (float)(ECGSEG_SPIKE_DELAY + ECGSEG_SPREAD) / ECGSEG_FS)

/* lengths in samples at ECGSEG_SAMPLING_RATE */
#define ECGSEG_WAVE_MARGIN {{ wave_margin }} /* longest wave; the beginning of a longer one is lost */
#if ECGSEG_WITH_RHYTHM
#define ECGSEG_HISTORY {{ history_rhythm }} /* samples before the waves to be reported */
#elif ECGSEG_WITH_QUALITY
#define ECGSEG_HISTORY {{ history_quality }}
#else
#define ECGSEG_HISTORY ECGSEG_WAVE_MARGIN
#endif
#define ECGSEG_WINDOW (ECGSEG_HISTORY + ECGSEG_LOOKAHEAD + ECGSEG_FRAME_SIZE + ECGSEG_HOP + {{ lag }})
#if ECGSEG_WITH_SCALE
#define ECGSEG_SCALE_FRAMES {{ scale_frames }}   /* frames of the running scale */
#else
#define ECGSEG_SCALE_FRAMES 1
#endif
#define ECGSEG_RECENT_FRAMES {{ recent_frames }} /* of them, those that limit it */

/* samples of the stream that may arrive before a frame is done: the work takes until the next frame, and a gap can delay its start */
#define ECGSEG_AHEAD ((int)(ECGSEG_HOP * (int64_t)ECGSEG_DOWN / ECGSEG_UP) + 1 + ECGSEG_BRIDGE)

/* samples of the stream that are kept: from the waves to be reported on if peaks are located in them, else for the next frame */
#if ECGSEG_WITH_PEAKS
#define ECGSEG_RAW_SPAN (ECGSEG_FRAME_SIZE + ECGSEG_LOOKAHEAD + ECGSEG_WAVE_MARGIN)
#else
#define ECGSEG_RAW_SPAN ECGSEG_FRAME_SIZE
#endif
#define ECGSEG_RAW_KEPT ((int)(ECGSEG_RAW_SPAN * (int64_t)ECGSEG_DOWN / ECGSEG_UP) + ECGSEG_TAPS + ECGSEG_CONTEXT + ECGSEG_AHEAD)
#ifndef ECGSEG_RAW
#define ECGSEG_RAW (ECGSEG_RAW_KEPT + 64)
#endif

#ifdef __GNUC__
#define ECGSEG_NOINLINE __attribute__((noinline)) /* for functions whose copies would need much flash and save little time */
#else
#define ECGSEG_NOINLINE
#endif

/* classes; -1: the network has none */
#define ECGSEG_P ({{ p_class }})
#define ECGSEG_QRS ({{ qrs_class }})
#define ECGSEG_T ({{ t_class }})

#endif
