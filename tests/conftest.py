"""Settings shared by all tests.

They are set before the package is imported, and every process that a test starts inherits them.
"""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# out.ipynb is papermill's default output, if it was started in nbs/
NOTEBOOKS = sorted(
    path
    for path in (ROOT / "nbs").rglob("*.ipynb")
    if path.name != "out.ipynb" and ".ipynb_checkpoints" not in path.parts
)
OUT_OF_REACH = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
}  # for processes without internet access: nothing listens on this port
# fields of a configuration that keep a training and its export short
SMALL_RUN = dict(steps_per_epoch=2, batch_size=16, val_size=50, test_size=50, verbose=0)
SMALL_EXPORT = dict(max_f1_drop=1, calibration_frames=20)
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# the workers of pytest use all cores already: with threads of their own, they would only wait for each other
for threads in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
# one cache for all tests: LUDB is read once, and the user's cache is neither used nor changed
os.environ.setdefault("ECGSEG_CACHE", str(ROOT / "build" / "cache"))


def path_without(tool, folder):
    "Return PATH without one tool: in `folder`, links to all other files replace each folder that holds it."
    places = []
    for number, place in enumerate(map(Path, os.environ["PATH"].split(os.pathsep))):
        links = folder / f"bin-{number}"
        if (place / tool).exists() and not links.exists():
            links.mkdir(parents=True)
            for file in place.iterdir():
                if file.name != tool:
                    (links / file.name).symlink_to(file)
        places.append(str(links if links.exists() else place))
    return os.pathsep.join(places)


def pytest_configure(config):
    # wfdb uses a deprecated pandas feature; the warning would appear about two hundred times
    config.addinivalue_line("filterwarnings", "ignore:The inplace keyword::wfdb")


# files of long tests, in this order; the notebooks begin with the last, which builds on all others
LONGEST_FIRST = (
    "test_pipeline.py",
    "test_readme.py",
    "test_firmware.py",
    "test_browser.py",
    "test_board.py",
    "test_web.py",
    "test_packages.py",
    "test_kill.py",
    "test_light_install.py",
    "test_typing.py",
    "test_soak.py",
    "test_notebooks.py",
)
# the first tests of their files
LONGEST_TESTS = (
    "test_pipeline",
    "test_stress_folds_and_resume",
    "test_weak_network",
    "test_ecgseg_commands",
)


def pytest_collection_modifyitems(items):
    """Run the longest tests first, to keep the workers busy until the end.

    The tests of a file stay together, because they share fixtures.
    """

    def rank(item):
        name = item.path.name
        place = LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
        return place, item.name not in LONGEST_TESTS

    items.sort(key=rank)


# files with fixtures that take long, such as a browser: one worker runs all tests of such a file
ON_ONE_WORKER = ("test_board.py", "test_browser.py", "test_firmware.py", "test_packages.py", "test_web.py")


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_make_scheduler(config, log):
    "Hand the workers whole files of `ON_ONE_WORKER` and single tests of all others, in their order."
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return file if Path(file).name in ON_ONE_WORKER else nodeid

    config.option.loadscopereorder = False
    return Scheduling(config, log)
