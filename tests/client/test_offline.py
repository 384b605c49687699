"""Feedback that gets through: over lost connections, reloads, refusals, and to other origins."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request
from tests.client.host import (
    CONNECT,
    FRAMES,
    JSON,
    REFRESH,
    Host,
    banner,
    decision,
    page,
    shows,
    shows_nothing,
    silence,
    untargeted,
)

STORED = """() => [localStorage, sessionStorage].map((store) =>
  Object.keys(store).filter((key) => key.startsWith("guidepath:"))
    .map((key) => JSON.parse(store.getItem(key)).type))"""
REFUSED = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError") } });
}"""
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') };"


def closes(tab: Page) -> None:
    tab.get_by_role("button", name="Close").click()


def connects(host: Host, tab: Page, **options: object) -> None:
    host.pages["/own"] = page(tags="")
    tab.goto("/own")
    tab.evaluate(CONNECT, options)


def keep(tab: Page, host: Host, **message: object) -> None:
    """A message that an earlier page could not send."""
    host.pages["/empty"] = "<!doctype html><title>Empty</title>"
    tab.goto("/empty")
    kept = {"eventId": "e-1", "occurredAt": datetime.now(UTC).isoformat(), "type": "item.dismissed"}
    body = json.dumps(
        kept | {"claim": "claim-1", "decisionId": "d", "endReason": "close"} | message
    )
    tab.evaluate("([key, body]) => localStorage.setItem(key, body)", [key(host, kept), body])


def key(host: Host, message: dict[str, Any]) -> str:
    return f"guidepath:{host.url}/guidepath/ {message['eventId']}"


@pytest.fixture
def patient(context: BrowserContext) -> Page:
    """A page whose console may have errors of the network in it."""
    return context.new_page()


def test_a_page_that_is_online_again_asks_at_once(
    host: Host, patient: Page, context: BrowserContext
) -> None:
    patient.goto("/contacts")
    host.is_asked(1)
    context.set_offline(True)
    for _ in range(6):  # after so many failures it would wait for more than a minute
        with patient.expect_event("requestfailed"):
            patient.evaluate(REFRESH)
        patient.evaluate(FRAMES)
    host.play(banner())
    context.set_offline(False)
    shows(patient)


def test_an_answer_that_was_given_offline_gets_there_once_with_the_id_it_had(
    host: Host, patient: Page, context: BrowserContext
) -> None:
    host.play(banner())
    patient.goto("/contacts")
    host.hears("item.shown")
    sent: list[str] = []
    patient.on("request", lambda request: sent.append(request.post_data or ""))
    context.set_offline(True)
    with patient.expect_event("requestfailed"):
        closes(patient)
    shows_nothing(patient)
    context.set_offline(False)
    host.hears("item.shown", "item.dismissed:close")
    ids = {json.loads(body)["eventId"] for body in sent if "item.dismissed" in body}
    assert ids == {host.feedback["guidepath"][1]["eventId"]}


def test_an_answer_that_got_there_without_a_word_back_is_sent_again_and_counted_once(
    host: Host, patient: Page
) -> None:
    host.play(banner())
    patient.goto("/contacts")
    host.hears("item.shown")

    host.mute = True
    closes(patient)
    host.until(lambda: len(host.posted) >= 2, lambda: host.posted)
    host.mute = False
    patient.evaluate(FRAMES)
    patient.evaluate(REFRESH)
    host.until(lambda: len(host.posted) >= 3, lambda: host.posted)
    assert len(set(host.posted[1:])) == 1
    assert host.heard() == ["item.shown", "item.dismissed:close"]
    patient.wait_for_function(f"() => ({STORED})().flat().length === 0")


def test_an_answer_outlives_its_tab(host: Host, patient: Page, context: BrowserContext) -> None:
    host.play(banner())
    patient.goto("/contacts")
    host.hears("item.shown")
    host.feedback_status = 503
    closes(patient)
    shows_nothing(patient)
    patient.close()
    host.feedback_status = 202
    later = context.new_page()
    later.goto("/contacts")
    host.hears("item.shown", "item.dismissed:close")
    later.evaluate(FRAMES)
    shows_nothing(later)
    assert later.evaluate(STORED) == [[], []]


def test_what_is_kept_goes_in_the_order_in_which_it_happened(host: Host, patient: Page) -> None:
    patient.add_init_script("Date.now = () => 1.8e12")  # all of it in one millisecond
    host.pages["/empty"] = "<!doctype html><title>Empty</title>"
    connects(host, patient)
    host.play(banner())
    patient.evaluate("guide.next()")
    patient.wait_for_function("() => heard.some(([name]) => name === 'item')")
    host.feedback_status = 503
    steps = [f"s{index}" for index in range(8)]
    click = "void guide.respond('action.clicked', { stepId })"
    patient.evaluate(f"(steps) => {{ for (const stepId of steps) {click} }}", steps)
    patient.goto("/empty")
    host.until(lambda: len(set(host.posted)) == 9, lambda: host.posted)
    host.feedback_status = 202
    connects(host, patient)
    host.until(lambda: len(host.heard()) == 9, host.heard)
    assert [one["stepId"] for one in host.feedback["guidepath"]] == [*steps, "one"]


