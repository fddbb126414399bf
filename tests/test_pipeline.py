"""The whole pipeline, small: run_pipeline.ipynb through papermill.

It runs once from a shell, as a user starts it, then with each choice of data: `RUNS` and `WITHOUT_DATA`.
These runs share one kernel, one cache and one set of made-up databases. None can reach PhysioNet.
"""

import asyncio
import dataclasses
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import papermill
import pytest
from bs4 import BeautifulSoup
from conftest import OUT_OF_REACH, ROOT, path_without
from jupyter_client import AsyncKernelManager
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

ARTEFACTS = [
    "config.json",
    "history.csv",
    "history.png",
    "model.keras",
    "metrics.json",
    "confusion_matrix.png",
    "boundaries.csv",
    "patients.csv",
    "boundary_errors.png",
    "worst_recordings.png",
    "report.html",
    "int8/metrics.json",
    "int8/report.html",
    "export/model.tflite",
    "export/export_report.json",
    "export/export_report.md",
    "model_card.md",
    "demo.png",
    "demo.html",
]


def made_up_ludb(folder):
    """Write a stand-in for LUDB: synthetic ECG in its file layout, numbered as a few of its patients.

    Each fold has a patient for each purpose.
    """
    from ecgseg.config.parts import SyntheticParams
    from ecgseg.data.folds import split_patients
    from ecgseg.data.ludb import write_ludb
    from ecgseg.data.synthetic import synthesize_records

    splits = [split_patients("ecgseg", fold) for fold in range(5)]
    patients = np.unique([split[part][0] for split in splits for part in ("val", "test")])
    records = synthesize_records(SyntheticParams(), len(patients), seed=7, processes=1, progress=False)
    _, index = np.unique(records.patient, return_inverse=True)
    write_ludb(
        dataclasses.replace(
            records, patient=patients[index].astype(np.int32), source=np.full(len(records), "ludb")
        ),
        folder,
    )


def part_of_ludb(root, folder):
    "Link some patients of LUDB: enough to test on for confidence intervals, which need five."
    from ecgseg.data.folds import split_patients

    (folder / "data").mkdir(parents=True)
    split = split_patients()
    patients = sorted(int(number) for part in split for number in split[part][:5])
    for file in [
        root / "ludb.csv",
        *(file for number in patients for file in root.glob(f"data/{number}.*")),
    ]:
        if file.is_file():  # without ludb.csv, the package knows the rhythms
            (folder / file.relative_to(root)).symlink_to(file)
    (folder / "RECORDS").write_text("".join(f"data/{number}\n" for number in patients))


def made_up_nstdb(folder):
    "Write a stand-in for NSTDB: a minute of white noise in its file layout."
    import wfdb

    folder.mkdir(parents=True)
    noise = np.random.default_rng(0).normal(0, 0.3, (60 * 360, 2))
    for kind in ("bw", "em", "ma"):
        wfdb.wrsamp(
            kind,
            fs=360,
            units=["mV"] * 2,
            sig_name=["noise1", "noise2"],
            p_signal=noise,
            fmt=["212"] * 2,
            write_dir=str(folder),
        )


def small_config(folder, **fields):
    """Write a configuration with few frames.

    After two steps the network is poor, and the F1 change of its int8 version is random. `max_f1_drop` is
    therefore 1. It fails its checks, so its export needs `allow_failing`.
    """
    from ecgseg.config.parts import Quantization
    from ecgseg.config.run import preset, save_config

    name = fields.pop("preset", "seg-4-tcn-sm")
    config = preset(
        name,
        **{
            "val_size": 50,
            "test_size": 50,
            "batch_size": 16,
            "verbose": 0,
            "quantization": Quantization(max_f1_drop=1, calibration_frames=20),
        }
        | fields,
    )
    path = folder / f"{config.name}.json"
    save_config(config, path)
    return path


def check_artefacts(job, names):
    empty = [name for name in names if not (job / name).is_file() or not (job / name).stat().st_size]
    assert not empty, (
        f"missing or empty: {empty}; there are "
        f"{sorted(str(path.relative_to(job)) for path in job.rglob('*'))}"
    )


# one run from a shell


