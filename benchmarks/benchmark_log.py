"""The log of all benchmarks: one line of JSON for a run, with the versions that it was made with.

A benchmark calls `add_line` at its end. The page "Benchmarks" of the site shows the last line of each."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# tests name another file, to leave the folder as it is
LOG = Path(os.environ.get("ECGSEG_BENCHMARK_LOG") or Path(__file__).with_name("benchmarks.jsonl"))


def versions(packages) -> dict[str, str]:
    "Versions of Python, of the package and of other packages, as far as they are installed."
    found = {"python": platform.python_version()}
    for package in ("ecgseg", "numpy", *packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def processor() -> str:
    "Name of the processor, as far as the system tells it."
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def add_line(
    benchmark: str,  # name of the command
    figures: dict[str, float],  # name with its unit → value; ratios hardly depend on the machine
    packages: tuple[str, ...] = (),  # distributions whose versions matter
):
    "Append a line to the log."
    line = {
        "benchmark": benchmark,
        "date": datetime.now(UTC).date().isoformat(),
        "figures": {name: float(f"{value:.4g}") for name, value in figures.items()},
        "versions": versions(packages),
        "processor": f"{processor()}, {os.cpu_count()} cores",
    }
    with LOG.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def last_lines() -> dict[str, dict]:
    "The last line of each benchmark, by name."
    lines = LOG.read_text(encoding="utf-8").splitlines() if LOG.is_file() else []
    return {line["benchmark"]: line for line in map(json.loads, lines)}
