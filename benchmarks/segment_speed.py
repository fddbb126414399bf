"""How fast `ecgseg.segment` is: a day, a cold start, and one hour beside NeuroKit2.

Each figure is taken in a process of its own. Wall time depends on what else the machine does, processor time
and the ratio to NeuroKit2 hardly. Run it as `python benchmarks/segment_speed.py [--hours 24] [--rounds 3]`;
for the ratio `pip install neurokit2`.
"""

import argparse
import importlib.util
import os
import resource
import subprocess
import sys
import time
import warnings

from benchmark_log import add_line

RATE = 250  # Hz
TARGETS = {"day": "7 s, 477 MiB", "cold": "2 s", "ratio": "25"}


def made_up(hours: float):
    """A made-up single-lead recording (samples,) float32 in mV: ten minutes of uneven beats, over and over,
    with noise of its own on each.
    """
    import numpy as np

    from ecgseg.testing import made_up_ecg

    random = np.random.default_rng(0)
    minutes = 10
    signal = made_up_ecg(
        0.7 + np.cumsum(random.normal(0.85, 0.05, int(minutes * 60 / 0.85) - 3)),
        minutes * 60 * RATE,
        RATE,
        0.8,
    )[0].astype(np.float32)
    samples = round(hours * 3600 * RATE)
    signal = np.resize(signal, samples)
    signal += np.float32(0.01) * random.standard_normal(samples, dtype=np.float32)
    return signal


def timed(function, *arguments):
    "Result, wall and processor time (s)."
    wall, processor = time.perf_counter(), time.process_time()
    result = function(*arguments)
    return result, time.perf_counter() - wall, time.process_time() - processor


def run_day(hours: float):
    "Print wall time, processor time, peak memory (MiB) and number of waves."
    from ecgseg import segment

    signal = made_up(hours)
    segment(signal[: 10 * RATE], RATE)  # imports; the cold start has a row of its own
    result, wall, processor = timed(segment, signal, RATE)
    print(wall, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(result.waves))


def run_ours():
    from ecgseg import segment

    signal = made_up(1)
    segment(signal[: 10 * RATE], RATE)
    print(*timed(segment, signal, RATE)[1:])


def run_neurokit():
    "NeuroKit2's cleaning, R peaks and wavelet delineation."
    warnings.simplefilter("ignore")
    import neurokit2

    signal = made_up(1).astype(float)

    def delineate(signal):
        cleaned = neurokit2.ecg_clean(signal, sampling_rate=RATE)
        peaks = neurokit2.ecg_peaks(cleaned, sampling_rate=RATE)[1]["ECG_R_Peaks"]
        return neurokit2.ecg_delineate(cleaned, peaks, sampling_rate=RATE, method="dwt")

    delineate(signal[: 10 * RATE])
    print(*timed(delineate, signal)[1:])


COLD = (
    "import numpy, time; from ecgseg import segment; segment(numpy.sin(numpy.arange(2500) / 10), "
    "250); import sys; assert 'tensorflow' not in sys.modules; print(time.process_time())"
)


def child(*command) -> tuple[float, list[float]]:
    "Wall time of a Python process, start and end included, and the numbers that it prints last."
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return time.perf_counter() - start, [float(number) for number in done.stdout.split()]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=24, help="length of the long recording")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return {"day": lambda: run_day(options.hours), "ours": run_ours, "neurokit": run_neurokit}[
            options.child
        ]()

    def own(name):
        return child(__file__, "--child", name, "--hours", str(options.hours))[1]

    print(f"{'':34}{'wall (s)':>10}{'processor (s)':>15}{'memory (MiB)':>14}   target")
    wall, processor, memory, waves = min(
        (own("day") for _ in range(options.rounds)), key=lambda numbers: numbers[1]
    )
    what = f"{options.hours:g} h at {RATE} Hz, {waves:,.0f} waves"
    print(f"{what:34}{wall:10.1f}{processor:15.1f}{memory:14.0f}   {TARGETS['day']}")
    name = f"{options.hours:g} h of one lead"
    figures = {f"{name}, s": wall, f"{name}, s of processor time": processor, f"{name}, MiB": memory}
    wall, (processor,) = min(child("-c", COLD) for _ in range(options.rounds + 1))
    print(f"{'cold Python, first 10 s of ECG':34}{wall:10.2f}{processor:15.2f}{'':14}   {TARGETS['cold']}")
    figures |= {"cold start, s": wall, "cold start, s of processor time": processor}
    if importlib.util.find_spec("neurokit2") is None:
        add_line("segment_speed", figures, ("ai-edge-litert", "pandas"))
        return print("no comparison: pip install neurokit2")
    ours, theirs = [], []
    for _ in range(options.rounds):  # in turns, so that both meet the same machine
        ours.append(own("ours"))
        theirs.append(own("neurokit"))
    rows = {"1 h, ecgseg": ours, "1 h, NeuroKit2, dwt": theirs}
    best = {name: [min(column) for column in zip(*numbers)] for name, numbers in rows.items()}
    for name, (wall, processor) in best.items():
        print(f"{name:34}{wall:10.2f}{processor:15.2f}")
    mine, other = best.values()
    print(
        f"{'NeuroKit2 over ecgseg':34}{other[0] / mine[0]:10.1f}{other[1] / mine[1]:15.1f}{'':14}   "
        f"{TARGETS['ratio']}"
    )
    figures["NeuroKit2 over ecgseg, processor time"] = other[1] / mine[1]
    add_line("segment_speed", figures, ("ai-edge-litert", "pandas", "neurokit2"))


if __name__ == "__main__":
    main()
