"""The tests in the notebooks: `nbdev_test` on each, in a process of its own.

These processes are forks of one that has imported the large packages and the modules of ecgseg already. Their
import takes longer than most notebooks.
"""

import gc
import os
import shutil
from importlib.util import find_spec
from multiprocessing import get_context

import pytest
from conftest import NOTEBOOKS as ALL_NOTEBOOKS
from conftest import ROOT
from execnb.nbio import nb2str, read_nb
from nbdev.clean import clean_nb
from nbdev.config import get_config

# test_pipeline.py runs run_pipeline.ipynb, with a small configuration
NOTEBOOKS = [path for path in ALL_NOTEBOOKS if path.name != "run_pipeline.ipynb"]

NEEDS = {"segment_an_archive.ipynb": "distributed"}  # notebook → package without which it cannot run


# imported once for all notebooks; none of them computes anything or starts a thread on import
PRELOADED = (
    "nbdev.test",
    "numpy",
    "pandas",
    "pydantic",
    "matplotlib.pyplot",
    "scipy.signal",
    "scipy.stats",
    "joblib",
    "wfdb",
    "IPython.display",
    "ipywidgets",
    "tensorflow",
    "keras",
    "ai_edge_litert.interpreter",
    "tflite_micro",
    "bs4",
    "dask.dataframe",
    "pyarrow.dataset",
    "pydicom",
    "ecgseg.cli.main",
    "ecgseg.device.export",
    "ecgseg.evaluation.cross_validation",
    "ecgseg.explore.viewer",
    "ecgseg.recording.segment",
)


def run_nbdev_test(notebook):
    "Run `nbdev_test` on one notebook."
    os.chdir(ROOT)
    from joblib.externals.loky import get_reusable_executor
    from nbdev.test import nbdev_test

    try:
        nbdev_test(str(notebook), n_workers=0)
    finally:
        get_reusable_executor().shutdown(
            kill_workers=True
        )  # idle, they would be waited for, five minutes long


def run_docs_step(folder):
    "Run the docs step up to Quarto in a copy of the project."
    os.chdir(folder)
    from nbdev import quarto

    quarto._ensure_quarto = lambda: None
    quarto.nbdev_proc_nbs(n_workers=0)


def with_output_in(log, function, argument):
    "Call a function with all output in the file `log`, also that of native code."
    gc.freeze()  # TensorFlow's converter and Keras collect garbage often: not among what was imported
    with open(log, "w") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    function(argument)


def in_fork(function, argument, log):
    "Call a function in a fork of the preloaded process; return exit status and output."
    context = get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    process = context.Process(target=with_output_in, args=(log, function, argument))
    process.start()
    process.join()
    return process.exitcode, log.read_text(errors="replace")


@pytest.mark.parametrize(
    "notebook", NOTEBOOKS[::-1], ids=lambda path: path.relative_to(ROOT / "nbs").with_suffix("").as_posix()
)
def test_notebook(notebook, tmp_path):
    needed = NEEDS.get(notebook.name)
    if needed and find_spec(needed) is None:
        pytest.skip(f"needs {needed}, which make install installs")
    status, printed = in_fork(run_nbdev_test, notebook, tmp_path / "log.txt")
    # nbdev prints the failed cell and its traceback; the one of pytest would add nothing
    if status:
        pytest.fail(f"{notebook.name}: exit status {status}\n{printed}", pytrace=False)
    assert "Success." in printed, f"{notebook.name}: nbdev_test found nothing to run\n{printed}"


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
    status, printed = in_fork(run_docs_step, tmp_path, tmp_path / "log.txt")
    if status or "imports and other code" in printed:
        pytest.fail(printed, pytrace=False)
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
