"""The generated C code of the bundled network labels real recordings as Python does."""

import shutil
import subprocess

import numpy as np
import pytest


def labels_in_c(folder, signal, chunk, class_names):
    "Return the labels of the compiled program for one recording."
    np.savetxt(folder / "signal.txt", signal, fmt="%.9g")
    done = subprocess.run(
        ["./ecgseg_main", "signal.txt", str(chunk)], cwd=folder, capture_output=True, text=True, check=True
    )
    labels = np.zeros(len(signal), int)
    for line in done.stdout.splitlines():
        kind, onset, offset = line.split(",")
        labels[int(onset) : int(offset) + 1] = class_names.index(kind)
    return labels


@pytest.mark.skipif(
    shutil.which("cc") is None or shutil.which("make") is None, reason="no C compiler (cc, make)"
)
def test_labels_on_ludb(tmp_path):
    from ecgseg.data.ludb import find_ludb, split_patients

    if find_ludb() is None:
        pytest.skip("LUDB is not here: set ECGSEG_DATA")
    from ecgseg.data.ludb import load_ludb
    from ecgseg.device.c_pipeline import c_export
    from ecgseg.device.integer_network import ExportedNetwork
    from ecgseg.recording.bundled import bundled_model
    from ecgseg.signal.preprocess import Preprocessor
    from ecgseg.waves.delineate import delineate

    model, config = bundled_model(reference=True)
    records = load_ludb().of_patients(split_patients()["val"])
    records = records.select(np.arange(0, len(records), 7))
    in_c = c_export(ExportedNetwork(model.content), config, records)
    assert "SELF-TEST PASSED" in in_c.selftest
    for name, content in in_c.files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    subprocess.run(["make", "ecgseg_main"], cwd=tmp_path, capture_output=True, check=True)
    expected = delineate(
        model, records.signal, Preprocessor.of(config), config.class_names, rhythm_check=False
    ).labels
    found = np.array(
        [
            labels_in_c(tmp_path, signal, 1 + row, config.class_names)
            for row, signal in enumerate(records.signal)
        ]
    )
    assert (found == expected).mean() >= 0.999, f"{(found == expected).mean():.5f} of the labels are equal"
