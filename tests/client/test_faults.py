"""Networks, proxies, servers and browsers that do badly: nothing is lost, nothing stands still."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.client.host import (
    CONNECT,
    FRAMES,
    REFRESH,
    Host,
    action,
    banner,
    decision,
    page,
    shows,
    shows_nothing,
    step,
    untargeted,
)

# The browser's own deadline of a request, by the clock of the test.
DEADLINES = """AbortSignal.timeout = (ms) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException("too late", "TimeoutError")), ms);
  return controller.signal;
};"""
ITEM_CAME = "() => heard.some(([name]) => name === 'item')"


@pytest.fixture
def patient(context: BrowserContext) -> Page:
    """A page whose console may have errors of the network in it."""
    return context.new_page()


def closes(tab: Page) -> None:
    tab.get_by_role("button", name="Close").click()


def connects(host: Host, tab: Page) -> None:
    host.pages["/own"] = page(tags="")
    tab.goto("/own")
    tab.evaluate(CONNECT, {})
    tab.wait_for_function(ITEM_CAME)


def held_up(tab: Page, what: str) -> list[Route]:
    """The next such request is not answered."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.route(what, hold, times=1)
    return held


def once(status: int, body: str = "<h1>Not now</h1>") -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, body=body, content_type="text/html")


@pytest.mark.parametrize("status", [200, 404, 502])
def test_a_page_that_a_proxy_sends_is_no_answer_and_what_was_said_is_sent_again(
    host: Host, patient: Page, status: int
) -> None:
    """It may be one to sign in at, of a hotel, of a server that is just being put up."""
    host.play(banner("claim-1"), banner("claim-2", "second"))
    patient.goto("/contacts")
    host.hears("item.shown")
    patient.route("**/v1/feedback", once(status), times=2)
    closes(patient)
    shows_nothing(patient)
    patient.evaluate(FRAMES)
    patient.evaluate(REFRESH)
    shows(patient)
    host.hears_first("item.shown", "item.dismissed:close")


def test_a_server_that_never_answers_is_asked_again(host: Host, patient: Page) -> None:
    patient.clock.install()
    patient.add_init_script(DEADLINES)
    held = held_up(patient, "**/v1/next?*")
    with patient.expect_request("**/v1/next?*"):
        patient.goto("/contacts")
    host.play(banner())
    with patient.expect_event("requestfailed"):
        patient.clock.fast_forward("00:31")
    patient.evaluate(FRAMES)
    patient.clock.fast_forward("00:03")
    shows(patient)
    held[0].abort()


def test_feedback_that_is_never_answered_does_not_hold_up_the_next_question(
    host: Host, patient: Page
) -> None:
    patient.clock.install()
    patient.add_init_script(DEADLINES)
    host.play(banner("claim-1"), banner("claim-2", "second"))
    patient.goto("/contacts")
    host.hears("item.shown")
    held = held_up(patient, "**/v1/feedback")
    with patient.expect_request("**/v1/feedback"):
        closes(patient)
    with patient.expect_event("requestfailed"):
        patient.clock.fast_forward("00:31")
    shows(patient)
    host.hears_first("item.shown", "item.dismissed:close")
    held[0].abort()


def test_a_server_that_names_a_pause_is_left_alone_for_so_long(host: Host, patient: Page) -> None:
    patient.clock.install()
    pause = {"retry-after": "60"}
    patient.route("**/v1/next?*", lambda route: route.fulfill(status=429, headers=pause), times=1)
    with patient.expect_response("**/v1/next?*"):
        patient.goto("/contacts")
    for _ in range(3):
        patient.evaluate(FRAMES)
        patient.clock.fast_forward("00:19")
    assert host.asked["guidepath"] == []
    patient.clock.fast_forward("00:04")
    host.is_asked(1)


def test_who_is_signed_out_sees_her_item_no_more_and_signed_in_again_she_does(
    host: Host, patient: Page
) -> None:
    host.play(banner())
    patient.goto("/contacts")
    host.hears("item.shown")
    host.bearer = "a session that is not hers"
    patient.evaluate(REFRESH)
    shows_nothing(patient)
    host.bearer = None
    patient.evaluate(REFRESH)
    shows(patient)
    patient.evaluate(FRAMES)
    assert host.heard() == ["item.shown"]


