"""Compare networks beat by beat with recordings that they did not see: MIT-BIH and SVDB in five folds.

    python benchmarks/held_out_beats.py [--job results/p_waves]

Uses the five networks of `benchmarks/p_waves.py`, each trained without one fold of both databases, as float
networks. Prints, for each database, the records with most errors or few P waves, the sums and the means.
"""

import argparse
from pathlib import Path

import keras
import pandas as pd

from ecgseg.config.run import load_config
from ecgseg.data.beats import beat_folds, beat_records, find_beats
from ecgseg.recording.compare_beats import compare_database, with_rates
from ecgseg.training.train import keras_predictor

COLUMNS = ["beats", "FP", "FN", "Se", "+P", "F1", "P Se", "P +P", "AF P per minute", "sinus P Se"]


def held_out(database: str, job: Path) -> pd.DataFrame:
    "One row per record, each read by the network of its fold."
    names = [Path(name).name for name in beat_records(find_beats(database))]
    folds = beat_folds(int(name) for name in names)
    tables = []
    for fold in range(5):
        folder = job / str(fold)
        model = (
            keras_predictor(keras.saving.load_model(folder / "model.keras", compile=False)),
            load_config(folder / "config.json"),
        )
        own = [name for name in names if folds[int(name)] == fold]
        tables.append(compare_database(database, model, records=own).drop(["gross", "average"]))
    return pd.concat(tables)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--job", type=Path, default=Path("results/p_waves"))
    arguments = parser.parse_args()
    for database in ("mitdb", "svdb"):
        table = held_out(database, arguments.job)
        shown = (table["FP"] + table["FN"] > 15) | table["P Se"].notna() | (table["sinus P Se"] < 0.95)
        worst = table[shown]
        gross = with_rates(table.sum(min_count=1).to_frame("gross").T)
        print(database, f"({len(table)} records)")
        rows = pd.concat([worst, gross, table.mean().to_frame("average").T])[COLUMNS]
        print(rows.to_string(na_rep="", float_format="%.4f"), flush=True)


if __name__ == "__main__":
    main()
