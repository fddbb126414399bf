"""Packages of a bundled network: what each tool says of them, and that their examples find the right waves.

Where a tool cannot be had, a stand-in of `stand_ins/` takes the place of the platform's functions.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import ROOT

STAND_INS = ROOT / "tests" / "stand_ins"
# programs from PyPI that are not in the environment of the tests; .ci/packages installs them
TOOLS = ROOT / "build" / "package_tools" / "bin"
STRICT = ("-O2", "-Wall", "-Wextra", "-Werror")
CORES = (("-mcpu=cortex-m0",), ("-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"))
LEFT_OUT = (("peaks",), ("scale",), ("beats", "spikes"), ("rhythm", "quality"))  # parts of the stream
CLASSES = ("NONE", "P-WAVE", "QRS", "T-WAVE")


def needs(*programs):
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(
        bool(missing), reason=f"not installed: {', '.join(missing)}; .ci/cross installs what Debian has"
    )


needs_tools = pytest.mark.skipif(
    not (TOOLS / "python").exists(), reason="no build/package_tools: bash .ci/packages"
)


def run(*command, **options):
    "Run a command that must succeed; return its output."
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    "Return a folder with a package of each kind, named after it."
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.device.packages import KINDS, golden_records, make_source, write_package
    from ecgseg.recording.bundled import bundled_model, example_ecg

    folder = tmp_path_factory.mktemp("packages")
    model, config = bundled_model(reference=True)
    assert config.class_names == CLASSES
    ecg, fs = example_ecg()
    records = golden_records(ecg.to_numpy(), fs, list(ecg), config.sampling_rate)
    source = make_source(ExportedNetwork(model.content), config, records)
    for kind in KINDS:
        if kind != "onnx" or find_spec("onnx"):
            write_package(source, kind, folder / kind)
    return folder


def found_waves(text):
    "Return (class, onset, offset) of the lines that are waves, those of the C program with more columns."
    lines = re.findall(r"^([\w-]+)[ ,](\d+)(?:,\d+)?[ ,](\d+)(?:,.*)?$", text, flags=re.MULTILINE)
    return [(kind, int(onset), int(offset)) for kind, onset, offset in lines]


@pytest.fixture(scope="module")
def expected_waves(packages, tmp_path_factory):
    "Return the waves that the C program finds in the recording of the examples."
    if shutil.which("cc") is None or shutil.which("make") is None:
        pytest.skip("not installed: cc, make")
    folder = tmp_path_factory.mktemp("expected") / "c"
    shutil.copytree(packages / "c", folder)
    run("make", "ecgseg_main", cwd=folder)
    header = (packages / "arduino" / "examples" / "StoredEcg" / "ecg.h").read_text()
    (folder / "signal.txt").write_text(header.partition("= {")[2].partition("}")[0].replace("f,", "\n"))
    waves = found_waves(run("./ecgseg_main", "signal.txt", cwd=folder))
    assert {kind for kind, _, _ in waves} == set(CLASSES[1:]) and len(waves) > 30
    return waves


def check_board(program):
    "Check that a firmware whose serial line is standard input and output finds the waves that Python finds."
    from ecgseg.device.backends import as_backend, device_network, signal_at_rate
    from ecgseg.device.board_report import read_on_board
    from ecgseg.recording.bundled import example_ecg
    from ecgseg.testing_board import relayed_board

    ecg, fs = example_ecg()
    with (
        relayed_board(program) as address,
        as_backend(f"serial:{address}", device_network("seg-4-res-sm")) as backend,
    ):
        report = read_on_board(backend, signal_at_rate(ecg["II"].to_numpy(), fs, backend.fs))
    assert report.differences == 0 and len(report.board.waves) > 30


needs_serial = pytest.mark.skipif(find_spec("serial") is None, reason="not installed: pyserial")


def labels_of(waves, samples):
    labels = np.zeros(samples, int)
    for kind, onset, offset in waves:
        labels[onset : offset + 1] = CLASSES.index(kind)
    return labels


# Arduino and PlatformIO

SKETCHES = ("StoredEcg", "AnalogPin", "SelfTest", "BoardInTheLoop")


def properties(folder):
    lines = (folder / "library.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_arduino_rules(packages):
    "Arduino Lint's rules for libraries, by their identifiers, as its documentation states them."
    folder = packages / "arduino"
    paths = [path.relative_to(folder) for path in folder.rglob("*")]
    given = properties(folder)
    name, version = given["name"], given["version"]
    rules = {
        "LS003": all(re.fullmatch(r"[A-Za-z0-9][\w.-]{0,62}", part) for path in paths for part in path.parts),
        "LS005": not any((folder / path).is_symlink() for path in paths),
        "LS006": not (folder / ".development").exists(),
        "LS007": not any(path.suffix == ".exe" for path in paths),
        "LS008": (folder / "src" / f"{name}.h").is_file(),
        "LS010": not (folder / "utility").exists(),
        "LP012": 1 <= len(name) <= 63 and len(name) <= 16,
        "LP014": re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", name) is not None,
        "LP017": "arduino" not in name.lower() and "library" not in name.lower(),
        "LP022": re.fullmatch(r"\d+\.\d+\.\d+", version) is not None,
        "LP024": bool(given["author"]) and bool(given["maintainer"]),
        "LP027": "arduino" not in given["maintainer"].lower(),
        "LP032": bool(given["sentence"]) and given["sentence"][-1] == ".",
        "LP036": given["sentence"] not in given["paragraph"],
        "LP038": given["category"]
        in (
            *("Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing"),
            *("Data Storage", "Data Processing", "Other"),
        ),
        "LP042": re.fullmatch(r"https://\S+", given["url"]) is not None,
        "LP046": bool(given["architectures"]),
        "LP056": all((folder / "src" / header).is_file() for header in given["includes"].split(",")),
        "LD001": (folder / "README.md").is_file(),
        "LD002": (folder / "LICENSE").is_file(),
        "LD003": all(path.parts[0] == "examples" for path in paths if path.suffix == ".ino"),
        "LD004": any(path.suffix == ".ino" for path in paths),
        "SS001": all(path.stem == path.parent.name for path in paths if path.suffix == ".ino"),
    }
    assert not [rule for rule, holds in rules.items() if not holds]
    assert set(given) == {
        *("name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url"),
        *("architectures", "includes"),
    }


def build_sketch(package, sketch, folder, compiler, c_compiler, flags, link=()):
    "Compile library and sketch with the stand-in of a board, and link them."
    folder.mkdir()
    example = package / "examples" / sketch
    text = (example / f"{sketch}.ino").read_text()
    (folder / "sketch.cpp").write_text(f'#include <Arduino.h>\n#line 1 "{sketch}.ino"\n{text}')
    # the board's signal is the recording of StoredEcg
    include = [package / "src", STAND_INS / "arduino", example, package / "examples" / "StoredEcg"]
    options = [*STRICT, *flags, *(f"-I{path}" for path in include)]
    sources = [*(package / "src").glob("*.c"), *example.glob("*.c")]
    for source in sources:
        run(c_compiler, *options, "-std=gnu11", "-c", source, cwd=folder)
    for source in (folder / "sketch.cpp", STAND_INS / "arduino" / "arduino.cpp"):
        run(compiler, *options, "-std=gnu++11", "-c", source, cwd=folder)
    wrap = "-Wl,--wrap=ecgseg_model_step"  # the stand-in's time passes while the network runs
    run(compiler, *flags, *folder.glob("*.o"), wrap, *link, "-lm", "-o", folder / "program")
    return folder / "program"


@needs("cc", "c++")
def test_sketches_find_the_waves(packages, expected_waves, tmp_path):
    output = {
        sketch: run(build_sketch(packages / "arduino", sketch, tmp_path / sketch, "c++", "cc", ()))
        for sketch in SKETCHES[:3]
    }
    assert found_waves(output["StoredEcg"]) == expected_waves
    assert output["StoredEcg"].endswith("end\n")
    assert output["SelfTest"].endswith("SELF-TEST PASSED\n")
    # the pin has steps of 3 µV, its clock another phase, and the last waves are not final yet
    assert "late" not in output["AnalogPin"]
    end = expected_waves[-1][1] - 256
    labels = [labels_of(waves, 2000)[:end] for waves in (expected_waves, found_waves(output["AnalogPin"]))]
    assert (labels[0] == labels[1]).mean() > 0.97


@needs_serial
@needs("cc", "c++")
def test_sketch_is_a_board_in_the_loop(packages, tmp_path):
    check_board(build_sketch(packages / "arduino", "BoardInTheLoop", tmp_path / "board", "c++", "cc", ()))


@needs("cc", "c++")
def test_pin_is_read_while_the_network_runs(packages, expected_waves, tmp_path):
    "With all of a frame's work at once, samples come late and the sketch finds other waves."
    package = tmp_path / "package"
    shutil.copytree(packages / "arduino", package)
    flags = ("-DECGSEG_SPREAD=1",)
    output = run(build_sketch(package, "AnalogPin", tmp_path / "program", "c++", "cc", flags))
    assert "late" in output
    end = expected_waves[-1][1] - 256
    labels = [labels_of(waves, 2000)[:end] for waves in (expected_waves, found_waves(output))]
    assert (labels[0] == labels[1]).mean() < 0.97


@needs("arm-none-eabi-gcc", "arm-none-eabi-g++")
@pytest.mark.parametrize("core", CORES, ids=lambda core: core[0])
def test_sketches_fit_a_core(packages, core, tmp_path):
    for sketch in SKETCHES:
        program = build_sketch(
            *(packages / "arduino", sketch, tmp_path / sketch, "arm-none-eabi-g++", "arm-none-eabi-gcc"),
            (*core, "-mthumb", "-DNO_FILES", "-ffunction-sections", "-fdata-sections"),
            ("--specs=nosys.specs", "--specs=nano.specs", "-Wl,--gc-sections", "-Wl,--no-warnings"),
        )
        text, data, bss = map(int, run("arm-none-eabi-size", program).splitlines()[1].split()[:3])
        assert text < 110_000 and data + bss < 64_000


PACK = """
import json, sys
from platformio.package.manifest.schema import ManifestSchema
from platformio.package.pack import PackagePacker

