"""React draws what guidepath decides: the example is built, served, and used in a browser."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests import node
from tests.browser.chromium import PATIENCE_MS
from tests.browser.serving import answering
from tests.examples.loading import loaded

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "react_app"
CLIENT = ROOT / "src" / "guidepath" / "client"
UNBUILT = shutil.ignore_patterns("node_modules", "dist", "*.db*", "__pycache__")
# Each connection has a channel of its own to the other tabs.
COUNT_CONNECTIONS = """globalThis.connections = 0;
globalThis.BroadcastChannel = class extends BroadcastChannel {
  constructor(name) { super(name); connections += 1; }
};"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with its packages, built as its package.json says."""
    kept = node.packages(EXAMPLE / "package.json")
    root = tmp_path_factory.mktemp("root")
    folder = root / "examples" / "react_app"
    shutil.copytree(EXAMPLE, folder, ignore=UNBUILT)
    (folder / "node_modules").symlink_to(kept / "node_modules")
    (root / "src" / "guidepath").mkdir(parents=True)
    (root / "src" / "guidepath" / "client").symlink_to(CLIENT)
    tool, *arguments = json.loads((folder / "package.json").read_text())["scripts"]["build"].split()
    said = node.run(kept, tool, *arguments, cwd=folder)
    assert said.returncode == 0, said.stderr
    return folder


@pytest.fixture
def example(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The server's side, with nothing in its database; `url` is where it serves."""
    shutil.copytree(built / "dist", tmp_path / "dist")
    for name in ("app.py", "guidepath.yaml", "index.html"):
        shutil.copy(built / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    module = loaded(tmp_path / "app.py")
    with answering(module.app, lifespan="auto") as url:
        module.__dict__["url"] = url
        yield module


@pytest.fixture
def tab(browser: Browser, example: ModuleType) -> Iterator[Page]:
    """Ada's page, in a console without errors."""
    context = browser.new_context(base_url=example.url)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.add_init_script(COUNT_CONNECTIONS)
    page.goto("/")
    page.get_by_role("button", name="Sign in as Ada").click()
    yield page
    context.close()
    expected = ("favicon", "ERR_INTERNET_DISCONNECTED")
    assert [error for error in errors if not any(one in error for one in expected)] == []


def became(example: ModuleType, item: str) -> Counter[str]:
    """What became of an item, and how often."""
    known = example.guide.export(user="ada", account="acme")["said"]
    return Counter(one["type"] for one in known if one["data"].get("item") == item)


def tooltip(tab: Page) -> Locator:
    return tab.locator(".tooltip")


def answered(tab: Page, act: Callable[[], None]) -> None:
    """Do something that tells the server what became of the item, and wait until it knows."""
    with tab.expect_response(lambda one: one.url.endswith("/v1/feedback") and one.ok):
        act()


def send(tab: Page) -> None:
    tab.get_by_role("button", name="Send an invoice").click()


def close(tab: Page) -> None:
    tab.get_by_role("button", name="Close").click()


def test_a_tooltip_of_the_products_own_stands_beside_its_target(tab: Page) -> None:
    expect(tooltip(tab).get_by_role("heading", name="Send your first invoice, Ada")).to_be_visible()
    expect(tooltip(tab).locator("strong")).to_have_text("one click")
    card = tooltip(tab).bounding_box()
    target = tab.get_by_role("button", name="Send an invoice").bounding_box()
    assert card is not None
    assert target is not None
    assert 0 <= card["y"] - (target["y"] + target["height"]) < 20
    assert tab.locator("guide-path").count() == 0


def test_strict_mode_connects_twice_and_what_is_shown_counts_once(
    tab: Page, example: ModuleType
) -> None:
    expect(tooltip(tab)).to_be_visible()
    answered(tab, lambda: close(tab))
    assert tab.evaluate("connections") == 2
    assert became(example, "send-one") == {"guidance.shown": 1, "guidance.dismissed": 1}


def test_an_invoice_is_sent_and_the_milestone_celebrated(tab: Page, example: ModuleType) -> None:
    expect(tooltip(tab)).to_be_visible()
    send(tab)
    expect(tab.get_by_role("dialog", name="Your first invoice is out!")).to_be_visible()
    expect(tooltip(tab)).to_have_count(0)
    assert example.guide.progress(user="ada", account="acme").reached == ("first_invoice",)
    answered(tab, lambda: tab.keyboard.press("Escape"))
    expect(tab.get_by_role("dialog")).to_have_count(0)


def test_a_survey_is_answered_in_a_form_of_the_products_own(tab: Page, example: ModuleType) -> None:
    send(tab)
    celebration = tab.get_by_role("dialog", name="Your first invoice is out!")
    celebration.get_by_role("button", name="Close").click()
    form = tab.get_by_role("form", name="How was it?")
    form.get_by_label("4", exact=True).check()
    form.get_by_label("Templates").check()
    answered(tab, form.get_by_role("button", name="Done").click)
    expect(form).to_have_count(0)
    known = example.guide.export(user="ada", account="acme")["said"]
    (survey,) = [one["data"] for one in known if one["type"] == "survey.answered"]
    assert survey["answers"] == {"ease": 4, "missed": ["templates"]}


def test_the_checklist_is_part_of_the_page_and_ticks_what_is_done(tab: Page) -> None:
    done = tab.get_by_role("complementary", name="First steps").locator(".completed")
    expect(tab.get_by_role("complementary").get_by_role("listitem")).to_have_count(2)
    expect(done).to_have_count(0)
    send(tab)
    expect(done).to_have_text("✓ Send your first invoice")


def test_what_is_answered_goes_at_once_and_is_told_when_the_server_is_back(
    tab: Page, example: ModuleType
) -> None:
    expect(tooltip(tab)).to_be_visible()
    tab.context.set_offline(True)
    close(tab)
    expect(tooltip(tab)).to_have_count(0)
    with tab.expect_response(lambda one: "dismissed" in (one.request.post_data or "") and one.ok):
        tab.context.set_offline(False)
    assert became(example, "send-one")["guidance.dismissed"] == 1


def test_what_is_unmounted_is_closed(tab: Page, example: ModuleType) -> None:
    expect(tooltip(tab)).to_be_visible()
    with tab.expect_request(lambda one: "navigated" in (one.post_data or "")):
        tab.get_by_label("Guide me").uncheck()
    expect(tooltip(tab)).to_have_count(0)
    asked: list[str] = []
    tab.on("request", lambda one: asked.append(one.url))
    send(tab)  # which tells every connection to ask
    expect(tab.get_by_text("Sent so far: 1")).to_be_visible()
    assert [url for url in asked if "/guidepath/" in url] == []
    tab.get_by_label("Guide me").check()
    expect(tab.get_by_role("dialog", name="Your first invoice is out!")).to_be_visible()


def test_its_types_are_right(built: Path) -> None:
    told = node.run(node.packages(EXAMPLE / "package.json"), "tsc", "-p", built, cwd=built)
    assert told.stdout == ""
    assert told.returncode == 0


def test_the_page_on_react_shows_the_very_hook() -> None:
    page = (ROOT / "docs" / "react.md").read_text("utf-8")
    assert (EXAMPLE / "src" / "useGuide.ts").read_text("utf-8") in page