def complete() -> JSON:
    return {"label": "Fine", "type": "complete", "url": None, "stepId": None}


def test_what_a_person_wrote_is_kept_in_her_tab_only_and_until_it_is_sent(
    host: Host, patient: Page
) -> None:
    connects(host, patient)
    host.play(decision(untargeted("survey")))
    patient.evaluate("guide.next()")
    patient.wait_for_function("() => heard.some(([name]) => name === 'item')")
    host.feedback_status = 503
    patient.evaluate("void guide.answer('survey', { answers: { why: 'a secret' } })")
    patient.wait_for_function(f"() => ({STORED})()[1].length === 1")
    assert patient.evaluate(STORED) == [["item.shown"], ["survey.answered"]]
    assert "secret" not in patient.evaluate("JSON.stringify({ ...localStorage })")
    host.feedback_status = 202
    patient.evaluate(REFRESH)
    host.hears("item.shown", "survey.answered")
    assert host.feedback["guidepath"][1]["answers"] == {"why": "a secret"}
    patient.wait_for_function(f"() => ({STORED})().flat().length === 0")


def test_what_is_older_than_a_day_or_is_none_is_thrown_away(host: Host, tab: Page) -> None:
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    keep(tab, host, occurredAt=yesterday)
    tab.evaluate(f"localStorage.setItem('{key(host, {'eventId': 'x'})}', '{{')")
    tab.evaluate("localStorage.setItem('mine', 'stays')")
    tab.goto("/contacts")
    host.is_asked(1)
    assert host.posted == []
    assert tab.evaluate("Object.keys(localStorage)") == ["mine"]


def test_no_more_than_fifty_messages_are_kept_the_newest(host: Host, patient: Page) -> None:
    connects(host, patient)
    host.play(decision(untargeted("banner")))
    patient.evaluate("guide.next()")
    patient.wait_for_function("() => heard.some(([name]) => name === 'item')")
    host.feedback_status = 503
    click = "guide.respond('action.clicked', { stepId: 's' + i })"
    patient.evaluate(f"() => {{ for (let i = 0; i < 60; i += 1) void {click} }}")
    patient.wait_for_function(f"() => ({STORED})()[0].length === 50")
    assert len(host.posted) < 5
    host.feedback_status = 202
    patient.evaluate(REFRESH)
    host.until(lambda: len(host.feedback["guidepath"]) == 50, host.heard)
    assert [one["stepId"] for one in host.feedback["guidepath"]] == [f"s{i}" for i in range(10, 60)]


def test_what_another_base_keeps_is_left_alone(host: Host, tab: Page) -> None:
    keep(tab, host)
    host.pages["/other"] = page(tags='<guide-path base="/other"></guide-path>')
    tab.goto("/other")
    host.is_asked(1, base="other")
    assert host.posted == []
    assert len(tab.evaluate(STORED)[0]) == 1


@pytest.mark.parametrize("storage", [REFUSED, FULL], ids=["refused", "full"])
def test_a_browser_without_storage_keeps_it_for_the_page(
    host: Host, patient: Page, storage: str
) -> None:
    patient.add_init_script(storage)
    host.play(banner("claim-1"), banner("claim-2", "second"))
    patient.goto("/contacts")
    host.hears("item.shown")
    host.feedback_status = 503
    closes(patient)
    shows_nothing(patient)
    host.feedback_status = 202
    patient.evaluate(REFRESH)
    host.hears("item.shown", "item.dismissed:close", "item.shown")


def test_a_browser_that_cannot_fetch_while_it_leaves_sends_a_beacon(host: Host, tab: Page) -> None:
    """Such a one forgets requests at unload, and one has a limit for those that may outlive it."""
    host.pages["*"] = page('<a id="link" href="/empty">Away</a>', tags="")
    host.pages["/empty"] = "<!doctype html><title>Away</title>"
    host.play(banner())
    tab.goto("/own")
    tab.evaluate(
        """async () => {
          const { connect } = await import("/guidepath/client/guidepath.js");
          const fails = (...call) => call[1].keepalive ? Promise.reject(Error()) : fetch(...call);
          const guide = connect({ base: "/guidepath", fetch: fails });
          await new Promise((done) => guide.on("item", done));
        }"""
    )
    tab.locator("#link").click()
    host.hears("item.dismissed:navigated")


def test_a_message_that_breaks_the_server_does_not_hold_up_the_rest_for_ever(
    host: Host, patient: Page
) -> None:
    patient.clock.install()
    keep(patient, host)
    host.feedback_status = 500
    host.play(silence("BUDGET"))
    sent: list[Request] = []
    answered: list[Request] = []
    patient.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    patient.on("requestfinished", lambda one: answered.append(one) if one in sent else None)
    patient.goto("/contacts")
    for _ in range(1_000):  # time that passes before a busy machine answers ends the request
        patient.evaluate(FRAMES)
        if host.asked["guidepath"]:
            break
        if len(answered) == len(sent):
            patient.clock.fast_forward("05:01")
    host.is_asked(1)
    assert len(host.posted) == 10