def run_in_a_shell(folder):
    """Run the pipeline outside the repository; return its job folder and the executed notebook.

    The databases are parts of the real ones where they are there, and made up otherwise. There is no cross
    compiler, with which the C code would be measured on all cores.
    """
    from ecgseg.data.ludb import find_ludb
    from ecgseg.data.noise import find_nstdb

    data = folder / "data"
    if ludb := find_ludb():
        part_of_ludb(ludb, data / "ludb")
    else:
        made_up_ludb(data / "ludb")
    if nstdb := find_nstdb():
        (data / "nstdb").symlink_to(nstdb.resolve())
    # a separate cache, or later tests would take these recordings for LUDB
    environment = os.environ | {
        "PATH": path_without("arm-none-eabi-gcc", folder / "tools"),
        "ECGSEG_DATA": str(data),
        "ECGSEG_CACHE": str(folder / "cache"),
    }
    del environment["MPLBACKEND"]  # as for a user: figures go into the notebook
    small_config(folder, val_size=400, test_size=400, batch_size=256)
    parameters = dict(
        config="seg-4-tcn-sm.json",
        epochs=1,
        steps_per_epoch=2,
        synthetic_patients=12,
        job_dir="job",
        allow_failing=True,
    )
    command = [
        Path(sys.executable).with_name("papermill"),
        ROOT / "run_pipeline.ipynb",
        "out.ipynb",
        "--no-progress-bar",
    ]
    for name, value in parameters.items():
        command += ["-p", name, str(value)]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if result.returncode:
        pytest.fail(f"run_pipeline.ipynb\n{result.stdout}\n{result.stderr}", pytrace=False)
    return folder / "job", json.loads((folder / "out.ipynb").read_text(encoding="utf-8"))


def check_config(job):
    "The configuration is the requested one, and the history has one row per epoch."
    from ecgseg.config.run import load_config

    config = load_config(job / "config.json")
    assert (config.epochs, config.steps_per_epoch) == (1, 2)
    assert {dataset.name: dataset for dataset in config.datasets}["ecg-synthetic"].params.num_pts == 12
    header, *rows = (job / "history.csv").read_text(encoding="utf-8").splitlines()
    assert "loss" in header and len(rows) == 1
    return config


def check_metrics(job):
    metrics = json.loads((job / "metrics.json").read_text(encoding="utf-8"))
    for source in ("ludb", "ecg-synthetic", "heartkit"):
        assert np.isfinite(metrics[source]["loss"]), source
        assert 0 <= metrics[source]["f1_weighted"] <= 1, source


def check_export(job, config):
    """The C array holds the bytes of the TFLite file.

    With a compiler, the self-test was built and passed.
    """
    source = (job / "export" / config.tflm_file).with_suffix(".cc").read_text(encoding="utf-8")
    assert config.tflm_var_name in source and f'#include "{config.tflm_file}"' in source
    assert (
        bytes(int(byte, 16) for byte in re.findall(r"\b0x([0-9a-f]{2}),", source))
        == (job / "export" / "model.tflite").read_bytes()
    )
    report = json.loads((job / "export" / "export_report.json").read_text(encoding="utf-8"))
    assert report["proof"]["arena"]["recommended"] > report["proof"]["arena"]["smallest"]
    if shutil.which("cc") and shutil.which("make"):
        assert (
            report["proof"]["c"] == "equal to TFLM on all frames"
            and "SELF-TEST PASSED" in report["c"]["selftest"]
        )


