"""How much faster two workers make an archive than one: `segment_archive`, in turns.

The archive is made up: `--recordings` of ten seconds and twelve leads. The time is that of the tasks, without
the start of the processes. Run it as `python benchmarks/archive_speed.py [--recordings 64] [--workers 2]
[--rounds 3]` on as many idle cores as workers; needs `pip install 'ecgseg[archive]'`.
"""

import argparse
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import wfdb
from benchmark_log import add_line

from ecgseg import archive
from ecgseg.cluster import open_cluster
from ecgseg.testing import made_up_ecg

RATE, SECONDS, LEADS = 500, 10, 12


def write_recordings(folder: Path, count: int):
    for number in range(count):
        random = np.random.default_rng(number)
        beats = 0.6 + np.cumsum(random.normal(0.8, 0.05, round(SECONDS / 0.8) - 2))
        signal = made_up_ecg(beats, SECONDS * RATE, RATE)[0]
        rows = np.outer(signal, np.linspace(0.4, 1.5, LEADS)) + random.normal(0, 0.01, (len(signal), LEADS))
        names = [f"lead{lead}" for lead in range(LEADS)]
        place = folder / f"{number // 100:02}"
        place.mkdir(parents=True, exist_ok=True)
        wfdb.wrsamp(
            f"{number:05}", RATE, ["mV"] * LEADS, names, rows, fmt=["16"] * LEADS, write_dir=str(place)
        )


def seconds(client, source: Path) -> float:
    "Time of an archive on workers that run already."

    @contextmanager
    def already_open(*options):
        yield client

    with tempfile.TemporaryDirectory() as out, patch.object(archive, "open_cluster", already_open):
        started = time.perf_counter()
        archive.segment_archive(source, out, progress=False)
        return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recordings", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_recordings(Path(folder), options.recordings)
        with open_cluster(1) as one, open_cluster(options.workers) as several:
            for client in (one, several):
                seconds(client, Path(folder))  # imports, first calls
            times = np.array(
                [[seconds(client, Path(folder)) for client in (one, several)] for _ in range(options.rounds)]
            )
    best = times.min(axis=0)
    print(f"1 worker: {options.recordings / best[0]:.1f} recordings/s of {LEADS} leads and {SECONDS} s")
    print(f"{options.workers} workers: {options.recordings / best[1]:.1f} recordings/s")
    print(f"ratio: {best[0] / best[1]:.2f}")
    figures = {"recordings/s, 1 worker": options.recordings / best[0]}
    figures[f"{options.workers} workers over 1"] = best[0] / best[1]
    add_line("archive_speed", figures, ("dask", "distributed", "pyarrow"))


if __name__ == "__main__":
    main()
