"""Learn the judge of P waves (`ecgseg.waves.p_wave_judge`) and write its weights to the package.

    python benchmarks/p_waves.py [--epochs 40] [--job results/p_waves]

Five networks are trained, each without one fold of LUDB, MIT-BIH and SVDB, and none with LUDB's test fold 0
(an interrupted training goes on; about ten minutes each on two cores). Each then reads the patients that it
did not see. Their candidates for P waves are counted and described, and the logistic regression is fitted to
them. The table that is printed counts true and false P waves at several limits, for patients held out from
the regression as well. Needs LUDB, MIT-BIH and SVDB.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from ecgseg import segment
from ecgseg.config.run import preset
from ecgseg.data.annotations import read_wfdb
from ecgseg.data.beats import (
    beat_folds,
    beat_records,
    find_beats,
    read_beats,
    within,
)
from ecgseg.data.folds import ludb_patients
from ecgseg.data.ludb import load_ludb
from ecgseg.data.sinus_p_waves import sinus_p_peaks
from ecgseg.files import write_json
from ecgseg.signal.resampling import resample
from ecgseg.training.sources import Data, load_data
from ecgseg.training.train import keras_predictor, train
from ecgseg.waves.p_wave_judge import FEATURES, PWaveJudge, p_wave_candidates, p_wave_features
from ecgseg.waves.runs import label_runs, min_run_samples

MARK_REACH = 0.08  # s; a candidate this near to the mark of a P wave is one
MOST_OF_A_RECORD = 300.0  # total weight of the candidates of a half-hour record
LUDB_AF_WEIGHT = 8.0  # fibrillation is one LUDB patient in eleven, and gives few candidates
RIDGE = 3.0
BEGIN = 30.0  # s of a half-hour record that are left out


def fold_predictor(fold: int, epochs: int, job: Path):
    "Predictor trained without a fold, and its configuration."
    config = preset("seg-4-res-sm", epochs=epochs, job_dir=str(job / str(fold)))
    datasets = [
        dataset.replace(params=dataset.params.replace(held_out_fold=fold))
        if dataset.name in ("mitdb", "svdb")
        else dataset
        for dataset in config.datasets
    ]
    config = config.replace(datasets=datasets)
    data, table = load_data(config), ludb_patients()
    ludb = load_ludb(mode="require")
    fold_of = dict(zip(table.patient, table.fold))
    own = np.array([fold_of[patient] for patient in ludb.patient])
    if fold > 0:  # fold 0 is never used; its network keeps the validation patients of the preset
        data = Data(
            train=data.train | {"ludb": ludb.select((own != 0) & (own != fold))},
            val=data.val | {"ludb": ludb.select(own == fold)},
            test={},
        )
    result = train(config, data, resume=True)
    return keras_predictor(result.model), config


def described(result, config) -> tuple:
    "First samples, ends, whether labelled as P, and features of the candidates in a one-lead result."
    labels, probabilities = result.labels[0], result.probabilities[0]
    least = min_run_samples(config.class_names, result.rate)[1]
    first, end, labelled = p_wave_candidates(labels, probabilities, 1, least)
    runs, ends = label_runs(labels)
    qrs = labels[runs] == 2
    if not qrs.any() or not len(first):
        return first[:0], end[:0], labelled[:0], np.zeros((0, len(FEATURES)), np.float32)
    features = p_wave_features(probabilities[:, 1], first, end, runs[qrs], ends[qrs], result.rate)
    return first, end, labelled, features


def table_of(source, patient, fibrillation, true, labelled, features) -> pd.DataFrame:
    columns = {"source": source, "patient": patient, "af": fibrillation, "true": true, "labelled": labelled}
    return pd.DataFrame(columns | dict(zip(FEATURES, features.T)))


def ludb_candidates(predict, config, records) -> list:
    "Candidates in the annotated parts of LUDB's recordings."
    tables = []
    for row in range(len(records)):
        result = segment(
            records.signal[row], records.sampling_rate, model=(predict, config), rhythm_check=False
        )
        first, end, labelled, features = described(result, config)
        kept = records.annotated[row][(first + end) // 2] if len(first) else np.zeros(0, bool)
        true = np.array([(records.label[row][a:b] == 1).any() for a, b in zip(first, end)], bool)
        af = records.rhythm[row] == "af"
        tables.append(table_of("ludb", records.patient[row], af, true[kept], labelled[kept], features[kept]))
    return tables


def known_p_waves(annotation, signal, rate) -> tuple:
    "Times of the P waves, and the spans (begin, end) in which every P wave is among them."
    if annotation.p_peaks is not None:
        return annotation.p_peaks, np.array([[0, signal.shape[1] / rate]])
    beats, peaks = annotation.beats["time"].to_numpy(), sinus_p_peaks(signal, rate, annotation)
    found = np.flatnonzero(np.isfinite(peaks))
    return peaks[found], np.concatenate(
        [np.column_stack([beats[found - 1], beats[found]]), annotation.no_p.reshape(-1, 2)]
    )


def mitdb_candidates(predict, config, fold) -> list:
    "Candidates in the records of a fold, where P waves are marked, found in sinus rhythm, or absent."
    folder, tables = find_beats("mitdb"), []
    names = beat_records(folder)
    folds = beat_folds(int(Path(name).name) for name in names)
    for name in names:
        patient = int(Path(name).name)
        if folds[patient] != fold:
            continue
        content = read_wfdb(folder / name)
        annotation = read_beats(folder / name, len(content.p_signal) / content.fs)
        result = segment(content.p_signal[:, 0], content.fs, model=(predict, config), rhythm_check=False)
        first, end, labelled, features = described(result, config)
        samples, rate, middle = result.signal.shape[1], result.rate, (first + end) // 2
        peaks, known = known_p_waves(annotation, resample(content.p_signal.T, content.fs, rate), rate)
        marks = np.column_stack([peaks - MARK_REACH, peaks + MARK_REACH])
        near = np.append(0, np.cumsum(within(marks, samples, rate)))
        af, flutter, usable = (
            within(spans, samples, rate)[middle] for spans in (annotation.no_p, annotation.flutter, known)
        )
        true = near[end] > near[first]
        usable &= (middle > BEGIN * rate) & ~flutter
        tables.append(
            table_of("mitdb", patient, af[usable], true[usable], labelled[usable], features[usable])
        )
    return tables


def fit(features: np.ndarray, true: np.ndarray, weight: np.ndarray) -> PWaveJudge:
    "Weighted ridge logistic regression by Newton's method."
    judge = PWaveJudge(features.mean(axis=0), features.std(axis=0) + 1e-6, np.zeros(1 + 2 * len(FEATURES)))
    terms, weights = judge.terms(features), judge.weights
    for _ in range(25):
        chance = 1 / (1 + np.exp(-terms @ weights))
        curvature = terms.T @ (terms * (weight * chance * (1 - chance) + 1e-9)[:, None])
        gradient = terms.T @ (weight * (true - chance)) - RIDGE * weights
        weights = weights + np.linalg.solve(curvature + RIDGE * np.eye(len(weights)), gradient)
    return PWaveJudge(judge.mean, judge.deviation, weights)


def weights_of(candidates: pd.DataFrame) -> np.ndarray:
    "Weight of each candidate: no record counts more than its share."
    size = candidates.groupby(["source", "patient"])["true"].transform("size").to_numpy()
    weight = np.where(candidates["source"] == "mitdb", np.minimum(1, MOST_OF_A_RECORD / size), 1.0)
    return np.where((candidates["source"] == "ludb") & candidates["af"], LUDB_AF_WEIGHT, weight)


def held_out_odds(candidates: pd.DataFrame, parts: int = 8) -> np.ndarray:
    "Log odds of each candidate by a judge that saw nobody of its part of the patients."
    person = candidates["source"] + candidates["patient"].astype(str)
    part_of = {
        name: number % parts
        for number, name in enumerate(np.random.default_rng(0).permutation(person.unique()))
    }
    part, odds = person.map(part_of).to_numpy(), np.zeros(len(candidates))
    features, true, weight = (
        candidates[list(FEATURES)].to_numpy(),
        candidates["true"].to_numpy(),
        weights_of(candidates),
    )
    for number in range(parts):
        seen = part != number
        odds[~seen] = fit(features[seen], true[seen], weight[seen]).log_odds(features[~seen])
    return odds


def counts(candidates: pd.DataFrame, kept: np.ndarray) -> dict:
    "True and false P waves outside fibrillation, and false ones inside it."
    row = {}
    for source in ("ludb", "mitdb"):
        own = (candidates["source"] == source).to_numpy() & kept
        af, true = candidates["af"].to_numpy(), candidates["true"].to_numpy()
        row |= {
            f"{source} true": int((own & true & ~af).sum()),
            f"{source} false": int((own & ~true & ~af).sum()),
            f"{source} in AF": int((own & ~true & af).sum()),
        }
    return row


def limits_table(candidates: pd.DataFrame, odds: np.ndarray) -> pd.DataFrame:
    "Counts at several limits."
    labelled = candidates["labelled"].to_numpy()
    rows = {"the network's": counts(candidates, labelled)}
    for keep in (-4.0, -3.0, -2.5, -2.0, -1.5, -1.0, 0.0, 1.0):
        for add in (-1.0, -0.5, 0.0, 1.0, 2.0):
            kept = np.where(labelled, odds >= keep, odds >= add)
            rows[f"keep {keep}, add {add}"] = counts(candidates, kept)
    return pd.DataFrame(rows).T


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--job", type=Path, default=Path("results/p_waves"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "ecgseg/models/p_waves.json")
    arguments = parser.parse_args()
    ludb, table = load_ludb(mode="require"), ludb_patients()
    fold_of = dict(zip(table.patient, table.fold))
    own, tables = np.array([fold_of[patient] for patient in ludb.patient]), []
    for fold in range(5):
        predict, config = fold_predictor(fold, arguments.epochs, arguments.job)
        if fold > 0:
            tables += ludb_candidates(predict, config, ludb.select(own == fold))
        tables += mitdb_candidates(predict, config, fold)
        print(f"fold {fold}: {sum(map(len, tables))} candidates so far", flush=True)
    candidates = pd.concat(tables, ignore_index=True)
    candidates.to_csv(arguments.job / "candidates.csv", index=False)
    print(limits_table(candidates, held_out_odds(candidates)).to_string())
    features, true = candidates[list(FEATURES)].to_numpy(), candidates["true"].to_numpy()
    judge = fit(features, true, weights_of(candidates))
    content = {"features": list(FEATURES)} | {
        name: np.round(getattr(judge, name), 6).tolist() for name in ("mean", "deviation", "weights")
    }
    write_json(arguments.out, content)
    print(json.dumps(dict(zip(FEATURES, np.round(judge.weights[1 : 1 + len(FEATURES)], 2)))))


if __name__ == "__main__":
    main()
