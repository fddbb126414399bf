"The package as a whole: imports of its modules, and metadata for pip."

import ast
import json
import os
import re
import subprocess
import sys
from configparser import ConfigParser
from importlib import metadata
from pathlib import Path

import pytest
from conftest import NOTEBOOKS, ROOT
from packaging.requirements import Requirement

# only these modules may need TensorFlow: the chapter on training, and those that run a training or handle a
# trained Keras model
TENSORFLOW_MODULES = {
    "training.augment",
    "training.pipeline",
    "training.frames",
    "training.batches",
    "training.sources",
    "training.layers",
    "training.tcn",
    "training.loss",
    "training.job",
    "training.callbacks",
    "training.train",
    "evaluation.cross_validation",
    "device.quantise",
    "device.checked_conversion",
    "device.proof",
    "device.export_report",
    "device.export",
    "device.keras_network",
}
# helpers for examples and tests of all chapters; their functions import later modules when they are called
GROUND_EXCEPTIONS = ("testing", "testing_board")
IMPORTERS = ("tensorflow", "keras", "tf_keras")

EXTRAS = ("formats", "archive", "train", "notebooks", "tflm", "board", "export", "onnx", "dev")


def settings_ini():
    parser = ConfigParser(delimiters=["="], interpolation=None)
    parser.read(ROOT / "settings.ini", encoding="utf-8")
    return parser["DEFAULT"]


def canonical(name):
    return name.lower().replace("_", "-").replace(".", "-")


def code_cells(path):
    "Return the source of a notebook's code cells, without magics, which are not Python."
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [
        "\n".join(line for line in cell.splitlines() if not line.startswith(("%", "!"))) for cell in cells
    ]


def modules_in_order():
    "Return module names in the order of the site's table of contents, which is that of the chapters."
    listed = re.findall(
        r"^ *- (\S+\.ipynb)$", (ROOT / "nbs" / "sidebar.yml").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    lines = [
        line for name in listed for cell in code_cells(ROOT / "nbs" / name) for line in cell.splitlines()
    ]
    return [line.split()[-1] for line in lines if line.startswith("#| default_exp ")]


def module_path(module):
    return ROOT / "ecgseg" / f"{module.replace('.', '/')}.py"


def imported_names(source, module=""):
    """Return the full names of all imports in a source, at any level.

    Relative imports are resolved to absolute names, from `module`.
    """
    names, package = set(), ["ecgseg", *module.split(".")][:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            origin = (
                ".".join([*package[: len(package) + 1 - node.level], *([node.module] if node.module else [])])
                if node.level
                else node.module
            )
            # in `from ecgseg import records` the module is the imported name
            names |= {f"ecgseg.{alias.name}" for alias in node.names} if origin == "ecgseg" else {origin}
    return names


MODULES = modules_in_order()


def test_every_module_has_its_notebook():
    paths = [
        path.relative_to(ROOT / "ecgseg")
        for path in (ROOT / "ecgseg").rglob("*.py")
        if path.stem not in ("__init__", "_modidx")
    ]
    exported = {".".join(path.with_suffix("").parts) for path in paths}
    assert exported == set(MODULES)
    assert len(MODULES) == len(set(MODULES))


@pytest.mark.parametrize("module", MODULES)
def test_imports_only_earlier_modules(module):
    earlier = set(MODULES[: MODULES.index(module)])
    names = imported_names(module_path(module).read_text(encoding="utf-8"), module)
    ours = {name.removeprefix("ecgseg.") for name in names if name.startswith("ecgseg.")}
    if module in GROUND_EXCEPTIONS:
        return
    assert ours <= earlier, f"{module} imports what comes later in the flow: {sorted(ours - earlier)}"


def names_defined_by(node):
    "Return the names that one statement defines: a function, a class, or variables."
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return set()
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def defined_names(tree):
    "Return the names that a module defines at its top level."
    return set().union(*map(names_defined_by, tree.body))


def borrowed_names(source, module, defined):
    """Return the names that a source imports from a module of ours that does not define them.

    `defined` has the names of each module. `module` is that of the source; empty in a notebook.
    """
    package, found = ["ecgseg", *module.split(".")][:-1], set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            levels = package[: len(package) + 1 - node.level] if node.level else []
            origin = ".".join([*levels, *([node.module] if node.module else [])])
            names = {alias.name for alias in node.names}
            found |= {(origin, name) for name in names - defined.get(origin, names)}
            found |= {(origin, name) for name in names if origin in defined and name.startswith("_")}
    return found


def test_names_are_imported_from_where_they_are_defined():
    "Nobody imports a module for what it happens to import itself, or for its private names."
    sources = {module: module_path(module).read_text(encoding="utf-8") for module in MODULES}
    defined = {f"ecgseg.{module}": defined_names(ast.parse(source)) for module, source in sources.items()}
    for module, source in sources.items():
        assert not borrowed_names(source, module, defined), module
    for path in NOTEBOOKS:
        for cell in code_cells(path):
            assert not borrowed_names(cell, "", defined), path
    indirect = "from ecgseg.recording.segment import Segmentation, segment"
    assert borrowed_names(indirect, "", defined) == {("ecgseg.recording.segment", "Segmentation")}
    assert borrowed_names("from .leads import _unmasked", "recording.x", defined) == {
        ("ecgseg.recording.leads", "_unmasked")
    }


@pytest.mark.parametrize(
    "start",
    [
        "import ecgseg.training.augment, keras; keras.ops.ones(1)",
        "from ecgseg.explore.augmentations import explore_augmentations; explore_augmentations()",
    ],
)
def test_tensorflow_starts_without_notes(start):
    "A notebook would show them in red above its first widget."
    env = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-c", start]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")


def test_works_without_tensorflow():
    "Reading records, evaluation and inference do not import TensorFlow."
    names = ["ecgseg"] + [f"ecgseg.{module}" for module in MODULES if module not in TENSORFLOW_MODULES]
    code = f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
    loaded = sorted(set({IMPORTERS!r}) & set(sys.modules))
    assert not loaded, f"{{name}} imports {{loaded}}"
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("cli.")])
def test_progress_bars_suit_a_notebook(module):
    "Those of tqdm itself are written on a pink ground there; the commands run on terminals."
    imported = imported_names(module_path(module).read_text(encoding="utf-8"), module)
    assert module == "progress" or "tqdm" not in imported


