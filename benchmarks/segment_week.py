"""Memory for a long recording: `ecgseg segment` on a made-up WFDB record of a week in three leads.

Run it as `python benchmarks/segment_week.py [--hours 168] [--leads 3] [--format csv]`. The record is made
in a temporary folder of `--folder`; a week needs 2 GB there and 6 GB in the cache folder (`ECGSEG_CACHE`).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from benchmark_log import add_line

RATE = 250  # Hz
STEPS = 1000  # per mV
TARGET = 1.5  # GB
MINUTES = 10  # of ECG that is repeated, with noise of its own on each


def made_up_minutes(leads: int) -> np.ndarray:  # (samples, leads) in steps
    "Some minutes of made-up ECG, in which every lead has another amplitude."
    from ecgseg.testing import made_up_ecg

    intervals = np.random.default_rng(0).normal(0.85, 0.05, int(MINUTES * 60 / 0.85) - 3)
    signal = made_up_ecg(0.7 + np.cumsum(intervals), MINUTES * 60 * RATE, RATE, 0.8)[0]
    return STEPS * signal[:, None] * np.linspace(1, 0.5, leads)


def write_record(path: Path, hours: float, leads: int):
    "Write a WFDB record of format 16, ten minutes at a time."
    period, samples = made_up_minutes(leads), round(hours * 3600 * RATE)
    random = np.random.default_rng(1)
    with open(path.with_suffix(".dat"), "wb") as file:
        for first in range(0, samples, len(period)):
            values = period[: samples - first] + random.normal(
                0, 0.01 * STEPS, period[: samples - first].shape
            )
            file.write(np.rint(values).astype("<i2").tobytes())
    lines = [f"{path.name} {leads} {RATE} {samples} 09:30:00 01/05/2026"]
    lines += [f"{path.name}.dat 16 {STEPS}/mV 16 0 0 0 0 lead{number + 1}" for number in range(leads)]
    path.with_suffix(".hea").write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=7 * 24, help="length of the record")
    parser.add_argument("--leads", type=int, default=3)
    parser.add_argument("--format", default="csv", help="formats to write, as for `ecgseg segment`")
    parser.add_argument(
        "--folder", type=Path, help="for the record and the results; temporary files by default"
    )
    options = parser.parse_args()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        record = Path(folder) / "week"
        write_record(record, options.hours, options.leads)
        command = [sys.executable, "-m", "ecgseg.cli.main", "segment", str(record)]
        command += ["--out", folder, "--format", options.format]
        begin = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=os.environ)
        seconds = time.perf_counter() - begin
        if done.returncode:
            raise SystemExit(done.returncode)
        print(done.stdout)
        for path in sorted(Path(folder).glob("week_waves*")):
            print(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    what, processor = f"{options.hours:g} h of {options.leads} leads", usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss * 1024 / 1e9
    print(
        f"{what} at {RATE} Hz: {seconds:.0f} s, processor {processor:.0f} s, peak memory {memory:.2f} GB "
        f"(target for a week: below {TARGET} GB)"
    )
    figures = {f"{what}, GB": memory, f"{what}, s of processor time": processor}
    add_line("segment_week", figures, ("ai-edge-litert", "pandas", "pyarrow"))


if __name__ == "__main__":
    main()
