"""Try the wheel in an environment of its own: import every module of the base installation, segment the
example, print how large it is. Run it from outside the repository, so that the installed package is meant.
"""

import contextlib
import importlib
import io
import pkgutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from sysconfig import get_path

import ecgseg

ABSENT = ("tensorflow", "keras", "tensorboard", "jupyterlab", "papermill", "scipy", "physiokit", "requests")
# pip and setuptools are the environment's own, not brought by the package
packages = {item.metadata["Name"].lower() for item in metadata.distributions()} - {"pip", "setuptools"}
heavy = packages & set(ABSENT)
assert not heavy, f"the base installation brings {', '.join(sorted(heavy))}"

names, left_out = [], []


def of_an_extra(error):
    "Does it say which extra to install?"
    return "pip install 'ecgseg[" in str(error)


def walk(package):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                imported = importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if not of_an_extra(error):
                raise
            left_out.append(module.name)
            continue
        names.append(module.name)
        if module.ispkg:
            walk(imported)


walk(ecgseg)
for needed in ("ecgseg.cli", "ecgseg.recording.segment", "ecgseg.recording.page", "ecgseg.recording.stream"):
    assert needed in names, needed

code = "import ecgseg; print(len(ecgseg.segment(*ecgseg.example_ecg()).waves))"
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
assert int(done.stdout) > 50 and not done.stderr, done.stderr

site = Path(get_path("purelib"))
size = sum(
    file.stat().st_size
    for folder in site.iterdir()
    if not folder.name.startswith(("pip", "setuptools", "pkg_resources", "_distutils"))
    for file in (folder.rglob("*") if folder.is_dir() else [folder])
    if file.is_file()
)
print(f"{len(names)} modules of {ecgseg.__path__[0]} imported, {len(left_out)} need an extra")
print(f"{len(packages)} packages, {size / 1e6:.0f} MB")