def check_verdict(job, summary, status):
    """The verdict is the same on every artefact, and none but a failing network is called so.

    `summary` is the last cell's output, with its colours.
    """
    word = {"pass": "PASSED", "warn": "WARNING", "fail": "FAILED"}[status]
    metrics = json.loads((job / "int8" / "metrics.json").read_text(encoding="utf-8"))
    report = json.loads((job / "export" / "export_report.json").read_text(encoding="utf-8"))
    assert metrics["verdict"] == report["verdict"] == status
    assert {check["key"]: check for check in metrics["checks"]} == {
        check["key"]: check for check in report["checks"]
    }
    for name in ("report.html", "int8/report.html"):
        page = BeautifulSoup((job / name).read_text(encoding="utf-8"), "html.parser")
        first = page.select_one("section p")
        assert page.h2.text == "Verdict" and first.text.startswith(f"{word}: "), name
        assert (first.get("class") == ["failure"]) == (status == "fail"), name
        titles = [row.select("td")[1].text for row in page.table.select("tr") if row.td]
        assert sorted(titles) == sorted(check["title"] for check in metrics["checks"]), name
    card = (job / "model_card.md").read_text(encoding="utf-8").splitlines()[2]
    assert f"{word}: " in card and ("#c00" in card) == (status == "fail")
    assert f"# Export of {metrics['name']}: {word}" in (job / "export" / "export_report.md").read_text()
    last = summary.splitlines()[-1]
    assert f"{word}: " in last and last.startswith("\x1b[31m") == (status == "fail")
    for header in (job / "export").glob("*.h"):
        assert header.read_text().startswith("/* FAILED: ") == (status == "fail"), header
    if shutil.which("cc") and shutil.which("make"):
        said = report["c"]["selftest"].splitlines()[-1]
        assert ("but: this network FAILED: " in said) == (status == "fail")
    return metrics["checks"]


def check_page(job):
    "Demo and report are self-contained: they embed their pictures and fetch nothing."
    for name in ("demo.html", "report.html", "int8/report.html"):
        page = (job / name).read_text(encoding="utf-8")
        assert "data:image/png;base64," in page, name
        assert 'src="http' not in page and "<link" not in page, name


def check_notebook(notebook):
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 3


