"The tests in the notebooks: `nbdev_test` on each, in a separate process."

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NOTEBOOKS as ALL_NOTEBOOKS
from conftest import ROOT
from execnb.nbio import nb2str, read_nb
from nbdev.clean import clean_nb
from nbdev.config import get_config

# test_pipeline.py runs run_pipeline.ipynb, with a small configuration
NOTEBOOKS = [path for path in ALL_NOTEBOOKS if path.name != "run_pipeline.ipynb"]


@pytest.mark.parametrize(
    "notebook", NOTEBOOKS[::-1], ids=lambda path: path.relative_to(ROOT / "nbs").with_suffix("").as_posix()
)
def test_notebook(notebook):
    nbdev_test = Path(sys.executable).with_name("nbdev_test")
    result = subprocess.run(
        [nbdev_test, "--path", notebook, "--n_workers", "0"], cwd=ROOT, capture_output=True, text=True
    )
    # nbdev prints the failed cell and its traceback; the one of pytest would add nothing
    if result.returncode:
        pytest.fail(f"{notebook.name}\n{result.stdout}\n{result.stderr}", pytrace=False)
    assert "Success." in result.stdout, f"{notebook.name}: nbdev_test found nothing to run\n{result.stdout}"


def test_notebooks_are_clean():
    "No execution counts and no editor metadata, which cause merge conflicts: nbdev_clean changes nothing."
    config = get_config(path=ROOT)
    kept = {key: config[key].split() for key in ("allowed_metadata_keys", "allowed_cell_metadata_keys")}
    dirty = []
    for path in ALL_NOTEBOOKS:
        cleaned = read_nb(path)
        clean_nb(cleaned, **kept)
        if nb2str(cleaned) != nb2str(read_nb(path)):
            dirty.append(path.name)
    assert not dirty, f"run nbdev_clean: {dirty}"


def test_docs_step_runs(tmp_path):
    """The docs step runs up to Quarto, on a copy.

    It executes only cells that import or export. An import in the same cell as other code fails there, or at
    least makes nbdev warn.
    """
    for name in ("settings.ini", "_quarto.yml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("nbs", "ecgseg"):
        shutil.copytree(
            ROOT / name, tmp_path / name, symlinks=True, ignore=shutil.ignore_patterns("out.ipynb", "results")
        )
    code = "from nbdev import quarto; quarto._ensure_quarto = lambda: None; quarto.nbdev_proc_nbs()"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    if result.returncode or "imports and other code" in result.stderr:
        pytest.fail(result.stderr, pytrace=False)
    made = {path.relative_to(tmp_path / "_proc").as_posix() for path in (tmp_path / "_proc").rglob("*")}
    assert {path.relative_to(ROOT / "nbs").as_posix() for path in ALL_NOTEBOOKS} <= made
    # sidebar.yml is written by hand and must not be overwritten; _quarto.yml names both files
    assert (tmp_path / "nbs" / "sidebar.yml").read_text() == (ROOT / "nbs" / "sidebar.yml").read_text()
    assert {"_quarto.yml", "nbdev.yml", "sidebar.yml", "styles.css", "images/delineation.png"} <= made


def test_whole_job_is_not_run_by_nbdev_test():
    "Without `skip_exec`, nbdev_test and the docs step would train for 100 epochs."
    from nbdev.frontmatter import FrontmatterProc
    from nbdev.process import NBProcessor

    notebook = NBProcessor(ROOT / "nbs" / "run_pipeline.ipynb", procs=FrontmatterProc, process=True).nb
    assert notebook.frontmatter_.get("skip_exec") is True
