"""Make nbs/images/board.png, the report on the front page: a recording of LUDB on a Cortex-M4 in QEMU.

Usage: `python .ci/board_picture.py`. Needs what `.ci/cross` installs, and the extra `board`.
"""

import os
import signal
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from ecgseg.data.ludb import load_ludb
from ecgseg.device.backends import as_backend, device_network
from ecgseg.device.board_report import plot_board, read_on_board
from ecgseg.device.c_pipeline import network_files
from ecgseg.device.integer_network import ExportedNetwork

PATIENT, LEAD, PORT = 149, "ii", 5579  # a test patient
PICTURE = Path(__file__).parent.parent / "nbs" / "images" / "board.png"


def main():
    network = device_network("seg-4-res-sm")
    records = load_ludb().of_patients([PATIENT])
    ecg = records.signal[records.lead == LEAD][0]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in network_files(ExportedNetwork(network.predict.content), network.config).items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        command = ["make", "-s", "board", f"PORT={PORT}"]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        qemu = subprocess.Popen(command, cwd=folder, start_new_session=True, **output)
        try:
            while "waiting for connection" not in qemu.stdout.readline():
                pass
            title = f"LUDB, patient {PATIENT}, lead {LEAD.upper()}"
            with as_backend(f"serial:socket://127.0.0.1:{PORT}", network) as backend:
                report = read_on_board(backend, ecg, title)
        finally:
            os.killpg(qemu.pid, signal.SIGKILL)
    report = replace(report, board=replace(report.board, place="Cortex-M4 in QEMU"))
    plot_board(report).savefig(PICTURE, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
