"""The guide notebooks in JupyterLab, in a real browser: run all cells, use the controls, check the result.

Needs Chromium or Chrome with its chromedriver (`.ci/browser` installs them on Debian); skipped without them.
Screenshots are saved in build/screenshots.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from chromium import start_chromium  # first: without selenium these tests are skipped
from conftest import ROOT
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 180  # s until a condition must hold; on an idle machine it takes a few seconds
SCREENSHOTS = ROOT / "build" / "screenshots"
# no news from the internet; all cells stay in the page at any scroll position
PAGE_CONFIG = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
NOTEBOOK_SETTINGS = {"windowingMode": "none"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = start_chromium(tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()


@contextmanager
def jupyter_lab(folder, settings):
    "Start JupyterLab with default settings, serving `folder`; yield its address and token."
    tracker = settings / "lab" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    for path, content in (
        (settings / "config" / "labconfig" / "page_config.json", PAGE_CONFIG),
        (tracker, NOTEBOOK_SETTINGS),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "lab",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    # the tests' cache, and no databases: the output must be the same on every machine
    env = os.environ | {name: str(settings / value) for name, value in names.items()} | {"ECGSEG_DATA": ""}
    env.pop("MPLBACKEND", None)  # notebooks draw inline
    env.pop("TF_CPP_MIN_LOG_LEVEL", None)  # users do not set it either: TensorFlow's notes must not appear
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
    token = uuid.uuid4().hex
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        "--port=18888",
        "--ServerApp.port_retries=100",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
    ]
    with open(settings / "lab.log", "w") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield (
            wait_for(
                lambda: server_address(process, settings),
                f"JupyterLab does not start: {settings / 'lab.log'}",
            ),
            token,
        )
    finally:
        process.terminate()  # it stops its kernels first
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def server_address(process, settings):
    "Return the address of the server, or `None` until it answers."
    if process.poll() is not None:
        pytest.fail((settings / "lab.log").read_text(), pytrace=False)
    for info in (settings / "runtime").glob("jpserver-*.json"):
        try:
            url = json.loads(info.read_text())["url"]
            with urlopen(f"{url}api"):
                return url
        except (OSError, ValueError):
            pass  # not listening yet, or the file is incomplete


def wait_for(condition, message):
    "Wait until `condition` returns a true value, and return it."
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise TimeoutError(message)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder, settings = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("settings")
    for notebook in (ROOT / "nbs" / "tutorials").glob("explore_*.ipynb"):
        shutil.copy(notebook, folder)
    with jupyter_lab(folder, settings) as (url, token):
        yield folder, url, token


PANEL = """
const panel = [...(window.jupyterapp?.shell.widgets('main') ?? [])].find(widget => widget.content?.widgets)
if (!panel?.sessionContext?.isReady) return null
"""
IS_IDLE = PANEL + "return panel.sessionContext.session.kernel.status === 'idle'"
CELLS = (
    PANEL
    + """
return panel.content.widgets.filter(cell => cell.model.type === 'code').map(cell => ({
    count: cell.model.executionCount,
    outputs: cell.model.outputs.toJSON().map(output =>
        ({type: output.output_type, text: output.evalue ?? String(output.text ?? '')}))}))
"""
)
# the pixels of a picture, null until it is loaded
PIXELS = """
const picture = arguments[0], canvas = document.createElement('canvas')
if (!picture?.complete || !picture.naturalWidth) return null
canvas.width = picture.naturalWidth; canvas.height = picture.naturalHeight
const context = canvas.getContext('2d'); context.drawImage(picture, 0, 0)
"""
# where a colour begins in a line of the picture, as fractions of width and height; not near the left edge,
# where an interval may be cut off
FIND_COLOUR = (
    PIXELS
    + """
const [height, colour] = [arguments[1], arguments[2]], line = Math.round(height * canvas.height)
const data = context.getImageData(0, line, canvas.width, 1).data
const has = x => colour.every((value, part) => Math.abs(data[4 * x + part] - value) < 3)
for (let x = Math.round(canvas.width / 4); x < canvas.width; x++)
    if (has(x) && !has(x - 1)) return [(x + 3) / canvas.width, height]
