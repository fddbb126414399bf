"""Import every module of the installed package; run it from outside the repository, so that the installed one
is meant. A module that needs an extra which is not installed must name it: `pip install 'ecgseg[...]'`.
With `--complete`, all extras are there and every module must import.
"""

import importlib
import sys
from pathlib import Path

import ecgseg

root = Path(ecgseg.__path__[0])
# by their files: pkgutil.walk_packages passes over the modules of a package that cannot be imported
paths = sorted(path.relative_to(root.parent).with_suffix("") for path in root.rglob("*.py"))
names = [".".join(path.parts).removesuffix(".__init__") for path in paths]
waiting = {}
for name in names:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if "pip install 'ecgseg[" not in str(error):
            raise
        waiting[name] = str(error)
print(f"{len(names) - len(waiting)} of {len(names)} modules of {root} imported")
for name, message in waiting.items():
    print(f"  {name}: {message}")
if waiting and "--complete" in sys.argv:
    sys.exit("with all extras installed, every module must import")
