"""How many synthetic patients a second: PhysioKit alone, and through `ecgseg.data.synthetic_patient`.

Both make the same patients (12 leads, 10 s, 100 Hz), in turns, with the same number of processes; the ratio
of the two rates is what counts, since it hardly depends on the machine and on what else it does. Run it as
`python benchmarks/synthetic_speed.py [--patients 24] [--processes 2] [--rounds 6]`.
"""

import argparse
import os
import random
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from benchmark_log import add_line

from ecgseg.config.parts import SyntheticParams
from ecgseg.data.synthetic_patient import draw_patient, synthesize_patient

PARAMS, SEED = SyntheticParams(), 42


def plain(patient: int) -> float:
    "Patient number `patient` by PhysioKit alone; the largest deflection, in mV."
    warnings.simplefilter("ignore")
    from physiokit.ecg import EcgPreset, synthesize

    draw = draw_patient(PARAMS, SEED, patient)
    state, preset = draw.pop("random_state"), EcgPreset(draw.pop("preset"))
    random.seed(state)
    np.random.seed(state)
    samples = round(PARAMS.duration * PARAMS.sample_rate)
    signal, _, _ = synthesize(
        signal_length=samples, sample_rate=PARAMS.sample_rate, leads=12, preset=preset, **draw
    )
    return float(np.abs(signal.astype(np.float32)).max())


def ours(patient: int) -> float:
    "The same patient by `synthesize_patient`."
    return float(np.abs(synthesize_patient(PARAMS, SEED, patient).signal).max())


def seconds(executor, function, patients) -> tuple[float, list[float]]:
    start = time.perf_counter()
    results = list(executor.map(function, patients, chunksize=2))
    return time.perf_counter() - start, results


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=int, default=24, help="patients in a round, made by each method")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    total = {plain: 0.0, ours: 0.0}
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as executor:
        for function in total:
            seconds(executor, function, range(10 * options.processes))  # imports, first calls
        for number in range(options.rounds):
            patients = range(number * options.patients, (number + 1) * options.patients)
            results = {}
            for function in total:
                used, results[function] = seconds(executor, function, patients)
                total[function] += used
            if results[plain] != results[ours]:
                raise SystemExit("the two methods made different patients")
            print(
                f"round {number + 1}: ratio of all rounds so far {total[plain] / total[ours]:.2f}", flush=True
            )
    made = options.rounds * options.patients
    print(
        f"{options.processes} processes: PhysioKit alone {made / total[plain]:.1f} patients/s, ecgseg "
        f"{made / total[ours]:.1f} patients/s, ratio {total[plain] / total[ours]:.2f}"
    )
    figures = {"patients/s": made / total[ours], "over PhysioKit alone": total[plain] / total[ours]}
    add_line("synthetic_speed", figures, ("physiokit",))


if __name__ == "__main__":
    main()
