"""The generated C code of a bundled network: labels as in Python, cost and self-test on cores, warnings."""

import shutil
import subprocess

import numpy as np
import pytest


def labels_in_c(folder, signal, chunk, class_names):
    "Return the labels of the compiled program for one recording."
    np.savetxt(folder / "signal.txt", signal, fmt="%.9g")
    done = subprocess.run(
        ["./ecgseg_main", "signal.txt", str(chunk)], cwd=folder, capture_output=True, text=True, check=True
    )
    labels = np.zeros(len(signal), int)
    for line in done.stdout.splitlines():
        kind, onset, offset = line.split(",")
        labels[int(onset) : int(offset) + 1] = class_names.index(kind)
    return labels


@pytest.mark.skipif(
    shutil.which("cc") is None or shutil.which("make") is None, reason="no C compiler (cc, make)"
)
def test_labels_on_ludb(tmp_path):
    from ecgseg.data.folds import split_patients
    from ecgseg.data.ludb import find_ludb

    if find_ludb() is None:
        pytest.skip("LUDB is not here: set ECGSEG_DATA")
    from ecgseg.data.ludb import load_ludb
    from ecgseg.device.c_pipeline import c_export
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.recording.bundled import bundled_model
    from ecgseg.signal.preprocess import Preprocessor
    from ecgseg.waves.delineate import delineate

    model, config = bundled_model(reference=True)
    records = load_ludb().of_patients(split_patients()["val"])
    records = records.select(np.arange(0, len(records), 7))
    in_c = c_export(ExportedNetwork(model.content), config, records)
    assert "SELF-TEST PASSED" in in_c.selftest
    for name, content in in_c.files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    subprocess.run(["make", "ecgseg_main"], cwd=tmp_path, capture_output=True, check=True)
    expected = delineate(
        model, records.signal, Preprocessor.of(config), config.class_names, rhythm_check=False
    ).labels
    found = np.array(
        [
            labels_in_c(tmp_path, signal, 1 + row, config.class_names)
            for row, signal in enumerate(records.signal)
        ]
    )
    assert (found == expected).mean() >= 0.999, f"{(found == expected).mean():.5f} of the labels are equal"


WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Werror")
SOURCES = ("ecgseg_model.c", "ecgseg_preprocess.c", "ecgseg_segment.c", "ecgseg_selftest.c", "main.c")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    "Return the C export of the default network and a folder with its files."
    from ecgseg.config.parts import SyntheticParams
    from ecgseg.data.synthetic import synthesize_records
    from ecgseg.device.c_pipeline import c_export
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.recording.bundled import bundled_model

    folder = tmp_path_factory.mktemp("firmware")
    model, config = bundled_model(reference=True)
    records = synthesize_records(
        SyntheticParams(), 3, seed=1, processes=1, cache=folder / "cache", progress=False
    )
    in_c = c_export(ExportedNetwork(model.content), config, records)
    for name, content in in_c.files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return in_c, folder


def test_cost_on_cores(exported):
    in_c, _ = exported
    if not in_c.measured:
        pytest.skip("arm-none-eabi-gcc and qemu-system-arm are not installed: .ci/cross says how")
    costs = {(row["core"], row["level"]): row for row in in_c.measured}
    for core, most in (
        ("cortex-m3", 6.6e6),  # plain C99
        ("cortex-m4", 6.1e6),  # with DSP instructions
        ("cortex-m55", 3.2e6),  # with MVE
        ("cortex-m0", 20e6),
    ):
        network = costs[core, "-O2"]["network"]
        assert 1e6 < network < most, f"{network:,} instructions on {core}"
        assert costs[core, "-Os"]["network"] < 1.3 * network
        assert costs[core, "-O2"]["flash"] < 18_000
        assert costs[core, "-O2"]["ram"] < 17_000
        assert 100 < costs[core, "-O2"]["stack"] < 1000


def test_selftest_on_cores(exported):
    from ecgseg.device.c_pipeline import cross_tools

    in_c, folder = exported
    if not cross_tools():
        pytest.skip("arm-none-eabi-gcc and qemu-system-arm are not installed: .ci/cross says how")
    command = ["make", "-s", "qemu", "CORES=cortex-m4 cortex-m55", "LEVELS=-O2"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SELF-TEST PASSED") == 2
    right, wrong = "return (high + (high >> 31) + offset) >> right;", "return (high + offset) >> right << 1;"
    assert right in in_c.files["ecgseg_model.c"]
    (folder / "ecgseg_model.c").write_text(in_c.files["ecgseg_model.c"].replace(right, wrong))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    (folder / "ecgseg_model.c").write_text(in_c.files["ecgseg_model.c"])
    assert done.returncode != 0 and "FAIL network" in done.stdout


@pytest.mark.parametrize("compiler", ["gcc", "clang", "g++", "clang++"])
def test_no_warnings(exported, compiler):
    _, folder = exported
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    standard = ["-x", "c++", "-std=c++17"] if "++" in compiler else ["-std=c99"]
    for group in (8, 4):
        command = [compiler, *standard, "-O2", *WARNINGS, f"-DECGSEG_GROUP={group}", "-c", *SOURCES]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_licence_in_every_file(exported):
    in_c, _ = exported
    for name, content in in_c.files.items():
        if isinstance(content, str) and name not in ("LICENSE", "README.md"):
            assert "SPDX-License-Identifier: BSD-3-Clause" in "\n".join(content.splitlines()[:3]), name
    assert "BSD 3-Clause License" in in_c.files["LICENSE"]
