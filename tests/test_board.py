"""The exported firmware on boards in QEMU: the same waves as Python, also after faults and a reset."""

import os
import shutil
import signal
import socket
import subprocess
from importlib.util import find_spec

import numpy as np
import pytest

READ_ALL, SHARE = ("cortex-m4", "cortex-m55"), ("cortex-m0", "cortex-m3", "cortex-m7", "cortex-m33")
TOOLS = ("make", "arm-none-eabi-gcc", "qemu-system-arm")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
if find_spec("serial") is None:
    MISSING.append("pyserial")
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def network():
    from ecgseg.device.backends import device_network

    return device_network("seg-4-res-sm")


@pytest.fixture(scope="module")
def firmware(network, tmp_path_factory):
    "Return a folder with the exported C of the default network."
    from ecgseg.device.c_pipeline import network_files
    from ecgseg.device.integer_network import ExportedNetwork

    folder = tmp_path_factory.mktemp("firmware")
    for name, text in network_files(ExportedNetwork(network.predict.content), network.config).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def start_board(folder, core, port):
    "Start `make board` and wait until its port is open; QEMU then waits for the computer."
    command = ["make", "-s", "board", f"CORE={core}", f"PORT={port}"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    output = ""
    while "waiting for connection" not in output:
        line = process.stdout.readline()
        assert line, output  # make or QEMU failed
        output += line
    return process


class QemuBoard:
    "A board in QEMU that can be switched off and on; a context manager."

    def __init__(self, folder, core):
        self.folder, self.core, self.port = folder, core, free_port()
        self.address = f"socket://127.0.0.1:{self.port}"
        self.process = start_board(folder, core, self.port)

    def off(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def reset(self):
        self.off()
        self.process = start_board(self.folder, self.core, self.port)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.off()


@pytest.fixture(scope="module")
def ecg():
    from ecgseg.testing import made_up_ecg

    return made_up_ecg(0.5 + 0.8 * np.arange(14), 1200)[0]


@pytest.fixture(scope="module")
def recordings():
    "Return lead II of LUDB's 40 test patients; nothing without LUDB."
    from ecgseg.data.folds import split_patients
    from ecgseg.data.ludb import find_ludb, load_ludb

    if find_ludb() is None:
        return []
    records = load_ludb().of_patients(split_patients()["test"])
    signals = records.signal[records.lead == "ii"]
    assert len(signals) == 40
    return signals


@pytest.mark.parametrize("core", READ_ALL + SHARE)
def test_same_waves_as_python(network, firmware, ecg, recordings, core):
    "A made-up recording and LUDB's test patients: two cores read all of them, the others share them."
    from ecgseg.device.backends import as_backend
    from ecgseg.device.board_report import read_on_board

    share = recordings if core in READ_ALL else recordings[SHARE.index(core) :: len(SHARE)]
    waves = 0
    with QemuBoard(firmware, core) as board, as_backend(f"serial:{board.address}", network) as backend:
        for number, signal in enumerate([ecg, *share]):
            report = read_on_board(backend, signal)
            assert report.differences == 0, f"recording {number}: {report.differing_waves}"
            facts = report.board.facts
            assert (facts["restarts"], facts["clock_rate"]) == (0, 0)
            assert 0 < facts["longest_sample"] < facts["clock_counts"]
            waves += len(report.board.waves)
    assert waves > 25 * (1 + len(share))


@pytest.fixture(scope="module")
def board(firmware):
    with QemuBoard(firmware, "cortex-m4") as board:
        yield board


def once(action, after):
    "Return a progress callback that acts once, as soon as some samples were taken."
    done = []

    def on_progress(taken):
        if taken >= after and not done:
            done.append(action())

    return on_progress


def test_reset_in_the_middle(board, ecg):
    from ecgseg.device.board import Board, run_recording

    with Board(board.address, timeout=5, tries=60) as line:
        undisturbed = run_recording(line, ecg, 100)
        after_reset = run_recording(line, ecg, 100, once(board.reset, after=500))
    assert (undisturbed.restarts, after_reset.restarts) == (0, 1)
    np.testing.assert_array_equal(after_reset.waves, undisturbed.waves)
    assert len(undisturbed.waves) > 30


def test_board_that_does_not_come_back(firmware, ecg):
    from ecgseg.device.board import Board, BoardError, run_recording

    with QemuBoard(firmware, "cortex-m4") as board, Board(board.address, timeout=60) as line:
        line.timeout = 0.2  # to come back
        with pytest.raises(
            BoardError, match="the connection was lost .* and did not come back: .* cannot be opened"
        ):
            run_recording(line, ecg, 100, once(board.off, after=500))


class Damage:
    "Lose, change or double every 400th byte; a message has at most 255."

    def __init__(self):
        self.seen = 0

    def __call__(self, chunk):
        passed = bytearray()
        for byte in chunk:
            self.seen += 1
            changes = [byte], [], [byte ^ 1], [byte, byte]
            passed += bytes(changes[0 if self.seen % 400 else 1 + self.seen // 400 % 3])
        return bytes(passed)


def test_faults_on_the_line(board, ecg):
    from ecgseg.device.board import Board, run_recording
    from ecgseg.testing_board import relayed_board

    with Board(board.address, timeout=60) as line:
        undisturbed = run_recording(line, ecg, 100)
    to_board, to_host = Damage(), Damage()
    with (
        relayed_board(board.port, to_board, to_host) as address,
        Board(address, timeout=1, tries=100) as line,
    ):
        damaged = run_recording(line, ecg, 100)
    np.testing.assert_array_equal(damaged.waves, undisturbed.waves)
    assert (undisturbed.repeated, damaged.restarts) == (0, 0)
    assert damaged.repeated >= to_board.seen // 400 > 3 and to_host.seen > 400


def test_demo_command(board, tmp_path, capsys):
    from ecgseg.cli.main import main

    arguments = ["demo", "seg-4-res-sm", "--backend", f"serial:{board.address}", "--out", str(tmp_path)]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "differing waves    0 of" in shown and "million instructions" in shown
    assert (tmp_path / "board.png").is_file() and (tmp_path / "board.html").is_file()
    arguments[1] = "seg-4-res-lg"
    assert main(arguments) == 1
    assert "the board runs seg-4-res-sm" in capsys.readouterr().err
