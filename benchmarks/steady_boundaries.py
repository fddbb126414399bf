"""What steady boundaries change: F1 of samples and of boundaries on LUDB, before and after.

    python benchmarks/steady_boundaries.py [--part val] [--model seg-4-res-sm ...]

Prints for each network the weighted F1 of the samples, the mean strict F1 of the boundaries, and the standard
deviation (ms) of each boundary's error, with the boundaries of the network and with steady ones.
The limits were chosen on the validation patients; the training patients are there to confirm them, and the
test patients to measure. Needs LUDB.
"""

import argparse

import pandas as pd

from ecgseg.data.folds import split_patients
from ecgseg.data.ludb import load_ludb
from ecgseg.evaluation.boundaries import compare_boundaries
from ecgseg.evaluation.recordings import sum_recordings, summarise
from ecgseg.recording.bundled import MODELS, open_model
from ecgseg.signal.preprocess import Preprocessor
from ecgseg.waves.delineate import Delineation, probabilities_to_labels, wave_boundaries, wave_columns
from ecgseg.waves.steady_boundaries import with_boundaries
from ecgseg.waves.stitch import predict_records


def delineations(model, config, records) -> dict[str, Delineation]:
    "Return the delineations with the boundaries where the network finds them, and with steady ones."
    rate, names = config.sampling_rate, config.class_names
    probabilities = predict_records(model, records.signal, Preprocessor.of(config))
    labels = probabilities_to_labels(probabilities, rate, names, calibrated=config.calibrated)
    found = {}
    for name, steady in (("by the network", False), ("steady", True)):
        boundaries = wave_boundaries(labels, probabilities, rate, names, steady)
        columns = wave_columns(labels, boundaries, rate, names, probabilities, records.signal)
        drawn = with_boundaries(labels, *boundaries)
        found[name] = Delineation(probabilities, drawn, pd.DataFrame(columns))
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", default="val", choices=("train", "val", "test"), help="of LUDB's patients")
    parser.add_argument("--model", nargs="+", default=MODELS, help="bundled networks or .tflite files")
    arguments = parser.parse_args()
    records = load_ludb(mode="require").of_patients(split_patients()[arguments.part])
    rows = {}
    for name in arguments.model:
        model, config = open_model(name)
        for how, found in delineations(model, config, records).items():
            events = compare_boundaries(records.waves, found.waves, records.annotated, records.sampling_rate)
            metrics = summarise(
                sum_recordings(found, events, records, config), config.class_names, resamples=0
            )
            rows[name, how] = {"F1": metrics["f1_weighted"], "strict": metrics["strict_f1_mean"]} | {
                f"SD {boundary}": table["SD"] for boundary, table in metrics["boundaries"].items()
            }
    table = pd.DataFrame(rows).T
    digits = {name: "{:.1f}".format for name in table if name.startswith("SD")}
    print(table.to_string(formatters=digits, float_format="%.4f"))


if __name__ == "__main__":
    main()
