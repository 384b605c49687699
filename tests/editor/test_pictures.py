"""The pictures of docs/editors.md: an editor in a page that asks the real language server.

With GUIDEPATH_PICTURES=1 they are taken anew.
"""

import json
import os
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from tests import node
from tests.browser.chromium import launch
from tests.editor.language_server import PACKAGES, LanguageServer, running

from guidepath.playbook.playbook import Playbook

DOCS = Path(__file__).parents[2] / "docs"
LARGEST = 70_000  # bytes
STYLE = """
body { margin: 0; background: #fff }
.cm-editor { height: 100vh; font: 15px/1.5 "DejaVu Sans Mono", monospace }
.cm-editor.cm-focused { outline: none }
.cm-tooltip { font: 14px/1.4 "DejaVu Sans", sans-serif; border-color: #ccc !important }
.cm-completionInfo { padding: 8px 12px !important; max-width: 320px }
.told { white-space: pre-wrap; padding: 8px 12px; max-width: 520px }
"""
TEXT = """\
# yaml-language-server: $schema=guidepath.schema.json
guidepath: 1
name: ledgerly
events:
  contact.imported: {}
milestones:
  - id: contacts_in
    title: Bring your contacts
    reached_when: did("contact.imported")
    first_value: true
guidance:
  - id: import
    type: banner
    moment: ~
    toward: contacts_in
    title: Bring your contacts
"""
MISTAKEN = TEXT.replace("~", "onbord").replace("first_value: true", "first_valu: true")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The editor's script, with all that it imports."""
    out = tmp_path_factory.mktemp("editor") / "editor.js"
    done = node.run(
        node.packages(PACKAGES),
        "esbuild",
        Path(__file__).with_name("editor.js"),
        "--bundle",
        f"--outfile={out}",
    )
    assert done.returncode == 0, done.stderr
    return out.read_text("utf-8")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LanguageServer]:
    (tmp_path / "guidepath.schema.json").write_text(json.dumps(Playbook.schema()), "utf-8")
    with running(tmp_path) as found:
        yield found


@pytest.fixture
def page(bundle: str, server: LanguageServer, tmp_path: Path) -> Iterator[Page]:
    """A page with the editor, whose questions the server answers."""
    numbers = count()

    def answer(what: str, text: str, *at: int) -> Any:
        file = tmp_path / f"{next(numbers)}.yaml"
        wrong = server.open(file, text)
        try:
            match what:
                case "complete":
                    return server.complete(file, *at)
                case "hover":
                    return server.hover(file, *at)
            return wrong
        finally:
            server.close(file)

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 900, "height": 420}, reduced_motion="reduce")
        page.set_default_timeout(20_000)
        page.expose_function("server", answer)
        page.set_content(f"<!doctype html><style>{STYLE}</style>")
        page.add_script_tag(content=bundle)
        yield page
        browser.close()


def kept(page: Page, name: str) -> None:
    """Compare the picture with that of the docs, or take it anew."""
    page.add_style_tag(content=".cm-cursor { visibility: hidden !important }")  # it blinks
    picture = page.screenshot()
    file = DOCS / f"images/editor-{name}.png"
    if os.environ.get("GUIDEPATH_PICTURES"):
        file.write_bytes(picture)
    committed = file.read_bytes()
    assert committed[16:24] == picture[16:24]  # the width and height of a PNG
    assert len(committed) <= LARGEST
    assert f"images/editor-{name}.png" in (DOCS / "editors.md").read_text("utf-8")


def test_an_editor_offers_the_moments_with_what_they_mean(page: Page) -> None:
    text = TEXT.replace("~", "")
    page.evaluate("show", text)
    page.evaluate("at => completeAt(at)", TEXT.index("~"))
    options = page.locator(".cm-tooltip-autocomplete li")
    expect(options).to_have_text([re.compile(one) for one in _moments()])
    told = page.locator(".cm-completionInfo")
    expect(told).to_have_text("Ask to recommend, to invite, to tell others.")
    kept(page, "completion")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-content")).to_contain_text("moment: celebrate")


def test_an_editor_underlines_mistakes_and_tells_what_a_key_means(page: Page) -> None:
    page.set_viewport_size({"width": 900, "height": 580})  # room below for what is told
    page.evaluate("show", MISTAKEN)
    wrong = page.locator(".cm-lintRange-error")
    expect(wrong).to_have_text(["first_valu", "onbord"])
    page.get_by_text("moment", exact=True).hover()
    told = page.locator(".told")
    expect(told).to_contain_text("nurture: After the first value")
    kept(page, "mistakes")


def _moments() -> list[str]:
    found: list[str] = Playbook.schema()["$defs"]["Guidance"]["properties"]["moment"]["enum"]
    return sorted(found)
