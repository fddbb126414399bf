"""Feed `Segmenter` a day of stream in random pieces with bursts of NaN, and watch its memory.

    python benchmarks/segmenter_soak.py [HOURS]

Prints one JSON object: hours, pieces, lost share of the samples, waves, beats per minute of signal, resident
memory in MB after a tenth of the stream and at most after that, and how many times faster than real time it
ran. Fails if memory grew or a wave is out of place.
"""

import json
import os
import sys
import time
from itertools import pairwise

import numpy as np
from benchmark_log import add_line

from ecgseg import Segmenter
from ecgseg.testing import made_up_ecg

RATE = 250.0  # Hz
BASE_MINUTES = 10  # this much ECG is repeated, with another gain
BURSTS_PER_MINUTE, LONGEST_BURST = 1.0, 20.0  # s
GROWTH = 8.0  # MB; the allocator needs some time to settle


def resident() -> float:
    "Return the resident memory of this process in MB. Linux only."
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def base_ecg(rng) -> np.ndarray:  # (samples,) mV
    "Return ECG with an irregular rhythm and noise."
    beats = np.cumsum(rng.uniform(0.5, 1.2, round(BASE_MINUTES * 60 / 0.85)))
    signal, _ = made_up_ecg(beats, round(BASE_MINUTES * 60 * RATE), RATE)
    return signal + rng.normal(0, 0.02, len(signal))


def pieces(base, samples: int, rng):
    "Yield pieces of one sample to some seconds, some with a burst of NaN, and the number of lost samples."
    position, lost_until, lost = 0, 0, 0
    while position < samples:
        length = min(int(10 ** rng.uniform(0, 3.7)), samples - position)
        gain = 1 + 0.5 * np.sin(position / RATE / 600)
        piece = gain * np.take(base, np.arange(position, position + length), mode="wrap")
        if rng.random() < length / RATE / 60 * BURSTS_PER_MINUTE:
            begin = position + rng.integers(length)
            lost_until = begin + round(rng.uniform(0.004, LONGEST_BURST) * RATE)
            piece[begin - position :] = np.nan
        piece[: max(0, lost_until - position)] = np.nan
        lost += int(np.isnan(piece).sum())
        position += length
        yield piece, lost


def check(waves, until: float, last_onset: float) -> float:
    "Raise `AssertionError` for waves out of order or out of place; return the last onset."
    assert (waves["onset"] <= waves["peak"]).all() and (waves["peak"] <= waves["offset"]).all()
    assert (waves["offset"] <= until).all()
    onsets = [last_onset, *waves["onset"]]
    assert all(first <= second for first, second in pairwise(onsets)), onsets
    return onsets[-1]


def soak(hours: float) -> dict:
    rng, segmenter = np.random.default_rng(0), Segmenter(RATE)
    samples, waves, beats, last_onset, memory = round(hours * 3600 * RATE), 0, 0, 0.0, []
    begun = time.perf_counter()
    number = lost_samples = 0
    for piece, lost in pieces(base_ecg(rng), samples, rng):
        number, lost_samples = number + 1, lost
        found = segmenter.push(piece)
        last_onset = check(found, segmenter.samples / RATE, last_onset)
        waves, beats = waves + len(found), beats + (found["wave"] == "QRS").sum()
        if number % 100 == 0 and segmenter.samples > samples / 10:
            memory.append(resident())
    check(segmenter.flush(), samples / RATE, last_onset)
    memory.append(resident())
    return {
        "hours": hours,
        "pieces": number,
        "lost": lost_samples / samples,
        "waves": waves,
        "beats_per_minute": beats / (60 * hours * (1 - lost_samples / samples)),
        "memory_after_a_tenth": memory[0],
        "memory_at_most": max(memory),
        "times_real_time": hours * 3600 / (time.perf_counter() - begun),
    }


if __name__ == "__main__":
    result = soak(float(sys.argv[1]) if len(sys.argv) > 1 else 24.0)
    print(json.dumps({name: round(float(value), 3) for name, value in result.items()}, indent=1))
    add_line("segmenter_soak", {"times real time": result["times_real_time"]}, ("ai-edge-litert", "pandas"))
    growth = result["memory_at_most"] - result["memory_after_a_tenth"]
    sys.exit(f"memory grew by {growth:.1f} MB" if growth > GROWTH else 0)
