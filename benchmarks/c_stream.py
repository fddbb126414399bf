"""Compare the stream in C with Python's `Segmenter` on LUDB's test fold, and measure what its parts cost.

    python benchmarks/c_stream.py [--every 1] [--fs 500] [--noise bw em ma] [--costs | --latency]

Each lead is read by both at its own rate: as it is, at gain ×0.05, and under the noise of NSTDB at several
SNRs. The table says how many samples have another wave, how many waves are missing or differ by more than one
sample, and how well each scores: weighted F1 of samples and false P waves per minute in fibrillation.
`--every 4` takes every fourth lead, `--noise` without a kind no noise. `--costs` prints flash, RAM and
instructions on a Cortex-M4 with each part left out instead; it needs arm-none-eabi-gcc and QEMU, and no LUDB.
`--latency` prints how long after its end a wave is reported.
"""

import argparse
import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from ecgseg import Segmenter, segment
from ecgseg.config.parts import SyntheticParams
from ecgseg.data.folds import split_patients
from ecgseg.data.ludb import load_ludb
from ecgseg.data.noise import NSTDB_KINDS, noise_part
from ecgseg.data.records import Records
from ecgseg.data.synthetic import synthesize_records
from ecgseg.device.c_pipeline import c_files, measure_cores
from ecgseg.device.c_stream import PARTS, CStream, StreamOptions, stream_bytes, stream_latency
from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.evaluation.boundaries import compare_boundaries
from ecgseg.evaluation.noise_stress import add_noise
from ecgseg.evaluation.recordings import sum_recordings, summarise
from ecgseg.recording.bundled import bundled_model
from ecgseg.vocabulary import POINTS
from ecgseg.waves.delineate import Delineation
from ecgseg.waves.runs import wave_name

SNRS = (12, 6, 0, -6)  # dB
COLUMNS = [f"{point}_sample" for point in POINTS]


def python_waves(model, config, samples: np.ndarray, fs: float) -> pd.DataFrame:
    "Waves of one lead from Python's stream."
    segmenter = Segmenter(fs, model=(model, config))
    tables = [segmenter.push(samples), segmenter.flush()]
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def sample_classes(waves: pd.DataFrame, samples: int, names: list[str]) -> np.ndarray:
    "Class of each sample of a recording."
    labels = np.zeros(samples, np.int8)
    for wave in waves.itertuples():
        labels[wave.onset_sample : wave.offset_sample + 1] = names.index(wave.wave)
    return labels


def unlike(found: pd.DataFrame, expected: pd.DataFrame) -> int:
    "Waves that only one has, and waves of which a point differs by more than one sample."
    count = abs(len(found) - len(expected))
    for name in set(expected["wave"]) | set(found["wave"]):
        own, right = (table.loc[table["wave"] == name, COLUMNS].to_numpy(int) for table in (found, expected))
        if len(own) == len(right):
            count += int((np.abs(own - right).max(axis=1, initial=0) > 1).sum())
        else:  # pair those that begin together
            near = np.abs(own[:, None, 0] - right[None, :, 0]) <= 1
            count += max(len(own), len(right)) - int(near.any(axis=1).sum())
    return count


def score(tables: list[pd.DataFrame], records: Records, config, names: list[str], fs: float) -> dict:
    "Weighted F1, and false P waves per minute in fibrillation."
    samples = records.label.shape[1]
    step = fs / records.sampling_rate
    at_labels = np.round(np.arange(samples) * step).astype(int)
    labels = np.stack(
        [sample_classes(table, round(samples * step) + 1, names)[at_labels] for table in tables]
    )
    waves = pd.concat([table.assign(row=row) for row, table in enumerate(tables)], ignore_index=True)
    waves = waves[["row", "wave"]].assign(**{point: waves[f"{point}_sample"] / fs for point in POINTS})
    events = compare_boundaries(records.waves, waves, records.annotated, records.sampling_rate)
    sums = sum_recordings(Delineation(None, labels, waves), events, records, config)
    fibrillation = summarise(sums.select(sums.rhythm == "af"), config.class_names, resamples=0)
    whole = summarise(sums, config.class_names, resamples=0)
    return {"F1": whole["f1_weighted"], "false P": fibrillation["false_p_per_minute"]}


def conditions(records: Records, kinds=NSTDB_KINDS):
    "Name and records of each condition."
    yield "clean", records
    yield "gain ×0.05", dataclasses.replace(records, signal=np.float32(0.05 * records.signal))
    for kind in kinds:
        noise = noise_part([kind], records.sampling_rate, part="test")
        for snr in SNRS:
            yield f"{kind} {snr} dB", add_noise(records, noise, snr)


