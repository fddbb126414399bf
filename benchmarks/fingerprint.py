"""What the package computes, as files that can be compared before and after a change that must not alter it:

    python benchmarks/fingerprint.py before        # needs LUDB: ECGSEG_DATA names the folder that holds ludb/
    ...
    python benchmarks/fingerprint.py after && diff -r before after

Waves of both bundled networks on every lead of LUDB and on a noisy stream in chunks; figures, network
and C code of a seeded training of two epochs. Comments are taken out of the C files. Compare on the same
machine, or on one with the same processor: floating point differs between processors.
It takes some five minutes on two cores."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import wfdb

from ecgseg import Segmenter, segment

MODELS = ("seg-4-res-sm", "seg-4-res-lg")
STREAM_RATE = 250  # Hz
VOLATILE = (
    "versions",
    "ms per frame",
    "ms a frame",
    "arena",
    "sha256",
    "bytes",
)  # of reports: what a machine or a comment decides


def ludb_records():
    "Every record of LUDB, by number."
    folder = Path(os.environ["ECGSEG_DATA"]) / "ludb" / "data"
    return {number: wfdb.rdrecord(str(folder / str(number))) for number in range(1, 201)}


def write_waves(out, records):
    "One table for each network."
    for model in MODELS:
        with open(out / f"{model}_waves.csv", "w", encoding="utf-8") as file:
            for number, record in records.items():
                result = segment(record, model=model)
                result.waves.to_csv(file, header=False, float_format="%.9g")
                result.quality.to_csv(file, header=False, float_format="%.9g")
                print(number, *result.summary()["median"].round(6), file=file)


def write_stream(out, records):
    """Leads of several patients one after the other, with noise that comes and goes, a gap and a flat
    stretch, in chunks of uneven length.
    """
    rng = np.random.default_rng(0)
    signal = np.concatenate([record.p_signal[::2, 1] for record in list(records.values())[:12]])
    signal = signal + rng.normal(0, 0.1, len(signal)) * (np.sin(np.arange(len(signal)) / 900) > 0)
    signal[5000:5100], signal[9000:9800] = np.nan, 0.3
    segmenter, tables, place = Segmenter(STREAM_RATE), [], 0
    while place < len(signal):
        length = int(rng.integers(1, 700))
        tables.append(segmenter.push(signal[place : place + length]))
        place += length
    tables.append(segmenter.flush())
    with open(out / "stream.csv", "w", encoding="utf-8") as file:
        for table in tables:
            table.to_csv(file, header=False, float_format="%.9g")


def without_comments(text):
    return re.sub(r"[ \t]*/\*.*?\*/|[ \t]*//[^\n]*", "", text, flags=re.DOTALL)


def steady(value):
    "A report without what a machine or a comment decides."
    if isinstance(value, dict):
        return {name: steady(inner) for name, inner in value.items() if name not in VOLATILE}
    return [steady(inner) for inner in value] if isinstance(value, list) else value


def write_run(out):
    "Two epochs of the reference network, through the command line."
    job = out / "job"
    config = json.loads(
        subprocess.run(
            ["ecgseg", "presets", "seg-4-tcn-sm"], capture_output=True, text=True, check=True
        ).stdout
    )
    config |= dict(job_dir=str(job), epochs=2, verbose=0, seed=1, ludb="require", dataset_weights=None)
    for dataset in config["datasets"]:
        if dataset["name"] == "ecg-synthetic":
            dataset["params"]["num_pts"] = 50
    (out / "config.json").write_text(json.dumps(config))
    for command in ("train", "evaluate", "export"):
        subprocess.run(["ecgseg", command, str(out / "config.json")], check=True)
    for name in ("history.csv", "boundaries.csv", "patients.csv"):
        shutil.copy(job / name, out / name)
    for name in ("metrics.json", "int8/metrics.json", "export/export_report.json"):
        (out / name.replace("/", "_")).write_text(
            json.dumps(steady(json.loads((job / name).read_text())), indent=1)
        )
    (out / "export").mkdir()
    for path in sorted((job / "export").iterdir()):
        if path.suffix in (".c", ".h", ".cc"):
            (out / "export" / path.name).write_text(without_comments(path.read_text(encoding="utf-8")))
        elif path.suffix in (".tflite", ".npz") or path.name in ("Makefile", "CMakeLists.txt"):
            shutil.copy(path, out / "export")
    shutil.rmtree(job)
    (out / "config.json").unlink()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)  # not over an earlier one
    everything = ludb_records()
    write_waves(folder, everything)
    write_stream(folder, everything)
    write_run(folder)