def test_pipeline(tmp_path):
    "A single test, because parallel workers would otherwise each run the pipeline."
    job, notebook = run_in_a_shell(tmp_path)
    check_artefacts(job, ARTEFACTS)
    config = check_config(job)
    check_metrics(job)
    check_export(job, config)
    check_page(job)
    check_notebook(notebook)
    summary = subprocess.run(
        [sys.executable, ROOT / ".ci" / "summary.py", tmp_path / "out.ipynb"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert summary.startswith("seg-4-tcn-sm: weighted F1 ") and "LUDB is MISSING" not in summary
    assert "\x1b" not in summary  # for a file there are no colours
    check_verdict(job, summary_of(papermill.iorw.load_notebook_node(str(tmp_path / "out.ipynb"))), "fail")


# all combinations of data


# executed in the kernel of the combinations: fewer frames for averages and proof than in the run from a
# shell, no measurement of the C code on other cores, and pictures whose parts are not arranged; what was
# imported is not looked through for garbage
FEWER_FRAMES = """
import gc
import matplotlib.layout_engine
import ecgseg.device.c_pipeline
import ecgseg.device.proof, ecgseg.training.callbacks, ecgseg.training.train
ecgseg.device.c_pipeline.cross_tools = lambda: False
assert matplotlib.layout_engine.ConstrainedLayoutEngine.execute
matplotlib.layout_engine.ConstrainedLayoutEngine.execute = lambda self, figure: None
for module, name, number in (
    (ecgseg.device.proof, "PROOF_FRAMES", 24),
    (ecgseg.training.callbacks, "NORM_SAMPLES", 2**14),
    (ecgseg.training.train, "CLASS_WEIGHT_FRAMES", 200),
):
    assert number < getattr(module, name)
    setattr(module, name, number)
gc.freeze()
"""


class OneKernel(NBClientEngine):
    """An engine of papermill that runs all notebooks in one kernel, to start TensorFlow only once."""

    manager = None

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options):
        PapermillNotebookClient(
            nb_man, km=cls.manager, startup_timeout=60, resources={"metadata": {"path": options["folder"]}}
        ).execute()


async def execute_in(manager, code):
    "Execute code in a kernel, which must not fail."
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    reply = await client.execute(code, reply=True, timeout=120)
    client.stop_channels()
    assert reply["content"]["status"] == "ok", reply["content"]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Yield a folder with all choices of databases, and start a kernel for all runs."""
    folder = tmp_path_factory.mktemp("pipeline")
    made_up_ludb(folder / "made" / "ludb")
    made_up_nstdb(folder / "made" / "nstdb")
    for ludb, nstdb in itertools.product((True, False), repeat=2):
        data = folder / data_folder(ludb, nstdb)
        data.mkdir()
        for name, there in (("ludb", ludb), ("nstdb", nstdb)):
            if there:
                (data / name).symlink_to(folder / "made" / name)
    own = {"ECGSEG_DATA": "", "ECGSEG_CACHE": str(folder / "cache"), "CFLAGS": "-O0"}
    environment = os.environ | OUT_OF_REACH | own
    loop = asyncio.new_event_loop()
    OneKernel.manager = AsyncKernelManager(kernel_name="python3")
    loop.run_until_complete(OneKernel.manager.start_kernel(env=environment, cwd=str(folder)))
    loop.run_until_complete(execute_in(OneKernel.manager, FEWER_FRAMES))
    papermill_engines.register("one-kernel", OneKernel)
    yield folder
    loop.run_until_complete(OneKernel.manager.shutdown_kernel(now=True))
    loop.close()


def data_folder(ludb, nstdb):
    return f"ludb-{ludb}-nstdb-{nstdb}"


def execute(work, job_dir, config, **parameters):
    """Execute the notebook; return the job folder and the output of the cell `summary`.

    Raises `papermill.PapermillExecutionError`.
    """
    parameters = {
        "config": str(config),
        "job_dir": str(work / job_dir),
        "epochs": 1,
        "steps_per_epoch": 1,
        "synthetic_patients": 6,
        "stress": False,
        "allow_failing": True,
    } | parameters
    notebook = papermill.execute_notebook(
        ROOT / "run_pipeline.ipynb",
        work / f"{job_dir}.ipynb",
        parameters,
        engine_name="one-kernel",
        kernel_name="python3",
        progress_bar=False,
        folder=str(work),
    )
    return work / job_dir, summary_of(notebook)


def summary_of(notebook):
    return "".join(
        output["text"]
        for cell in notebook.cells
        if "summary" in cell.metadata.get("tags", ())
        for output in cell.outputs
        if output.get("name") == "stdout"
    )


TINY = dict(
    architecture={"params": {"blocks": [{"filters": 4, "dilation": 4, "dropout": 0}]}},
    augmentations=[{"name": "nstdb"}],
)
HEARTKIT = dict(  # a configuration in HeartKit's format
    name="heartkit",
    project="hk",
    job_dir="unused",
    val_size=50,
    test_size=50,
    batch_size=16,
    verbose=0,
    quantization=dict(qat=False, mode="INT8", max_f1_drop=1, calibration_frames=20),
    datasets=[dict(name="ludb", params={}), dict(name="ecg-synthetic", params=dict(num_pts=6))],
    num_classes=4,
    class_map={"0": 0, "1": 1, "2": 2, "3": 3, "4": 0, "5": 0},
    preprocesses=[dict(name="znorm", params=dict(eps=0.01, name="znorm"))],
    augmentations=[dict(name="random_sine_wave", params=dict(frequency=[45, 50], amplitude=[0, 0.05]))],
    architecture=dict(
        name="tcn",
        params=dict(
            input_kernel=[1, 7],
            blocks=[dict(filters=4, kernel=[1, 5], dilation=[1, 2], dropout=0)],
            output_kernel=[1, 7],
        ),
    ),
)


def config_of(network, folder):
    "Write the configuration of a preset, of HeartKit, or of a tiny network."
    if network == "heartkit":
        path = folder / "heartkit.json"
        path.write_text(json.dumps(HEARTKIT))
        return path
    if network == "tiny":
        return small_config(folder, name="tiny", **TINY)
    return small_config(folder, preset=network, augmentations=TINY["augmentations"])


# LUDB, its mode and synthetic patients decide together which data a run has: every combination of the three.
# NSTDB and the network depend on none of them: each value of NSTDB once with each value of the others, and
# each preset once. `ASKED` is the run of `test_stress_folds_and_resume`; `test_pipeline` has seg-4-tcn-sm.
ASKED = (True, "auto", True, True, "tiny")
RUNS = [
    # LUDB is there, its mode, synthetic patients, NSTDB is there, network
    (True, "auto", False, False, "seg-4-res-sm"),
    (True, "require", True, False, "heartkit"),
    (True, "require", False, True, "seg-4-res-lg"),
    (True, "off", True, False, "seg-4-tcn-lg"),
    (False, "auto", True, False, "seg-2-tcn-sm"),
    (False, "off", True, True, "tiny"),
]
WITHOUT_DATA = [
    (True, "off", False),
    (False, "auto", False),
    (False, "require", True),
    (False, "require", False),
    (False, "off", False),
]


def test_combinations_are_complete():
    from ecgseg.config.run import PRESETS

    runs = [ASKED, *RUNS]
    data = [run[:3] for run in runs] + WITHOUT_DATA
    every = set(itertools.product((True, False), ("auto", "require", "off"), (True, False)))
    assert len(data) == len(every) and set(data) == every
    for factor in range(3):
        values = {run[factor] for run in runs}
        assert {(run[factor], run[3]) for run in runs} == set(itertools.product(values, (True, False)))
    assert {run[4] for run in runs} | {"seg-4-tcn-sm"} == {*PRESETS, "heartkit", "tiny"}


def name_of(run):
    return "-".join(map(str, run))


def execute_with(work, ludb, mode, synthetic, nstdb, network, **parameters):
    "Execute the notebook with these data. What needs a database that is not there is asked for too."
    parameters = dict(stress=not nstdb, folds=not ludb) | parameters
    return execute(
        work,
        name_of([ludb, mode, synthetic, nstdb, network]),
        config_of(network, work),
        data_folder=str(work / data_folder(ludb, nstdb)),
        ludb=mode,
        synthetic=synthetic,
        **parameters,
    )


def check_data(job, summary, ludb, mode, synthetic, nstdb, network):
    "All artefacts are there, and they name the data of the run, and what is missing."
    real = ludb and mode != "off"
    check_artefacts(job, ARTEFACTS)
    metrics = json.loads((job / "metrics.json").read_text(encoding="utf-8"))
    assert [source in metrics for source in ("ludb", "ecg-synthetic")] == [real, synthetic]
    card = (job / "model_card.md").read_text(encoding="utf-8")
    for text in (summary, (job / "report.html").read_text(encoding="utf-8"), card):
        assert ("LUDB is MISSING" in text) == (not real)
    assert ("Noise Stress Test Database" in card) == nstdb
    assert ("WARNING Recorded noise (NSTDB): 0 kinds" in summary) == (not nstdb)
    assert summary.startswith(f"{network}: weighted F1 ")


@pytest.mark.parametrize("run", RUNS, ids=name_of)
def test_combination(work, run):
    "With data, the run succeeds and writes all artefacts, or names those left out."
    ludb, _, _, nstdb, _ = run
    job, summary = execute_with(work, *run)
    check_data(job, summary, *run)
    assert ("left out: noise stress test: not requested" in summary) == nstdb
    assert ("left out: folds: they need LUDB" in summary) == (not ludb)


@pytest.mark.parametrize("data", WITHOUT_DATA, ids=name_of)
def test_stops_without_data(work, data):
    "The run stops at once, with instructions."
    run = (*data, True, "tiny")
    with pytest.raises(papermill.PapermillExecutionError) as stopped:
        execute_with(work, *run)
    assert "ecgseg download ludb" in stopped.value.evalue
    assert not (work / name_of(run)).exists() or not list((work / name_of(run)).iterdir())


def test_stress_folds_and_resume(work):
    "The optional parts run on request, and a second run finds all of them complete."
    job, summary = execute_with(work, *ASKED, stress=True, folds=True)
    check_data(job, summary, *ASKED)
    folds = [f"folds/fold_{fold}/model.keras" for fold in range(5)]
    check_artefacts(
        job, ["noise_stress.csv", "noise_stress.png", "folds/folds.csv", "folds/patients.csv", *folds]
    )
    assert "left out" not in summary
    networks = [job / name for name in ["model.keras", *folds]]
    trained = [path.stat().st_mtime_ns for path in networks]
    execute_with(work, *ASKED, folds=True, resume=True)
    assert [path.stat().st_mtime_ns for path in networks] == trained


def test_registered_dataset(work):
    "A custom dataset alone, without LUDB and synthetic patients."
    (work / "clinic_ecg.py").write_text("""
import dataclasses
from ecgseg.config.parts import SyntheticParams, named
from ecgseg.data.records import CUSTOM_DATASETS, register_dataset
from ecgseg.config.fields import Settings
from ecgseg.data.synthetic import synthesize_records

class ClinicParams(Settings):
    patients: int = 6

def load_clinic(params, config):
    records = synthesize_records(SyntheticParams(), params.patients, seed=9, processes=1, progress=False)
    return dataclasses.replace(records, source=records.source.astype("U20").copy())

if "clinic" not in CUSTOM_DATASETS: register_dataset(named("Clinic", "clinic", ClinicParams), load_clinic)

# what another run meets during evaluation and export, at the first call
import pathlib
import ecgseg.device.export, ecgseg.evaluation.evaluate
from ecgseg.locks import locked

def watch(module, name):
    function = getattr(module, name)
    def call(*args, **options):
        setattr(module, name, function)
        try:
            with locked(pathlib.Path("clinic")): found = "free"
        except BlockingIOError: found = "in use"
        with open("watched.txt", "a") as file: print(name, found, file=file)
        return function(*args, **options)
    setattr(module, name, call)

watch(ecgseg.evaluation.evaluate, "evaluate_records")
watch(ecgseg.device.export, "_export")
""")
    tiny = json.loads(small_config(work, name="clinic", **TINY).read_text()) | {
        "datasets": [{"name": "clinic", "params": {}}]
    }
    (work / "clinic.json").write_text(json.dumps(tiny))
    job, summary = execute(
        work, "clinic", "clinic.json", own="clinic_ecg", data_folder=str(work / data_folder(False, False))
    )
    check_artefacts(job, ARTEFACTS)
    watched = (work / "watched.txt").read_text().splitlines()
    assert watched == ["evaluate_records in use", "_export in use"]
    assert "on 1 test patient of clinic" in summary
    for path in (job / "metrics.json", job / "model_card.md", job / "report.html"):
        text = path.read_text()
        assert "LUDB is MISSING" not in text and "Tested on clinic (own data)" in text, path


def test_refused_export(work):
    """For a network that no device can run, report and demo are still written.

    The run ends with the reason.
    """
    (work / "layer_net.py").write_text("""
import keras
from ecgseg.config.fields import Settings
from ecgseg.config.parts import named
from ecgseg.training.tcn import BUILDERS, register_architecture

class LayerParams(Settings):
    filters: int = 4

def build(params, frame_size, num_classes):
    signal = keras.Input((frame_size, 1))
    hidden = keras.layers.LayerNormalization()(keras.layers.Conv1D(params.filters, 5, padding="same")(signal))
    return keras.Model(signal, keras.layers.Conv1D(num_classes, 1)(hidden))

if "layered" not in BUILDERS: register_architecture(named("Layered", "layered", LayerParams), build)
""")
    tiny = json.loads(small_config(work, name="refused", **TINY).read_text()) | {
        "architecture": {"name": "layered", "params": {}}
    }
    (work / "refused.json").write_text(json.dumps(tiny))
    with pytest.raises(papermill.PapermillExecutionError) as refused:
        execute(
            work,
            "refused",
            "refused.json",
            own="layer_net",
            data_folder=str(work / data_folder(False, False)),
        )
    assert refused.value.ename == "ExportRefused" and "RSQRT" in refused.value.evalue
    check_artefacts(work / "refused", ["report.html", "demo.png", "demo.html", "export/export_report.md"])
    summary = summary_of(papermill.iorw.load_notebook_node(str(work / "refused.ipynb")))
    page = (work / "refused" / "report.html").read_text(encoding="utf-8")
    for text in (summary, page, (work / "refused" / "metrics.json").read_text(encoding="utf-8")):
        assert "EXPORT REFUSED: operators that are not allowed" in text
    assert summary.splitlines()[-1].startswith("\x1b[31mFAILED: ")


def test_weak_network(work):
    "A first look: better than nothing, not good. It is exported without being asked for, and warns."
    config = small_config(
        work,
        name="weak",
        lr_rate=0.02,
        batch_size=36,
        augmentations=[],
        architecture={
            "params": {
                "blocks": [
                    {"filters": filters, "dilation": dilation, "dropout": 0}
                    for filters, dilation in ((16, 1), (24, 4), (32, 8))
                ]
            }
        },
    )
    job, summary = execute(
        work,
        "weak",
        config,
        data_folder=str(work / data_folder(False, False)),
        allow_failing=False,
        synthetic_patients=20,
        epochs=2,
        steps_per_epoch=75,
    )
    checks = {check["key"]: check for check in check_verdict(job, summary, "warn")}
    assert checks["constant"]["status"] == checks["marked"]["status"] == "pass"
    assert {"ludb", "nstdb", "patients", "batches"} <= {
        key for key, check in checks.items() if check["status"] == "warn"
    }


# a network that answers "background" whatever the ECG is
DEAD = """
import keras
from ecgseg.config.fields import Settings
from ecgseg.config.parts import REGISTERED_KINDS, named
from ecgseg.training.tcn import register_architecture

class DeadParams(Settings):
    kernel: int = 3

def build_dead(params, frame_size, num_classes):
    inputs = keras.Input((frame_size, 1))
    constant = keras.initializers.Constant([9.0] + [-9.0] * (num_classes - 1))
    hidden = keras.layers.Conv1D(4, params.kernel, padding="same", activation="relu6")(inputs)
    last = keras.layers.Conv1D(num_classes, 1, bias_initializer=constant)
    return keras.Model(inputs, last(hidden))

if "dead" not in REGISTERED_KINDS["architecture"]:
    register_architecture(named("Dead", "dead", DeadParams), build_dead)
"""


def test_dead_network(work):
    "It is refused; on request it is exported, and every artefact says what it is."
    (work / "dead_network.py").write_text(DEAD)
    tiny = json.loads(small_config(work, name="dead", **TINY).read_text())
    (work / "dead.json").write_text(json.dumps(tiny | {"architecture": {"name": "dead", "params": {}}}))
    asked = dict(own="dead_network", data_folder=str(work / data_folder(True, True)))
    with pytest.raises(papermill.PapermillExecutionError) as refused:
        execute(work, "dead", "dead.json", allow_failing=False, **asked)
    assert refused.value.ename == "ExportRefused"
    assert "Every kind of wave is marked: 0 %" in refused.value.evalue
    summary = summary_of(papermill.iorw.load_notebook_node(str(work / "dead.ipynb")))
    assert "EXPORT REFUSED: the network failed" in summary and "\x1b[31mFAILED: " in summary
    assert not (work / "dead" / "export" / "model.tflite").exists()
    for name in ("report.html", "demo.html"):
        page = (work / "dead" / name).read_text(encoding="utf-8")
        assert "It NEVER marks P waves" in page and "Do not use this network." in page, name
    job, summary = execute(work, "dead", "dead.json", allow_failing=True, resume=True, **asked)
    checks = {check["key"]: check["status"] for check in check_verdict(job, summary, "fail")}
    assert {key for key, status in checks.items() if status == "fail"} == {
        "marked",
        "constant",
        "found_P",
        "found_QRS",
        "found_T",
        "exact",
    }
    assert "None: this network failed its checks" in (job / "model_card.md").read_text(encoding="utf-8")


def test_bundled_network():
    "The network that comes with the package passes on LUDB's test patients."
    from ecgseg.data.folds import split_patients
    from ecgseg.data.ludb import find_ludb, load_ludb
    from ecgseg.evaluation.recordings import evaluate_records
    from ecgseg.evaluation.verdict import data_checks, network_checks, overall_status
    from ecgseg.recording.bundled import bundled_model

    if find_ludb() is None:
        pytest.skip("needs LUDB")
    predict, config = bundled_model("seg-4-res-sm")
    records = load_ludb(find_ludb()).of_patients(split_patients()["test"])
    metrics = evaluate_records(predict, records, config, resamples=0).metrics
    checks = [*network_checks(metrics, config.class_names), *data_checks("ludb", metrics["patients"], True)]
    assert overall_status(checks) == "pass", [check for check in checks if check.status != "pass"]


def test_papermill_explains_the_parameters():
    "`papermill --help-notebook` lists each parameter."
    command = [Path(sys.executable).with_name("papermill"), "--help-notebook", "run_pipeline.ipynb"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    for name in (
        "epochs",
        "steps_per_epoch",
        "batch_size",
        "preset",
        "config",
        "ludb",
        "synthetic",
        "synthetic_patients",
        "ludb_share",
        "data_folder",
        "job_dir",
        "stress",
        "folds",
        "allow_failing",
        "resume",
        "teacher",
        "own",
        "tensorboard",
        "seed",
    ):
        assert f"{name}: " in text, f"{name} is not among the parameters\n{text}"
