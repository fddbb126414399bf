"The types of the package, as a type checker sees them in a user's script."

import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytest.importorskip("mypy", reason="mypy is not installed: pip install -e '.[dev]'")

RIGHT = """
from ecgseg import Segmenter, example_ecg, segment
from ecgseg.config import preset

ecg, fs = example_ecg()
result = segment(ecg, fs, model="seg-4-res-lg")
seconds: float = result.duration
names: tuple[str, ...] = result.leads
page = result.to_html("page.html").name.upper()
waves = Segmenter(fs=250, leads=["II"]).push([0.0, 0.1])
epochs: int = preset("seg-4-tcn-sm").epochs
"""


def check(code, folder):
    "Return the exit status and the output of mypy."
    (folder / "script.py").write_text(code, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--ignore-missing-imports",
        "--cache-dir",
        folder / "cache",
        "script.py",
    ]
    # mypy does not follow an editable installation; on this path it finds the package as an installed one
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_right_script_passes(tmp_path):
    assert check(RIGHT, tmp_path)[0] == 0, check(RIGHT, tmp_path)[1]


@pytest.mark.parametrize(
    "wrong, message",
    [
        ("segment(ecg, rate=500)", 'Unexpected keyword argument "rate"'),
        ("segment(ecg, '500 Hz')", 'expected "float | None"'),
        ("result.wave", 'has no attribute "wave"'),
        ("result.leads.append('II')", 'has no attribute "append"'),
        ("Segmenter('fast')", 'expected "float"'),
    ],
)
def test_a_mistake_is_found(wrong, message, tmp_path):
    status, said = check(RIGHT + wrong + "\n", tmp_path)
    assert status == 1 and message in said, said