def third_party(sources):
    "Return the names of the distributions that these sources import from."
    names = {name.split(".")[0] for source in sources for name in imported_names(source)}
    found = metadata.packages_distributions()
    return {
        canonical(found[name][0])
        for name in names - set(sys.stdlib_module_names) - {"ecgseg"}
        if name in found
    }


def test_every_import_is_a_named_requirement():
    "No import relies on a package that is installed only because another one needs it."
    named = {
        extra: {canonical(Requirement(text).name) for text in settings_ini()[key_of(extra)].split()}
        for extra in ("", *EXTRAS)
    }
    package = third_party(path.read_text(encoding="utf-8") for path in (ROOT / "ecgseg").rglob("*.py"))
    of_users = set.union(*(names for extra, names in named.items() if extra != "dev"))
    assert package <= of_users, package - of_users
    tests = [
        path.read_text(encoding="utf-8")
        for folder in ("tests", ".ci")
        for path in (ROOT / folder).glob("*.py")
    ]
    missing = third_party(tests + [cell for path in NOTEBOOKS for cell in code_cells(path)])
    assert not missing - set.union(*named.values())


def key_of(extra):
    return f"{extra}_requirements" if extra else "requirements"


def test_metadata_is_settings_ini():
    settings = settings_ini()
    installed = metadata.metadata("ecgseg")
    assert installed["Version"] == settings["version"]
    assert installed["Summary"] == settings["description"]
    assert installed["Requires-Python"] == f">={settings['min_python']}"
    requirements = [Requirement(text) for text in metadata.requires("ecgseg")]
    needed_by = {
        extra: {
            item.name
            for item in requirements
            if (f'extra == "{extra}"' in str(item.marker) if extra else item.marker is None)
        }
        for extra in ("", *EXTRAS)
    }
    for extra in ("", *EXTRAS):
        key = f"{extra}_requirements" if extra else "requirements"
        assert needed_by[extra] == {Requirement(text).name for text in settings[key].split()}, key
    entry_points = {
        (point.group, point.name): point.value for point in metadata.distribution("ecgseg").entry_points
    }
    everything = {item.name for item in requirements if 'extra == "all"' in str(item.marker)}
    assert everything == set.union(*(needed_by[extra] for extra in EXTRAS))
    assert entry_points == {
        ("nbdev", "ecgseg"): "ecgseg._modidx:d",
        ("console_scripts", "ecgseg"): "ecgseg.cli.main:main",
    }