# the list of licences is fetched from the internet; the rest of the check needs none
ManifestSchema.load_spdx_licenses = staticmethod(lambda: {"licenses": [{"licenseId": "BSD-3-Clause"}]})
print(PackagePacker(sys.argv[1]).pack(sys.argv[2]))
"""


@needs_tools
def test_platformio_packs(packages, tmp_path):
    env = os.environ | {"PLATFORMIO_CORE_DIR": str(tmp_path / "core")}
    packed = run(TOOLS / "python", "-c", PACK, packages / "platformio", tmp_path / "ecgseg.tar.gz", env=env)
    listed = run("tar", "tzf", packed.split()[-1]).splitlines()
    assert {"library.json", "src/ecgseg.h", "examples/StoredEcg/StoredEcg.ino"} <= set(listed)
    broken = tmp_path / "broken"
    shutil.copytree(packages / "platformio", broken)
    manifest = json.loads((broken / "library.json").read_text())
    (broken / "library.json").write_text(json.dumps(manifest | {"version": "new", "license": "none at all"}))
    done = subprocess.run(
        [TOOLS / "python", "-c", PACK, broken, tmp_path / "broken.tar.gz"], capture_output=True, env=env
    )
    assert b"ManifestValidationError" in done.stderr


CI = """
import sys
from platformio.commands.ci import _copy_contents

