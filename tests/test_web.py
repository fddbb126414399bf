"""The pages of a network and of a result, in Chromium: waves, files, intervals, keyboard, no requests.

Needs Chromium with its chromedriver (`.ci/browser` installs them on Debian); skipped without them.
Screenshots are saved in build/screenshots. With LUDB (`ECGSEG_DATA`), its test recordings are opened too: one
lead of each patient, or `ECGSEG_LEADS=12`.
"""

import json
import os
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from chromium import start_chromium  # first: without selenium these tests are skipped
from conftest import ROOT
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from ecgseg import Segmenter, example_ecg, segment
from ecgseg.data.folds import ludb_patients
from ecgseg.data.ludb import find_ludb
from ecgseg.device.c_network import c_compiler
from ecgseg.device.c_stream import CStream, StreamOptions
from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.device.web import write_page
from ecgseg.recording.bundled import bundled_model
from ecgseg.vocabulary import POINTS
from ecgseg.waves.intervals import MEASURES, QTC_FORMULAS, beat_intervals, measure_summary

PATIENCE = 180  # s until a condition must hold; on an idle machine it takes less than one
SCREENSHOTS = ROOT / "build" / "screenshots"
SAMPLES = [f"{point}_sample" for point in POINTS]
WAVES = """
const { waves, rate } = ecgseg.shown, columns = { quality: waves.quality };
columns.wave = Array.from(waves.wave, kind => WAVES[kind]);
for (const name of ['onset', 'peak', 'offset', 'confidence', 'r', 'rr'])
    columns[name] = Array.from(waves[name]);
for (const name of ['onset', 'peak', 'offset'])
    columns[`${name}_sample`] = columns[name].map(time => Math.round(time * rate));
return columns
"""
BEATS = """
return arguments[0].map(name =>
    Array.from(ecgseg.shown.beats[name], value => Number.isNaN(value) ? null : value))
"""
FETCH = """
const done = arguments[0];
fetch('https://example.org/').then(() => done('sent'), error => done(error.name))
"""
AT_REST = """
const { view, target } = ecgseg;
return view.begin === target.begin && view.seconds === target.seconds
"""
DRAWN = """
return document.getElementById('chart').toDataURL() + getComputedStyle(document.body).backgroundColor
"""
CHOOSE = """
ecgseg.shown.waves = undefined;
document.getElementById('lead').selectedIndex = arguments[0];
document.getElementById('lead').dispatchEvent(new Event('change'))
"""


@pytest.fixture(scope="module")
def network():
    model, config = bundled_model(reference=True)
    return ExportedNetwork(model.content), config


@pytest.fixture(scope="module")
def c_stream(network):
    "Function of a rate: the C code compiled for it; `None` without a compiler."
    return cache(lambda fs: CStream(*network, StreamOptions(fs=fs)) if c_compiler() else None)