return null
"""
)

# pictures and controls, which a screen reader announces by name
NAMED = "img, input, select, textarea, button, [role=slider]"
# ipywidgets gives the handle of a slider no name of its own; its label stands beside it
LABEL_BESIDE = "return arguments[0].closest('.jupyter-widgets')?.querySelector('label')?.textContent"


class Page:
    "A notebook in JupyterLab, as a user sees it."

    def __init__(self, browser, lab, name):
        folder, url, token = lab
        self.browser, self.name = browser, name
        browser.get(f"{url}doc/tree/{name}.ipynb?token={token}")
        self.wait(lambda: browser.execute_script(CELLS), "the notebook does not open")

    def wait(self, condition, message):
        "Wait until `condition` returns a true value, and return it; on failure, take a screenshot."
        try:
            return WebDriverWait(self.browser, PATIENCE, 0.1).until(lambda _: condition(), message)
        except Exception:
            self.screenshot("failure")
            raise

    def run_all(self):
        "Run all cells; none may fail."
        self.press(".jp-Notebook .jp-MarkdownCell")  # commands apply to the focused notebook
        self.browser.execute_script("window.jupyterapp.commands.execute('notebook:run-all-cells')")

        def failed(cells):
            return [
                output["text"] for cell in cells for output in cell["outputs"] if output["type"] == "error"
            ]

        def ended():
            cells = self.browser.execute_script(CELLS)
            return cells if cells and (failed(cells) or all(cell["count"] for cell in cells)) else None

        cells = self.wait(ended, "the cells do not end")
        assert not failed(cells)
        broken = self.browser.find_elements(
            By.CSS_SELECTOR,
            ".jupyter-widgets-error-widget, "
            ".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']",
        )
        if broken:
            self.screenshot("failure")
        assert not [element.text for element in broken]

    def find(self, css):
        return self.wait(lambda: self.browser.find_elements(By.CSS_SELECTOR, css), f"there is no {css}")[0]

    def text(self, css):
        return self.find(css).text

    def chosen(self, css):
        "Return the text that a drop-down list shows."
        return Select(self.find(css)).first_selected_option.text

    def pixels(self, css):
        element = self.find(css)
        return self.wait(
            lambda: self.browser.execute_script(PIXELS + "return canvas.toDataURL()", element),
            f"{css} shows no picture",
        )

    @contextmanager
    def changes(self, css):
        """Check that the picture changes within the context.

        Wait until the kernel is idle and the picture is stable.
        """
        looks = [self.pixels(css)]
        yield

        def settled():
            looks.append(self.pixels(css) if self.browser.execute_script(IS_IDLE) else None)
            time.sleep(0.1)
            return looks[-1] and looks[-1] != looks[0] and len(looks) > 5 and len(set(looks[-5:])) == 1

        self.wait(settled, f"{css} does not change, or does not come to rest")

    def slide(self, css, steps=10):
        """Move a slider with the arrow keys: to the right or, from the right end, to the left."""
        handle = self.find(f"{css} .noUi-handle")
        self.browser.execute_script("arguments[0].focus()", handle)
        at_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
        for _ in range(steps):
            handle.send_keys(Keys.ARROW_LEFT if at_end else Keys.ARROW_RIGHT)

    def press(self, css):
        element = self.find(css)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def click_colour(self, css, height, colour):
        "Click the first pixel of a colour in a line of the picture; `height` is a fraction, from the top."
        picture = self.find(css)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", picture)
        x, y = self.wait(
            lambda: self.browser.execute_script(FIND_COLOUR, picture, height, colour),
            "the colour is not in the picture",
        )
        size = picture.size  # offsets are relative to the centre
        ActionChains(self.browser).move_to_element_with_offset(
            picture, round((x - 0.5) * size["width"]), round((y - 0.5) * size["height"])
        ).click().perform()

    def check_names(self, css):
        "Check that each picture and each control of a widget has a name, as the browser computes it."
        elements = self.find(css).find_elements(By.CSS_SELECTOR, NAMED)
        names = {
            element: element.accessible_name or self.browser.execute_script(LABEL_BESIDE, element)
            for element in elements
            if element.is_displayed()
        }
        assert {"image", "slider", "button"} <= {element.aria_role for element in names}
        assert not [element.get_attribute("outerHTML") for element, name in names.items() if not name]

    def check_saved(self, folder, name):
        "Check that a browser's sums of binary steps, such as 0.10000000000000002, do not reach a saved file."
        self.press(".ecgseg-save")
        self.wait(lambda: self.text(".ecgseg-file-message") == f"wrote {name}", f"{name} is not saved")
        numbers = re.findall(r"\d+\.\d+", (folder / name).read_text(encoding="utf-8"))
        assert numbers and not [number for number in numbers if len(number) > 9]

    def screenshot(self, what, css=None):
        "Save the window, or one element, in build/screenshots."
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{self.name}-{what}.png"
        if css is None:
            self.browser.save_screenshot(str(path))
        else:
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'start'})", self.find(css))
            self.find(css).screenshot(str(path))


def test_recordings(browser, lab):
    page = Page(browser, lab, "explore_recordings")
    page.run_all()
    picture = ".ecgseg-viewer-picture"
    page.pixels(picture)
    page.check_names(".ecgseg-viewer")
    page.screenshot("start")
    with page.changes(picture):
        page.slide(".ecgseg-viewer-begin")
    assert "found, worst first" in page.chosen(".ecgseg-viewer-worst select")
    with page.changes(picture):
        page.press(".ecgseg-viewer-worst-next")
    assert page.chosen(".ecgseg-viewer-worst select")[:3] == "2. "
    # a QRS complex in the lane of corrections
    with page.changes(picture):
        page.click_colour(picture, 0.855, (213, 94, 0))
    assert "correction: QRS" in page.text(".ecgseg-viewer-info")
    before = float(page.text(".ecgseg-viewer-info").split("onset ")[1].split(" s")[0])
    with page.changes(picture):
        for _ in range(10):
            page.press(".ecgseg-viewer-onset-later")
    onset = f"{before + 0.020:.3f}"  # ten samples at 500 Hz; earlier there may be a P wave
    assert f"onset {onset} s" in page.text(".ecgseg-viewer-info")
    assert "not saved" in page.text(".ecgseg-viewer-state")
    page.screenshot("corrected")
    page.screenshot("viewer", ".ecgseg-viewer")
    page.press(".ecgseg-viewer-save")
    page.wait(
        lambda: "saved: corrections" in page.text(".ecgseg-viewer-message"), "the correction is not saved"
    )
    assert page.text(".ecgseg-viewer-state") == "no unsaved changes"
    (saved,) = (lab[0] / "corrections").iterdir()
    import wfdb

    annotation = wfdb.rdann(str(saved.with_suffix("")), saved.suffix[1:])
    assert onset in {
        f"{sample / annotation.fs:.3f}"
        for sample, symbol in zip(annotation.sample, annotation.symbol)
        if symbol == "("
    }


def test_augmentations(browser, lab):
    page = Page(browser, lab, "explore_augmentations")
    page.run_all()
    picture = ".ecgseg-explorer .ecgseg-picture"
    page.pixels(picture)
    page.check_names(".ecgseg-explorer")
    page.screenshot("start", ".ecgseg-explorer")
    with page.changes(picture):
        page.slide(".ecgseg-heart-rate")
    with page.changes(picture):
        page.press(".ecgseg-switch-burst_noise input")
    with page.changes(picture):
        page.slide(".ecgseg-burst_noise-amplitude")
    with page.changes(picture):
        page.press(".ecgseg-draw-again")
    assert page.text(".ecgseg-message") == ""
    page.check_saved(lab[0], "augmentations.json")
    page.screenshot("explorer", ".ecgseg-explorer")


def test_model(browser, lab):
    page = Page(browser, lab, "explore_model")
    page.run_all()
    picture, parameters = (
        ".ecgseg-model-explorer .ecgseg-picture",
        ".ecgseg-model-explorer .ecgseg-numbers tr:first-child b",
    )
    page.pixels(picture)
    page.check_names(".ecgseg-model-explorer")
    page.screenshot("start", ".ecgseg-model-explorer")
    before = page.text(parameters)
    with page.changes(picture):
        page.slide(".ecgseg-network-input_kernel", steps=2)
    assert page.text(parameters) != before
    with page.changes(picture):
        page.slide(".ecgseg-blocks", steps=1)
    assert page.text(".ecgseg-model-explorer .ecgseg-message") == ""
    page.check_saved(lab[0], "architecture.json")
    page.screenshot("moved", ".ecgseg-model-explorer")
