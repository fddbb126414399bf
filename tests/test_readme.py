"""README.md equals nbs/index.ipynb, and its commands and code blocks run in an empty folder, without data and
offline.

The same holds for those in the guide to the pipeline.
"""

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import OUT_OF_REACH, ROOT, SMALL_EXPORT, SMALL_RUN, path_without
from test_notebooks import in_fork

README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = "\n\n".join(
    "".join(cell["source"])
    for cell in json.loads((ROOT / "nbs" / "guides" / "run_the_pipeline.ipynb").read_text(encoding="utf-8"))[
        "cells"
    ]
)
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README + GUIDE, flags=re.DOTALL)
PYTHON_BLOCKS = [code for language, code in BLOCKS if language == "python"]
COMMANDS = [
    line.partition("  #")[0].strip()
    for language, code in BLOCKS
    if language == "sh"
    for line in code.splitlines()
    if line.strip()
]
# `make` commands within sentences
INLINE = re.findall(r"`(make [^`]+)`", README + GUIDE)


def test_agrees_with_index():
    readme_text = runpy.run_path(str(ROOT / ".ci" / "readme.py"))["readme_text"]
    assert README == readme_text(), "run `make readme`"


def newcomer(folder):
    """Return the environment of a new user: the package, but no data, no cache and no internet.

    There is no cross compiler either: with one, an export measures the network on six cores, which the tests
    of the export do.
    """
    bin_folder = str(Path(sys.executable).parent)
    return (
        os.environ
        | OUT_OF_REACH
        | {
            "PATH": os.pathsep.join([bin_folder, path_without("arm-none-eabi-gcc", folder / "tools")]),
            "ECGSEG_DATA": "",
            "ECGSEG_CACHE": str(folder / "cache"),
        }
    )


def test_a_newcomer_has_no_cross_compiler(tmp_path):
    path = newcomer(tmp_path)["PATH"]
    assert shutil.which("arm-none-eabi-gcc", path=path) is None
    assert shutil.which("ecgseg", path=path)
    for tool in ("bash", "make", "cc"):
        assert (shutil.which(tool, path=path) is None) == (shutil.which(tool) is None), tool


