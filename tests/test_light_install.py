"The base installation, `pip install ecgseg`, is sufficient to segment and plot; C needs the extra `export`."

import ast
import os
import subprocess
import sys
from importlib import metadata

import pytest
from conftest import OUT_OF_REACH, ROOT
from packaging.requirements import Requirement
from test_package import canonical, key_of, settings_ini

# packages that must not be in the base installation
HEAVY = set((ROOT / ".ci" / "absent.txt").read_text().split())
# start of every script: imports of any other installed package fail as if it were missing
BLOCKED = """
import importlib.util
import sys
from importlib.abc import MetaPathFinder

find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name in {names!r} else find_spec(name, *more)

class Blocked(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"blocked: {{name}}", name=name)

sys.meta_path.insert(0, Blocked())
"""


def closure(requirements):
    "Return the distributions that these requirements install, directly or indirectly."
    found, waiting = set(), [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonical(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        if name not in found:
            found.add(name)
            waiting += [(Requirement(text), "") for text in metadata.requires(name) or ()]
        for extra in requirement.extras:
            waiting += [
                (Requirement(text), extra) for text in metadata.requires(name) or () if "extra ==" in text
            ]
    return found


BASE = closure(settings_ini()["requirements"].split())


def blocked_names(*extras):
    "Return the installed top-level modules that are neither in the base installation nor in these extras."
    there = BASE.union(*(closure(settings_ini()[key_of(extra)].split()) for extra in extras))
    return {
        name
        for name, distributions in metadata.packages_distributions().items()
        if name != "ecgseg" and not there & {canonical(distribution) for distribution in distributions}
    }


def in_base_installation(code, folder, *argv, extras=()):
    "Run a script with only the packages of the base installation, and of some extras."
    return subprocess.run(
        [sys.executable, "-c", BLOCKED.format(names=blocked_names(*extras)) + code, *map(str, argv)],
        cwd=folder,
        env=os.environ | OUT_OF_REACH | {"ECGSEG_DATA": "", "ECGSEG_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
    )


def test_base_installation_is_light():
    assert not HEAVY & BASE
    assert {"numpy", "pandas", "matplotlib", "ai-edge-litert"} <= BASE
    assert HEAVY & closure(settings_ini()[key_of("train")].split()) >= {"scipy", "physiokit", "requests"}
    assert HEAVY <= {canonical(name) for name in blocked_names()}
    assert len({"ecgseg"} | BASE) <= 25


def test_segments_draws_and_writes(tmp_path):
    code = """
import ecgseg, ecgseg.cli.main
from ecgseg import Segmenter, segment
import ecgseg.recording.read, ecgseg.recording.write, ecgseg.recording.page
signal, fs = ecgseg.example_ecg()
result = segment(signal, fs)
assert set(result.waves["wave"]) == {"P", "QRS", "T"} and result.hrv().value.notna().all()
result.plot().savefig("plot.png")
result.to_html("page.html")
result.to_csv("waves.csv")
segmenter = Segmenter(fs)
stream = [segmenter.push(signal.to_numpy()[:, 0]), segmenter.flush()]
assert sum(map(len, stream)) > 20
"""
    done = in_base_installation(code, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("plot.png", "page.html", "waves.csv"):
        assert (tmp_path / name).stat().st_size > 1000


def test_command_segment(tmp_path):
    code = "from ecgseg.cli.main import main; sys.exit(main(sys.argv[1:]))"
    example = ROOT / "ecgseg" / "example.csv"
    done = in_base_installation(
        code, tmp_path, "segment", example, "--out", tmp_path, "--format", "csv,json,html"
    )
    read_as = (
        "text table separated by commas, values from line 2; rate from column 'time', jitter 0 ms; 250 Hz"
    )
    leads = ", ".join(f"{lead} (unit unknown)" for lead in ("I", "II", "V2"))
    assert (done.returncode, done.stderr) == (0, f"{example}: {read_as}; {leads}\n")
    assert done.stdout.splitlines()[-1].startswith("3 files written to")
    assert (tmp_path / "example_waves.html").is_file()


def test_command_export(tmp_path):
    code = """
from ecgseg.cli.main import main
from ecgseg.device.packages import KINDS
print({kind: main(["export", "seg-4-res-sm", "--as", kind, "--json"]) for kind in KINDS})
"""
    done = in_base_installation(code, tmp_path, extras=["export"])
    codes = ast.literal_eval(done.stdout.splitlines()[-1])
    assert done.stderr == "ecgseg: error: onnx is not installed: pip install 'ecgseg[onnx]'\n"
    assert {"c", "arduino", "rust"} < set(codes) and codes == {kind: int(kind == "onnx") for kind in codes}
    written = {path.parent.name for path in tmp_path.glob("*/ecgseg_export.json")}
    assert written == {f"seg-4-res-sm-{kind}" for kind in codes if kind != "onnx"}


def test_every_module_imports_or_names_its_extra(tmp_path):
    code = """
import importlib, pathlib
root = pathlib.Path(ecgseg.__path__[0])
for path in sorted(root.rglob("*.py")):
    name = ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if "pip install 'ecgseg[" not in str(error):
            print(name, error)
"""
    done = in_base_installation("import ecgseg" + code, tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("from ecgseg.signal.resampling import resample; resample([0.0] * 9, 500, 100)", "scipy"),
        ("import ecgseg.data.synthetic", "joblib"),
        (
            "import os; os.environ.pop('ECGSEG_CACHE'); from ecgseg.files import find_dataset; "
            "find_dataset('ludb')",
            "platformdirs",
        ),
        ("import ecgseg.evaluation.noise_stress", "scipy"),
        ("import ecgseg.training.train", "tensorflow"),
        (
            "from pathlib import Path; from ecgseg.data.download import fetch_database; "
            "fetch_database('http://localhost/a.zip', Path('a'))",
            "requests",
        ),
    ],
)
def test_missing_package_names_its_extra(code, message, tmp_path):
    done = in_base_installation(code, tmp_path)
    last = done.stderr.splitlines()[-1]
    assert last == f"ModuleNotFoundError: {message} is not installed: pip install 'ecgseg[train]'"
