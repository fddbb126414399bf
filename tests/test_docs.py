"""The documentation as a whole: its links lead somewhere, its table of contents is complete, its badges open
the right notebook.
"""

import ast
import re
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from urllib.parse import urlsplit

import nbformat
import pytest
from conftest import NOTEBOOKS, ROOT

PAGES = [*NOTEBOOKS, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
LINK = re.compile(
    r"\]\(\s*<?([^)\s>]+)>?\s*\)"
)  # of links and pictures alike, also of a picture within a link
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", flags=re.MULTILINE)
SITE = "https://github.com/ecgseg/ecgseg"
OWN_FILES = re.compile(
    r"https://(?:github\.com/ecgseg/ecgseg/blob|raw\.githubusercontent\.com/ecgseg/ecgseg)/main/"
)


@cache
def prose(page):
    "Return the Markdown of a page, without code."
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        text = "\n\n".join(
            cell.source for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "markdown"
        )
    return re.sub(r"`[^`\n]+`", "`code`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(page):
    "Return the anchors of a page's headings, as GitHub and Quarto make them."
    plain = (
        re.sub(r"\[([^]]*)\]\([^)]*\)|[*_`]", r"\1", heading).lower()
        for heading in HEADING.findall(prose(page))
    )
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading)) for heading in plain}


