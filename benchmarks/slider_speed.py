"""From a slider's move to the new pixels, in JupyterLab and Chromium.

The median of 20 moves in each explorer is compared with a bare slider whose kernel swaps between two finished
pictures, in the same run. Run it as `python benchmarks/slider_speed.py [--moves 20] [--screenshots FOLDER]`;
`.ci/browser` installs Chromium. Screenshots are taken in both themes, and 900 pixels wide.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from benchmark_log import add_line

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import test_browser  # noqa: E402
from chromium import start_chromium  # noqa: E402

test_browser.PATIENCE = 900  # s; the machine may do something else as well

BARE = """
import numpy as np
from ipywidgets import Image, IntSlider, VBox
from ecgseg.recording.plots import new_figure, png
pictures = []
for number in range(2):
    figure = new_figure(11, 2.8)
    figure.add_subplot().plot(np.random.default_rng(number).normal(size=2000))
    pictures.append(png(figure))
slider, picture = IntSlider(max=1000), Image(value=pictures[0])
slider.observe(lambda change: setattr(picture, "value", pictures[change.new % 2]), names="value")
VBox([slider.add_class("bare-slider"), picture.add_class("bare-picture")])
"""
SCROLL = """
import numpy as np
from ecgseg import segment
from ecgseg.testing import made_up_ecg
minute, _ = made_up_ecg(np.arange(0.7, 59, 0.85), 60 * 250, 250)
segment(np.tile(minute, 60), 250).scroll()
"""
RESULT = """
import numpy as np
from ecgseg import segment
from ecgseg.testing import made_up_ecg
signal, _ = made_up_ecg(np.arange(0.7, 11, 0.85), 3000, 250)
segment(np.stack([signal, -0.6 * signal], axis=1), 250, ["II", "aVR"])
"""
TRAINING = """
import numpy as np
import pandas as pd
from ecgseg.config.run import Config
from ecgseg.explore.training import TrainingMonitor
fall = np.exp(-np.arange(30) / 8)
names = {"loss": fall, "val_loss": fall + 0.05, "f1": 0.9 - fall / 2, "val_f1": 0.88 - fall / 2}
pd.DataFrame({"epoch": range(30), "seconds": 20.0} | names).to_csv("history.csv", index=False)
TrainingMonitor(Config(epochs=40), ".").update()
"""
# name: a cell or a tutorial, slider, picture, largest ratio that is asked for
CASES = {
    "bare": (BARE, ".bare-slider", ".bare-picture", None),
    "scroll": (SCROLL, ".ecgseg-scroll-position", ".ecgseg-scroll-picture", 3),
    "augmentations": ("explore_augmentations", ".ecgseg-heart-rate", ".ecgseg-explorer .ecgseg-picture", 3),
    "recordings": ("explore_recordings", ".ecgseg-viewer-begin", ".ecgseg-viewer-picture", 3),
    "model": (
        "explore_model",
        ".ecgseg-network-input_kernel",
        ".ecgseg-model-explorer .ecgseg-picture",
        4,
    ),
    "result": (RESULT, None, None, None),  # only looked at
    "training": (TRAINING, None, None, None),
}
MOVE = """
const [slider, picture, done] = [arguments[0], arguments[1], arguments[2]]
const handle = document.querySelector(slider + ' .noUi-handle'), before = document.querySelector(picture).src
const atEnd = handle.getAttribute('aria-valuenow') === handle.getAttribute('aria-valuemax')
const begun = performance.now()
async function look() {
    const image = document.querySelector(picture)
    if (image.src === before || !image.complete) return requestAnimationFrame(look)
    try { await image.decode() } catch { return requestAnimationFrame(look) } // replaced by the next one
    requestAnimationFrame(() => done(performance.now() - begun))
}
handle.dispatchEvent(new KeyboardEvent('keydown', {key: atEnd ? 'ArrowLeft' : 'ArrowRight', bubbles: true}))
look()
"""


def open_page(browser, lab, name, content):
    "Open a tutorial, or a notebook with one cell, and run it."
    if content.startswith("explore_"):
        notebook = nbformat.read(ROOT / "nbs" / "tutorials" / f"{content}.ipynb", 4)
        codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
        end = next(at for at, cell in enumerate(codes) if cell.source.endswith(("\nviewer", "\nexplorer")))
        cells = codes[1 : end + 1]  # without the installation, up to the explorer
    else:
        cells = [nbformat.v4.new_code_cell(content.strip())]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {name}"), *cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, lab[0] / f"{name}.ipynb")
    page = test_browser.Page(browser, lab, name)
    page.run_all()
    return page


def move_times(page, slider, picture, moves):
    "Times of single moves, ms; the first ones build what is then kept."
    page.pixels(picture)
    handle = page.find(f"{slider} .noUi-handle")
    page.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", handle)
    page.browser.set_script_timeout(60)
    times = [page.browser.execute_async_script(MOVE, slider, picture) for _ in range(moves + 3)]
    return np.array(times[3:])


THEME = "window.jupyterapp.commands.execute('apputils:change-theme', {theme: arguments[0]})"


def take_screenshots(page, folder, name):
    "The page in both themes at two widths."
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.browser.execute_script(THEME, theme)
        for width in (1360, 900):
            page.browser.set_window_size(width, 1250)
            page.browser.execute_script("return new Promise(done => setTimeout(done, 1500))")
            page.browser.save_screenshot(str(folder / f"{name}-{theme.split()[1].lower()}-{width}.png"))
    page.browser.set_window_size(1360, 1250)
    page.browser.execute_script(THEME, "JupyterLab Light")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moves", type=int, default=20)
    parser.add_argument("--screenshots", type=Path, help="folder for pictures of the pages")
    options = parser.parse_args()
    medians = {}
    with tempfile.TemporaryDirectory() as folder:
        notebooks, settings = Path(folder) / "notebooks", Path(folder) / "settings"
        notebooks.mkdir()
        browser = start_chromium(Path(folder) / "chromium")
        try:
            with test_browser.jupyter_lab(notebooks, settings) as (url, token):
                for name, (content, slider, picture, limit) in CASES.items():
                    page = open_page(browser, (notebooks, url, token), name, content)
                    if slider:
                        times = move_times(page, slider, picture, options.moves)
                        medians[name] = float(np.median(times))
                        ratio = medians[name] / medians["bare"]
                        asked = f" (asked: at most {limit})" if limit else ""
                        print(
                            f"{name:<14} {medians[name]:6.0f} ms, 90 % {np.quantile(times, 0.9):6.0f} ms, "
                            f"{ratio:.1f} times the bare slider{asked}",
                            flush=True,
                        )
                    if options.screenshots:
                        options.screenshots.mkdir(parents=True, exist_ok=True)
                        take_screenshots(page, options.screenshots, name)
        finally:
            browser.quit()
    ratios = {f"{name}, ratio": medians[name] / medians["bare"] for name in medians if name != "bare"}
    add_line("slider_speed", ratios, ("ipywidgets", "matplotlib"))


if __name__ == "__main__":
    main()
