"""The generated C code of a bundled network: waves as in Python, cost and self-test on cores, warnings."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from ecgseg.device.c_stream import STREAM_FILES


def python_waves(model, config, samples, fs):
    "Waves of a recording from Python's stream, which reads the same 32-bit numbers."
    from ecgseg import Segmenter

    segmenter = Segmenter(fs, model=(model, config))
    tables = [segmenter.push(np.float32(samples)), segmenter.flush()]
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def sample_labels(waves, samples):
    "Wave of each sample of a recording."
    labels = np.zeros(samples, "U3")
    for wave in waves.itertuples():
        labels[wave.onset_sample : wave.offset_sample + 1] = wave.wave
    return labels


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc)")
def test_stream_on_ludb():
    from ecgseg.data.ludb import find_ludb, read_signal, split_patients

    root = find_ludb()
    if root is None:
        pytest.skip("LUDB is not here: set ECGSEG_DATA")
    from ecgseg.device.c_stream import CStream, StreamOptions
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.recording.bundled import bundled_model

    model, config = bundled_model(reference=True)
    stream = CStream(ExportedNetwork(model.content), config, StreamOptions(fs=500))
    same = total = alike = waves = 0
    points = ["onset_sample", "peak_sample", "offset_sample"]
    for number, patient in enumerate(split_patients()["val"][::3]):
        signals, fs = read_signal(root / "data" / str(patient))
        samples = np.float32(signals[number % 12] * (1, 0.05, 10)[number % 3])
        samples[2000:2100] = np.nan
        found, expected = stream(samples, 1 + number), python_waves(model, config, samples, fs)
        same += (sample_labels(found, len(samples)) == sample_labels(expected, len(samples))).sum()
        total, waves = total + len(samples), waves + len(expected)
        assert found.wave.tolist() == expected.wave.tolist()
        moved = np.abs(found[points].to_numpy(int) - expected[points].to_numpy(int)).max(axis=1)
        alike += (moved <= 1).sum()
    assert waves > 100 and alike >= 0.998 * waves, f"{alike} of {waves} waves are within one sample"
    assert same >= 0.999 * total, f"{same / total:.5f} of the samples have the same wave"


WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Werror")
SOURCES = (
    "ecgseg_model.c",
    *(name for name in STREAM_FILES if name.endswith(".c")),
    "ecgseg_selftest.c",
    "main.c",
)


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
        assert costs[core, "-O2"]["flash"] < 32_000
        assert costs[core, "-O2"]["ram"] < 21_000
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


def test_fuzz(exported):
    "Any samples, chunks and classes: no sanitizer complains, and waves come in order."
    _, folder = exported
    if shutil.which("clang") is None or shutil.which("make") is None:
        pytest.skip("clang and make are not installed: .ci/cross says how")
    built = subprocess.run(["make", "ecgseg_fuzz"], cwd=folder, capture_output=True, text=True)
    if "libclang_rt.fuzzer" in built.stderr:
        pytest.skip("libFuzzer is not installed: .ci/cross says how")
    assert built.returncode == 0, built.stderr
    runs = ["./ecgseg_fuzz", "-seed=1", "-runs=200", "-max_len=200", "-len_control=0"]
    done = subprocess.run(runs, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


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
