"""Try a candidate: train on LUDB's folds 2 to 4, score on fold 1, add a line to candidates.jsonl.

The test fold 0 is never used.

    python benchmarks/candidate.py [--scheduler ADDRESS] NAME WHY [FIELD=JSON ...]

FIELD is a field of Config or, for the network, of TcnParams (dots reach further in), for example
    python benchmarks/candidate.py wide "more channels" architecture.params.input_filters=24 epochs=60
The base is the preset seg-4-res-sm with LUDB alone. Needs LUDB; half an hour on two cores.
An interrupted candidate goes on. With --scheduler, a worker of a Dask cluster trains it, which sees LUDB and
the current folder under the same paths; several candidates may be started at once.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from ecgseg.cluster import open_cluster, run_tasks
from ecgseg.config.run import load_config, preset
from ecgseg.data.folds import ludb_patients
from ecgseg.data.ludb import load_ludb
from ecgseg.evaluation.recordings import evaluate_records
from ecgseg.training.sources import Data, load_data
from ecgseg.training.tcn import build_tcn, count_macs
from ecgseg.training.train import keras_predictor, train

LOG = Path(__file__).with_name("candidates.jsonl")


def with_field(content, path, value):
    "Plain configuration with one field, a dotted path, changed."
    name, _, rest = path.partition(".")
    return content | {name: with_field(content[name], rest, value) if rest else value}


def candidate(name, changes):
    "Configuration of a candidate."
    base = preset("seg-4-res-sm", epochs=60, verbose=0)
    content = base.replace(
        datasets=[dataset for dataset in base.datasets if dataset.name == "ludb"], dataset_weights=None
    ).model_dump(mode="json")
    for path, value in changes.items():
        content = with_field(content, path, value)
    job = Path("results").absolute() / "candidates" / name  # a worker has another current folder
    job.mkdir(parents=True, exist_ok=True)
    file = job / "candidate.json"
    file.write_text(json.dumps(content | {"name": name, "job_dir": str(job)}))
    return load_config(file)


def folds(config):
    "Training patients of folds 2 to 4, and the recordings of fold 1."
    ludb, table = load_ludb(mode="require"), ludb_patients()
    fold = np.array([dict(zip(table.patient, table.fold))[patient] for patient in ludb.patient])
    held_out = ludb.select(fold == 1)
    data = load_data(config)
    return Data(
        train=data.train | {"ludb": ludb.select(fold >= 2)}, val={"ludb": held_out}, test={"ludb": held_out}
    ), held_out


def score(config):
    "Train a candidate, and return its figures."
    data, held_out = folds(config)
    network = build_tcn(config.architecture.params, config.frame_size, config.num_classes)
    result = train(config, data, resume=True)
    figures = evaluate_records(keras_predictor(result.model), held_out, config, resamples=0).metrics
    return {
        "parameters": network.count_params(),
        "mmacs": round(count_macs(network) / 1e6, 3),
        "steps": config.epochs * config.steps_per_epoch,
        "f1_weighted": round(figures["f1_weighted"], 4),
        "f1_macro": round(figures["f1_macro"], 4),
        "strict": round(figures["strict_f1_mean"], 4),
        "p_f1": round(
            100 * np.mean([figures["boundaries"][f"P {end}"]["F1"] for end in ("onset", "offset")]), 2
        ),
        "false_p_af": round(figures["rhythms"]["af"]["false_p_per_minute"], 1),
    }


def main():
    scheduler, given = None, sys.argv[1:]
    if given[:1] == ["--scheduler"]:
        _, scheduler, *given = given
    if len(given) < 2:
        sys.exit(__doc__)
    name, why, *given = given
    changes = {path: json.loads(value) for path, value in (text.split("=", 1) for text in given)}
    started, config = time.time(), candidate(name, changes)
    if scheduler is None:
        figures = score(config)
    else:
        with open_cluster(scheduler=scheduler) as client:
            ((_, figures),) = run_tasks(client, score, [config])
        if isinstance(figures, Exception):
            raise figures
    row = {"name": name, "why": why, "changes": changes, **figures}
    with LOG.open("a") as log:
        log.write(json.dumps(row) + "\n")
    print(json.dumps(row, indent=1), f"{(time.time() - started) / 60:.0f} minutes", sep="\n")


if __name__ == "__main__":
    main()
