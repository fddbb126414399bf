"""QRS complexes under recorded noise, and false ones in noise without ECG.

    python benchmarks/noisy_beats.py [--job results/p_waves] [--every 3]
    python benchmarks/noisy_beats.py --bundled seg-4-res-sm [--every 1]

The first command evaluates a float network of `benchmarks/p_waves.py` on every third lead of LUDB's fold 1,
which it did not see, with the half of NSTDB that serves for training: limits can thus be chosen without the
test fold. The second one evaluates a bundled network on the test fold, with the other half of NSTDB. Both
print true, false and missed QRS complexes, false ones per minute and F1, as recorded and at each SNR; then
complexes per minute in noise alone, and in 16 bursts of noise. They need LUDB and NSTDB.
"""

import argparse
import logging
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from ecgseg.config.run import load_config
from ecgseg.data.folds import ludb_patients
from ecgseg.data.ludb import load_ludb
from ecgseg.data.noise import NSTDB_KINDS, noise_part
from ecgseg.evaluation.boundaries import match_times
from ecgseg.evaluation.noise_stress import add_noise
from ecgseg.recording.segment import segment, segment_many
from ecgseg.training.train import keras_predictor

FOLD = 1
SNRS = (12, 6, 0)  # dB
RATE = 360  # Hz, of noise alone
TOLERANCE, MARGIN = 0.15, 0.2  # s, of a match, and around the annotated complexes
BURSTS = 16  # recordings with four seconds of white noise


def compare_beats(records, model) -> dict:
    "Count the QRS complexes of all recordings between the first and the last annotated one."
    found, minutes = {"TP": 0, "FP": 0, "FN": 0}, 0.0
    annotated = records.waves[records.waves["wave"] == "QRS"]
    results = segment_many(list(records.signal.astype(float)), records.sampling_rate, model=model)
    for row, result in enumerate(results):
        own = annotated[annotated["row"] == row]
        if not len(own):
            continue
        truth = np.sort((own["onset"] + own["offset"]).to_numpy() / 2)
        beats = result.waves[result.waves["wave"] == "QRS"]
        centres = np.sort((beats["onset"] + beats["offset"]).to_numpy() / 2)
        centres = centres[(centres > truth[0] - MARGIN) & (centres < truth[-1] + MARGIN)]
        minutes += (truth[-1] - truth[0] + 2 * MARGIN) / 60
        matched = len(match_times(truth, centres, TOLERANCE)[0])
        found["TP"] += matched
        found["FP"] += len(centres) - matched
        found["FN"] += len(truth) - matched
    f1 = 2 * found["TP"] / (2 * found["TP"] + found["FP"] + found["FN"])
    return found | {"FP per minute": found["FP"] / minutes, "F1": f1}


def beats_per_minute(noise, model) -> float:
    "QRS complexes per minute and channel that are found in noise (channels, samples) at `RATE`."
    result = segment(noise.T, RATE, model=model)
    return (result.waves["wave"] == "QRS").sum() / (noise.size / RATE / 60)


def beats_in_bursts(model) -> tuple[int, int]:
    "QRS complexes found in bursts of white noise in a made-up ECG, and bursts that are flagged as noise."
    from ecgseg.testing import made_up_ecg

    times = 0.7 + np.cumsum(np.random.default_rng(0).normal(0.85, 0.03, 13))
    clean, noisy = made_up_ecg(times, 6000, 500, 0.8)[0], np.arange(6000) // 2000 == 1
    random, beats, flagged = np.random.default_rng(1), 0, 0
    for _ in range(BURSTS):
        result = segment(np.where(noisy, random.normal(0, 0.5, 6000), clean), 500, model=model)
        peaks = result.waves.loc[result.waves["wave"] == "QRS", "peak"]
        beats += peaks.between(4.1, 7.9).sum()
        flagged += (result.quality["reason"] == "noise").any()
    return beats, flagged


def held_out_network(job: Path):
    "Return the network of a job that did not see the fold, and its configuration."
    network = keras.saving.load_model(job / str(FOLD) / "model.keras", compile=False)
    return keras_predictor(network), load_config(job / str(FOLD) / "config.json")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--job", type=Path, default=Path("results/p_waves"))
    parser.add_argument("--bundled", metavar="NAME", help="of a bundled network, on the test fold")
    parser.add_argument("--every", type=int, help="take every nth lead: every third, or all of the test fold")
    arguments = parser.parse_args()
    logging.getLogger("ecgseg").setLevel(logging.ERROR)  # of noise, the rate is always doubtful
    model = arguments.bundled or held_out_network(arguments.job)
    fold, part, every = (0, "test", 1) if arguments.bundled else (FOLD, "train", 3)
    ludb, table = load_ludb(mode="require"), ludb_patients()
    folds = np.array([dict(zip(table.patient, table.fold))[patient] for patient in ludb.patient])
    records = ludb.select(np.flatnonzero(folds == fold)[:: arguments.every or every])
    rows = {"clean": compare_beats(records, model)}
    for kind in NSTDB_KINDS:
        noise = noise_part([kind], records.sampling_rate, part=part)
        for snr in SNRS:
            rows[f"{kind} {snr} dB"] = compare_beats(add_noise(records, noise, snr, seed=1), model)
    print(pd.DataFrame(rows).T.astype({"TP": int, "FP": int, "FN": int}).to_string(float_format="%.4f"))
    alone = {kind: noise_part([kind], RATE, part=part).astype(float) for kind in NSTDB_KINDS}
    alone["white"] = np.random.default_rng(0).normal(0, 0.1, (2, 600 * RATE))
    for kind, noise in alone.items():
        print(f"{kind} alone: {beats_per_minute(noise, model):.1f} QRS complexes per minute", flush=True)
    beats, flagged = beats_in_bursts(model)
    print(f"{BURSTS} bursts of four seconds: {beats} QRS complexes, {flagged} flagged as noise")


if __name__ == "__main__":
    main()
