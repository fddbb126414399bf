"""What a killed process leaves behind does not change what the next run makes.

Each stage runs in a process of its own, is killed with SIGKILL, and runs again in the same folder. The folder
must then be as after an undisturbed run. Right after the kill, a finished file must be whole: what it was
before, or what it was to become. `make kill` kills each stage 50 times. Half of the kills come right before
one of the stage's changes to the folder, which are numbered and drawn with a seed; the others come at random
moments. `make test` has two of the first kind for short stages, so that no test depends on time.
"""

import hashlib
import io
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import sys
import time
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import SMALL_EXPORT, SMALL_RUN

KILLS = int(os.environ.get("ECGSEG_KILLS", "0"))
EVENT_KILLS, TIMED_KILLS = (KILLS - KILLS // 2, KILLS // 2) if KILLS else (2, 0)
PART_FILE = re.compile(r"\.part-.*")  # see `atomic_path`
TIMEOUT = 600  # s, of one run of a stage

# the stages; each changes its folder only, and finds its input in `folder / "input"`


def tiny_config(folder):
    from ecgseg.config.parts import LudbDataset, LudbParams, Quantization
    from ecgseg.config.run import preset

    return preset(
        "seg-4-tcn-sm",
        name="tiny",
        job_dir=str(folder / "job"),
        datasets=(LudbDataset(params=LudbParams(path=str(folder / "input" / "ludb"))),),
        architecture={"params": {"blocks": [{"filters": 4, "dilation": 4, "dropout": 0.25}]}},
        augmentations=[],
        epochs=3,
        quantization=Quantization(**SMALL_EXPORT),
        **SMALL_RUN,
    )


def generate(folder):
    from ecgseg.config.parts import SyntheticParams
    from ecgseg.data.synthetic import synthesize_records

    synthesize_records(SyntheticParams(), 3, seed=1, processes=1, cache=folder / "cache", progress=False)


def cache_ludb(folder):
    from ecgseg.data.ludb import load_ludb

    load_ludb(folder / "input" / "ludb")


def train_network(folder):
    from ecgseg.training import callbacks
    from ecgseg.training import train as training
    from ecgseg.training.sources import load_data

    callbacks.NORM_SAMPLES, training.CLASS_WEIGHT_FRAMES = 2**12, 50
    config = tiny_config(folder)
    training.train(config, load_data(config), resume=True)


def evaluate_network(folder):
    from ecgseg.evaluation.evaluate import evaluate
    from ecgseg.testing import background_predictor
    from ecgseg.training.sources import load_data

    config = tiny_config(folder)
    evaluate(background_predictor, load_data(config), config, folder / "job")


def export_network(folder):
    import keras

    from ecgseg.device import c_pipeline, proof
    from ecgseg.device.checked_conversion import comparison_records
    from ecgseg.device.export import export_model
    from ecgseg.device.quantise import representative_frames
    from ecgseg.signal.preprocess import Preprocessor
    from ecgseg.training.sources import load_data

    proof.PROOF_FRAMES = 8
    c_pipeline.cross_tools = lambda: False  # measuring on cores takes most of the time and changes no file
    config = tiny_config(folder)
    data = load_data(config)
    model = keras.saving.load_model(folder / "input" / "model.keras", compile=False)
    calibration = representative_frames(data.train, 20, Preprocessor.of(config), config.seed)
    records = comparison_records(data.test, config).select(slice(2))
    export_model(model, calibration, config, folder / "job" / "export", records, allow_failing=True)


def segment_files(folder, lead="ii"):
    from ecgseg.cli.main import main

    record, out = min((folder / "input" / "ludb" / "data").glob("*.hea")), folder / "waves"
    options = ["--format", "csv,json,wfdb,html", "--lead", lead, "--overwrite"]
    assert main(["segment", str(record), "--out", str(out), *options]) == 0


def segment_another_lead(folder):
    segment_files(folder, "v1")


STAGES = {
    stage.__name__: stage
    for stage in (generate, cache_ludb, train_network, evaluate_network, export_network, segment_files)
}
LONG = ("train_network", "evaluate_network", "export_network")  # of these `make test` has none
# what comes before: stages that make their input, and earlier results in the same folder
PREPARED = {
    "train_network": [cache_ludb],
    "evaluate_network": [cache_ludb, evaluate_network],
    "export_network": [cache_ludb, export_network],
    "segment_files": [segment_another_lead],
}


# running and killing a stage


def watch_changes(folder, kill_at, count_file):
    "Count the changes to `folder` of this process, and kill it right before number `kill_at`."
    root, count = str(folder), 0

    def on_event(event, arguments):
        nonlocal count
        writes = event == "open" and arguments[2] is not None and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if not writes and event not in ("os.rename", "os.remove", "os.mkdir", "os.rmdir"):
            return
        path = os.fspath(arguments[0]) if isinstance(arguments[0], (str, Path)) else ""
        if not path.startswith(root) or path.startswith(str(count_file)):
            return
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1
        if kill_at is None:
            count_file.write_text(str(count))

    sys.addaudithook(on_event)


def run_stage(stage, folder, kill_at, count_file, begun):
    "Entry point of the process."
    os.environ |= {"ECGSEG_CACHE": str(folder / "cache"), "ECGSEG_DATA": ""}
    scratch = folder.with_name("scratch")  # of compilers and the like, which a kill leaves there
    scratch.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = str(scratch)
    sys.stdout = sys.stderr = open(folder.with_name("log"), "w")
    watch_changes(folder, kill_at, count_file)
    begun.set()
    stage(folder)


@cache
def processes():
    "Processes that start with the package imported, so that a kill hits the work and not the imports."
    context = multiprocessing.get_context("forkserver")
    modules = ["ecgseg.cli.main", "ecgseg.recording.segment", "ecgseg.data.synthetic"]
    modules += ["wfdb", "matplotlib.pyplot"]
    if KILLS:  # only the long stages need TensorFlow
        modules += ["ecgseg.device.export", "ecgseg.training.train"]
    context.set_forkserver_preload(modules)
    return context


def run(stage, folder, kill_at=None, kill_after=None):
    """Run a stage, killed before a change or after a time (s).

    Returns whether it was killed, the number of its changes, and the time it took. Time begins with the work
    of the stage, after the start of its process.
    """
    count_file = folder.with_name("count")
    count_file.write_text("0")
    begun = processes().Event()
    process = processes().Process(target=run_stage, args=(stage, folder, kill_at, count_file, begun))
    process.start()
    while not begun.wait(1) and process.is_alive():
        pass
    start = time.perf_counter()
    process.join(TIMEOUT if kill_after is None else kill_after)
    if process.is_alive():
        process.kill()
        process.join()
        assert kill_after is not None, f"{stage.__name__} took longer than {TIMEOUT} s"
    killed = process.exitcode == -signal.SIGKILL
    log = folder.with_name("log").read_text()
    assert killed or process.exitcode == 0, f"{stage.__name__} ended with exit code {process.exitcode}\n{log}"
    changes = 0 if killed else int(count_file.read_text())  # a kill may hit the writing of it
    return killed, changes, time.perf_counter() - start


# comparing folders


def digest(path):
    "Return what a file says, as text. Left out is what differs between two undisturbed runs."
    content = path.read_bytes()
    if path.name == "history.csv":  # `session` counts the starts
        lines = [line.split(",") for line in content.decode().splitlines()]
        return "\n".join(",".join(line[:1] + line[2:]) for line in lines)
    if path.name == "export_report.json":  # without the time that each runtime took
        report = json.loads(content)
        report["proof"].pop("runtimes")
        return json.dumps(report)
    if path.name == "export_report.md":
        return re.sub(r"(?m)^\| (LiteRT|TFLM|C ).*$", "", content.decode())
    if path.suffix in (".npz", ".keras"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = sorted(name for name in archive.namelist() if name != "metadata.json")
            return " ".join(hashlib.sha256(archive.read(name)).hexdigest() for name in names)
    return hashlib.sha256(content).hexdigest()


def snapshot(folder):
    "Return name → digest of all finished files, and the names of left-over part files."
    paths = [path for path in folder.rglob("*") if path.is_file() and "input" not in path.parts]
    left_over = [path.name for path in paths if any(map(PART_FILE.fullmatch, path.parts))]
    whole = {str(path.relative_to(folder)): path for path in paths if path.name not in left_over}
    return {name: digest(path) for name, path in whole.items()}, left_over


def check_same(name, folder, undisturbed):
    "The folder is as after an undisturbed run; a resumed training may differ in the last digits."
    found, expected = snapshot(folder)[0], snapshot(undisturbed)[0]
    assert set(found) == set(expected)
    unlike = {file for file in found if found[file] != expected[file]}
    if name == "train_network":
        import keras

        history, model = "job/history.csv", "job/model.keras"
        tables = [
            np.genfromtxt(root / history, delimiter=",", skip_header=1) for root in (folder, undisturbed)
        ]
        np.testing.assert_allclose(*(np.delete(table, 1, axis=1) for table in tables), rtol=1e-4)
        networks = [keras.saving.load_model(root / model, compile=False) for root in (folder, undisturbed)]
        for ours, theirs in zip(*(network.get_weights() for network in networks), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-4)
        unlike -= {history, model, "job/history.png"}
    assert not unlike, f"{name}: {sorted(unlike)} differ from an undisturbed run"


# the test


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    "A folder with made-up recordings and, for the long stages, a network."
    from test_pipeline import made_up_ludb

    folder = tmp_path_factory.mktemp("kill")
    made_up_ludb(folder / "input" / "ludb")
    if not KILLS:
        return folder / "input"
    import keras

    from ecgseg.training.tcn import build_network

    config = tiny_config(folder)
    keras.utils.set_random_seed(0)
    network = build_network(config.architecture, config.frame_size, config.num_classes)
    network.save(folder / "input" / "model.keras")
    return folder / "input"


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
@pytest.mark.parametrize("name", STAGES)
def test_killed(name, inputs, tmp_path):
    if name in LONG and not KILLS:
        pytest.skip("takes minutes: make kill")
    folder, start, undisturbed = (tmp_path / part for part in ("work", "start", "undisturbed"))
    folder.mkdir()
    (folder / "input").symlink_to(inputs)
    for stage in PREPARED.get(name, []):
        run(stage, folder)
    shutil.copytree(folder, start, symlinks=True)
    _, changes, seconds = run(STAGES[name], folder)
    assert changes > 0
    folder.rename(undisturbed)  # all runs have the same folder, because results contain its name
    before, after = snapshot(start)[0], snapshot(undisturbed)[0]
    drawn, left_over, killed, missed = random.Random(0), 0, 0, 0
    while killed < EVENT_KILLS + TIMED_KILLS:
        moment = {"kill_at": drawn.randrange(changes)}
        if killed >= EVENT_KILLS:
            moment = {"kill_after": drawn.uniform(0, seconds)}
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(start, folder, symlinks=True)
        was_killed, _, took = run(STAGES[name], folder, **moment)
        if not was_killed:  # it was faster than the first time
            seconds, missed = took, missed + 1
            assert missed < 50, f"{name} ends before it is killed"
            continue
        killed += 1
        now, parts = snapshot(folder)
        left_over += bool(parts)
        if name != "train_network":  # whose files change with each epoch
            torn = [file for file in now if now[file] not in (before.get(file), after.get(file))]
            assert not torn, f"{moment}: {torn} are neither old nor complete"
        run(STAGES[name], folder)
        check_same(name, folder, undisturbed)
        assert not snapshot(folder)[1], f"{moment}: part files of the killed run are still there"
    print(f"\n{name}: killed {killed} times, {left_over} left part files, {changes} changes")
