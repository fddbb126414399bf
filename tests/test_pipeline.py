"The whole job through papermill, small: every stage runs for real and leaves what README promises."
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

ARTEFACTS = ["config.json", "history.csv", "history.png", "model.keras", "metrics.json", "confusion_matrix.png", "boundaries.csv", "patients.csv",
             "boundary_errors.png", "worst_recordings.png", "report.html", "int8/metrics.json", "int8/report.html", "export/model.tflite", "export/export_report.json", "model_card.md", "demo.png", "demo.html"]


def made_up_ludb(folder):
    "A stand-in for LUDB: synthetic ECG under the numbers of a few of its patients, in its own file layout."
    from ecgseg.parameters import SyntheticParams
    from ecgseg.records import split_patients, write_ludb
    from ecgseg.synthetic import synthesize_records
    split = split_patients()
    patients = np.concatenate([split["train"][:6], split["val"][:2], split["test"][:4]])
    records = synthesize_records(SyntheticParams(), len(patients), seed=7, processes=1, progress=False)
    _, index = np.unique(records.patient, return_inverse=True)
    write_ludb(dataclasses.replace(records, patient=patients[index].astype(np.int32), source=np.full(len(records), "ludb")), folder)


def run_pipeline(folder):
    "Run the pipeline from a folder that is not the repository; returns its job folder and the executed notebook."
    from ecgseg.parameters import Quantization
    from ecgseg.config import preset, save_config
    environment = dict(os.environ)
    del environment["MPLBACKEND"]  # as people run it: figures go into the notebook
    if not environment.get("ECGSEG_DATA"):
        made_up_ludb(folder / "data" / "ludb")
        # its own cache too, or what was made up would be taken for LUDB later
        environment |= {"ECGSEG_DATA": str(folder / "data"), "ECGSEG_CACHE": str(folder / "cache")}
    # two steps make no good network: how much of its little skill int8 keeps is chance, and no reason to refuse the export here
    save_config(preset("seg-4-tcn-sm", val_size=400, test_size=400, quantization=Quantization(max_f1_drop=1)), folder / "small.json")
    parameters = dict(config="small.json", epochs=1, steps_per_epoch=2, synthetic_patients=12, job_dir="job")
    command = [Path(sys.executable).with_name("papermill"), ROOT / "run_pipeline.ipynb", "out.ipynb", "--no-progress-bar"]
    for name, value in parameters.items(): command += ["-p", name, str(value)]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if result.returncode: pytest.fail(f"run_pipeline.ipynb\n{result.stdout}\n{result.stderr}", pytrace=False)
    return folder / "job", json.loads((folder / "out.ipynb").read_text(encoding="utf-8"))


def check_artefacts(job):
    empty = [name for name in ARTEFACTS if not (job / name).is_file() or not (job / name).stat().st_size]
    assert not empty, f"missing or empty: {empty}; there are {sorted(str(path.relative_to(job)) for path in job.rglob('*'))}"


def check_config(job):
    "The configuration is the one asked for, and history has one row an epoch."
    from ecgseg.config import load_config
    config = load_config(job / "config.json")
    assert (config.epochs, config.steps_per_epoch) == (1, 2)
    assert {dataset.name: dataset for dataset in config.datasets}["ecg-synthetic"].params.num_pts == 12
    header, *rows = (job / "history.csv").read_text(encoding="utf-8").splitlines()
    assert "loss" in header and len(rows) == 1
    return config


def check_metrics(job):
    metrics = json.loads((job / "metrics.json").read_text(encoding="utf-8"))
    for source in ("ludb", "synthetic", "heartkit"):
        assert np.isfinite(metrics[source]["loss"]), source
        assert 0 <= metrics[source]["f1_weighted"] <= 1, source


def check_export(job, config):
    "The C array holds the very bytes of the TFLite file, and the self-test was built and passed where there is a compiler."
    source = (job / "export" / config.tflm_file).with_suffix(".cc").read_text(encoding="utf-8")
    assert config.tflm_var_name in source and f'#include "{config.tflm_file}"' in source
    assert bytes(int(byte, 16) for byte in re.findall(r"\b0x([0-9a-f]{2}),", source)) == (job / "export" / "model.tflite").read_bytes()
    report = json.loads((job / "export" / "export_report.json").read_text(encoding="utf-8"))
    assert report["proof"]["tflm"].startswith("equal on all frames") and report["proof"]["arena"]["recommended"] > report["proof"]["arena"]["smallest"]
    if shutil.which("cc") and shutil.which("make"): assert "SELF-TEST PASSED" in report["c"]["selftest"]


def check_page(job):
    "Demo and report stand alone: their pictures are in them, and they fetch nothing."
    for name in ("demo.html", "report.html", "int8/report.html"):
        page = (job / name).read_text(encoding="utf-8")
        assert "data:image/png;base64," in page, name
        assert 'src="http' not in page and "<link" not in page, name


def check_notebook(notebook):
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 3


def test_pipeline(tmp_path):
    "One test, so that parallel workers do not each run the pipeline."
    job, notebook = run_pipeline(tmp_path)
    check_artefacts(job)
    config = check_config(job)
    check_metrics(job)
    check_export(job, config)
    check_page(job)
    check_notebook(notebook)


def test_papermill_explains_the_parameters():
    "`papermill --help-notebook` knows each parameter that people may want to set."
    command = [Path(sys.executable).with_name("papermill"), "--help-notebook", "run_pipeline.ipynb"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    for name in ("epochs", "steps_per_epoch", "batch_size", "preset", "config", "ludb", "synthetic", "synthetic_patients", "ludb_share", "data_folder", "job_dir", "stress", "folds", "resume", "teacher", "tensorboard", "seed"):
        assert f"{name}: " in text, f"{name} is not among the parameters\n{text}"
