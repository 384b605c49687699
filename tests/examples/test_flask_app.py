"""The example runs as its README says, and its guidance is shown in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, Route, expect
from tests.browser.chromium import PATIENCE_MS
from tests.examples.running import Example, ada_is_led_to_her_first_invoice

SHIFTS = """globalThis.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((one) => one.value)))
  .observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="module")
def example() -> Iterator[Example]:
    with Example("flask_app") as example:
        yield example


def celebrated(web: APIRequestContext, example: Example) -> None:
    """Grace has sent an invoice and has seen what she is told then."""
    web.post(f"{example.url}/sign-in/grace")
    web.post(example.page)
    decided = web.get(f"{example.url}/guidepath/v1/next?page=/invoices").json()
    assert decided["item"]["id"] == "well-done"
    for answer in ("item.shown", "item.dismissed"):
        said = {"eventId": answer, "decisionId": decided["decisionId"], "type": answer}
        assert web.post(f"{example.url}/guidepath/v1/feedback", data=said).ok


def place(tab: Page) -> object:
    """Where the item is, whether painted or drawn."""
    return tab.get_by_role("heading", name="Two more this month").bounding_box()


def test_ada_is_led_to_her_first_invoice_in_a_browser(browser: Browser, example: Example) -> None:
    ada_is_led_to_her_first_invoice(browser, example)


def test_a_banner_is_in_the_page_before_the_client_and_stays_where_it_is(
    browser: Browser, example: Example
) -> None:
    context = browser.new_context(viewport={"width": 900, "height": 600})
    context.set_default_timeout(PATIENCE_MS)
    celebrated(context.request, example)
    tab = context.new_page()
    tab.add_init_script(SHIFTS)
    asked: list[str] = []
    tab.on("request", lambda one: asked.append(f"{one.method} {one.url.rpartition('/')[2]}"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.route("**/guidepath.js", hold)
    tab.goto(example.page, wait_until="commit")
    expect(tab.get_by_role("dialog")).to_contain_text("Two more this month")
    before = place(tab)
    assert example.shown("grace", "keep-going") == 0

    with tab.expect_response("**/v1/feedback"):
        held[0].continue_()
    expect(tab.get_by_role("region")).to_contain_text("Two more this month")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    assert place(tab) == before
    assert tab.evaluate("shifts") == []
    assert example.shown("grace", "keep-going") == 1
    assert [one for one in asked if one.startswith(("GET next", "POST"))] == ["POST feedback"]
    context.close()
