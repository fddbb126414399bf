"""What all tests share.

Set before anything of ours is imported, and inherited by every process that a test starts.
"""

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
# papermill's default name for what it writes, where somebody started it in nbs/
NOTEBOOKS = sorted(
    path
    for path in (ROOT / "nbs").rglob("*.ipynb")
    if path.name != "out.ipynb" and ".ipynb_checkpoints" not in path.parts
)
OUT_OF_REACH = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
}  # for processes that must not find the internet: nothing listens there
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# the tests' own cache: one for all notebooks, so that LUDB is read once, and nobody's real cache is used or
# changed
os.environ.setdefault("ECGSEG_CACHE", str(ROOT / "build" / "cache"))


def pytest_configure(config):
    # wfdb uses what a later pandas will drop; it says so some two hundred times
    config.addinivalue_line("filterwarnings", "ignore:The inplace keyword::wfdb")


def pytest_collection_modifyitems(items):
    """The longest first, so that the workers end together: the pipeline, then notebooks from the last, which
    builds on all others.
    """

    def rank(item):
        if item.path.name == "test_pipeline.py":
            return 0
        return 1 if item.path.name == "test_notebooks.py" else 2

    items.sort(key=rank)