@pytest.fixture(scope="module")
def page_path(network, tmp_path_factory):
    return write_page(*network, tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    driver = start_chromium(tmp_path_factory.mktemp("chromium"), goog_loggingPrefs={"performance": "ALL"})
    yield driver
    driver.quit()


class Page:
    "A page in the browser."

    def __init__(self, driver, path):
        self.driver = driver
        driver.get(path.as_uri())

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, *arguments):
        "Wait until a script returns a true value, and return it."
        return WebDriverWait(self.driver, PATIENCE, 0.05).until(
            lambda _: self.run(script, *arguments), script
        )

    def find(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def text(self, css):
        return self.find(css).text

    def open(self, *paths):
        "Open files and wait until their waves are found."
        self.wait("return !document.getElementById('open').hidden")
        self.run("ecgseg.shown = undefined; document.getElementById('files').value = ''")
        self.find("#files").send_keys("\n".join(map(str, paths)))
        return self.waves()

    def example(self):
        self.wait("return !document.getElementById('open').hidden")
        self.run("ecgseg.shown = undefined")
        self.find("#example").click()
        return self.waves()

    def choose(self, lead):
        self.run(CHOOSE, lead)
        return self.waves(lead)

    def waves(self, lead=0):
        error = "if (!element('error').hidden) throw Error(element('error').textContent);"
        self.wait(f"{error} return ecgseg.shown?.waves && ecgseg.shown.place === arguments[0]", lead)
        return pd.DataFrame(self.run(WAVES))

    def values(self):
        return np.array(
            self.run("return Array.from(ecgseg.shown.values, value => Number.isNaN(value) ? null : value)"),
            float,
        )

    def beats(self):
        names = ["r", *MEASURES]
        return pd.DataFrame(dict(zip(names, self.run(BEATS, names)))).astype(float)

    def error(self, *paths):
        "Open files that cannot be read; return the message."
        self.wait("return !document.getElementById('open').hidden")
        self.run("showError(''); document.getElementById('files').value = ''")
        self.find("#files").send_keys("\n".join(map(str, paths)))
        self.wait("return !document.getElementById('error').hidden")
        return self.text("[role=alert]")

    def screenshot(self, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


@pytest.fixture
def page(driver, page_path):
    return Page(driver, page_path)


def same_waves(found, expected):
    "Check that waves are equal, sample for sample."
    assert found["wave"].tolist() == expected["wave"].tolist() and len(found)
    np.testing.assert_array_equal(found[SAMPLES], expected[SAMPLES])
    assert found["quality"].tolist() == expected["quality"].tolist()


def same_as_c(found, stream, values):
    "Check that waves and RR intervals are those of the C code; `stream` is `None` without a compiler."
    if stream is not None:
        expected = stream(values)
        same_waves(found, expected)
        np.testing.assert_allclose(found["rr"].fillna(0).astype(float), expected["rr"], atol=1e-6)


def test_example(page, network, c_stream):
    "The example's waves, of each lead, are those of the C code and of Python's stream."
    ecg, fs = example_ecg()
    for place, lead in enumerate(ecg):
        found = page.choose(place) if place else page.example()
        values = ecg[lead].to_numpy(np.float32)
        np.testing.assert_allclose(page.values(), values, atol=1e-6)
        same_as_c(found, c_stream(fs), values)
        stream = Segmenter(fs, model=(network[0].exact, network[1]))
        expected = pd.concat([stream.push(values), stream.flush()])
        assert found["wave"].tolist() == expected["wave"].tolist()
        assert np.abs(found[SAMPLES].to_numpy() - expected[SAMPLES].to_numpy()).max() <= 1
        beats, python = page.beats(), segment(ecg, fs).beats(lead)
        np.testing.assert_allclose(beats["qrs"], python["qrs"], atol=20)  # NaN where it is cut off
        assert beats["qrs"].isna().any()
    assert page.text("#lead").split() == list(ecg)


def test_no_request(page, driver):
    "Nothing leaves the page, whatever it does; the browser refuses to."
    page.example()
    driver.get_log("performance")
    page.example()
    page.choose(1)
    page.find("#chart").send_keys(Keys.ARROW_RIGHT, "+", Keys.END)
    page.find("#download").click()
    refused = driver.execute_async_script(FETCH)
    assert refused == "TypeError"
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    allowed = [one for one in asked if one["request"]["url"].startswith(("blob:", "data:"))]
    refused = [one for one in asked if one["request"]["url"] == "https://example.org/"]
    assert len(asked) == len(allowed) + len(refused)
    failed = {
        event["params"]["requestId"]: event["params"].get("blockedReason")
        for event in events
        if event["method"] == "Network.loadingFailed"
    }
    assert all(failed.get(one["requestId"]) == "csp" for one in refused)


def test_download(page, driver, tmp_path):
    "The CSV has the columns of `ecgseg segment` and the waves on the screen."
    found = page.example()
    driver.execute_cdp_cmd("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.find("#download").click()
    path = tmp_path / "Example_waves.csv"
    WebDriverWait(driver, PATIENCE, 0.05).until(lambda _: path.exists() and path.stat().st_size)
    table = pd.read_csv(path)
    expected = segment(*example_ecg()).to_csv(tmp_path / "expected.csv")
    assert list(table) == list(pd.read_csv(expected))
    np.testing.assert_array_equal(table[SAMPLES], found[SAMPLES])
    assert table["wave"].tolist() == found["wave"].tolist() and set(table["lead"]) == {"I"}
    np.testing.assert_allclose(table[list(POINTS)], found[list(POINTS)], atol=1e-6)


def text_tables(ecg, fs):
    "One recording in several dialects: name → text."
    seconds = [f"{place / fs:.4f}" for place in range(len(ecg))]
    values = [f"{value:.4f}" for value in ecg]
    microvolts = [f"{1000 * value:.1f}" for value in ecg]
    german = [value.replace(".", ",") for value in values]
    clock = [f"0:00:{float(second):06.3f}" for second in seconds]

    def rows(separator, *columns):
        return "\n".join(separator.join(cells) for cells in zip(*columns)) + "\n"

    return {
        "plain.csv": "time (s),II\n" + rows(",", seconds, values),
        "german.csv": "Zeit;II (mV)\r\n"
        + rows(";", [s.replace(".", ",") for s in seconds], german).replace("\n", "\r\n"),
        "physionet.csv": "'Elapsed time','II'\n'h:mm:ss.mmm','uV'\n"
        + rows(",", clock, microvolts).replace("\n", "\n"),
        "tabs.txt": "# sampling rate: 250 Hz\n# recorder 7\nsample\tII\n"
        + rows("\t", map(str, range(len(ecg))), values),
        "blanks.txt": rows("   ", seconds, values),
        "one.txt": "Sampling frequency = 250 Hz\n" + rows("", values),
        "ms.csv": "\ufefftime_ms,hr,II\n"
        + rows(",", [f"{1000 * float(s):g}" for s in seconds], ["70"] * len(ecg), values),
    }


DROP = """
const files = new DataTransfer();
files.items.add(new File([arguments[0]], "dropped.csv"));
document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
"""


def test_dropped_file(page):
    ecg, fs = example_ecg()
    text = next(iter(text_tables(ecg["II"].to_numpy()[:1000], fs).values()))
    page.wait("return !document.getElementById('open').hidden")
    page.run("ecgseg.shown = undefined")
    page.run(DROP, text)
    assert set(page.waves()["wave"]) == {"P", "QRS", "T"}
    assert "dropped" in page.run("return document.body.innerText")


def test_text_tables(page, tmp_path):
    ecg, fs = example_ecg()
    ecg = ecg["II"].to_numpy()[:1000]
    for name, text in text_tables(ecg, fs).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        page.open(tmp_path / name)
        np.testing.assert_allclose(page.values(), ecg, atol=6e-5, err_msg=name)
        assert page.run("return ecgseg.recording.rate") == fs, name
    gaps = [("" if 200 <= place < 300 else f"{value:.4f}") for place, value in enumerate(ecg)]
    (tmp_path / "gaps.csv").write_text(
        "time,II\n" + "\n".join(f"{p / fs:.4f},{v}" for p, v in enumerate(gaps))
    )
    page.open(tmp_path / "gaps.csv")
    assert np.flatnonzero(np.isnan(page.values())).tolist() == list(range(200, 300))
    assert "gap" in page.text("#quality")


def test_rate_is_asked_for(page, tmp_path):
    ecg = example_ecg()[0]["II"].to_numpy()
    (tmp_path / "bare.txt").write_text("\n".join(f"{value:.3f}" for value in ecg))
    assert "does not give its sampling rate" in page.error(tmp_path / "bare.txt")
    page.find("#rate").send_keys("250", Keys.ENTER)
    page.waves()
    assert page.run("return ecgseg.recording.rate") == 250


def test_edf_and_bdf(page, tmp_path):
    edfio = pytest.importorskip("edfio", reason="edfio is not installed: pip install -e '.[formats]'")
    ecg, fs = example_ecg()
    for kind in ("Edf", "Bdf"):
        signal = {"Edf": edfio.EdfSignal, "Bdf": edfio.BdfSignal}[kind]
        leads = [
            signal(1000 * ecg[lead].to_numpy(), fs, label=f"ECG {lead}", physical_dimension="uV")
            for lead in ecg
        ]
        slow = signal(np.ones(len(ecg) // 250), 1, label="SpO2")
        path = tmp_path / f"recording.{kind.lower()}"
        getattr(edfio, kind)([*leads, slow]).write(path)
        for place, lead in enumerate(ecg):
            page.choose(place) if place else page.open(path)
            np.testing.assert_allclose(page.values()[: len(ecg)], ecg[lead], atol=1e-3)
        assert page.text("#lead").split("\n") == [f"ECG {lead}" for lead in ecg]


@pytest.mark.parametrize("kind", ["16", "212", "24", "32", "61", "80", "8"])
def test_wfdb(page, tmp_path, kind):
    wfdb = pytest.importorskip("wfdb", reason="wfdb is not installed: pip install -e '.[formats]'")
    ecg, fs = example_ecg()
    signal = ecg[["I", "II"]].to_numpy()[:1001]
    gain = 20 if kind in ("80", "8") else 200
    digital = np.rint(signal * gain).astype(int)
    if kind in ("8", "61"):  # which the package wfdb does not write
        steps = np.clip(np.diff(digital, axis=0, prepend=0), -127, 127)
        digital = np.cumsum(steps, axis=0) if kind == "8" else digital
        content = steps.astype(np.int8) if kind == "8" else digital.astype(">i2")
        (tmp_path / "record.dat").write_bytes(content.tobytes())
        lines = [f"record.dat {kind} {gain}(0)/mV 0 0 0 0 0 {name}" for name in ("I", "II")]
        (tmp_path / "record.hea").write_text("\n".join([f"record 2 250 {len(digital)}", *lines]) + "\n")
    else:
        wfdb.wrsamp(
            "record", fs, ["mV", "mV"], ["I", "II"], d_signal=digital, fmt=[kind] * 2, adc_gain=[gain] * 2,
            baseline=[0, 0], write_dir=str(tmp_path),
        )  # fmt: skip
    for place in range(2):
        page.choose(place) if place else page.open(tmp_path / "record.hea", tmp_path / "record.dat")
        np.testing.assert_allclose(page.values(), digital[:, place] / gain, atol=1e-6)
    assert page.text("#lead").split() == ["I", "II"]


def test_broken_tables(page, tmp_path):
    "A table with other cells than numbers, or with uneven times, is refused by the page as by Python."
    values = [f"{value:.4f}" for value in example_ecg()[0]["II"].to_numpy()[:1000]]
    times = [f"{place / 250:.3f}" for place in range(len(values))]
    later = [*times[:400], *(f"{place / 250 + 3:.3f}" for place in range(400, len(values)))]
    backwards = [*times[:400], *times[100:700]]

    def lines(times, values=values, name="time (s)"):
        return [f"{name},II", *(f"{time},{value}" for time, value in zip(times, values))]

    word, wide = lines(times), lines(times)
    word[500], wide[500] = "1.996,lead off", "1.996,0,5"
    broken = {
        "word.csv": (word, "must be a table of numbers, but line 501 is '1.996,lead off'"),
        "wide.csv": (wide, "must be a table of numbers, but line 501 is '1.996,0,5'"),
        "gap.csv": (
            lines(later),
            "is not evenly spaced (largest step 3.004 s at 1.596 s); fill gaps with empty",
        ),
        "backwards.csv": (lines(backwards), "must contain at least two ascending times"),
        "counter.csv": (
            lines(range(1000), name="time"),
            "column 'time' counts 1, 2, 3 …: either milliseconds",
        ),
    }
    for name, (text, message) in broken.items():
        (tmp_path / name).write_text("\n".join(text))
        with pytest.raises(ValueError, match=re.escape(message.split(";")[0])):
            segment(tmp_path / name)
        assert message in page.error(tmp_path / name)
        assert page.find("#ask-rate").is_displayed() == (text not in (word, wide))
    page.find("#rate").send_keys("250", Keys.ENTER)
    page.waves()
    np.testing.assert_allclose(page.values(), np.array(values, float))
    assert page.text("#lead") == "II"


def test_times(page, tmp_path):
    "Times over midnight, in packets, in other units, and comments between the lines."
    values = [f"{value:.4f}" for value in example_ecg()[0]["II"].to_numpy()[:1000]]
    places = np.arange(len(values))
    clock = [pd.Timestamp("2026-01-01 23:59:58") + pd.Timedelta(seconds=place / 250) for place in places]
    columns = {
        "midnight": ("time", [f"{time:%H:%M:%S.%f}" for time in clock]),
        "packets": ("time (s)", [f"{place // 10 / 25:.3f}" for place in places]),
        "micro": ("time (us)", [str(4000 * place) for place in places]),
        "unix": ("timestamp", [str(1_700_000_000_000 + 4 * place) for place in places]),
        "missing": ("time (s)", ["" if place % 7 == 3 else f"{place / 250:.3f}" for place in places]),
        "slow": ("time (s)", [f"{place / 62.4:.5f}" for place in places]),
    }
    for name, (title, times) in columns.items():
        rows = [f"{time},{value}" for time, value in zip(times, values)]
        rows.insert(500, "# a remark, in between")
        (tmp_path / f"{name}.csv").write_text("\n".join([f"{title},II", *rows]))
        page.open(tmp_path / f"{name}.csv")
        np.testing.assert_allclose(page.values(), np.array(values, float), err_msg=name)
        rate = page.run("return ecgseg.recording.rate")
        assert rate == pytest.approx(62.4 if name == "slow" else 250, abs=1e-4), name
        assert rate == pytest.approx(segment(tmp_path / f"{name}.csv").fs, abs=1e-6), name


def test_errors(page, tmp_path):
    "What cannot be read is named, and the page goes on."
    header = tmp_path / "record.hea"
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "words.csv").write_text("one,two\nthree,four\n")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "short.edf").write_bytes(b"0       " + b" " * 300)
    (tmp_path / "record.dat").write_bytes(b"\0" * 100)
    header.write_text("record 1 250 50\nrecord.dat 16 200\n")
    expected = {
        "empty.csv": "empty.csv: the file is empty",
        "words.csv": "must be a table of numbers",
        "binary.csv": "must be a table of numbers",
        "short.edf": "EDF file is truncated or invalid",
        "record.dat": "choose the header record.hea together with it",
        "record.hea": "choose record.dat together with it",
    }
    for name, message in expected.items():
        assert message in page.error(tmp_path / name)
    header.write_text("record 1 250 60\nrecord.dat 16 200\n")
    assert "is truncated: it has 50 of the 60 samples in record.hea" in page.error(
        header, tmp_path / "record.dat"
    )
    header.write_text("record 1 250 50\nrecord.dat 310 200\n")
    assert "format 310 is not read here" in page.error(header, tmp_path / "record.dat")
    page.wait("return !document.getElementById('open').hidden")
    page.run("ecgseg.shown = undefined")
    assert page.run("element('example').click(); return element('error').hidden")
    page.waves()
    assert not page.text("[role=alert]")


def made_up_result():
    "A result with missing waves, and a stretch without signal."
    ecg, fs = example_ecg()
    values = np.tile(ecg.to_numpy(), (4, 1)) + np.random.default_rng(0).normal(0, 0.01, (4 * len(ecg), 3))
    values[3000:3600] = np.nan
    return segment(values, fs, list(ecg), begin=2.0)


def test_result(driver, tmp_path):
    "A result's page has its waves, and intervals by the definitions of `beat_intervals`."
    result = made_up_result()
    page = Page(driver, result.to_html(tmp_path / "result.html", "II", "Made up", interactive=True))
    for place, lead in ((1, "II"), (0, "I"), (2, "V2")):
        found = page.waves(1) if lead == "II" else page.choose(place)
        own = result.waves[result.waves["lead"] == lead].sort_values("onset")
        assert found["wave"].tolist() == own["wave"].tolist()
        np.testing.assert_allclose(found[list(POINTS)] + 2, own[list(POINTS)], atol=1e-6)
        expected = result.beats(lead)[["r", *MEASURES]]
        np.testing.assert_allclose(
            page.beats()[list(expected)], expected.assign(r=expected["r"] - 2), atol=2e-3
        )
        assert expected["qtc_hodges"].isna().any() and expected["rr"].isna().sum() > 1  # across the gap
    shown = page.run("return page.shown.summary ?? (page.shown.summary = summarize(page.shown.beats))")
    summary = measure_summary(result.beats("V2"))
    for name in MEASURES:
        assert shown[name]["n"] == summary.loc[name, "n"]
        np.testing.assert_allclose(
            [shown[name]["median"], shown[name]["sd"]],
            summary.loc[name, ["median", "sd"]].astype(float),
            atol=2e-3,
        )
    assert not page.find("#open").is_displayed() and "gap" in page.text("#quality")
    assert page.text("h1") == "Made up" and page.text("#facts").startswith("38 s at 250 Hz")


def test_intervals_of_c_waves(page):
    "PR, QRS, QT and QTc of the network's waves follow the same definitions."
    found = page.example()
    waves = found.assign(**{point: found[point].astype(float) for point in POINTS})
    beats = page.beats()
    expected = beat_intervals(waves, ends=(0, 9.99 - 0.5 / 250))  # the network's last sample, at 100 Hz
    for name in ("p_duration", "pr", "qrs", "qt"):
        np.testing.assert_allclose(beats[name], expected[name], atol=1e-6)
    for name, formula in QTC_FORMULAS.items():
        np.testing.assert_allclose(
            beats[f"qtc_{name}"], 1000 * formula(beats["qt"] / 1000, beats["rr"] / 1000)
        )


def test_keyboard(page):
    "Arrows move, + and - zoom, Home and End go to the ends; a screen reader is told."
    page.example()
    chart = page.find("#chart")
    page.run("ecgseg.view.gain = 1")

    def after(*keys):
        chart.send_keys(*keys)
        page.wait(AT_REST)
        return page.run("return [ecgseg.view.begin, ecgseg.view.seconds]")

    begin, seconds = after(Keys.HOME, "+", "+", "+", "+")
    assert seconds == pytest.approx(10 / 1.5**4)
    assert after(Keys.HOME) == [0, seconds]
    assert after(Keys.ARROW_RIGHT)[0] == pytest.approx(0.2 * seconds)
    assert after(Keys.PAGE_DOWN)[0] == pytest.approx(1.2 * seconds)
    assert after(Keys.ARROW_LEFT)[0] == pytest.approx(seconds)
    assert after(Keys.END)[0] == pytest.approx(10 - seconds)
    assert after(*["-"] * 9) == [0, 10]
    after("+", "+", Keys.HOME)
    page.wait("return document.getElementById('chart').getAttribute('aria-valuetext') === '0:00.0 to 0:04.4'")
    assert page.text("#status").startswith("0:00.0 to 0:04.4: ") and " bpm" in page.text("#status")
    rows = page.driver.find_elements(By.CSS_SELECTOR, "#waves tbody tr")
    assert len(rows) == (page.waves()["onset"] < 10 / 1.5**2).sum()
    after(Keys.ARROW_UP)
    assert page.run("return ecgseg.view.gain") == 2
    page.find("#chart").send_keys(Keys.TAB)  # nothing holds the focus
    assert page.run("return document.activeElement.id") != "chart"


def test_narrow_and_both_themes(driver, page_path):
    "In windows of 360 and 1200 px, light and dark, nothing is cut off."
    drawn = {}
    for width, height in ((360, 1700), (1200, 1300)):
        for theme in ("light", "dark"):
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            features = [{"name": "prefers-color-scheme", "value": theme}]
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            page = Page(driver, page_path)
            page.example()
            page.wait("return document.querySelectorAll('#waves tbody tr').length")
            assert page.run("return document.documentElement.scrollWidth <= innerWidth")
            drawn[width, theme] = page.run(DRAWN)
            page.screenshot(f"web-{width}-{theme}")
    assert len(set(drawn.values())) == 4
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_divided_recording(page, c_stream, tmp_path):
    "A recording of two hours, which is divided among workers, has the waves of one stream."
    ecg, fs = example_ecg()
    rng = np.random.default_rng(1)
    values = np.tile(ecg["II"].to_numpy(), 721) + rng.normal(0, 0.02, 721 * len(ecg))
    values[: len(values) // 2] += np.linspace(0, 2, len(values) // 2)  # extremes of its own in each part
    digital = np.rint(200 * values[::5]).astype("<i2")  # 50 Hz
    (tmp_path / "long.dat").write_bytes(digital.tobytes())
    (tmp_path / "long.hea").write_text(f"long 1 50 {len(digital)}\nlong.dat 16 200 16 0 0 0 0 II\n")
    found = page.open(tmp_path / "long.hea", tmp_path / "long.dat")
    assert page.run("return navigator.hardwareConcurrency") and len(found) > 20_000
    same_as_c(found, c_stream(50.0), np.float32(digital / np.float32(200)))


LUDB = find_ludb()
LEADS = int(os.environ.get("ECGSEG_LEADS", "1"))  # of each patient


@pytest.mark.skipif(LUDB is None, reason="LUDB is not there: ECGSEG_DATA names its folder")
def test_ludb(page, network, c_stream):
    "Leads of LUDB's test patients: waves as from the C code, and as Python's to within one sample."
    wfdb = pytest.importorskip("wfdb", reason="wfdb is not installed: pip install -e '.[formats]'")
    patients = ludb_patients().query("fold == 0")["patient"].tolist()
    waves = differ = 0
    for number, patient in enumerate(patients):
        record = LUDB / "data" / str(patient)
        signal = wfdb.rdrecord(str(record)).p_signal
        first = page.open(record.with_suffix(".hea"), record.with_suffix(".dat"))
        for place in sorted((number + step) % 12 for step in range(LEADS)):
            found = page.choose(place) if place else first
            read = page.values()
            np.testing.assert_allclose(read, signal[:, place], atol=1e-6)
            same_as_c(found, c_stream(500.0), read)
            stream = Segmenter(500.0, model=(network[0].exact, network[1]))
            python = pd.concat([stream.push(read), stream.flush()])
            waves += len(python)
            if found["wave"].tolist() == python["wave"].tolist():
                apart = np.abs(found[SAMPLES].to_numpy() - python[SAMPLES].to_numpy()) > 1
                differ += apart.any(axis=1).sum()
            else:
                differ += abs(len(found) - len(python)) + 1
    print(f"{LEADS * len(patients)} leads, {waves} waves")
    assert len(patients) == 40 and waves > 1000 * LEADS
    assert differ == 0, f"{differ} of {waves} waves differ by more than a sample from Python's"
