"""One checked description of a run. The door: `from ecgseg.config import Config, load_config, preset`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecgseg.config.run import Config, load_config, preset

__all__ = ["Config", "load_config", "preset"]


def __getattr__(name):  # imports wait until they are asked for
    if name not in __all__:
        raise AttributeError(f"module 'ecgseg.config' has no attribute {name!r}")
    from ecgseg.config import run

    return getattr(run, name)