def test_constraints_pin_every_requirement():
    "Each required package is pinned to a version within the range of settings.ini."
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    for key in ("requirements", *(f"{extra}_requirements" for extra in EXTRAS)):
        for wanted in map(Requirement, settings_ini()[key].split()):
            versions = [
                next(iter(pin.specifier)).version
                for pin in pins
                if canonical(pin.name) == canonical(wanted.name)
            ]
            assert versions, f"constraints.txt does not pin {wanted.name}"
            assert all(wanted.specifier.contains(version, prereleases=True) for version in versions), (
                f"{wanted}: {versions}"
            )


def test_the_wheel_has_every_file(tmp_path):
    "Templates, networks and the example are data, which setup.py names by patterns."
    command = ["setup.py", "--quiet", "build_py", "--build-lib", tmp_path]
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, capture_output=True)
    built = {path.relative_to(tmp_path) for path in (tmp_path / "ecgseg").rglob("*") if path.is_file()}
    tracked = subprocess.run(["git", "ls-files", "ecgseg"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a clone of the repository")
    assert built == {Path(line) for line in tracked.stdout.splitlines()}


BENCHMARKS = sorted(path for path in (ROOT / "benchmarks").iterdir() if path.suffix in (".py", ".ipynb"))


def module_file(module):
    "Return the file of a module or package of ecgseg, or `None`."
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def bound_names(statements):
    "Return the names that top-level statements bind, also those under `if`, `try` and `with`."
    names = set()
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        names |= names_defined_by(node)
        for part in ("body", "orelse", "finalbody") if isinstance(node, (ast.If, ast.Try, ast.With)) else ():
            names |= bound_names(getattr(node, part, []))
    return names


def unresolved(source):
    "Return the imports from ecgseg in a source, at any level, that lead nowhere. Nothing is imported."
    missing = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            missing += [
                alias.name
                for alias in node.names
                if alias.name.split(".")[0] == "ecgseg" and module_file(alias.name) is None
            ]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ecgseg":
            file = module_file(node.module)
            names = bound_names(ast.parse(file.read_text(encoding="utf-8")).body) if file else set()
            missing += [
                f"{node.module}.{alias.name}"
                for alias in node.names
                if alias.name not in names and module_file(f"{node.module}.{alias.name}") is None
            ]
    return missing


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.name)
def test_benchmarks_import_what_exists(path):
    "No other test runs the benchmarks, and a rename would go unnoticed."
    sources = code_cells(path) if path.suffix == ".ipynb" else [path.read_text(encoding="utf-8")]
    assert any("ecgseg" in source for source in sources)
    assert not [name for source in sources for name in unresolved(source)]


def test_an_unresolved_import_is_found():
    assert not unresolved(
        "import numpy, ecgseg.waves\nfrom ecgseg import segment, waves\nfrom ecgseg.config import preset\n"
        "from ecgseg.training.batches import BATCH, draw_batch\n"
        "from ecgseg.signal.preprocess import Preprocessor"
    )
    assert unresolved(
        "import ecgseg.tcn\ndef main():\n    from ecgseg import tcn, gone as segment\n"
        "from ecgseg.training.frames import untuned"
    ) == ["ecgseg.tcn", "ecgseg.training.frames.untuned", "ecgseg.tcn", "ecgseg.gone"]
