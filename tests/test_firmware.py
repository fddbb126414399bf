"""The generated C code of a bundled network: waves as in Python, cost and self-test on cores, warnings."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest


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
    from ecgseg.data.annotations import read_signal
    from ecgseg.data.folds import split_patients
    from ecgseg.data.ludb import find_ludb

    root = find_ludb()
    if root is None:
        pytest.skip("LUDB is not here: set ECGSEG_DATA")
    from ecgseg.device.c_stream import CStream, StreamOptions
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.recording.bundled import bundled_model

    model, config = bundled_model(reference=True)
    stream = CStream(ExportedNetwork(model.content), config, StreamOptions(fs=500))
    waves = 0
    points = ["onset_sample", "peak_sample", "offset_sample"]
    for number, patient in enumerate(split_patients()["val"][::3]):
        signals, fs = read_signal(root / "data" / str(patient))
        samples = np.float32(signals[number % 12] * (1, 0.05, 10)[number % 3])
        samples[2000:2100] = np.nan
        found, expected = stream(samples, 1 + number), python_waves(model, config, samples, fs)
        assert found.wave.tolist() == expected.wave.tolist()
        moved = np.abs(found[points].to_numpy(int) - expected[points].to_numpy(int)).max()
        assert moved <= 1, f"patient {patient}: a wave is {moved} samples apart"
        other = sample_labels(found, len(samples)) != sample_labels(expected, len(samples))
        assert other.sum() <= 2, f"patient {patient}: {other.sum()} of {len(samples)} samples differ"
        waves += len(expected)
    assert waves > 100


WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Werror")
SANITIZERS = "-fsanitize=address,undefined,float-cast-overflow"


def write(files, folder):
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def sources(folder):
    "Return the names of the files that make the program for a computer."
    return sorted(path.name for path in [*folder.glob("ecgseg_*.c"), folder / "main.c"])


def language(compiler):
    return ["-x", "c++", "-std=c++17"] if "++" in compiler else ["-std=c99"]


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: .ci/cross says how")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    "Return the files of the default network's C export, name → content, and a folder with them."
    from ecgseg.config.parts import SyntheticParams
    from ecgseg.data.synthetic import synthesize_records
    from ecgseg.device.c_pipeline import c_files
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.recording.bundled import bundled_model

    folder = tmp_path_factory.mktemp("firmware")
    model, config = bundled_model(reference=True)
    records = synthesize_records(
        SyntheticParams(), 3, seed=1, processes=1, cache=folder / "cache", progress=False
    )
    files = c_files(ExportedNetwork(model.content), config, records)
    write(files, folder)
    return files, folder


def need_cross_tools():
    from ecgseg.device.c_pipeline import cross_tools

    if not cross_tools():
        pytest.skip("arm-none-eabi-gcc and qemu-system-arm are not installed: .ci/cross says how")


MOST = {  # instructions of the network on a frame
    "cortex-m3": 6.6e6,  # plain C99
    "cortex-m4": 6.0e6,  # with DSP instructions
    "cortex-m55": 2.5e6,  # with MVE
    "cortex-m0": 20.5e6,
}


@pytest.fixture(scope="module")
def measured(exported):
    "Return the cost of the code on each core and, on those of `MOST`, also optimised for size."
    from ecgseg.device.c_pipeline import measure_cores

    need_cross_tools()
    files, _ = exported
    return measure_cores(files, levels=("-O2",)) + measure_cores(files, tuple(MOST), ("-Os",))


def test_cost_on_cores(measured):
    costs = {(row["core"], row["level"]): row for row in measured}
    for core, most in MOST.items():
        network = costs[core, "-O2"]["network"]
        assert 1e6 < network < most, f"{network:,} instructions on {core}"
        assert costs[core, "-Os"]["network"] < 1.3 * most
        assert costs[core, "-O2"]["flash"] < 36_000
        assert costs[core, "-O2"]["ram"] < 21_000
        assert 100 < costs[core, "-O2"]["stack"] < 1000
        for row in (costs[core, "-O2"], costs[core, "-Os"]):  # no call waits for a frame
            assert row["longest_slice"] <= 1.01 * row["longest_step"] < 0.08 * row["frame"]
            assert 1 <= row["longest_push"] / row["longest_step"] < 2.5


def test_card_lists_the_cost(measured):
    "The model card has the figures of today's C: a change that costs more than 2 % renews it, or is mended."
    import ecgseg

    version = subprocess.run(["arm-none-eabi-gcc", "-dumpversion"], capture_output=True, text=True).stdout
    if not version.startswith("12.2"):
        pytest.skip(f"arm-none-eabi-gcc is {version.strip()}; the card was made with 12.2")
    card = (Path(ecgseg.__file__).parent / "models" / "seg-4-res-sm.md").read_text()
    cells = [re.findall(r"[\w,-]+", line) for line in card.splitlines() if line.startswith("| cortex")]
    listed = {core: [int(number.replace(",", "")) for number in numbers] for core, *numbers in cells}
    rows = [row for row in measured if row["level"] == "-O2"]
    assert set(listed) == {row["core"] for row in rows}
    for row in rows:
        instructions, *_, flash, ram, stack = listed[row["core"]]
        found = (row["frame"], row["flash"], row["ram"], row["stack"])
        assert np.allclose(found, (instructions, flash, ram, stack), rtol=0.02), (
            f"{row['core']}: {found}; the card is renewed by python benchmarks/c_cost.py --write"
        )


def test_selftest_on_cores(exported):
    files, folder = exported
    need_cross_tools()

    def run(cores):
        command = ["make", "-s", "qemu", f"CORES={cores}", "LEVELS=-O2"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True)

    done = run("cortex-m4 cortex-m55")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SELF-TEST PASSED") == 2
    right, wrong = "return (high + (high >> 31) + offset) >> right;", "return (high + offset) >> right << 1;"
    assert right in files["ecgseg_model.c"]
    (folder / "ecgseg_model.c").write_text(files["ecgseg_model.c"].replace(right, wrong))
    done = run("cortex-m4")
    (folder / "ecgseg_model.c").write_text(files["ecgseg_model.c"])
    assert done.returncode != 0 and "FAIL network" in done.stdout


RANDOM_FRAMES = 30
RANDOM_OUTPUTS = """/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include "ecgseg_model.h"
void ecgseg_probe(int layer); /* of a build that measures layers */
void ecgseg_probe(int layer)
{
    (void)layer;
}
int main(void)
{
    static int8_t in[ECGSEG_FRAME_SIZE], out[ECGSEG_FRAME_SIZE * ECGSEG_NUM_CLASSES];
    uint32_t random = 1;
    for (int frame = 0; frame < FRAMES; frame++) {
        uint32_t hash = 2166136261u;
        for (int i = 0; i < ECGSEG_FRAME_SIZE; i++) {
            random = random * 1664525u + 1013904223u;
            in[i] = (int8_t)(random >> 24);
        }
        ecgseg_model_run(in, out);
        for (size_t i = 0; i < sizeof out; i++) hash = (hash ^ (uint8_t)out[i]) * 16777619u;
        printf("%lx\\n", (unsigned long)hash);
    }
    return 0;
}
"""
MACHINES = {  # with each form of the kernels: no long products, plain C99, DSP and vector instructions
    "cortex-m0": "mps2-an385",
    "cortex-m3": "mps2-an385",
    "cortex-m4": "mps2-an386",
    "cortex-m55": "mps3-an547",
}


@cache
def random_hashes(name):
    "Hashes (FNV-1a) of the outputs of TensorFlow Lite's reference kernels, a line per random frame."
    from ecgseg.recording.bundled import bundled_model

    model, config = bundled_model(name, reference=True)
    random, numbers = 1, []
    for _ in range(RANDOM_FRAMES * config.frame_size):
        random = (random * 1664525 + 1013904223) % 2**32
        numbers.append(random >> 24)
    frames = np.array(numbers, np.uint8).view(np.int8).reshape(RANDOM_FRAMES, config.frame_size)
    hashes = []
    for output in model.run_int8(frames):
        value = 2166136261
        for byte in output.tobytes():
            value = (value ^ byte) * 16777619 % 2**32
        hashes.append(f"{value:x}")
    return hashes


@pytest.mark.parametrize("core", MACHINES)
@pytest.mark.parametrize("name", ["seg-4-res-sm", "seg-4-res-lg"])
def test_random_outputs_on_cores(exported, tmp_path, name, core):
    "Over 30,000 outputs of random frames are those of the reference kernels, bit for bit."
    from ecgseg.device.c_network import header_constants, model_header, model_source
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.recording.bundled import bundled_model

    files, _ = exported
    need_cross_tools()
    model, config = bundled_model(name, reference=True)
    network = ExportedNetwork(model.content)
    own = {
        "ecgseg_model.c": model_source(network.integers, config.name),
        "ecgseg_model.h": model_header(network.integers, config.name, header_constants(network, config)),
        "random.c": RANDOM_OUTPUTS.replace("FRAMES", str(RANDOM_FRAMES), 1),
    }
    write(files | own, tmp_path)
    built = f"build-{core}-O2/random.elf"
    done = subprocess.run(["make", "-s", built], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    command = ["qemu-system-arm", "-M", MACHINES[core], "-nographic", "-monitor", "none", "-serial", "none"]
    command += ["-semihosting-config", "enable=on,target=native", "-kernel", built]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert len(random_hashes(name)) == RANDOM_FRAMES
    assert done.stdout.split() == random_hashes(name), core


@pytest.mark.parametrize("compiler", ["gcc", "clang", "g++", "clang++"])
def test_no_warnings(exported, compiler):
    _, folder = exported
    need(compiler)
    # the number of samples that are computed at once concerns the network alone
    for group, files in ((8, [*sources(folder), "board.c", "fuzz.c"]), (4, ["ecgseg_model.c"])):
        command = [compiler, *language(compiler), "-O2", *WARNINGS, f"-DECGSEG_GROUP={group}", "-c", *files]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("compiler", ["arm-none-eabi-gcc", "arm-none-eabi-g++"])
def test_no_warnings_on_cores(exported, compiler):
    "Files for cores alone, and the forms of the kernels with vectors and without long products."
    _, folder = exported
    need(compiler)
    files = [*sources(folder), "board.c", "qemu.c", "qemu_start.c", "board_qemu.c"]
    for core in (["-mcpu=cortex-m0"], ["-mcpu=cortex-m55", "-mfloat-abi=hard"]):
        command = [compiler, *language(compiler), "-O2", *WARNINGS, "-mthumb", *core, "-DUART=0x40004000"]
        done = subprocess.run([*command, "-c", *files], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang", "clang++"])
def test_sanitizers(exported, compiler):
    _, folder = exported
    need(compiler)
    command = [compiler, *language(compiler), "-O1", "-g", SANITIZERS, "-fno-sanitize-recover=all"]
    command += [*sources(folder), "-lm", "-o", "sanitized"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if "cannot find" in done.stderr and "clang_rt" in done.stderr:
        pytest.skip("clang's sanitizers (libclang-rt) are not installed: .ci/cross says how")
    assert done.returncode == 0, done.stderr
    done = subprocess.run([folder / "sanitized"], capture_output=True, text=True)
    assert done.returncode == 0 and "SELF-TEST PASSED" in done.stdout, done.stdout + done.stderr


def test_big_endian(exported):
    "The self-test, with the checksums of its vectors, passes where the highest byte comes first."
    files, folder = exported
    need("s390x-linux-gnu-gcc", "qemu-s390x")
    # there, C99 computes in double what is declared as float, unless excess precision is unwanted
    command = ["s390x-linux-gnu-gcc", "-std=c99", "-fexcess-precision=fast", "-O2", "-static"]
    command += [*WARNINGS, *sources(folder), "-lm"]

    def run():
        subprocess.run([*command, "-o", "big_endian"], cwd=folder, check=True)
        return subprocess.run(["qemu-s390x", folder / "big_endian"], capture_output=True, text=True)

    done = run()
    assert done.returncode == 0 and "SELF-TEST PASSED" in done.stdout, done.stdout + done.stderr
    right, wrong = "low_first ? i :", "(low_first | 1) ? i :"  # bytes as they are in memory
    assert right in files["ecgseg_selftest.c"]
    (folder / "ecgseg_selftest.c").write_text(files["ecgseg_selftest.c"].replace(right, wrong))
    done = run()
    (folder / "ecgseg_selftest.c").write_text(files["ecgseg_selftest.c"])
    assert done.returncode != 0 and "FAIL vectors: the CRC32 of raw" in done.stdout


def test_odd_sizes_on_cores(tmp_path):
    "Where channels and samples fill no vector, the network is bit-exact with MVE and without."
    from ecgseg.config.parts import SyntheticParams, TcnBlock, TcnParams
    from ecgseg.config.run import preset
    from ecgseg.data.synthetic import synthesize_records
    from ecgseg.device.c_pipeline import c_files
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.device.quantise import convert_int8
    from ecgseg.device.sum_range import short_sums
    from ecgseg.signal.preprocess import Preprocessor
    from ecgseg.training.tcn import build_tcn

    need_cross_tools()
    blocks = (
        TcnBlock(filters=5, kernel=9, dropout=0, ex_ratio=2),
        TcnBlock(filters=19, dilation=4, depth=2, se_ratio=5, dropout=0),
        TcnBlock(filters=19, dilation=8, dropout=0),
    )
    architecture = TcnParams(input_filters=3, input_kernel=5, blocks=blocks, output_kernel=3)
    config = preset("seg-4-res-sm", frame_size=101)
    rng = np.random.default_rng(0)
    model = build_tcn(architecture, config.frame_size, config.num_classes)
    for variable in model.weights:
        if "moving_variance" not in variable.path:
            variable.assign(rng.normal(0.05, 0.3, variable.shape))
    records = synthesize_records(
        SyntheticParams(), 2, seed=1, processes=1, cache=tmp_path / "cache", progress=False
    )
    frames = Preprocessor.of(config)(records.signal[:, :909].reshape(-1, 101))
    network = ExportedNetwork(convert_int8(model, frames))
    assert short_sums(network.integers)  # which MVE needs
    write(c_files(network, config, records), tmp_path)
    command = ["make", "-s", "qemu", "CORES=cortex-m3 cortex-m4 cortex-m55", "LEVELS=-O2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.count("pass network") == 3, done.stdout + done.stderr


def test_licence_in_every_file(exported):
    files, _ = exported
    for name, content in files.items():
        if isinstance(content, str) and name not in ("LICENSE", "README.md"):
            assert "SPDX-License-Identifier: BSD-3-Clause" in "\n".join(content.splitlines()[:3]), name
    assert "BSD 3-Clause License" in files["LICENSE"]


@pytest.mark.parametrize("hop", [None, 37, 256])
def test_fuzz(exported, tmp_path, hop):
    "Any samples, chunks, classes and hops: no sanitizer complains, and waves come in order."
    from ecgseg.device.c_stream import StreamOptions, stream_files
    from ecgseg.recording.bundled import bundled_model

    files, _ = exported
    need("clang", "make")
    write(files | stream_files(bundled_model(reference=True)[1], StreamOptions(hop=hop)), tmp_path)
    built = subprocess.run(["make", "ecgseg_fuzz"], cwd=tmp_path, capture_output=True, text=True)
    if "libclang_rt.fuzzer" in built.stderr:
        pytest.skip("libFuzzer is not installed: .ci/cross says how")
    assert built.returncode == 0, built.stderr
    seconds = int(os.environ.get("ECGSEG_FUZZ_SECONDS", 0))  # CI takes a minute
    limit = f"-max_total_time={seconds // 3}" if seconds else "-runs=20"
    runs = ["./ecgseg_fuzz", "-seed=1", limit, "-max_len=200", "-len_control=0"]
    done = subprocess.run(runs, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