def test_a_server_that_wants_it_slower_gets_it_later(host: Host, patient: Page) -> None:
    host.play(banner())
    host.feedback_status = 429
    patient.goto("/contacts")
    shows(patient)
    host.until(lambda: len(host.posted) >= 2, lambda: host.posted)
    host.feedback_status = 202
    patient.evaluate(REFRESH)
    host.hears("item.shown")


def test_a_decision_of_somebody_else_is_taken_away(host: Host, patient: Page) -> None:
    host.play(lambda _: banner() if len(host.asked["guidepath"]) == 1 else silence())
    host.feedback_status = 403
    patient.goto("/contacts")
    asked = host.asked["guidepath"]
    host.until(lambda: len(asked) >= 2, lambda: len(asked))  # for each that is refused
    shows_nothing(patient)
    patient.wait_for_function(f"() => ({STORED})().flat().length === 0")


def test_a_token_is_sent_and_renewed_once_when_it_is_refused(host: Host, patient: Page) -> None:
    host.bearer = "Bearer two"
    host.play(banner())
    host.pages["/own"] = page(tags="<guide-path base='/guidepath'></guide-path>")
    patient.add_init_script(
        """new MutationObserver((_, observer) => {
          const element = document.querySelector("guide-path");
          if (!element) return;
          observer.disconnect();
          const given = ["one", "two", "three"];
          element.token = async () => given.shift();  // before the client's file is there
        }).observe(document, { childList: true, subtree: true });"""
    )
    patient.goto("/own")
    host.hears("item.shown")
    assert host.bore == ["Bearer one", "Bearer two", "Bearer two"]


def test_who_is_refused_is_quiet_until_something_changes(host: Host, patient: Page) -> None:
    warnings: list[str] = []
    patient.on(
        "console", lambda said: warnings.append(said.text) if said.type == "warning" else None
    )
    patient.clock.install()
    host.bearer = "Bearer never"
    connects(host, patient, token="mine")
    host.is_asked(1)
    patient.evaluate(FRAMES)
    patient.clock.fast_forward("02:00:00")
    assert len(host.asked["guidepath"]) == 1
    assert len(warnings) == 1
    host.bearer = "Bearer mine"
    patient.evaluate(REFRESH)
    patient.wait_for_function("() => heard.length === 1")


def test_the_headers_of_the_host_go_along_and_another_origin_gets_no_cookies(
    host: Host, tab: Page
) -> None:
    host.pages["/own"] = page(tags="")
    tab.goto("/own")
    asked = tab.evaluate(
        """async () => {
          const { connect } = await import("/guidepath/client/guidepath.js");
          const asked = [];
          const fetch = (url, init) => {
            asked.push([init.credentials, init.headers]);
            return new Promise(() => {});
          };
          const headers = () => ({ "x-tenant": "acme" });
          for (const more of [{ token: "t" }, { headers }, { credentials: "include" }]) {
            connect({ base: "/guidepath", fetch, ...more });
          }
          await new Promise((done) => setTimeout(done));
          return asked;
        }"""
    )
    assert asked == [
        ["omit", {"authorization": "Bearer t"}],
        ["same-origin", {"x-tenant": "acme"}],
        ["include", {}],
    ]


def test_a_decision_that_the_page_brought_needs_no_first_question(host: Host, tab: Page) -> None:
    connects(host, tab, first=banner())
    tab.wait_for_function("() => heard.length === 1")
    assert tab.evaluate("heard") == [["item", "one"]]
    assert host.asked["guidepath"] == []
    host.play(silence())
    tab.evaluate(REFRESH)
    host.is_asked(1)


def test_a_decision_that_the_page_brought_is_too_old_where_an_answer_waits(
    host: Host, tab: Page
) -> None:
    keep(tab, host)
    connects(host, tab, first=banner())
    host.is_asked(1)
    assert host.heard() == ["item.dismissed:close"]
    tab.wait_for_function("() => heard.length === 1")
    assert tab.evaluate("heard") == [["silent", "RULE"]]


def test_without_https_feedback_has_ids_all_the_same(host: Host, tab: Page) -> None:
    tab.add_init_script("crypto.randomUUID = undefined")
    host.play(banner())
    tab.goto("/contacts")
    closes(tab)
    host.hears("item.shown", "item.dismissed:close")
    assert len(set(host.posted)) == 2


def test_what_waits_behind_another_message_leaves_with_the_page(host: Host, tab: Page) -> None:
    """The first answer is slow; the person is gone before it comes."""
    host.pages["/empty"] = "<!doctype html><title>Away</title>"
    host.play(decision(untargeted("modal", primaryAction=complete())))
    tab.goto("/contacts")
    host.hears("item.shown")
    host.slow.clear()
    tab.get_by_role("button", name="Fine").click()
    host.until(lambda: len(host.posted) == 2, lambda: host.posted)
    tab.goto("/empty")
    host.until(lambda: len(set(host.posted)) == 3, lambda: host.posted)
    host.slow.set()
    host.until(lambda: len(host.heard()) == 3, host.heard)
    assert sorted(host.heard()) == ["action.clicked", "item.completed:done", "item.shown"]
