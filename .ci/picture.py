"""Make nbs/images/delineation.png, the picture on the front page: the page of the default network with a test
recording of LUDB.

Usage: `python .ci/picture.py`. Needs Chromium, see `.ci/browser`.
"""

import sys
import tempfile
from base64 import b64decode
from pathlib import Path

from ecgseg.data.ludb import find_ludb
from ecgseg.device.integer_network import ExportedNetwork
from ecgseg.device.web import write_page
from ecgseg.recording.bundled import bundled_model

ROOT = Path(__file__).parent.parent
PATIENT, LEAD, BEGIN, SECONDS = 149, 1, 2, 6  # a test patient, lead II
PICTURE = ROOT / "nbs" / "images" / "delineation.png"
SIZE = {"width": 1000, "height": 1000, "deviceScaleFactor": 1.5, "mobile": False}


def main():
    sys.path.insert(0, str(ROOT / "tests"))
    from test_web import Page, start_chromium

    model, config = bundled_model()
    with tempfile.TemporaryDirectory() as folder:
        path = write_page(ExportedNetwork(model.content), config, Path(folder) / "page.html")
        driver = start_chromium(Path(folder) / "profile")
        try:
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
            page = Page(driver, path)
            record = find_ludb() / "data" / str(PATIENT)
            page.open(record.with_suffix(".hea"), record.with_suffix(".dat"))
            page.choose(LEAD)
            page.run("moveTo(arguments[0], arguments[1])", BEGIN, SECONDS)
            page.wait("return document.getElementById('status').textContent.startsWith('0:02')")
            height = page.run("return document.getElementById('keys').getBoundingClientRect().top")
            clip = {"x": 0, "y": 0, "width": SIZE["width"], "height": height, "scale": 1}
            shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
            PICTURE.write_bytes(b64decode(shot["data"]))
        finally:
            driver.quit()


if __name__ == "__main__":
    main()