def compare(fs: float, every: int, kinds) -> pd.DataFrame:
    "One row per condition."
    model, config = bundled_model(reference=True)
    names = [wave_name(name) for name in config.class_names]
    records = load_ludb(sampling_rate=fs, mode="require").of_patients(split_patients()["test"])
    records = records.select(np.arange(0, len(records), every))
    stream, rows = CStream(ExportedNetwork(model.content), config, StreamOptions(fs=fs)), {}
    for condition, noisy in conditions(records, kinds):
        in_c = [stream(samples) for samples in noisy.signal]
        in_python = [python_waves(model, config, samples, fs) for samples in noisy.signal]
        differ = sum(
            int(
                np.sum(
                    np.diff([sample_classes(table, noisy.signal.shape[1], names) for table in pair], axis=0)
                    != 0
                )
            )
            for pair in zip(in_c, in_python)
        )
        rows[condition] = {
            "recordings": len(noisy),
            "samples that differ": differ,
            "of": noisy.signal.size,
            "waves that differ": sum(map(unlike, in_c, in_python)),
            "of ": sum(map(len, in_python)),
            **{f"{name} C": value for name, value in score(in_c, noisy, config, names, fs).items()},
            **{f"{name} Python": value for name, value in score(in_python, noisy, config, names, fs).items()},
        }
        if condition == "clean":  # with all beats around a P wave, before and after it
            whole = [segment(samples, fs, model=(model, config)).waves for samples in noisy.signal]
            scores = score(whole, noisy, config, names, fs)
            rows[condition] |= {f"{name} segment": value for name, value in scores.items()}
        print(pd.DataFrame(rows).T.tail(1).to_string(header=len(rows) == 1, float_format="%.4f"), flush=True)
    return pd.DataFrame(rows).T


def costs(fs: float) -> pd.DataFrame:
    "One row per part that is left out, and for both extremes."
    model, config = bundled_model(reference=True)
    with tempfile.TemporaryDirectory() as cache:
        records = synthesize_records(
            SyntheticParams(), 3, seed=1, processes=1, cache=Path(cache), progress=False
        )
    without = {f"without {part}": {part: False} for part in PARTS}
    choices = {"everything": {}, **without, "without all of these": dict.fromkeys(PARTS, False)}
    choices |= {"at the network's rate, everything": {"fs": config.sampling_rate}}
    choices |= {
        "at the network's rate, without all of these": dict.fromkeys(PARTS, False)
        | {"fs": config.sampling_rate}
    }
    rows = {}
    for name, chosen in choices.items():
        options = StreamOptions(**{"fs": fs} | chosen)
        files = c_files(ExportedNetwork(model.content), config, records, options=options)
        (row,) = measure_cores(files, ("cortex-m4",), ("-O2",))
        rows[name] = {
            "flash": row["flash"],
            "static RAM": row["ram"],
            "one stream": stream_bytes(config, options),
            "stack": row["stack"],
            "frame": row["frame"],
            "of it around the network": row["frame"] - row["network"],
            "intake of a sample": row["intake"],
        }
        print(pd.DataFrame(rows).T.tail(1).to_string(header=len(rows) == 1), flush=True)
    return pd.DataFrame(rows).T


def latency(fs: float):
    "Print the delay from the end of a wave to its report."
    model, config = bundled_model(reference=True)
    records = load_ludb(sampling_rate=fs, mode="require").of_patients(split_patients()["val"])
    stream = CStream(ExportedNetwork(model.content), config, StreamOptions(fs=fs))
    long = np.concatenate(records.signal)
    for steps, how in ((0, "ecgseg_push alone"), (1000, "with ecgseg_step")):
        waves = stream(long, 1, steps)
        waves = waves[waves["came"] < len(long)]
        delay = (waves["came"] - waves["offset_sample"]) / fs
        stated = stream_latency(config, StreamOptions(fs=fs), at_once=steps > 0)
        print(
            f"{how}: {len(waves)} waves, median {delay.median():.2f} s, most {delay.max():.2f} s, "
            f"stated {stated:.2f} s"
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fs", type=float, default=500.0, help="rate of the stream, Hz")
    parser.add_argument("--every", type=int, default=1, help="take every nth lead")
    parser.add_argument("--noise", nargs="*", choices=NSTDB_KINDS, default=NSTDB_KINDS, help="kinds of noise")
    parser.add_argument("--costs", action="store_true", help="measure the parts instead")
    parser.add_argument("--latency", action="store_true", help="measure the latency instead")
    arguments = parser.parse_args()
    if arguments.costs:
        costs(arguments.fs)
    elif arguments.latency:
        latency(arguments.fs)
    else:
        table = compare(arguments.fs, arguments.every, arguments.noise)
        print(table[["samples that differ", "of", "waves that differ", "of "]].sum().to_string())


if __name__ == "__main__":
    main()
