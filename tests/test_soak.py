"Long streams: memory stays constant."

import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT

# `make fuzz` sets a day
HOURS = os.environ.get("ECGSEG_SOAK", "0.1")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
def test_segmenter_runs_for_a_day(tmp_path):
    command = [sys.executable, ROOT / "benchmarks" / "segmenter_soak.py", HOURS]
    log = tmp_path / "log.jsonl"
    environment = os.environ | {"ECGSEG_BENCHMARK_LOG": str(log)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(found)
    assert json.loads(log.read_text())["benchmark"] == "segmenter_soak"
    assert 0 < found["lost"] < 0.3
    assert 55 < found["beats_per_minute"] < 80  # 71 in the signal, some of them in the gaps
