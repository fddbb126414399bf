"""How long the augmentation explorer takes from a slider's move to the new picture (asked: under 100 ms).

Everything between the browser's two messages: augment, preprocess, predict, draw, compress. Wall time depends
on what else the machine does, processor time hardly. Run it as `python benchmarks/redraw_speed.py [--moves
30]`.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from benchmark_log import add_line

from ecgseg.explore.augmentations import explore_augmentations


def move_times(explorer, switched_on, moves: int) -> np.ndarray:  # (moves, 2) wall and processor time, ms
    "Move the first slider of the last augmentation that is switched on."
    for panel in explorer.panels:
        panel.switch.value = panel in switched_on
    slider = next(iter(switched_on[-1].parameters.fields.values()))
    times = []
    for number in range(moves + 3):
        low = slider.min + (number % 10) * slider.step
        begun = time.perf_counter(), time.process_time()
        slider.value = (low, slider.value[1])
        times.append((time.perf_counter() - begun[0], time.process_time() - begun[1]))
    return 1000 * np.array(times[3:])  # the first ones build what is then kept


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moves", type=int, default=30)
    moves = parser.parse_args().moves
    explorer = explore_augmentations()
    sliding = [
        panel
        for panel in explorer.panels
        if isinstance(next(iter(panel.parameters.fields.values())).value, tuple)
    ]
    figures = {}
    print("ms from move to picture      wall (median, 90 %)   processor (median)")
    for words, switched_on in (
        ("one augmentation", sliding[:1]),
        ("four augmentations", sliding[:4]),
        (
            f"all {len(explorer.panels)}",
            [panel for panel in explorer.panels if panel not in sliding] + sliding,
        ),
    ):
        wall, processor = move_times(explorer, switched_on, moves).T
        print(
            f"{words:<28} {np.median(wall):>12.0f} {np.quantile(wall, 0.9):>6.0f} "
            f"{np.median(processor):>15.0f}",
            flush=True,
        )
        figures[f"{words}, ms of processor time"] = np.median(processor)
    add_line("redraw_speed", figures, ("matplotlib", "tensorflow"))


if __name__ == "__main__":
    main()
