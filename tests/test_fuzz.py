"""Damaged and made-up files and command lines: refused with an error that can be caught, never with a crash.

`make test` tries a few inputs of each kind, `make fuzz` 10,000. All are seeded: the number of an input means
the same input everywhere.
"""

import json
import shutil
import sys
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from fuzzing import COUNT, generator, mutated_bytes, mutated_model, outcomes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecgseg.cli.main import main
from ecgseg.config.parts import SyntheticParams
from ecgseg.config.run import PRESETS, load_config, save_config
from ecgseg.data import records as records_module
from ecgseg.data.annotations import read_signal, read_waves, write_record
from ecgseg.data.beats import read_beats
from ecgseg.data.records import cached_records, load_records, save_records
from ecgseg.data.synthetic import _chunk_path, _read_chunk, synthesize_records
from ecgseg.device.tflite import LiteRTModel
from ecgseg.recording.bundled import example_ecg
from ecgseg.recording.compare import as_delineation
from ecgseg.recording.read import read_recording_file
from ecgseg.recording.result import Segmentation
from ecgseg.recording.segment import segment
from ecgseg.testing import assert_same_records, toy_records
from ecgseg.vocabulary import LEADS

MODEL = (ROOT / "ecgseg/models/seg-4-res-sm.tflite").read_bytes()
BY_HYPOTHESIS = settings(
    max_examples=COUNT,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def report(found: dict, kind: str):
    "Print how the attempts ended; fail if one ended otherwise than by success or an error that is meant."
    print(f"{kind}: {dict(Counter(outcome for outcome in found.values() if outcome in ('ran', 'refused')))}")
    bad = {number: outcome for number, outcome in found.items() if outcome not in ("ran", "refused")}
    assert not bad, (
        f"{kind}: {len(bad)} of {len(found)}, input number → outcome: {dict(list(bad.items())[:10])}"
    )
    assert len(found) == COUNT and "ran" in found.values(), f"{kind}: no input was read"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    "A folder with one whole file of each kind."
    folder = tmp_path_factory.mktemp("whole")
    records = toy_records(patients=(1,), duration=4.0)
    waves = [[("P", 100, 110, 125), ("QRS", 140, 150, 160), ("T", 200, 240, 270)]] * len(LEADS)
    write_record(folder / "1", records.signal, waves, 500)
    np.savetxt(
        folder / "table.csv",
        records.signal[:3, ::5].T,
        fmt="%.4f",
        delimiter=",",
        header="I,II,V1",
        comments="",
    )
    edfio = pytest.importorskip("edfio")
    signals = [
        edfio.EdfSignal(row.astype(float), 500, label=f"ECG {lead}", physical_dimension="mV")
        for row, lead in zip(records.signal, LEADS)
    ]
    edfio.Edf(signals).write(folder / "night.edf")
    import wfdb

    wfdb.wrann(
        "2",
        "atr",
        np.arange(100, 1500, 200),
        ["N", "V", "+", "N", "A", "N", "N"],
        fs=500,
        aux_note=["", "", "(AFIB", "", "", "", ""],
        write_dir=str(folder),
    )
    for suffix in (".hea", ".dat"):
        shutil.copy(folder / f"1{suffix}", folder / f"2{suffix}")
    save_records(records, folder / "records.npz")
    return folder


def damaged(folder, name: str, number: int, tmp_path) -> Path:
    "Copy the whole files to an own folder, with one of them damaged; return the folder."
    rng = generator(name, number)
    place = tmp_path / "damaged"
    if not place.exists():
        shutil.copytree(folder, place)
    (place / name).write_bytes(mutated_bytes((folder / name).read_bytes(), rng))
    return place


def check_recording(read):
    "A recording that was read is what `segment` takes."
    assert read.signal.ndim == 2 and read.signal.shape[1] == len(read.leads) == len(set(read.leads))
    assert read.signal.dtype in (np.float32, np.float64) and not np.isinf(read.signal).any()
    assert np.isfinite(read.fs) and read.fs > 0


@pytest.mark.parametrize("name", ["1.hea", "1.dat", "table.csv", "night.edf"])
def test_recordings(folder, tmp_path, name):
    source, rate = ("1", None) if name.startswith("1.") else (name, 100.0 if name == "table.csv" else None)

    def read(number):
        check_recording(read_recording_file(damaged(folder, name, number, tmp_path) / source, rate))

    # some formats, which a damaged file may be taken for, need a package of their own
    report(outcomes(read, allowed=(ValueError, OSError, ImportError)), name)


@pytest.mark.parametrize("name", ["1.hea", "1.dat"])
def test_training_records(folder, tmp_path, name):
    def read(number):
        signal, rate = read_signal(damaged(folder, name, number, tmp_path) / "1")
        assert len(signal) == len(LEADS) and rate > 0

    report(outcomes(read), f"LUDB {name}")


def test_annotations(folder, tmp_path):
    def read(number):
        for wave, onset, peak, offset in read_waves(damaged(folder, "1.v1", number, tmp_path) / "1", "v1"):
            assert wave in ("P", "QRS", "T") and 0 <= onset <= peak <= offset

    report(outcomes(read), "annotations of waves")


def test_beats(folder, tmp_path):
    def read(number):
        times = read_beats(damaged(folder, "2.atr", number, tmp_path) / "2", 4.0).beats["time"]
        assert len(times) and np.isfinite(times).all()

    report(outcomes(read), "annotations of beats")


def test_corrections(folder, tmp_path):
    review = pytest.importorskip("ecgseg.explore.review")
    shutil.copy(folder / "1.v1", folder / "1.ii")

    def read(number):
        table = review.load_correction(damaged(folder, "1.ii", number, tmp_path), "1", "ii", 500, 2000)
        assert (table["offset_sample"] < 2000).all()

    report(outcomes(read), "corrections")


RESULTS = {"result.ecg": Segmentation.load, "waves.csv": as_delineation, "waves.json": as_delineation}


@pytest.mark.parametrize("name", [*RESULTS, "example.ii"])
def test_results(tmp_path, name):
    "Saved results, and the waves that `compare` reads."
    result = segment(*example_ecg())
    for write, file in (
        (result.save, "result.ecg"),
        (result.to_csv, "waves.csv"),
        (result.to_json, "waves.json"),
    ):
        write(tmp_path / file)
    result.to_wfdb("example", tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()

    def read(number):
        path.write_bytes(mutated_bytes(whole, generator(name, number)))
        RESULTS.get(name, as_delineation)(path)

    report(outcomes(read), f"results {name}")


def test_caches(folder, tmp_path):
    "A damaged cache file is never an error: it is made again."
    records = toy_records(patients=(1,), duration=4.0)

    def read(number):
        path = damaged(folder, "records.npz", number, tmp_path) / "records.npz"
        assert_same_records(cached_records(path, lambda: records), records)
        assert_same_records(load_records(path), records)  # now whole, unless nothing that counts was damaged

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records_module.log, "disabled", True)
        report(outcomes(read, allowed=()), "cache of records")


def test_chunks(tmp_path):
    params = SyntheticParams(duration=1)
    synthesize_records(params, 2, 1, processes=1, cache=tmp_path, progress=False)
    (path,) = tmp_path.rglob("patients-*.npz")
    whole = path.read_bytes()
    expected = _read_chunk(path.parent, range(2), params)

    def read(number):
        path.write_bytes(mutated_bytes(whole, generator("chunk", number)))
        chunk = _read_chunk(path.parent, range(2), params)
        for name, array in (chunk or {}).items():
            np.testing.assert_array_equal(array, expected[name])

    assert path == _chunk_path(path.parent, range(2))
    report(outcomes(read, allowed=()), "cache of synthetic patients")


@pytest.mark.parametrize("mutate", [mutated_model, mutated_bytes])
def test_models(mutate):
    "LiteRT ends the process for some damaged files; none of them may reach it."

    def read(number):
        content = mutate(MODEL, generator("model", number))
        for reference in (False, True):
            model = LiteRTModel(content, reference)
            model(np.random.default_rng(0).normal(size=(2, model.frame_size)))

    report(outcomes(read, allowed=(ValueError,)), mutate.__name__)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def places(value, path=()):
    "List the paths to all values of a JSON object."
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(*path, key) for key, _ in items] + [
        below for key, item in items for below in places(item, (*path, key))
    ]


