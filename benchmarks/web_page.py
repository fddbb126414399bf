"""A day of ECG at 250 Hz in the page of the default network: seconds until its waves are found, their
processor time, and pictures per second while scrolling, beside those of an empty page in the same run.

`python benchmarks/web_page.py [--network seg-4-res-sm] [--hours 24]`

Needs Chromium (`.ci/browser`). The day is a made-up minute, repeated, with noise. Compare on an idle machine.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from benchmark_log import add_line

from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.device.web import write_page
from ecgseg.recording.bundled import MODELS, bundled_model
from ecgseg.testing import made_up_ecg

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from test_web import Page, start_chromium  # noqa: E402

RATE, GAIN, PICTURES, PIXELS = 250, 200, 240, 7
WINDOWS = (10, 60, 3600)  # s, and the whole
# pictures per second, and the longest time between two, ms; `scroll` is called before each
COUNT = """
const done = arguments[arguments.length - 1], [pictures, scroll] = arguments, times = [];
const chart = document.getElementById('chart');
function next(time) {
    times.push(time);
    if (scroll) chart.dispatchEvent(new WheelEvent('wheel', { deltaX: scroll, cancelable: true }));
    if (times.length <= pictures) return requestAnimationFrame(next);
    const between = times.slice(1).map((one, place) => one - times[place]);
    done([1000 * pictures / (times[pictures] - times[0]), Math.max(...between)]);
}
requestAnimationFrame(next)
"""


def write_day(folder, hours):
    "A WFDB record of made-up ECG."
    rng = np.random.default_rng(0)
    beats = 0.7 + np.cumsum(rng.normal(0.8, 0.04, 72))
    minute, _ = made_up_ecg(beats[beats < 59], 60 * RATE, RATE)
    signal = np.tile(minute, 60 * hours) + rng.normal(0, 0.02, 60 * hours * len(minute))
    np.rint(GAIN * signal).astype("<i2").tofile(folder / "day.dat")
    (folder / "day.hea").write_text(f"day 1 {RATE} {len(signal)}\nday.dat 16 {GAIN} 16 0 0 0 0 II\n")
    return folder / "day.hea", folder / "day.dat"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=MODELS, default=MODELS[0])
    parser.add_argument("--hours", type=int, default=24)
    arguments = parser.parse_args()
    model, config = bundled_model(arguments.network)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_page(ExportedNetwork(model.content), config, folder / "page.html")
        files = write_day(folder, arguments.hours)
        (folder / "empty.html").write_text("<!DOCTYPE html><title>empty</title>")
        driver = start_chromium(folder / "profile")
        try:
            driver.get((folder / "empty.html").as_uri())
            empty, pause = count(driver, 0)
            print(f"empty page: {empty:.0f} pictures per second, longest pause {pause:.0f} ms")
            page = Page(driver, path)
            driver.execute_cdp_cmd("Performance.enable", {})
            begin, worked = time.perf_counter(), processor_time(driver)
            found = page.open(*files)
            seconds, worked = page.run("return ecgseg.shown.seconds"), processor_time(driver) - worked
            print(
                f"{arguments.hours} h at {RATE} Hz: {len(found):,} waves in {seconds:.1f} s of segmentation,"
            )
            figures = {f"{arguments.hours} h of one lead, s": seconds, "s of processor time": worked}
            print(f"{time.perf_counter() - begin:.1f} s with reading and this benchmark's copy of the waves,")
            print(f"{worked:.1f} s of processor time")
            for window in (*WINDOWS, 3600 * arguments.hours):
                page.run("moveTo(3600, arguments[0]); element('chart').focus()", window)
                time.sleep(1)
                rate, pause = count(driver, PIXELS)
                print(f"window of {window} s: {rate:.0f} per second, longest pause {pause:.0f} ms")
                figures[f"window of {window} s, pictures/s over those of an empty page"] = rate / empty
            add_line("web_page", figures)
        finally:
            driver.quit()


def processor_time(driver):
    "Seconds that all threads of the page have worked."
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "ProcessTime")


def count(driver, pixels):
    return driver.execute_async_script(COUNT, PICTURES, pixels)


if __name__ == "__main__":
    main()