def run(command, folder, **options):
    done = subprocess.run(
        command, cwd=folder, env=newcomer(folder), capture_output=True, text=True, **options
    )
    if done.returncode:
        pytest.fail(f"{command}\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


# the first look at training takes a newcomer a minute; here it has fewer frames and patients
SHORTER = {
    "epochs=2,": "epochs=2, steps_per_epoch=2, batch_size=16, val_size=50, test_size=50,",
    ".with_synthetic_patients(50)": ".with_synthetic_patients(10)",
}


def shortened(code):
    for text, replacement in SHORTER.items():
        code = code.replace(text, replacement)
    return code


def test_the_first_look_at_training_is_shortened():
    (block,) = (code for code in PYTHON_BLOCKS if "train(" in code)
    assert all(block.count(text) == 1 for text in SHORTER)


@pytest.mark.parametrize("code", PYTHON_BLOCKS, ids=range(len(PYTHON_BLOCKS)))
def test_python_block(code, tmp_path):
    'A block runs as a plain script, without `if __name__ == "__main__":`.'
    (tmp_path / "script.py").write_text(shortened(code), encoding="utf-8")
    printed = run([sys.executable, "script.py"], tmp_path)
    if "print(" in code:
        assert printed.strip()
    if (shown := f"```python\n{code}```\n\n```text\n") in README:
        assert printed == README.partition(shown)[2].partition("```")[0]


def test_readme_shows_what_its_first_lines_print():
    assert "```\n\n```text\n" in README


def make_it_small(path):
    "Edit a configuration file as a reader would, to keep the test short."
    datasets = [dict(name="ecg-synthetic", params=dict(num_pts=6))]
    small = json.loads(path.read_text()) | SMALL_RUN
    small |= dict(epochs=1, datasets=datasets, dataset_weights=None)
    small["quantization"] |= SMALL_EXPORT
    blocks = small["architecture"]["params"]["blocks"]
    small["architecture"]["params"]["blocks"] = [block | {"filters": 8} for block in blocks[:1]]
    path.write_text(json.dumps(small))


def run_as_script(given):
    "Do in this process what the console script does, in a folder and with an environment."
    arguments, folder, environment = given
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    from ecgseg.cli.main import main

    sys.exit(main(arguments))


def run_with_tensorflow(command, folder):
    "Run a command in a process that has imported TensorFlow, which takes longer than the command."
    program, *arguments = shlex.split(command)
    assert program == "ecgseg"
    given = arguments, folder, newcomer(folder)
    status, printed = in_fork(run_as_script, given, folder / "log.txt")
    if status:
        pytest.fail(f"{command}: exit status {status}\n{printed}", pytrace=False)


def test_ecgseg_commands(tmp_path):
    "The commands of the package run one after the other in one folder."
    commands = [command for command in COMMANDS if command.startswith("ecgseg ")]
    assert len(commands) >= 5
    for command in commands:
        if "train mine.json" in command:
            make_it_small(tmp_path / "mine.json")  # "a configuration to edit"
            for part in command.split(" && "):
                # the network of so small a training fails its checks
                failing = " --allow-failing" if part.startswith("ecgseg export ") else ""
                run_with_tensorflow(part + failing, tmp_path)
        else:
            run(["bash", "-c", command], tmp_path)
    for command in INLINE:  # the self-test of the run in README
        if " -C " in command:
            run(shlex.split(command.replace("seg-4-tcn-sm", "seg-4-res-sm")), tmp_path)
    for name in (
        "ecg.csv",
        "waves/ecg_waves.csv",
        "waves/ecg_waves.html",
        "results/seg-4-res-sm/report.html",
        "results/seg-4-res-sm/export/model.tflite",
    ):
        assert (tmp_path / name).is_file(), name


def test_papermill_commands(tmp_path):
    "The parameters are those of the notebook, which test_pipeline.py runs."
    (tmp_path / "run_pipeline.ipynb").symlink_to(ROOT / "run_pipeline.ipynb")
    commands = [command for command in COMMANDS if command.startswith("papermill ")]
    assert commands
    for command in commands:
        run([*shlex.split(command), "--prepare-only"], tmp_path)
    assert "epochs = 100" in (tmp_path / "out.ipynb").read_text()


def test_make_commands():
    "make knows the targets, and passes only parameters of the notebook."
    parameters = re.findall(
        r"^(\w+): ",
        "".join(
            next(
                cell
                for cell in json.loads((ROOT / "run_pipeline.ipynb").read_text())["cells"]
                if "parameters" in cell["metadata"].get("tags", ())
            )["source"]
        ),
        flags=re.MULTILINE,
    )
    commands = [
        command for command in [*COMMANDS, *INLINE] if command.startswith("make ") and " -C " not in command
    ]
    assert {"make pipeline", "make test"} <= set(commands)
    for command in commands:
        done = subprocess.run(
            [*shlex.split(command), "-n", "-o", ".venv/installed"], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert set(re.findall(r" -p (\w+) ", done.stdout)) <= set(parameters), command


def test_knows_all_its_commands():
    "Every command is of a kind that these tests run."
    known = "make ", "ecgseg ", "papermill ", "pip install "
    assert not [command for command in COMMANDS if not command.startswith(known)]


def test_install_commands():
    "The commands name this repository and existing extras."
    settings = (ROOT / "settings.ini").read_text(encoding="utf-8")
    installs = re.findall(r"pip install [^`\n]+", README)
    assert len(installs) >= 2
    for command in installs:
        assert "git+https://github.com/ecgseg/ecgseg" in command
        for extra in re.findall(r"\[(\w+)\]", command):
            assert extra == "all" or f"\n{extra}_requirements = " in settings