def broken(page, link):
    """Return the fault of a link, or `None`.

    The address of a file in the repository is looked up in this checkout.
    """
    target = urlsplit(link)
    if own := OWN_FILES.match(link):
        target, page = urlsplit(link[own.end() :]), ROOT / "README.md"
    if target.scheme:
        return (
            None
            if target.scheme == "https" and re.fullmatch(r"[\w-]+(\.[\w-]+)+", target.netloc)
            else "not an https address"
        )
    path = (page.parent / target.path) if target.path else page
    if not path.exists():
        return "no such file"
    if target.fragment and target.fragment not in anchors(path):
        return f"no such heading, but {sorted(anchors(path))}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    """Relative links lead to existing files and headings.

    Only the form of other links is checked, because the tests must run offline.
    """
    wrong = {link: reason for link in LINK.findall(prose(page)) if (reason := broken(page, link))}
    assert not wrong


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One, two `three`\n[a](page.md#one-two-code) [b](#four) [c](nowhere.md) "
        "[d](http://example.org) [e](https://example) ![f](picture.png)\n```\n[g](code.md)\n```\n"
        f"[h]({SITE}/blob/main/nbs/index.ipynb) [i]({SITE}/blob/main/nbs/gone.ipynb)\n"
    )
    assert [link for link in LINK.findall(prose(page)) if broken(page, link)] == [
        "#four",
        "nowhere.md",
        "http://example.org",
        "https://example",
        "picture.png",
        f"{SITE}/blob/main/nbs/gone.ipynb",
    ]


def test_readme_needs_no_files_beside_it():
    "README has no relative links, which would be broken on PyPI."
    assert all(link.startswith(("https://", "#")) for link in LINK.findall(prose(ROOT / "README.md")))


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 900


def test_sidebar_lists_every_notebook_once():
    listed = re.findall(
        r"^ *- (\S+\.ipynb)$", (ROOT / "nbs" / "sidebar.yml").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert listed[0] == "index.ipynb" and len(listed) == len(set(listed))
    assert set(listed) == {path.relative_to(ROOT / "nbs").as_posix() for path in NOTEBOOKS}


def index_page(notebook):
    "Return the page that lists a chapter's notebook; `None` for a notebook outside the chapters."
    if not re.match(r"\d\d_", notebook.name):
        return None
    if re.match(r"\d+_", notebook.parent.name):
        return notebook.parent / "index.ipynb"
    return ROOT / "nbs" / "ground.ipynb" if notebook.name.startswith("0") else None


def unlisted(notebooks):
    "Return the notebooks that their chapter's index page does not link to."
    return [
        path.relative_to(ROOT / "nbs").as_posix()
        for path in notebooks
        if (page := index_page(path)) and path.name not in LINK.findall(prose(page))
    ]


def test_index_pages_list_every_notebook():
    "The index page of a chapter links to each of its notebooks; the sidebar lists the others."
    chapters = {page for path in NOTEBOOKS if (page := index_page(path))}
    assert len(chapters) == 11 and chapters <= set(NOTEBOOKS)
    assert not unlisted(NOTEBOOKS)
    assert unlisted([ROOT / "nbs" / "1_signal" / "09_new.ipynb"]) == ["1_signal/09_new.ipynb"]


def test_index_pages_come_first():
    "In the sidebar, each index page precedes the notebooks that it lists."
    sidebar = (ROOT / "nbs" / "sidebar.yml").read_text(encoding="utf-8")
    listed = [ROOT / "nbs" / name for name in re.findall(r"^ *- (\S+\.ipynb)$", sidebar, flags=re.MULTILINE)]
    first = {}
    for position, path in enumerate(listed):
        if page := index_page(path):
            first.setdefault(page, position)
    assert first and all(listed[position - 1] == page for page, position in first.items())


def test_index_pages_export_nothing():
    pages = {page for path in NOTEBOOKS if (page := index_page(path))}
    assert not [page for page in pages if re.search(r"#\| *(default_exp|export)", page.read_text("utf-8"))]


@pytest.mark.parametrize(
    "page",
    [
        path
        for path in NOTEBOOKS
        if path.parent.name in ("tutorials", "guides", "explanations")
        # one reads the log of the repository, one takes long to run, one has no code
        and path.stem not in ("benchmarks", "experiments", "glossary")
        or path.stem == "run_pipeline"
    ]
    + [ROOT / "README.md"],
    ids=lambda path: path.stem,
)
def test_badges_open_the_page(page):
    "The badges open their own notebook in Colab and in Binder; those of the front page open the first run."
    name = "tutorials/first_run.ipynb" if page.suffix == ".md" else page.relative_to(ROOT / "nbs").as_posix()
    links = LINK.findall(prose(page))
    assert f"https://colab.research.google.com/github{urlsplit(SITE).path}/blob/main/nbs/{name}" in links
    assert f"https://mybinder.org/v2/gh{urlsplit(SITE).path}/main?urlpath=lab/tree/nbs/{name}" in links


def test_addresses_are_those_of_settings():
    settings = (ROOT / "settings.ini").read_text(encoding="utf-8")
    assert f"git_url = {SITE}\n" in settings and "branch = main\n" in settings


def test_binder_installs_what_is_pinned():
    """repo2docker reads `.binder/`, with the top level as its working folder.

    The path of a constraints file is relative to the requirements file.
    """
    folder = ROOT / ".binder"
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert (
        lines[0].startswith("-c ")
        and (folder / lines[0].removeprefix("-c ")).resolve() == ROOT / "constraints.txt"
    )
    assert lines[1].startswith(".") and (ROOT / "setup.py").exists()


# methods that Keras and the augmentation layers call, by these names
HOOKS = {
    "augment_frames",
    "build",
    "call",
    "compute_output_shape",
    "get_config",
    "on_epoch_begin",
    "on_epoch_end",
    "on_test_begin",
    "update_state",
    "result",
}


def undocumented_methods(notebook):
    """Return the public methods of public classes that a notebook's page does not show.

    nbdev makes an entry for each class, but for a method only if a cell calls `show_doc`.
    """
    cells = [
        cell.source
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code" and not cell.source.startswith(("%", "!"))
    ]
    shown = set(re.findall(r"^show_doc\(([\w.]+)", "\n".join(cells), flags=re.MULTILINE))
    classes = [
        node
        for cell in cells
        if re.search(r"^#\| export", cell, flags=re.MULTILINE)
        for node in ast.parse(cell).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    methods = {
        f"{node.name}.{method.name}"
        for node in classes
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and not method.name.startswith("_")
        and method.name not in HOOKS
        and not any(ast.unparse(decorator).endswith("property") for decorator in method.decorator_list)
    }
    return methods - shown


@pytest.mark.parametrize(
    "notebook",
    [path for path in NOTEBOOKS if path.parent.name[0].isdigit() or re.match(r"\d\d_", path.name)],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_pages_show_public_methods(notebook):
    assert not undocumented_methods(notebook)


def test_page_of_the_site_is_made(tmp_path):
    "`make docs` writes the page that the sidebar links to, and the site contains it."
    spec = spec_from_file_location("try_it", ROOT / ".ci" / "try_it.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    html = module.main(tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'id="network"' in html and "Nothing is uploaded" in html
    name = module.PAGE.relative_to(ROOT / "nbs").as_posix()
    assert f"href: {name}" in (ROOT / "nbs" / "sidebar.yml").read_text(encoding="utf-8")
    assert f"resources: [{name}]" in (ROOT / "_quarto.yml").read_text(encoding="utf-8")
    docs = (ROOT / "Makefile").read_text(encoding="utf-8").split("docs: readme")[1].split("dist:")[0]
    assert docs.index(".ci/try_it.py") < docs.index("nbdev_docs")


def unnamed_chapters(picture, chapters):
    "Return the chapters that a picture of the house does not name."
    names = set(re.findall(r'class="name"[^>]*>([^<]+)<', picture))
    return [chapter for chapter in chapters if chapter not in names]


def test_the_house_names_every_chapter():
    picture = (ROOT / "nbs" / "images" / "house.svg").read_text(encoding="utf-8")
    chapters = sorted({path.parent.name for path in NOTEBOOKS if path.parent.name[0].isdigit()})
    assert len(chapters) == 10 and not unnamed_chapters(picture, chapters)
    assert unnamed_chapters(picture.replace(">4_data<", "><"), chapters) == ["4_data"]
