"""A disk that is full or read-only: an error, the files of before, and nothing left behind.

The disk is a small file system in memory, which only root can mount; elsewhere these tests are skipped.
"""

import errno
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO

import numpy as np
import pytest

from ecgseg.cli.main import main
from ecgseg.config.parts import SyntheticParams
from ecgseg.config.run import Config, save_config
from ecgseg.data import records as records_module
from ecgseg.data.annotations import write_record, write_waves
from ecgseg.data.download import fetch_database, write_checksums
from ecgseg.data.ludb import write_ludb
from ecgseg.data.records import cached_records, save_records
from ecgseg.data.synthetic import synthesize_records
from ecgseg.fetch import download
from ecgseg.files import write_json
from ecgseg.locks import locked
from ecgseg.recording.bundled import example_ecg
from ecgseg.recording.segment import segment
from ecgseg.testing import assert_same_records, served_folder, toy_records, zip_folder
from ecgseg.vocabulary import LEADS

KILOBYTES = 256
RECORDS = toy_records(patients=(1,), duration=4.0)
WAVES = [("P", 100, 110, 125), ("QRS", 140, 150, 160), ("T", 200, 240, 270)] * 200
EXAMPLE = segment(*example_ecg())
WRITERS = {
    "write_json": lambda disk: write_json(disk / "metrics.json", list(range(10_000))),
    "save_config": lambda disk: save_config(Config(seed=1), disk / "config.json"),
    "save_records": lambda disk: save_records(RECORDS, disk / "records.npz"),
    "write_record": lambda disk: write_record(disk / "1", RECORDS.signal, [WAVES] * len(LEADS), 500),
    "write_waves": lambda disk: write_waves(WAVES, disk / "2.v1"),
    "write_ludb": lambda disk: write_ludb(RECORDS, disk / "ludb"),
    "to_csv": lambda disk: EXAMPLE.to_csv(disk / "waves.csv"),
    "to_json": lambda disk: EXAMPLE.to_json(disk / "waves.json"),
    "to_html": lambda disk: EXAMPLE.to_html(disk / "waves.html"),
    "lock": lambda disk: locked(disk / "job").__enter__(),
    "synthesize_records": lambda disk: synthesize_records(
        SyntheticParams(duration=1), 3, processes=1, cache=disk / "cache", progress=False
    ),
}


def mount(*options):
    return subprocess.run(["mount", *map(str, options)], capture_output=True).returncode == 0


@pytest.fixture(params=["full", "read-only"])
def disk(request, tmp_path):
    "Return a folder on a disk that holds some files and takes no more."
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or not mount("-t", "tmpfs", "-o", f"size={KILOBYTES}k", "tmpfs", folder):
        pytest.skip("a small disk can be mounted only by root on Linux")
    try:
        for name in ("metrics.json", "config.json", "records.npz", "1.dat", "1.hea", "2.v1", "waves.csv"):
            (folder / name).write_bytes(b"of before\n")
        if request.param == "read-only":
            assert mount("-o", "remount,ro", folder)
        else:
            with suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
                while filler.write(bytes(1024)):
                    pass
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def contents(folder):
    "Return path → bytes of all files below a folder, the empty folders too."
    return {path: path.is_file() and path.read_bytes() for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("name", WRITERS)
def test_files_of_before_remain(disk, name):
    before = contents(disk)
    with pytest.raises(OSError) as caught:
        WRITERS[name](disk)
    assert str(disk) in str(caught.value) and ".part-" not in str(caught.value)
    after = contents(disk)
    new = {path for path in after.keys() - before.keys() if after[path] is not False}
    assert not new, f"{caught.value!r} left {new}"
    assert {path: after[path] for path in before} == before


def test_cache_is_not_needed(disk, caplog):
    "Without space for its cache, a program is slower but runs."
    found = cached_records(disk / "cache" / "new.npz", lambda: RECORDS)
    assert_same_records(found, RECORDS)
    assert "could not write the cache file" in caplog.text and records_module.log.name in caplog.text
    assert not list(disk.rglob("*.npz"))[1:]


def test_downloads(disk, tmp_path):
    "The error is that of the disk, and does not blame the archive."
    served = tmp_path / "served"
    (served / "toy").mkdir(parents=True)
    (served / "toy" / "noise.dat").write_bytes(np.random.default_rng(0).bytes(1000 * KILOBYTES))
    write_checksums(served / "toy")
    zip_folder(served / "toy", served / "database")
    before = contents(disk)
    with served_folder(served) as address:
        with pytest.raises(OSError) as caught:
            download(f"{address}/toy/noise.dat", disk / "noise.dat")
        assert caught.value.errno in (errno.ENOSPC, errno.EROFS)
        with pytest.raises(OSError) as caught:
            fetch_database(f"{address}/database.zip", disk / "database")
        assert "not a complete copy" not in str(caught.value)
    shutil.rmtree(served)
    assert contents(disk) == before


@pytest.mark.parametrize(
    "words",
    [["example", "ecg.csv"], ["segment", "ecg.csv", "--out", ".", "--format", "csv,json", "--overwrite"]],
)
def test_commands_say_so(disk, words, tmp_path, monkeypatch):
    "The exit status is 1, with one line of explanation."
    example_ecg()[0].to_csv(tmp_path / "ecg.csv")
    monkeypatch.chdir(disk)
    words = [
        str(tmp_path / "ecg.csv") if word == "ecg.csv" and words[0] == "segment" else word for word in words
    ]
    before, errors = contents(disk), StringIO()
    with redirect_stdout(StringIO()), redirect_stderr(errors):
        assert main(words) == 1
    assert "No space left" in errors.getvalue() or "Read-only file system" in errors.getvalue()
    assert contents(disk) == before
    monkeypatch.chdir(tmp_path)