_copy_contents(sys.argv[1] + "/lib", [sys.argv[2]])
_copy_contents(sys.argv[1] + "/src", [sys.argv[3]])
"""


@needs_tools
@needs("cc", "c++")
@pytest.mark.parametrize("sketch", SKETCHES)
def test_platformio_ci_has_all_files(packages, sketch, tmp_path):
    "The command that the export names copies what it compiles: library and sketch, with the headers."
    from ecgseg.device.packages import KINDS

    example = KINDS["platformio"].next_step.split()[-1].format(folder=packages / "platformio")
    example = example.replace("StoredEcg", sketch)
    (tmp_path / "project").mkdir()
    run(TOOLS / "python", "-c", CI, tmp_path / "project", packages / "platformio", example)
    folder = tmp_path / "package"
    shutil.copytree(tmp_path / "project" / "lib" / "platformio" / "src", folder / "src")
    shutil.copytree(tmp_path / "project" / "src", folder / "examples" / sketch)
    if sketch != "StoredEcg":  # of the stand-in's pin
        shutil.copytree(packages / "platformio" / "examples" / "StoredEcg", folder / "examples" / "StoredEcg")
    build_sketch(folder, sketch, tmp_path / "program", "c++", "cc", ())


# Zephyr and ESP-IDF


def check_example(output, expected_waves):
    lines = output.splitlines()
    assert "SELF-TEST PASSED" in lines and lines[-1] == "end, 0 samples lost"
    assert found_waves(output) == expected_waves


def configure(package, folder, *options, env=None):
    "Configure and build with CMake; warnings are errors."
    flags = "-DCMAKE_C_FLAGS=" + " ".join([*STRICT, *[o[8:] for o in options if o.startswith("C_FLAGS=")]])
    others = [option for option in options if not option.startswith("C_FLAGS=")]
    env = os.environ | (env or {})
    run("cmake", "-S", package, "-B", folder, "-Werror=dev", flags, *others, env=env)
    run("cmake", "--build", folder, env=env)


ARM = (
    *("-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_C_COMPILER=arm-none-eabi-gcc"),
    *("-DCMAKE_EXE_LINKER_FLAGS=--specs=nosys.specs -Wl,--no-warnings",),
    *("-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY", "C_FLAGS=-mcpu=cortex-m4 -mthumb"),
)


@needs("cmake", "cc")
def test_zephyr_sample(packages, expected_waves, tmp_path):
    sample = packages / "zephyr" / "samples" / "stream"
    stand_in = f"-DZephyr_DIR={STAND_INS / 'zephyr'}"
    configure(sample, tmp_path / "host", stand_in)
    check_example(run(tmp_path / "host" / "app"), expected_waves)
    if shutil.which("arm-none-eabi-gcc"):
        configure(sample, tmp_path / "arm", stand_in, *ARM)


@needs_serial
@needs("cmake", "cc")
def test_zephyr_board(packages, tmp_path):
    from ecgseg.testing_board import BOARD_ON_PC

    package = tmp_path / "zephyr"
    shutil.copytree(packages / "zephyr", package)
    sample = package / "samples" / "stream"
    (sample / "src" / "main.c").write_text(BOARD_ON_PC)
    with (sample / "prj.conf").open("a") as settings:
        settings.write("CONFIG_ECGSEG_BOARD=y\n")
    configure(sample, tmp_path / "host", f"-DZephyr_DIR={STAND_INS / 'zephyr'}")
    check_board(tmp_path / "host" / "app")


def test_zephyr_module_and_sample_settings(packages):
    "The keys that Zephyr's schema of module.yml has, and settings that exist."
    folder = packages / "zephyr"
    lines = (folder / "zephyr" / "module.yml").read_text().splitlines()
    keys = [line.split(":")[0].strip() for line in lines if ":" in line and not line.startswith("#")]
    assert keys == ["name", "build", "cmake", "kconfig", "samples"]
    values = {
        key: line.split(": ")[1] for line in lines for key in ("cmake", "kconfig") if f"  {key}: " in line
    }
    assert (folder / values["cmake"] / "CMakeLists.txt").is_file() and (folder / values["kconfig"]).is_file()
    own = set(re.findall(r"^config (\w+)$", (folder / "zephyr" / "Kconfig").read_text(), flags=re.MULTILINE))
    used = re.findall(r"CONFIG_(ECGSEG\w*)", (folder / "samples" / "stream" / "prj.conf").read_text())
    used += re.findall(r"CONFIG_(ECGSEG\w*)", (folder / "zephyr" / "CMakeLists.txt").read_text())
    assert set(used) == own


KCONFIG = """
import sys
import kconfiglib

