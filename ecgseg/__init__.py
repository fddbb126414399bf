"""Waves of any single-lead or multi-lead ECG: P wave, QRS complex and T wave, by a network of a few kilobytes.

`segment` reads a recording, `Segmenter` a stream, `print_ecg` writes the result on ECG paper, `compare` tells how
two results differ, `example_ecg` gives something to try them on.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecgseg.recording.bundled import example_ecg
    from ecgseg.recording.compare import compare
    from ecgseg.recording.paper import print_ecg
    from ecgseg.recording.result import Segmentation
    from ecgseg.recording.segment import segment, segment_many
    from ecgseg.recording.stream import Segmenter

__version__ = "0.1.0"

__all__ = ["Segmentation", "Segmenter", "compare", "example_ecg", "print_ecg", "segment", "segment_many"]

_ROOMS = {  # name → module that holds it
    "segment": "recording.segment",
    "segment_many": "recording.segment",
    "Segmentation": "recording.result",
    "Segmenter": "recording.stream",
    "example_ecg": "recording.bundled",
    "print_ecg": "recording.paper",
    "compare": "recording.compare",
}


def __getattr__(name):  # imports wait until they are asked for: every module of the package starts fast
    if name not in _ROOMS:
        raise AttributeError(f"module 'ecgseg' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"ecgseg.{_ROOMS[name]}"), name)
