"""Processor time and instructions of short recordings: one lead, twelve leads, many, beside NeuroKit2.

All are measured in one process, in turns of five calls, on made-up recordings of ten seconds at 500 Hz; the
fastest call counts. The first call of a turn is slower, because the one before it used the processor's caches
for something else. Of NeuroKit2's methods of delineation the fastest counts: cleaning, R peaks and waves. Run
it as `python benchmarks/lead_speed.py [--rounds 30] [--instructions]`; for the comparison `pip install
neurokit2`, for instructions valgrind.
"""

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
import time
import warnings

import numpy as np
from benchmark_log import add_line

from ecgseg import segment, segment_many
from ecgseg.testing import made_up_ecg

RATE, SECONDS, MANY = 500, 10, 64
CALLS = 5  # in a turn
METHODS = ("peak", "prominence", "dwt", "cwt")  # of neurokit2.ecg_delineate


def made_up(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    beats = 0.7 + np.cumsum(random.normal(0.85, 0.05, 10))
    noise = random.normal(0, 0.01, SECONDS * RATE)
    return made_up_ecg(beats, SECONDS * RATE, RATE, 0.8)[0] + noise


ONE = made_up(0)
TWELVE = np.stack([made_up(0) * gain for gain in np.linspace(0.3, 1.5, 12)], axis=1)
LEADS = [made_up(seed) for seed in range(MANY)]
OURS = {  # what is measured → function, leads
    "segment, one lead": (lambda: segment(ONE, RATE), 1),
    "segment, twelve leads": (lambda: segment(TWELVE, RATE), 12),
    "segment_many": (lambda: segment_many(LEADS, RATE), MANY),
}


def neurokit(method: str):
    import neurokit2

    cleaned = neurokit2.ecg_clean(ONE, sampling_rate=RATE)
    peaks = neurokit2.ecg_peaks(cleaned, sampling_rate=RATE)[1]["ECG_R_Peaks"]
    return neurokit2.ecg_delineate(cleaned, peaks, sampling_rate=RATE, method=method)


def processor_ms(function) -> float:
    started = time.process_time()
    function()
    return 1000 * (time.process_time() - started)


def instructions(name: str, calls: int = 4) -> float | None:
    "Millions of instructions of a call, from two runs under callgrind; None if it fails."
    counts = []
    for times in (1, 1 + calls):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, __file__]
        done = subprocess.run([*command, "--calls", f"{times}", "--of", name], capture_output=True, text=True)
        found = re.search(r"Collected : (\d+)", done.stderr)
        if not found:
            return None
        counts.append(int(found[1]))
    return (counts[1] - counts[0]) / calls / 1e6


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--instructions", action="store_true", help="count instructions too (minutes)")
    parser.add_argument("--calls", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    measured = dict(OURS)
    if importlib.util.find_spec("neurokit2") is not None:
        warnings.simplefilter("ignore")
        measured |= {f"NeuroKit2, {name}": (lambda name=name: neurokit(name), 1) for name in METHODS}
    if options.calls:
        for _ in range(options.calls):
            measured[options.of][0]()
        return
    for function, _ in measured.values():
        function()  # imports, first calls
    times = {name: [] for name in measured}
    for _ in range(options.rounds):
        for name, (function, leads) in measured.items():
            times[name].append(processor_ms(function) / leads)
    best = {name: min(values) for name, values in times.items()}
    for name, value in best.items():
        print(f"{name:26}{value:8.2f} ms of processor time per lead")
    figures = {f"{name}, ms per lead": best[name] for name in OURS}
    others = {name: value for name, value in best.items() if name not in OURS}
    if others:
        fastest = min(others, key=others.get)
        ratio = others[fastest] / best["segment, one lead"]
        print(f"{fastest} (the fastest) over segment, one lead: {ratio:.2f}")
        figures[f"{fastest}, over segment, one lead"] = ratio
    else:
        print("no comparison: pip install neurokit2")
    if options.instructions and shutil.which("valgrind"):
        for name in ("segment, one lead", *([fastest] if others else [])):
            count = instructions(name)
            if count is not None:
                print(f"{name:26}{count:8.1f} million instructions per call")
                figures[f"{name}, million instructions"] = count
    add_line("lead_speed", figures, ("ai-edge-litert", "pandas", "neurokit2"))


if __name__ == "__main__":
    main()
