"""Import every module of the installed package; run it from outside the repository, so that the installed one
is meant.
"""

import importlib
import pkgutil

import ecgseg

names = [module.name for module in pkgutil.walk_packages(ecgseg.__path__, "ecgseg.")]
for name in names:
    importlib.import_module(name)
print(f"{len(names)} modules of {ecgseg.__path__[0]} imported")
