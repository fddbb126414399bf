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


WRONG = {  # another line of the script → what mypy says of it
    "segment(ecg, rate=500)": 'Unexpected keyword argument "rate"',
    "segment(ecg, '500 Hz')": 'expected "float | None"',
    "result.wave": 'has no attribute "wave"',
    "result.leads.append('II')": 'has no attribute "append"',
    "Segmenter('fast')": 'expected "float"',
    "Config(nme='mine')": 'Unexpected keyword argument "nme"',
}


def test_mistakes_are_found_and_nothing_else(tmp_path):
    "One run for all scripts, because mypy reads the packages that they import first."
    scripts = {"right.py": RIGHT} | {f"wrong_{n}.py": RIGHT + line + "\n" for n, line in enumerate(WRONG)}
    for name, code in scripts.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--cache-dir", os.devnull, *scripts]
    # mypy does not follow an editable installation; on this path it finds the package as an installed one
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    errors = [line.split(":", 1) for line in done.stdout.splitlines() if ": error: " in line]
    assert sorted(name for name, _ in errors) == sorted(scripts)[1:], done.stdout + done.stderr
    for n, message in enumerate(WRONG.values()):
        assert message in dict(errors)[f"wrong_{n}.py"]