def test_a_text_that_is_too_long_for_the_server_holds_up_nothing(host: Host, patient: Page) -> None:
    """No browser lets so much outlive its page, and says no more than that it failed."""
    host.play(decision(untargeted("survey")))
    connects(host, patient)
    host.feedback_status = 413
    patient.evaluate("void guide.answer('survey', { answers: { why: 'x'.repeat(70_000) } })")
    host.is_asked(2)
    assert len(host.posted) == 2


def test_a_host_that_says_what_is_no_feedback_is_told_so(host: Host, patient: Page) -> None:
    host.play(banner())
    connects(host, patient)
    why = json.dumps({"object": "error", "code": "malformed", "message": "no such feedback"})
    patient.route("**/v1/feedback", once(400, why))
    with patient.expect_console_message(lambda one: one.type == "warning") as said:
        patient.evaluate("void guide.respond('item.shwon')")
    assert "/v1/feedback: 400 no such feedback" in said.value.text


def test_a_tour_that_was_gone_through_offline_is_told_in_its_order(
    host: Host, patient: Page, context: BrowserContext
) -> None:
    done = {"primaryAction": action("Fine")}
    host.play(decision(step("a"), step("b"), step("c", **done), type="tour"))
    connects(host, patient)
    context.set_offline(True)
    with patient.expect_event("requestfailed"):
        patient.evaluate("void guide.answer('next')")
    for answer in ("'next'", "'back'", "'next'", "'next'"):
        patient.evaluate(f"void guide.answer({answer})")
    patient.wait_for_function("() => heard.some(([name]) => name === 'answered')")
    context.set_offline(False)
    host.until(lambda: host.heard()[-1:] == ["item.completed:done"], host.heard)
    assert [(one["type"], one["stepId"]) for one in host.feedback["guidepath"]] == [
        *[("item.shown", "a"), ("step.shown", "a"), ("step.completed", "a")],
        *[("step.shown", "b"), ("step.completed", "b"), ("step.shown", "c")],
        *[("step.completed", "b"), ("step.completed", "c"), ("item.completed", "c")],
    ]


def test_a_tab_that_was_frozen_takes_away_what_was_answered_in_another(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    tab.add_init_script(
        """document.addEventListener("guidepath:item", ({ detail }) =>
          (globalThis.claims ??= []).push(detail.decision.claim.token))"""
    )
    host.play(banner("claim-1"), banner("claim-2", "second"))
    tab.goto("/contacts")
    host.hears("item.shown")
    second = context.new_page()
    second.goto("/contacts")
    shows(second)
    devtools = context.new_cdp_session(tab)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    closes(second)
    host.hears("item.shown", "item.dismissed:close", "item.shown")
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    tab.wait_for_function("() => globalThis.claims?.at(-1) === 'claim-2'")
    tab.evaluate(FRAMES)
    assert [one["claim"] for one in host.feedback["guidepath"]] == ["claim-1", "claim-1", "claim-2"]


def test_an_address_that_changes_and_stays_the_same_changes_nothing(host: Host, tab: Page) -> None:
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    for change in ("pushState", "replaceState"):
        tab.evaluate(f"history.{change}({{}}, '', location.href)")
    tab.evaluate(FRAMES)
    host.is_asked(1)
    assert host.heard() == ["item.shown"]


def test_without_the_navigation_api_a_page_that_changes_only_a_text_is_seen(
    host: Host, tab: Page
) -> None:
    tab.add_init_script("Object.defineProperty(window, 'navigation', { value: undefined })")
    tab.goto("/contacts")
    host.is_asked(1)
    for times, redraw in ((2, "firstChild.data = 'A'"), (3, "title = 'B'")):
        tab.evaluate(f"history.pushState(null, '', '/{times}')")
        tab.evaluate(f"() => {{ document.querySelector('h1').{redraw} }}")
        host.is_asked(times)
    expect(tab.locator("h1")).to_have_text("A")
