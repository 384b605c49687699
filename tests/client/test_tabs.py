"""Tabs of one browser: one item, one impression, and only when it is seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.requests import Request
from tests.browser.chromium import PATIENCE_MS
from tests.client.host import (
    CONNECT,
    FRAMES,
    REFRESH,
    Host,
    banner,
    decision,
    entries,
    page,
    real,
    shows,
    shows_nothing,
    untargeted,
)

from guidepath import Guidepath, Playbook

PLAYBOOK = """
guidepath: 1
name: ledgerly
roles: [owner]
events: {invoice.sent: {}}
milestones:
  - {id: first_invoice, title: Send one, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - {id: hello, type: banner, moment: onboard, toward: first_invoice, title: Hello}
"""
HIDE = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
TURN = "(name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true }))"


def settles(*tabs: Page) -> None:
    for tab in tabs:
        tab.evaluate(FRAMES)
        tab.evaluate(FRAMES)


@pytest.fixture
def guide() -> Iterator[Guidepath]:
    with Guidepath(Playbook.parse(PLAYBOOK), store="memory:") as guide:
        guide.identify(user="ada", account="acme", role="owner")
        yield guide


@pytest.fixture
def served(guide: Guidepath, browser: Browser) -> Iterator[BrowserContext]:
    """A browser at a real guidepath."""

    def identify(_: Request) -> tuple[str, str]:
        return "ada", "acme"

    with real(guide.asgi(identify=identify)) as url:
        context = browser.new_context(base_url=url, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        yield context
        context.close()


def impressions(guide: Guidepath) -> int:
    said: Any = guide.export(user="ada", account="acme")["said"]
    return [one["type"] for one in said].count("guidance.shown")


def test_two_tabs_that_reload_are_one_item_and_one_impression(
    guide: Guidepath, served: BrowserContext
) -> None:
    tabs = [served.new_page(), served.new_page()]
    for tab in tabs:
        tab.goto("/contacts", wait_until="commit")
    for tab in tabs:
        shows(tab)
    settles(*tabs)
    for tab in tabs:
        tab.reload()
        shows(tab)
    settles(*tabs)
    tabs[0].get_by_role("button", name="Close").click()
    for tab in tabs:
        shows_nothing(tab)
        tab.reload()
        settles(tab)
        shows_nothing(tab)
    assert impressions(guide) == 1


def test_tabs_that_ask_at_the_same_time_count_once(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    host.play(banner())
    tabs = [tab, context.new_page(), context.new_page()]
    for one in tabs:
        one.goto("/contacts", wait_until="commit")
    for one in tabs:
        shows(one)
    settles(*tabs)
    host.hears("item.shown")


def test_a_tab_that_closes_leaves_the_item_to_the_other(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    host.play(banner())
    second = context.new_page()
    for one in (second, tab):
        one.goto("/contacts")
        shows(one)
    settles(second, tab)
    host.hears("item.shown")
    second.close(run_before_unload=True)
    host.hears("item.shown", "item.dismissed:navigated")
    shows(tab)
    tab.get_by_role("button", name="Close").click()
    host.hears("item.shown", "item.dismissed:navigated", "item.dismissed:close")


def test_a_tab_that_comes_after_the_answer_shows_nothing(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    host.play(banner())
    tab.goto("/contacts")
    tab.get_by_role("button", name="Close").click()
    host.hears("item.shown", "item.dismissed:close")
    second = context.new_page()
    second.goto("/contacts")
    settles(second)
    shows_nothing(second)
    assert host.heard() == ["item.shown", "item.dismissed:close"]


def test_a_browser_without_locks_and_channels_shows_all_the_same(host: Host, tab: Page) -> None:
    tab.add_init_script(
        """Object.defineProperty(navigator, "locks", { value: undefined });
           delete globalThis.BroadcastChannel;"""
    )
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_role("button", name="Close").click()
    host.hears("item.shown", "item.dismissed:close")


def test_an_item_in_a_hidden_tab_is_counted_when_the_tab_is_seen(host: Host, tab: Page) -> None:
    host.play(banner())
    tab.goto("/contacts")
    shows(tab)
    host.hears("item.shown")
    host.feedback.clear()
    host.play(banner("claim-2", "second"))
    tab.evaluate(f"() => {{ {REFRESH}; ({HIDE})('hidden') }}")
    host.hears("item.dismissed:replaced")
    settles(tab)
    assert host.heard() == ["item.dismissed:replaced"]
    tab.evaluate(HIDE, "visible")
    host.hears("item.dismissed:replaced", "item.shown")


def test_a_hidden_tab_asks_nothing_until_it_is_seen(host: Host, tab: Page) -> None:
    tab.add_init_script(f"({HIDE})('hidden')")
    tab.goto("/contacts")
    tab.evaluate(REFRESH)
    settles(tab)
    assert host.asked["guidepath"] == []
    tab.evaluate(HIDE, "visible")
    host.is_asked(1)


def test_what_a_page_brought_into_a_hidden_tab_is_asked_for_when_the_tab_is_seen(
    host: Host, tab: Page
) -> None:
    """A link opened beside this page may be looked at an hour later."""
    host.pages["/own"] = page(tags="")
    host.play(banner("claim-2"))
    tab.goto("/own")
    tab.evaluate(HIDE, "hidden")
    tab.evaluate(CONNECT, {"first": banner()})
    tab.evaluate(HIDE, "visible")
    host.is_asked(1)
    tab.wait_for_function("() => heard.length > 0")
    tab.evaluate("void guide.respond('item.shown')")
    host.hears("item.shown")
    assert host.feedback["guidepath"][0]["claim"] == "claim-2"


def test_an_item_behind_a_dialog_is_counted_when_the_dialog_is_gone(host: Host, tab: Page) -> None:
    """The dialog opens after the item, so it lies above it, with all of the page behind it."""
    host.pages["*"] = page('<dialog aria-label="News"><button>Fine</button></dialog>')
    host.play(banner())
    tab.add_init_script(
        """document.addEventListener("guidepath:item", () => requestAnimationFrame(() => {
          document.querySelector("dialog").showModal();
        }))"""
    )
    tab.goto("/contacts")
    expect(tab.get_by_role("dialog", name="News")).to_be_visible()
    expect(tab.locator(".banner")).to_be_attached()
    settles(tab)
    assert host.heard() == []
    tab.evaluate("document.querySelector('dialog').close()")
    host.hears("item.shown")


def test_an_item_below_the_fold_is_counted_when_it_is_scrolled_to(host: Host, tab: Page) -> None:
    host.pages["*"] = page(
        '<div class="tall"></div><div id="here"></div>',
        tags='<guide-path base="/guidepath" container="#here"></guide-path>',
    )
    host.play(decision(untargeted("checklist", title="Get started"), items=entries(1)))
    tab.goto("/contacts")
    expect(tab.get_by_text("Get started").first).to_be_attached()
    settles(tab)
    assert host.heard() == []
    tab.evaluate("document.querySelector('#here').scrollIntoView()")
    host.hears("item.shown")


def test_the_back_button_does_not_repeat_what_was_closed(host: Host, tab: Page) -> None:
    host.pages["*"] = page('<a id="link" href="/invoices">Invoices</a>')
    host.play(banner())
    tab.goto("/contacts")
    tab.get_by_role("button", name="Close").click()
    tab.locator("#link").click()
    tab.wait_for_url("**/invoices")
    tab.go_back()
    settles(tab)
    shows_nothing(tab)
    assert host.heard() == ["item.shown", "item.dismissed:close"]


def test_what_was_closed_as_the_page_went_away_is_not_shown_again(host: Host, tab: Page) -> None:
    """The server knows of it only because the new page tells it before it asks."""
    host.pages["/empty"] = "<!doctype html><title>Empty</title>"
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    host.feedback_status = 503
    tab.get_by_role("button", name="Close").click()
    shows_nothing(tab)
    tab.goto("/empty")
    host.feedback_status = 202
    tab.goto("/contacts")
    host.hears("item.shown", "item.dismissed:close")
    settles(tab)
    shows_nothing(tab)


def test_a_page_that_is_put_away_holds_nothing_and_goes_on_when_it_comes_back(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    """A page that holds a lock cannot be kept for the back button."""
    held = "navigator.locks.query().then(({ held }) => held.length)"
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    assert tab.evaluate(held) == 1
    tab.evaluate(TURN, "pagehide")
    host.hears("item.shown", "item.dismissed:navigated")
    assert tab.evaluate(held) == 0
    tab.evaluate(TURN, "pageshow")
    shows(tab)
    second = context.new_page()
    second.goto("/contacts")
    shows(second)
    second.get_by_role("button", name="Close").click()
    shows_nothing(tab)


def test_a_message_of_another_program_on_the_line_does_nothing(host: Host, tab: Page) -> None:
    host.play(banner())
    tab.goto("/contacts")
    shows(tab)
    for message in ("null", "'step'", "{ kind: 7 }", "{ kind: 'step', claim: 'claim-1' }"):
        tab.evaluate(
            f"""() => {{
              const name = "guidepath:" + new URL("/guidepath/", location.href).href;
              new BroadcastChannel(name).postMessage({message});
            }}"""
        )
    settles(tab)
    shows(tab)