kconfig = kconfiglib.Kconfig(sys.argv[1])
settings = kconfig.syms
print(settings["ECGSEG_SELFTEST"].visibility, end=" ")
settings["ECGSEG"].set_value("y")
names = ("ECGSEG_SELFTEST", "REQUIRES_FULL_LIBC", "FPU")
print(*(settings[name].str_value for name in names), kconfig.warnings)
"""


@needs_tools
def test_zephyr_kconfig(packages, tmp_path):
    top = tmp_path / "Kconfig"
    zephyrs = (
        'config CPU_HAS_FPU\n\tdef_bool y\nconfig FPU\n\tbool "FPU"\nconfig REQUIRES_FULL_LIBC\n\tbool\n'
    )
    top.write_text(f'{zephyrs}source "{packages / "zephyr" / "zephyr" / "Kconfig"}"\n')
    assert run(TOOLS / "python", "-c", KCONFIG, top) == "0 n y y []\n"


@needs("cmake", "cc")
def test_espidf_example(packages, expected_waves, tmp_path):
    env = {"IDF_PATH": str(STAND_INS / "espidf")}
    configure(packages / "espidf", tmp_path / "host", env=env)
    check_example(run(tmp_path / "host" / "ecgseg_stream"), expected_waves)
    if shutil.which("arm-none-eabi-gcc"):
        configure(packages / "espidf", tmp_path / "arm", *ARM, env=env)


@needs_serial
@needs("cmake", "cc")
def test_espidf_board(packages, tmp_path):
    from ecgseg.testing_board import BOARD_ON_PC

    project = tmp_path / "espidf"
    shutil.copytree(packages / "espidf", project)
    (project / "main" / "main.c").write_text(BOARD_ON_PC.replace("int main(void)", "void app_main(void)"))
    configure(project, tmp_path / "host", env={"IDF_PATH": str(STAND_INS / "espidf")})
    check_board(tmp_path / "host" / "ecgseg_stream")


@needs_tools
def test_espidf_component_packs(packages, tmp_path):
    component = tmp_path / "ecgseg"
    shutil.copytree(packages / "espidf" / "components" / "ecgseg", component)
    env = os.environ | {"IDF_TOOLS_PATH": str(tmp_path / "idf"), "PATH": f"{TOOLS}:{os.environ['PATH']}"}
    command = [
        TOOLS / "compote",
        "-W",
        "component",
        "pack",
        "--name",
        "ecgseg",
        "--dest-dir",
        tmp_path / "dist",
    ]
    run(*command, cwd=component, env=env)
    (packed,) = (tmp_path / "dist").glob("*.tgz")
    listed = run("tar", "tzf", packed).split()
    assert any(name.endswith("src/ecgseg_segment.h") for name in listed)
    manifest = component / "idf_component.yml"
    manifest.write_text(manifest.read_text().replace("version: ", "version: x"))
    done = subprocess.run(list(map(str, command)), cwd=component, env=env, capture_output=True, text=True)
    assert done.returncode != 0 and "version" in done.stdout + done.stderr


# CMSIS-Pack


def test_cmsis_pack_rules(packages):
    "What the schema PACK.xsd and packchk ask for, as their documentation states it."
    (pack,) = (packages / "cmsis-pack").glob("*.pack")
    with zipfile.ZipFile(pack) as archive:
        names = set(archive.namelist())
        root = ElementTree.fromstring(archive.read("ecgseg.ecgseg.pdsc"))
    text = {key: root.findtext(key) for key in ("vendor", "name", "description", "url", "license")}
    version = root.find("releases")[0].get("version")
    assert root.tag == "package" and re.fullmatch(r"1\.7\.\d+", root.get("schemaVersion"))
    assert pack.name == f"{text['vendor']}.{text['name']}.{version}.pack"
    assert all(re.fullmatch(r"[\w-]+", text[key]) for key in ("vendor", "name"))
    assert text["description"] and len(text["description"]) <= 128
    assert text["url"].startswith("https://") and text["url"].endswith("/") and text["license"] in names
    order = [child.tag for child in root]
    assert len(order) == len(set(order)) and set(order) <= {
        *("vendor", "name", "description", "url", "license", "licenseSets", "releases", "keywords"),
        *("taxonomy", "conditions", "components"),
    }
    conditions = {condition.get("id") for condition in root.iter("condition")}
    components = root.findall("components/component")
    assert (
        len({tuple(sorted(part.items())) for part in (c.attrib for c in components)}) == len(components) == 3
    )
    for component in components:
        assert {"Cclass", "Cgroup", "Csub", "Cversion"} <= set(component.attrib)
        assert all(3 <= len(component.get(part)) <= 32 for part in ("Cclass", "Cgroup", "Csub"))
        assert component.get("Cversion") == version
        assert component.get("condition") in {None, *conditions}
        for file in component.iter("file"):
            name = file.get("name")
            assert file.get("category") in ("doc", "header", "include", "source")
            assert (name in names) or (name.endswith("/") and any(other.startswith(name) for other in names))
    named = {file.get("name") for file in root.iter("file")}
    assert {name for name in names if name.endswith((".c", ".h"))} == {
        n for n in named if n[-2:] in (".c", ".h")
    }
    required = root.find("conditions/condition/require")
    segmentation = components[0]
    assert all(segmentation.get(key) == value for key, value in required.items())


@needs("arm-none-eabi-gcc")
@pytest.mark.parametrize("core", CORES, ids=lambda core: core[0])
def test_cmsis_pack_compiles(packages, core, tmp_path):
    folder = packages / "cmsis-pack"
    root = ElementTree.parse(folder / "ecgseg.ecgseg.pdsc").getroot()
    files = [(file.get("category"), folder / file.get("name")) for file in root.iter("file")]
    files = [(category, path) for category, path in files if path.parent.name != "board"]
    include = {str(path) for category, path in files if category == "include"}
    include |= {str(path.parent) for category, path in files if category == "header"}
    sources = [path for category, path in files if category == "source"]
    main = tmp_path / "main.c"
    main.write_text(
        '#include <stdio.h>\n#include "ecgseg_segment.h"\n#include "ecgseg_selftest.h"\n'
        "int main(void) { return ecgseg_selftest(printf); }\n"
    )
    options = [*STRICT, "-std=c99", "-mthumb", *core, *(f"-I{path}" for path in include)]
    libraries = ["--specs=nosys.specs", "-Wl,--no-warnings", "-lm"]
    run("arm-none-eabi-gcc", *options, *sources, main, *libraries, "-o", tmp_path / "program")
    # what README states
    ((flash, ram),) = re.findall(r"(\d+) KB of flash and (\d+) KB of RAM", (folder / "README.md").read_text())
    stream = tmp_path / "stream.c"
    stream.write_text('#include "ecgseg_segment.h"\necgseg_stream_t stream = {0};\n')
    device = [path for path in sources if "selftest" not in path.name]
    run("arm-none-eabi-gcc", *options, "-c", *device, stream, cwd=tmp_path)
    lines = run("arm-none-eabi-size", *tmp_path.glob("*.o")).splitlines()[1:]
    text, data, bss = np.sum([list(map(int, line.split()[:3])) for line in lines], axis=0)
    assert text + data == pytest.approx(1000 * int(flash), rel=0.1)
    assert data + bss == pytest.approx(1000 * int(ram), rel=0.1)


@needs_serial
@needs("cc")
def test_cmsis_pack_board(packages, tmp_path):
    from ecgseg.testing_board import BOARD_ON_PC

    folder = packages / "cmsis-pack"
    root = ElementTree.parse(folder / "ecgseg.ecgseg.pdsc").getroot()
    own = [
        part for part in root.iter("component") if part.get("Csub") in ("Segmentation", "Board in the loop")
    ]
    sources = [folder / file.get("name") for part in own for file in part.iter("file")]
    sources = [path for path in sources if path.suffix == ".c"]
    (tmp_path / "main.c").write_text(BOARD_ON_PC)
    include = [f"-I{folder / name}" for name in ("src", "board")]
    run("cc", *STRICT, "-std=c99", *include, *sources, tmp_path / "main.c", "-lm", "-o", tmp_path / "board")
    check_board(tmp_path / "board")


# Rust


def crate_in(folder, packages):
    "Copy the crate, with Debian's crates as its registry, or skip."
    registry = Path("/usr/share/cargo/registry")
    if not list(registry.glob("cc-*")):
        pytest.skip("the crate cc is not in /usr/share/cargo/registry: librust-cc-dev, .ci/cross installs it")
    crate = folder / "crate"
    shutil.copytree(packages / "rust", crate)
    (crate / ".cargo").mkdir()
    (crate / ".cargo" / "config.toml").write_text(
        f'[source.crates-io]\nreplace-with = "debian"\n\n[source.debian]\ndirectory = "{registry}"\n'
    )
    return crate


@needs("cargo", "cc")
def test_rust_crate(packages, tmp_path):
    crate = crate_in(tmp_path, packages)
    command = ["cargo", "test", "--offline"]
    output = run(*command, cwd=crate)
    assert re.findall(r"test result: ok. (\d+) passed; 0 failed", output) == ["0", "4", "1"]
    assert "#![no_std]" in (crate / "src" / "lib.rs").read_text()
    run("cargo", "package", "--offline", "--allow-dirty", "--no-verify", cwd=crate)
    golden = crate / "tests" / "golden" / "output.bin"
    content = bytearray(golden.read_bytes())
    content[-1] ^= 1
    golden.write_bytes(content)
    done = subprocess.run(command, cwd=crate, capture_output=True, text=True)
    assert done.returncode != 0 and "network_equals_the_golden_vectors ... FAILED" in done.stdout


BOARD = """
use std::io::{Read, Write};

