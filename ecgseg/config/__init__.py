"One checked description of a run. The door that stays: `from ecgseg.config import Config, load_config, preset`."

__all__ = ["Config", "load_config", "preset"]


def __getattr__(name):  # nothing is imported before it is asked for
    if name not in __all__: raise AttributeError(f"module 'ecgseg.config' has no attribute {name!r}")
    from ecgseg.config import run

    return getattr(run, name)
