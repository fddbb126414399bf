"Make README.md from nbs/index.ipynb, without Quarto: `make readme`."

import re
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

ROOT = Path(__file__).parent.parent
PAGES = "https://github.com/ecgseg/ecgseg/blob/main/nbs/"
PICTURES = "https://raw.githubusercontent.com/ecgseg/ecgseg/main/nbs/"


def readme_text():
    """Return the front page as Markdown.

    Links to notebooks and pictures become absolute, because PyPI shows the text without these files.
    """
    notebook = nbformat.read(ROOT / "nbs" / "index.ipynb", as_version=4)
    notebook.metadata["language_info"] = {
        "name": "python"
    }  # removed by nbdev_clean; without it, code is not highlighted
    text, resources = MarkdownExporter().from_notebook_node(notebook)
    if resources["outputs"]:
        raise ValueError("nbs/index.ipynb: a saved figure has no place in README.md; link a picture instead")
    text = re.sub(r"!\[([^]]*)\]\((?!https?:)", rf"![\1]({PICTURES}", text)
    text = re.sub(r"(?<!!)\[([^]]*)\]\((?!https?:|#)", rf"[\1]({PAGES}", text)
    return "<!-- made from nbs/index.ipynb by `make readme`: edit that -->\n\n" + text.strip() + "\n"


if __name__ == "__main__":
    (ROOT / "README.md").write_text(readme_text(), encoding="utf-8")