#[no_mangle]
pub extern "C" fn board_get() -> u8 {
    let mut byte = [0];
    if std::io::stdin().read(&mut byte).unwrap() == 0 {
        std::process::exit(0)
    }
    byte[0]
}

#[no_mangle]
pub extern "C" fn board_put(byte: u8) {
    std::io::stdout().write_all(&[byte]).unwrap();
    if byte == 0 {
        std::io::stdout().flush().unwrap();
    }
}

#[no_mangle]
pub extern "C" fn board_now() -> u32 {
    0
}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static board_now_rate: u32 = 1_000_000;

fn main() {
    ecgseg::Segmenter::new().unwrap().serve_board()
}
"""


@needs_serial
@needs("cargo", "cc")
def test_rust_board(packages, tmp_path):
    crate = crate_in(tmp_path, packages)
    (crate / "examples").mkdir()
    (crate / "examples" / "board.rs").write_text(BOARD)
    run("cargo", "build", "--offline", "--features", "board", "--example", "board", cwd=crate)
    check_board(crate / "target" / "debug" / "examples" / "board")


@needs("cargo", "cc", "make")
@pytest.mark.parametrize("parts", LEFT_OUT, ids=" ".join)
def test_without_parts(parts, tmp_path):
    "A package without parts of the stream passes its own tests in C and in Rust."
    from ecgseg.cli.main import main

    for kind in ("c", "rust"):
        options = ["--fs", "250", *(f"--without={part}" for part in parts)]
        assert main(["export", "seg-4-res-sm", *options, "--as", kind, "--out", str(tmp_path / kind)]) == 0
    run("make", "ecgseg_main", cwd=tmp_path / "c")
    assert run("./ecgseg_main", cwd=tmp_path / "c").endswith("SELF-TEST PASSED\n")
    crate = crate_in(tmp_path, tmp_path)
    run("cargo", "test", "--offline", "--test", "golden", cwd=crate)
    if shutil.which("rustfmt"):
        run("cargo", "fmt", "--check", cwd=crate)


@needs("cargo", "cargo-clippy", "rustfmt", "cc")
def test_rust_style(packages, tmp_path):
    crate = crate_in(tmp_path, packages)
    run("cargo", "fmt", "--check", cwd=crate)
    run("cargo", "clippy", "--offline", "--all-targets", "--all-features", "--", "-D", "warnings", cwd=crate)


@needs("cargo", "cc")
def test_rust_is_safe_to_use(packages, tmp_path):
    "A segmenter is not shared between threads, and a wave's closure cannot reach the segmenter."
    crate = crate_in(tmp_path, packages)
    (crate / "examples").mkdir()
    wrong = {
        "shared": "let s = ecgseg::Segmenter::new().unwrap(); fn f<T: Sync>(_: &T) {} f(&s);",
        "nested": "let mut s = ecgseg::Segmenter::new().unwrap(); "
        "s.push(&[0.0], |_| drop(ecgseg::Segmenter::finish(&mut s, |_| ())));",
    }
    for name, body in wrong.items():
        (crate / "examples" / f"{name}.rs").write_text(f"fn main() {{ {body} }}\n")
    codes = {"shared": "E0277", "nested": "E0499"}
    for name, code in codes.items():
        done = subprocess.run(
            ["cargo", "check", "--offline", "--example", name], cwd=crate, capture_output=True, text=True
        )
        assert done.returncode != 0 and f"error[{code}]" in done.stderr, done.stderr


# ONNX


def test_onnx_program(packages, tmp_path):
    if not (find_spec("onnx") and find_spec("onnxruntime")):
        pytest.skip("not installed: onnx, onnxruntime")
    folder = tmp_path / "onnx"
    shutil.copytree(packages / "onnx", folder)
    assert "16 of 16 golden frames equal" in run(sys.executable, folder / "check.py")
    golden = dict(np.load(folder / "golden.npz"))
    golden["output"][3, 7, 1] += 1
    np.savez(folder / "golden.npz", **golden)
    done = subprocess.run([sys.executable, folder / "check.py"], capture_output=True, text=True)
    assert done.returncode == 1 and "15 of 16 golden frames equal" in done.stdout
