"README.md is nbs/index.ipynb, and what it says can be followed."
import re
import runpy

from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_agrees_with_index():
    readme_text = runpy.run_path(str(ROOT / ".ci" / "readme.py"))["readme_text"]
    assert README == readme_text(), "run `make readme`"


def test_names_every_notebook():
    "The notebooks are listed as reading order: a new one must not be forgotten."
    missing = [path.name for path in (ROOT / "nbs").glob("*.ipynb") if path.name not in README and path.name not in ("index.ipynb", "out.ipynb")]
    assert not missing


def test_names_only_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", README, flags=re.MULTILINE))
    assert {"pipeline", "test"} <= named <= targets


def test_python_example_imports_what_exists():
    "The example trains for minutes, so only its imports are run here; test_pipeline.py calls the same functions."
    examples = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(examples) == 2
    exec("\n".join(line for example in examples for line in example.splitlines() if line.startswith(("from ", "import "))), {})