@BY_HYPOTHESIS
@given(data=st.data())
def test_configurations(tmp_path, data):
    "Any JSON in any place of a configuration gives a configuration, or a ValueError that names the file."
    fields = json.loads(data.draw(st.sampled_from(list(PRESETS.values()))).model_dump_json())
    *path, last = data.draw(st.sampled_from(places(fields)))
    owner = fields
    for key in path:
        owner = owner[key]
    owner[last] = data.draw(JSON)
    (tmp_path / "config.json").write_text(json.dumps(fields))
    try:
        config = load_config(tmp_path / "config.json")
    except ValueError as error:
        assert "config.json" in str(error)
        return
    save_config(config, tmp_path / "again.json")
    assert load_config(tmp_path / "again.json") == config


def test_configuration_files(folder, tmp_path):
    save_config(PRESETS["seg-4-res-sm"], folder / "config.json")

    def read(number):
        load_config(damaged(folder, "config.json", number, tmp_path) / "config.json")

    report(outcomes(read), "bytes of configurations")


CELLS = st.one_of(
    st.floats().map(str),
    st.integers().map(str),
    st.text(max_size=5),
    st.sampled_from(["", "nan", "-", "1,5"]),
)


@BY_HYPOTHESIS
@given(
    names=st.lists(st.text(max_size=8) | st.sampled_from(["time", "t (ms)", "I", "II", "ECG"]), max_size=4),
    rows=st.lists(st.lists(CELLS, max_size=4), max_size=6),
    separator=st.sampled_from(",;\t "),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    rate=st.none() | st.sampled_from([0.001, 250.0, 1e300]),
)
def test_tables(tmp_path, names, rows, separator, encoding, rate):
    lines = [separator.join(cells) for cells in [names, *rows]]
    file = tmp_path / "table.csv"
    file.write_bytes("\n".join(lines).encode(encoding, errors="replace"))
    try:
        check_recording(read_recording_file(file, rate))
    except ImportError:  # taken for a format that needs a package of its own
        return
    except (ValueError, OSError) as error:
        assert "table.csv" in str(error)


