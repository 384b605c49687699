"""The code in README and docs runs as it stands, and what they point at exists."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_args
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from guidepath.playbook.reason import Code

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("examples/**/*.md"),
    ]
)
LANGUAGES = {
    *("python", "yaml", "json", "console", "text", "html", "css", "js", "ts", "tsx", "mermaid"),
}
HEADED = re.compile(r"# ([\w-]+\.ya?ml)\n")  # a YAML block that is a file

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda one: str(one.relative_to(ROOT)))


def tokens(page: Path) -> Iterator[Token]:
    """All of a page's tokens, those inside of lines too."""
    for token in MarkdownIt().enable("table").parse(page.read_text("utf-8")):
        yield token
        yield from token.children or ()


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """A page's blocks in one language, each with the line it begins after."""
    return [
        (token.map[0] + 1, token.content)
        for token in tokens(page)
        if token.type == "fence" and token.info == language and token.map
    ]


def anchors(page: Path) -> set[str]:
    """What a fragment can name: the headings, in the form that repositories link to."""
    found, heading = set(), False
    for token in tokens(page):
        if token.type in ("heading_open", "heading_close"):
            heading = token.type == "heading_open"
        elif heading and token.type == "inline":
            plain = re.sub(r"[^\w\- ]", "", token.content.lower())
            found.add(plain.replace(" ", "-"))
    return found


@every_page
def test_python_blocks_run_in_order_in_an_empty_folder(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _, text in blocks(page, "yaml"):
        if headed := HEADED.match(text):
            Path(headed[1]).write_text(text, encoding="utf-8")
    namespace = ModuleType("docs").__dict__
    for line, text in blocks(page, "python"):
        # as many lines above it as in the page: a traceback names the page's own line
        exec(compile("\n" * line + text, str(page), "exec"), namespace)


@every_page
def test_every_line_of_a_json_block_is_json(page: Path) -> None:
    for _, text in blocks(page, "json"):
        for line in text.splitlines():
            json.loads(line)


@every_page
def test_every_block_says_a_language_that_is_known_here(page: Path) -> None:
    said = {token.info for token in tokens(page) if token.type == "fence"}
    assert said <= LANGUAGES


@every_page
def test_every_relative_link_and_picture_points_to_something_that_exists(page: Path) -> None:
    for token in tokens(page):
        address = token.attrGet("href") or token.attrGet("src")
        if address is None:
            continue
        parts = urlsplit(str(address))
        if parts.scheme:
            continue
        target = page.parent / unquote(parts.path) if parts.path else page
        assert target.exists(), address
        if parts.fragment:
            assert parts.fragment in anchors(target), address


@pytest.mark.parametrize("folder", ["docs", "docs/decisions"])
def test_the_index_of_a_folder_names_every_page_in_it(folder: str) -> None:
    index = ROOT / folder / "README.md"
    named = {str(token.attrGet("href")).partition("#")[0] for token in tokens(index)}
    assert {one.name for one in index.parent.glob("*.md")} <= named | {"README.md"}


def test_the_page_of_reasons_lists_every_code_in_gate_order() -> None:
    headings = re.findall(r"^### `([A-Z_]+)`$", (ROOT / "docs/reasons.md").read_text(), re.M)
    assert headings == list(get_args(Code))
