"The types of the package, as a type checker sees them in a user's script."

import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytest.importorskip("mypy", reason="mypy is not installed: pip install -e '.[dev]'")

RIGHT = """
from ecgseg import Segmenter, example_ecg, segment
from ecgseg.config import Config, preset

ecg, fs = example_ecg()
result = segment(ecg, fs, model="seg-4-res-lg")
seconds: float = result.duration
names: tuple[str, ...] = result.leads
page = result.to_html("page.html").name.upper()
waves = Segmenter(fs=250, leads=["II"]).push([0.0, 0.1])
epochs: int = preset("seg-4-tcn-sm").epochs
config = Config(name="mine", epochs=3)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    "What mypy found out about the imported packages, for all tests."
    return tmp_path_factory.mktemp("cache")


def check(code, folder, cache):
    "Return the exit status and the output of mypy."
    (folder / "script.py").write_text(code, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--ignore-missing-imports",
        "--cache-dir",
        cache,
        "script.py",
    ]
    # mypy does not follow an editable installation; on this path it finds the package as an installed one
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_right_script_passes(tmp_path, cache):
    status, said = check(RIGHT, tmp_path, cache)
    assert status == 0, said


@pytest.mark.parametrize(
    "wrong, message",
    [
        ("segment(ecg, rate=500)", 'Unexpected keyword argument "rate"'),
        ("segment(ecg, '500 Hz')", 'expected "float | None"'),
        ("result.wave", 'has no attribute "wave"'),
        ("result.leads.append('II')", 'has no attribute "append"'),
        ("Segmenter('fast')", 'expected "float"'),
        ("Config(nme='mine')", 'Unexpected keyword argument "nme"'),
    ],
)
def test_a_mistake_is_found(wrong, message, tmp_path, cache):
    status, said = check(RIGHT + wrong + "\n", tmp_path, cache)
    assert status == 1 and message in said, said
