"""Test the installed package: import every module, segment the example, print the size of the installation.

Run it outside the repository, to import the installed package and not the checkout.
Without extras, the error of a module that needs one must name it: `pip install 'ecgseg[...]'`.
With `--complete`, all extras are installed and every module must import.
"""

import importlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from sysconfig import get_path

import ecgseg

ABSENT = Path(__file__).with_name("absent.txt").read_text().split()
NEEDED = ("ecgseg.cli.main", "ecgseg.recording.segment", "ecgseg.recording.page", "ecgseg.recording.stream")

complete = "--complete" in sys.argv
root = Path(ecgseg.__path__[0])
# list files: pkgutil.walk_packages skips the modules of a package that cannot be imported
paths = sorted(path.relative_to(root.parent).with_suffix("") for path in root.rglob("*.py"))
names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
waiting = {}
for name in names:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if complete or name in NEEDED or "pip install 'ecgseg[" not in str(error):
            raise
        waiting[name] = str(error)
print(f"{len(names) - len(waiting)} of {len(names)} modules of {root} imported")
for name, message in waiting.items():
    print(f"  {name}: {message}")

code = "import ecgseg; print(len(ecgseg.segment(*ecgseg.example_ecg()).waves))"
done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
assert int(done.stdout) > 50 and not done.stderr, done.stderr

if not complete:
    # pip and setuptools belong to the environment, not to the package
    packages = {item.metadata["Name"].lower() for item in metadata.distributions()} - {"pip", "setuptools"}
    heavy = packages & set(ABSENT)
    assert not heavy, f"the base installation brings {', '.join(sorted(heavy))}"
    size = sum(
        file.stat().st_size
        for folder in Path(get_path("purelib")).iterdir()
        if not folder.name.startswith(("pip", "setuptools", "pkg_resources", "_distutils"))
        for file in (folder.rglob("*") if folder.is_dir() else [folder])
        if file.is_file()
    )
    print(f"{len(packages)} packages, {size / 1e6:.0f} MB")
    assert len(packages) <= 25 and size <= 350e6, "the base installation is no longer light"
