"Segments single-lead ECG into P wave, QRS complex and T wave with a tiny network."

__version__ = "0.1.0"

__all__ = ["segment", "Segmentation", "Segmenter", "example_ecg"]

_ROOMS = {"segment": "recording.segment", "Segmentation": "recording.segment", "Segmenter": "recording.stream", "example_ecg": "recording.bundled"}  # name → module that holds it


def __getattr__(name):  # nothing is imported before it is asked for, so that every module of the package starts as fast as it can
    if name not in _ROOMS: raise AttributeError(f"module 'ecgseg' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"ecgseg.{_ROOMS[name]}"), name)
