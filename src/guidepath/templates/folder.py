"""The files of folders that people write: templates and sources, and nothing that a tool made."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

LARGEST = 1_000_000  # bytes; nobody writes longer files by hand

_MARKUP = (
    ".aspx .djhtml .eex .ejs .erb .eta .ftl .ftlh .gohtml .gsp .haml .hbs .heex .htm .html .jade"
    " .jinja .jinja2 .j2 .jsp .latte .leex .liquid .mako .marko .mustache .njk .phtml .pug .slim"
    " .svg .templ .tmpl .tpl .twig .vm .xhtml"
)
_MIXED = ".astro .cshtml .gjs .gts .jsx .mdx .php .razor .svelte .tsx .vue"
_SCRIPTS = ".cjs .cs .cts .dart .ex .go .java .js .kt .mjs .mts .py .rb .rs .scala .ts"
_SUFFIXES = frozenset(f"{_MARKUP} {_MIXED} {_SCRIPTS}".split())
_MADE = (
    "__pycache__",
    "bower_components",
    "build",
    "coverage",
    "dist",
    "htmlcov",
    "node_modules",
    "out",
    "site-packages",
    "target",
    "vendor",
    "venv",
)
# What only a test has, no user sees.
_TESTS = ("__mocks__", "__tests__", "cypress", "e2e", "fixtures", "spec", "test", "tests")
_TEST_ENDS = (".test", ".spec", ".stories", ".min", "_test")


def files(folders: Iterable[Path]) -> list[Path]:
    """The files below these folders, each once, in order; a file that is named is one of them."""
    found: dict[Path, Path] = {}
    for folder in folders:
        whole = folder.resolve()
        for one in _below(folder):
            found.setdefault(whole / one.relative_to(folder), one)
    return list(found.values())


def text(file: Path) -> str | None:
    """What a file says; None where it is too large, gone, or no text."""
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError:
        return None
    if len(content) > LARGEST or b"\0" in content:
        return None
    return content.decode("utf-8", "replace").replace("\r\n", "\n")


def _below(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if _looked_into(one))
        for name in sorted(names):
            file = Path(path, name)
            if _written(file) and file.is_file() and not file.is_symlink():
                yield file


def _looked_into(name: str) -> bool:
    return not name.startswith(".") and name not in _MADE and name not in _TESTS


def _written(file: Path) -> bool:
    if file.suffix.lower() not in _SUFFIXES or file.name.startswith("test_"):
        return False
    return not file.stem.endswith(_TEST_ENDS)