COMMANDS = "segment compare train evaluate export cost demo example presets completion".split() + [""]
WORDS = st.one_of(
    st.sampled_from(
        """segment train evaluate export demo example presets compare cost --json --debug --rate --lead --out
        --format --overwrite --skip-existing --from --to --as --recording --max-growth --model
        --no-rhythm-check --epochs --job-dir --on --begin --no-stress --import --help --version
        table.csv night.edf 1 1.hea missing.csv . .. / csv json wfdb html csv,html 250 0 -1 nan
        1e999 I ii seg-4-res-sm seg-4-tcn-sm config.json new.csv results -- -""".split()
    ),
    st.text(max_size=6),
)


@BY_HYPOTHESIS
@given(
    command=st.sampled_from(COMMANDS),
    words=st.lists(WORDS, max_size=5),
)
def test_command_lines(folder, tmp_path, command, words):
    "Every command line ends with a documented status, and a failure with a message."
    place = tmp_path / "commands"
    if not place.exists():
        shutil.copytree(folder, place)
    errors = StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()), redirect_stderr(errors):
        patch.chdir(place)
        patch.setattr(sys, "path", list(sys.path))
        for module in ("jobs", "train"):
            patch.setattr(f"ecgseg.cli.{module}.start_tensorflow", partial(stop_before_training))
        status = main([word for word in [command, *words] if word])
    assert status in (0, 1, 2)
    assert status == 0 or "ecgseg: error: " in errors.getvalue()
    assert "use --debug" not in errors.getvalue(), errors.getvalue()


def stop_before_training():
    raise OSError("no training in this test")
