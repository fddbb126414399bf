"""How long the main job takes, from data to export and demo: with an empty cache, then with a full one.

Both runs are `papermill run_pipeline.ipynb out.ipynb -p epochs 100` in a temporary folder, one after the
other, with nothing else on the machine. The time of each section of the notebook is that of its cells. Run it
as `python benchmarks/main_job.py [--epochs 100] [--folder DIR]`, with LUDB and NSTDB in `$ECGSEG_DATA`.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmark_log import add_line

from ecgseg.files import read_json

NOTEBOOK = Path(__file__).resolve().parents[1] / "nbs" / "run_pipeline.ipynb"
TARGETS = {"cold": 10, "warm": 8}  # minutes


def section_seconds(notebook: Path) -> dict[str, float]:
    "Seconds of each section of an executed notebook, by its heading."
    section, seconds = "before the first section", {}
    for cell in read_json(notebook)["cells"]:
        if cell["cell_type"] == "markdown":
            headings = [line[3:] for line in "".join(cell["source"]).splitlines() if line.startswith("## ")]
            section = headings[-1] if headings else section
        else:
            used = cell["metadata"].get("papermill", {}).get("duration") or 0
            seconds[section] = seconds.get(section, 0) + used
    return seconds


def run(folder: Path, name: str, epochs: int) -> float:
    "Run the notebook with the cache of `folder`; print its times and return its minutes."
    out = folder / f"{name}.ipynb"
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(NOTEBOOK), str(out)]
    command += ["-p", "epochs", str(epochs), "-p", "job_dir", str(folder / name), "-p", "ludb", "require"]
    begin = time.perf_counter()
    with (folder / f"{name}.log").open("w") as log:
        done = subprocess.run(
            command, env=os.environ | {"ECGSEG_CACHE": str(folder / "cache")}, stdout=log, stderr=log
        )
    minutes = (time.perf_counter() - begin) / 60
    if done.returncode:
        sys.exit((folder / f"{name}.log").read_text()[-2000:])
    print(f"{name}: {minutes:.1f} min (target {TARGETS[name]} min for 100 epochs)")
    for section, seconds in section_seconds(out).items():
        print(f"  {section:40}{seconds:8.1f} s")
    metrics = read_json(folder / name / "metrics.json")
    print(f"  weighted F1 on LUDB's test patients: {metrics['ludb']['f1_weighted']:.4f}", flush=True)
    return minutes


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="for caches and results; a temporary one by default")
    options = parser.parse_args()
    figures = {}
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        for state in TARGETS:
            figures[f"{state}, min"] = run(Path(name), state, options.epochs)
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
            figures["memory, GB"] = memory
            if options.epochs == 100:  # after each run, because the second may be interrupted
                add_line("main_job", figures, ("tensorflow", "keras", "papermill"))
    print(f"largest process: {memory:.2f} GB")


if __name__ == "__main__":
    main()
