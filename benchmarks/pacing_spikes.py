"""What pacing spikes do to beats and QT intervals, with and without their removal.

    python benchmarks/pacing_spikes.py

Pulses of 1 ms are added to a made-up ECG of 66 beats: as single samples, and as a recorder with a limit of
150 Hz shows them. They stand 190 or 20 ms before the R peak, or on the T wave, 350 ms after it. The table has
the most missed and false beats of these places, and the largest change of the median QT interval. A second
table counts the samples that are taken for spikes in recordings without pacemakers, if they are at hand.
"""

from unittest.mock import patch

import numpy as np
import pandas as pd
import wfdb
from scipy.signal import butter, sosfilt

from ecgseg import segment
from ecgseg.data.beats import find_beats
from ecgseg.data.noise import find_nstdb
from ecgseg.signal import spikes
from ecgseg.testing import made_up_ecg

FINE = 8000  # Hz
PLACES = (-0.19, -0.02, 0.35)  # s from the R peak
SECONDS = 60


def filtered(times, fs: float, height: float) -> np.ndarray:
    "Pulses of 1 ms after a low-pass of 150 Hz, or of what the rate allows, mV."
    fine = np.zeros(SECONDS * FINE)
    for time in times:
        fine[round(time * FINE) :][: FINE // 1000] = height
    fine = sosfilt(butter(4, min(150, 0.4 * fs), fs=FINE, output="sos"), fine)
    return np.interp(np.arange(SECONDS * fs) / fs, np.arange(len(fine)) / FINE, fine)


def single(times, fs: float, height: float) -> np.ndarray:
    "Pulses of one sample, mV."
    signal = np.zeros(SECONDS * fs)
    signal[np.rint(times * fs).astype(int)] = height
    return signal


def errors(signal, fs, beats, qt) -> tuple[int, int, float]:
    "Missed and false beats, and the change of the median QT interval in ms."
    result = segment(signal, fs)
    peaks = result.waves.peak[result.waves["wave"] == "QRS"].to_numpy()
    near = np.abs(peaks[:, None] - beats) < 0.075
    found = result.summary().loc["qt", "median"] if len(peaks) else np.nan
    return int((~near.any(axis=0)).sum()), int((~near.any(axis=1)).sum()), found - qt


def flagged(folder) -> tuple[float, int]:
    "Hours of single leads, and samples that are taken for spikes."
    hours = found = 0
    for header in folder.glob("*.hea"):
        record = wfdb.rdrecord(str(header.with_suffix("")))
        for lead in record.p_signal.T:
            hours += len(lead) / record.fs / 3600
            found += int(spikes.spike_flags(lead, record.fs).sum())
    return hours, found


def main():
    random = np.random.default_rng(0)
    beats = 0.8 + np.cumsum(random.normal(0.85, 0.02, 66))
    rows = {}
    for fs in (128, 250, 500):
        clean = made_up_ecg(beats, SECONDS * fs, fs, 0.8)[0] + random.normal(0, 0.01, SECONDS * fs)
        qt = segment(clean, fs).summary().loc["qt", "median"]
        for kind in (single, filtered):
            for height in (2, 10, 50):
                signals = [clean + kind(beats + place, fs, height) for place in PLACES]
                removed = [errors(signal, fs, beats, qt) for signal in signals]
                with patch.object(spikes, "LEAST_HEIGHT", np.inf):
                    kept = [errors(signal, fs, beats, qt) for signal in signals]
                row = {}
                for name, found in (("kept", kept), ("removed", removed)):
                    missed, false, change = zip(*found)
                    row |= {(name, "missed"): max(missed), (name, "false"): max(false)}
                    row[name, "QT (ms)"] = "none" if np.isnan(change).any() else round(max(change, key=abs))
                rows[fs, kind.__name__, f"{height} mV"] = row
    print(pd.DataFrame(rows).T.to_string())
    for name, folder in {
        "mitdb": find_beats("mitdb"),
        "svdb": find_beats("svdb"),
        "nstdb": find_nstdb(),
    }.items():
        if folder is not None:
            hours, found = flagged(folder)
            print(f"{name}: {hours:.0f} hours of single leads, {found} samples in spikes")


if __name__ == "__main__":
    main()
