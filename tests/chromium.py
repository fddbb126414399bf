"Chromium for the tests that need a browser; they are skipped without it."

import shutil

import pytest

webdriver = pytest.importorskip(
    "selenium.webdriver", reason="selenium is not installed: pip install -e '.[dev]'"
)
Service = pytest.importorskip("selenium.webdriver.chrome.service").Service

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--window-size=1360,1250",
)


def start_chromium(profile, **capabilities):
    "Start a browser with a profile folder of its own; skip the test if there is none."
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver_program = shutil.which("chromedriver")
    if not (program and driver_program):
        pytest.skip("Chromium and chromedriver are not installed: .ci/browser says how")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    for name, value in capabilities.items():
        options.set_capability(name.replace("_", ":", 1), value)
    return webdriver.Chrome(options=options, service=Service(driver_program))
