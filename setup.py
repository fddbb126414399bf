"Reads the package's metadata from settings.ini, so that nbdev and pip share one source."

from configparser import ConfigParser
from pathlib import Path

from setuptools import find_packages, setup

root = Path(__file__).parent
parser = ConfigParser(delimiters=["="], interpolation=None)
parser.read(root / "settings.ini", encoding="utf-8")
settings = parser["DEFAULT"]

extras = {
    name: settings[f"{name}_requirements"].split()
    for name in ("formats", "archive", "train", "notebooks", "tflm", "board", "export", "onnx", "dev")
}

setup(
    name=settings["lib_name"],
    version=settings["version"],
    description=settings["description"],
    long_description=(root / "README.md").read_text(encoding="utf-8")
    if (root / "README.md").exists()
    else "",
    long_description_content_type="text/markdown",
    author=settings["author"],
    author_email=settings["author_email"],
    url=settings["git_url"],
    keywords=settings["keywords"],
    license="BSD-3-Clause",
    license_files=["LICENSE"],
    packages=find_packages(include=["ecgseg", "ecgseg.*"]),
    package_data={"ecgseg": ["py.typed", "example.csv", "models/*", "templates/**", "device/templates/**"]},
    python_requires=f">={settings['min_python']}",
    install_requires=settings["requirements"].split(),
    extras_require=extras | {"all": sorted(set(sum(extras.values(), [])))},
    entry_points={
        "console_scripts": settings.get("console_scripts", "").split(),
        # nbdev finds the modules that it may document through this group
        "nbdev": [f"{settings['lib_path']}={settings['lib_path']}._modidx:d"],
    },
    zip_safe=False,
)
