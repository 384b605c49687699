import uuid
from datetime import datetime

from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.client.host import (
    CONNECT,
    FRAMES,
    REFRESH,
    Host,
    banner,
    decision,
    entries,
    page,
    silence,
    step,
    untargeted,
)

LAZY = {"drawing.js", "inspect.js", "guidepath.css", "firstpaint.css", "inspect.css"}


def test_feedback_says_what_became_of_which_item_and_when(host: Host, tab: Page) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    (shown,) = host.feedback["guidepath"]
    assert uuid.UUID(shown.pop("eventId")).version == 4
    assert datetime.fromisoformat(shown.pop("occurredAt")).tzinfo is not None
    assert shown == {
        "type": "item.shown",
        "decisionId": "dec_claim-1",
        "claim": "claim-1",
        "itemId": "import-contacts",
        "stepId": "one",
    }


def test_it_asks_with_the_place_the_language_and_the_device(host: Host, tab: Page) -> None:
    tab.set_viewport_size({"width": 400, "height": 700})
    tab.goto("/contacts?q=1#top")
    host.is_asked(1)
    assert host.asked["guidepath"] == [{"page": "/contacts", "locale": "en", "device": "mobile"}]


def test_what_the_host_says_outranks_what_the_browser_says(host: Host, tab: Page) -> None:
    tag = '<guide-path base="/guidepath" locale="de" page="/invoices"></guide-path>'
    host.pages["/contacts"] = page(tags=tag)
    tab.goto("/contacts")
    host.is_asked(1)
    assert host.asked["guidepath"] == [{"page": "/invoices", "locale": "de", "device": "desktop"}]


def test_an_action_is_reported_before_the_browser_goes(host: Host, tab: Page) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_role("button", name="Import", exact=True).click()
    tab.wait_for_url("**/contacts/import")
    host.hears_first("item.shown", "action.clicked", "item.dismissed:navigated")


def test_an_address_of_a_foreign_plain_http_host_is_not_followed(host: Host, tab: Page) -> None:
    action = {"label": "Go", "type": "complete", "url": "http://far.example/"}
    host.play(decision(untargeted("modal", primaryAction=action)))
    tab.goto("/contacts")
    tab.get_by_role("button", name="Go").click()
    host.hears("item.shown", "action.clicked", "item.completed:done")
    assert tab.url.endswith("/contacts")


def test_a_single_page_app_may_do_the_navigation_itself(host: Host, tab: Page) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    tab.evaluate(
        """() => document.addEventListener("guidepath:navigate", (event) => {
          event.preventDefault();
          history.pushState(null, "", event.detail.url);
        })"""
    )
    tab.get_by_role("button", name="Import", exact=True).click()
    host.is_asked(2)
    assert host.asked["guidepath"][1]["page"] == "/contacts/import"


def test_leaving_the_page_gives_the_claim_back(host: Host, tab: Page) -> None:
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.goto("/other")
    host.hears_first("item.shown", "item.dismissed:navigated")


def test_a_change_of_route_asks_again_and_a_change_of_query_keeps_the_item(
    host: Host, tab: Page
) -> None:
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    with tab.expect_response("**/v1/next?*"):
        tab.evaluate("history.pushState(null, '', '/contacts?page=2')")
    tab.evaluate(FRAMES)
    assert host.heard() == ["item.shown"]
    tab.evaluate("history.pushState(null, '', '/invoices')")
    host.is_asked(3)
    host.hears("item.shown", "item.dismissed:navigated")
    assert host.asked["guidepath"][2]["page"] == "/invoices"
    expect(tab.get_by_role("region")).to_be_visible()  # its claim goes on here, counted already


def test_a_route_in_the_hash_is_a_route(host: Host, tab: Page) -> None:
    tab.goto("/app#/contacts?x=1")
    host.is_asked(1)
    tab.evaluate("location.hash = '#/invoices'")
    host.is_asked(2)
    assert [one["page"] for one in host.asked["guidepath"]] == ["/contacts", "/invoices"]


def test_it_asks_again_when_the_server_said_it_is_worth_it(host: Host, tab: Page) -> None:
    tab.clock.install()
    host.play(silence("COOL_OFF", nextEvaluationAt="2026-01-01T00:10:00Z"))
    tab.add_init_script(
        "document.addEventListener('guidepath:silent', () => (globalThis.silent = true))"
    )
    tab.goto("/contacts")
    tab.wait_for_function("() => globalThis.silent")
    tab.clock.fast_forward("09:50")
    assert len(host.asked["guidepath"]) == 1
    tab.clock.fast_forward("00:15")
    host.is_asked(2)


def test_many_wishes_to_refresh_are_one_request_more(host: Host, tab: Page) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    tab.route("**/v1/next?*", hold)
    with tab.expect_request("**/v1/next?*"):
        tab.goto("/contacts")
    tab.evaluate(f"() => {{ for (let i = 0; i < 20; i += 1) {REFRESH} }}")
    tab.evaluate(FRAMES)
    assert len(waiting) == 1
    with tab.expect_request("**/v1/next?*"):
        waiting[0].continue_()
    tab.evaluate(FRAMES)
    waiting[1].continue_()
    tab.evaluate(FRAMES)
    assert len(waiting) == 2


def test_an_item_is_counted_once_over_redraws_and_tabs(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate(REFRESH)
    second = context.new_page()
    second.goto("/contacts")
    expect(second.get_by_role("region")).to_be_visible()
    host.is_asked(3)
    second.evaluate(FRAMES)
    second.get_by_role("button", name="Close").click()
    host.hears("item.shown", "item.dismissed:close")


def test_what_one_tab_answers_leaves_the_other(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    host.play(banner("claim-1"), banner("claim-2", "second"))
    tab.goto("/contacts")
    second = context.new_page()
    second.goto("/contacts")
    expect(second.get_by_role("region")).to_be_visible()
    host.hears("item.shown")
    tab.get_by_role("button", name="Close").click()
    host.hears("item.shown", "item.dismissed:close", "item.shown")
    for one in (tab, second):
        expect(one.get_by_role("region")).to_be_visible()
        one.evaluate(FRAMES)
    shown = [one["claim"] for one in host.feedback["guidepath"] if one["type"] == "item.shown"]
    assert shown == ["claim-1", "claim-2"]


def test_a_late_target_is_found_and_a_lost_one_waited_for(host: Host, tab: Page) -> None:
    host.pages["/contacts"] = page('<button id="import" class="late">Import</button>')
    host.play(decision(step(target={"selector": "#import", "waitMs": 4000, "onMissing": "skip"})))
    tab.goto("/contacts")
    host.is_asked(1)
    assert host.heard() == []
    tab.evaluate("document.querySelector('#import').className = ''")
    host.hears("item.shown")
    tab.evaluate("document.querySelector('#import').className = 'late'")
    expect(tab.locator(".tooltip")).to_have_count(0)
    tab.evaluate(
        "document.querySelector('#import').replaceWith(document.createElement('p'), "
        "Object.assign(document.createElement('button'), {id: 'import', textContent: 'Again'}))"
    )
    expect(tab.locator(".tooltip")).to_be_visible()
    assert host.heard() == ["item.shown"]


def test_a_tour_is_followed_step_by_step(host: Host, tab: Page) -> None:
    host.play(
        decision(
            step("a", title="First", primaryAction=None, advanceOn="#import"),
            step("b", title="Second", primaryAction=None),
            type="tour",
        )
    )
    tab.goto("/contacts")
    expect(tab.get_by_text("1 of 2")).to_be_visible()
    host.hears("item.shown", "step.shown")
    tab.get_by_role("button", name="Next").click()
    tab.get_by_role("button", name="Back").click()
    tab.locator("#import").click()
    expect(tab.get_by_text("2 of 2")).to_be_visible()
    tab.get_by_role("button", name="Done").click()
    host.until(lambda: host.heard()[-1:] == ["item.completed:done"], host.heard)
    assert host.heard().count("item.shown") == 1
    assert [
        one["stepId"] for one in host.feedback["guidepath"] if one["type"] == "step.completed"
    ] == [
        "a",
        "a",
        "b",
    ]


def test_an_entry_of_a_checklist_leads_to_its_place(host: Host, tab: Page) -> None:
    one = untargeted("checklist", title="Get started", primaryAction=None)
    host.play(decision(one, items=entries(1)))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_role("button", name="Open").last.click()
    tab.wait_for_url("**/go/2")
    host.hears_first("item.shown", "action.clicked", "item.dismissed:navigated")
    assert host.feedback["guidepath"][1]["stepId"] == "entry-2"


def test_a_server_that_is_down_is_one_quiet_warning(host: Host, tab: Page) -> None:
    warnings: list[str] = []
    tab.on("console", lambda said: warnings.append(said.text) if said.type == "warning" else None)
    host.down = True
    tab.clock.install()
    with tab.expect_response("**/v1/next?*"):
        tab.goto("/contacts")
    for _ in range(2):
        tab.evaluate(FRAMES)
        with tab.expect_response("**/v1/next?*"):
            tab.clock.fast_forward("00:09")
    tab.evaluate(FRAMES)
    host.down = False
    host.play(banner())
    tab.clock.fast_forward("00:20")
    expect(tab.get_by_role("region")).to_be_visible()
    assert len(warnings) == 1
    assert "guidepath is quiet" in warnings[0]


def test_feedback_that_could_not_be_sent_goes_before_the_next_question(
    host: Host, tab: Page
) -> None:
    host.play(banner("claim-1"), banner("claim-2", "second"))
    tab.goto("/contacts")
    host.hears("item.shown")
    host.down = True
    with tab.expect_response("**/v1/feedback"):
        tab.get_by_role("button", name="Close").click()
    expect(tab.get_by_role("region")).to_have_count(0)
    host.down = False
    tab.evaluate(REFRESH)
    host.hears("item.shown", "item.dismissed:close", "item.shown")


def test_a_strange_answer_of_the_server_does_not_break_the_page(host: Host, tab: Page) -> None:
    host.play({"object": "decision", "item": {"id": 7, "type": "hologram"}, "locale": 5})
    tab.goto("/contacts")
    host.is_asked(1)
    tab.evaluate(REFRESH)
    host.is_asked(2)


def test_headless_a_host_draws_for_itself(host: Host, tab: Page) -> None:
    host.pages["/own"] = page(tags="")
    host.play(decision(step()))
    tab.goto("/own")
    tab.evaluate(CONNECT, {"page": "/there", "device": "kiosk", "locale": "de"})
    host.is_asked(1)
    assert host.asked["guidepath"] == [{"page": "/there", "locale": "de", "device": "kiosk"}]
    tab.wait_for_function("() => heard.length === 1")
    assert host.heard() == []
    tab.evaluate("guide.respond('item.shown')")
    tab.evaluate("guide.respond('item.snoozed', {snooze: 'P1D'})")
    host.hears("item.shown", "item.snoozed:api")
    tab.wait_for_function("() => heard.length === 5")
    assert tab.evaluate("heard") == [
        ["item", "one"],
        ["shown", "one"],
        ["gone", None],
        ["answered", "item.snoozed"],
        ["silent", "RULE"],
    ]
    assert tab.evaluate("document.querySelectorAll('guide-path-surface').length") == 0


def test_next_gives_the_decision_and_progress_the_milestones(host: Host, tab: Page) -> None:
    host.pages["/own"] = page(tags="")
    host.play(silence("BUDGET"))
    tab.goto("/own")
    tab.evaluate(CONNECT, {})
    assert tab.evaluate("guide.next().then((decision) => decision.reason.code)") == "BUDGET"
    assert tab.evaluate("guide.progress().then((progress) => progress.object)") == "progress"


def test_a_closed_connection_gives_its_claim_back_and_asks_no_more(host: Host, tab: Page) -> None:
    host.play(banner())
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate("document.querySelector('guide-path').remove()")
    host.hears("item.shown", "item.dismissed:navigated")
    tab.evaluate(REFRESH)
    tab.evaluate("history.pushState(null, '', '/x')")
    tab.evaluate(FRAMES)
    assert len(host.asked["guidepath"]) == 1


def test_two_elements_with_different_bases_do_not_touch(host: Host, tab: Page) -> None:
    tags = '<guide-path base="/guidepath"></guide-path><guide-path base="/other"></guide-path>'
    host.pages["/two"] = page('<button id="import">Import</button>', tags=tags)
    host.play(banner("claim-1"))
    host.play(decision(step(), claim="claim-9"), base="other")
    tab.goto("/two")
    host.hears("item.shown")
    host.hears("item.shown", base="other")
    tab.get_by_role("region").get_by_role("button", name="Close").click()
    host.hears("item.shown", "item.dismissed:close")
    expect(tab.locator(".tooltip")).to_be_visible()
    assert host.heard("other") == ["item.shown"]


def test_the_element_tells_the_page_what_happens(host: Host, tab: Page) -> None:
    tab.add_init_script(
        """globalThis.said = [];
        for (const name of ["item", "shown", "answered", "silent"])
          document.addEventListener(`guidepath:${name}`, ({ detail }) =>
            said.push([name, detail.item?.id ?? detail.code ?? detail.endReason]));"""
    )
    host.play(banner())
    tab.goto("/contacts")
    tab.get_by_role("button", name="Close").click()
    tab.wait_for_function("() => said.length === 4")
    assert tab.evaluate("said") == [
        ["item", "import-contacts"],
        ["shown", "import-contacts"],
        ["answered", "close"],
        ["silent", "RULE"],
    ]


def test_a_path_with_signs_of_a_query_is_sent_as_a_path(host: Host, tab: Page) -> None:
    tab.goto("/a%20b&locale=xx")
    host.is_asked(1)
    assert host.asked["guidepath"][0]["page"] == "/a%20b&locale=xx"
    assert host.asked["guidepath"][0]["locale"] == "en"


def test_an_answer_that_comes_too_late_takes_the_item_away(host: Host, tab: Page) -> None:
    host.play(lambda _: banner() if len(host.asked["guidepath"]) == 1 else silence())
    refused = '{"object": "feedback", "accepted": false}'
    tab.route("**/v1/feedback", lambda route: route.fulfill(status=202, body=refused))
    with tab.expect_response("**/v1/feedback"):
        tab.goto("/contacts")
    expect(tab.get_by_role("region")).to_have_count(0)


def test_a_tab_follows_the_claim_that_another_tab_got(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    host.play(silence())
    tab.goto("/contacts")
    host.is_asked(1)
    host.play(banner())
    second = context.new_page()
    second.goto("/contacts")
    expect(tab.get_by_role("region")).to_be_visible()
    host.hears("item.shown")


def test_nothing_that_draws_is_loaded_before_there_is_an_item(host: Host, tab: Page) -> None:
    loaded: list[str] = []
    tab.on("request", lambda request: loaded.append(request.url.rsplit("/", 1)[-1]))
    tab.goto("/contacts")
    host.is_asked(1)
    tab.evaluate(FRAMES)
    assert [name for name in loaded if name in LAZY] == []
    host.play(banner())
    tab.evaluate(REFRESH)
    expect(tab.get_by_role("region")).to_be_visible()
    assert {"drawing.js", "guidepath.css"} == set(loaded) & LAZY


def test_what_could_not_be_loaded_is_loaded_the_next_time(
    host: Host, context: BrowserContext
) -> None:
    tab = context.new_page()
    tab.clock.install()
    tab.route("**/guidepath.css", lambda route: route.abort(), times=1)
    host.play(banner())
    with tab.expect_event("requestfailed"):
        tab.goto("/contacts")
    tab.evaluate(FRAMES)
    tab.clock.fast_forward("00:03")
    expect(tab.get_by_role("region")).to_be_visible()
    host.hears("item.shown")


def test_who_looks_into_it_hears_what_was_done(host: Host, tab: Page) -> None:
    host.pages["/own"] = page('<button id="import">Import</button>', tags="")
    absent = step("b", target={"selector": "#nowhere", "waitMs": 50, "onMissing": "skip"})
    host.play(decision(step("a", primaryAction=None), absent, type="tour"))
    tab.goto("/own")
    tab.evaluate(
        """async () => {
          const { connect } = await import("/guidepath/client/guidepath.js");
          const surface = () => ({ draw: () => document.querySelector("#import"), remove() {} });
          globalThis.guide = connect({ base: "/guidepath", surface });
          globalThis.trace = [];
          guide.on("trace", (entry) => trace.push(entry));
        }"""
    )
    host.hears("item.shown", "step.shown")
    tab.evaluate("guide.answer('next')")
    host.until(lambda: host.heard()[-1] == "target.missing", host.heard)
    tab.wait_for_function("() => trace.length === 11")
    host.down = True
    tab.evaluate("guide.next()")
    tab.evaluate("guide.close()")
    assert [one["what"] for one in tab.evaluate("trace")] == [
        *["asked", "decided", "waiting", "found", "placed", "shown"],
        *["waiting", "missing", "answered", "asked", "decided", "asked", "failed", "closed"],
    ]
    details = {one["what"]: one["detail"] for one in tab.evaluate("trace")[:9]}
    assert details["asked"] == {"page": "/own", "locale": "en", "device": "desktop"}
    assert details["decided"]["item"] == "import-contacts"
    assert details["missing"]["selector"] == "#nowhere"
    assert details["missing"]["reason"] == "timeout"
    assert details["answered"]["type"] == "target.missing"


def test_a_page_may_say_what_a_selector_means(host: Host, tab: Page) -> None:
    host.play(decision(step(target={"selector": "MENU", "waitMs": 100, "onMissing": "skip"})))
    tab.add_init_script(
        """document.addEventListener("DOMContentLoaded", () => {
          const menu = () => document.querySelector("#import");
          document.querySelector("guide-path").targets = { MENU: menu };
        });"""
    )
    tab.goto("/contacts")
    expect(tab.locator(".tooltip")).to_be_visible()


def test_the_page_of_a_router_is_asked_for_when_it_knows_it(host: Host, tab: Page) -> None:
    host.pages["/own"] = page(tags="")
    tab.goto("/own")
    tab.evaluate(
        """async () => {
          const { connect } = await import("/guidepath/client/guidepath.js");
          globalThis.router = { path: "/a" };
          const guide = connect({ base: "/guidepath", page: () => router.path });
          await new Promise((done) => guide.on("silent", done));
        }"""
    )
    tab.evaluate("() => { history.pushState(null, '', '/x'); router.path = '/b'; }")
    host.is_asked(2)
    assert [one["page"] for one in host.asked["guidepath"]] == ["/a", "/b"]


def test_a_launcher_is_there_where_the_page_wants_it(host: Host, tab: Page) -> None:
    host.pages["*"] = page(tags='<guide-path base="/guidepath" launcher></guide-path>')
    tab.goto("/contacts")
    expect(tab.locator(".launcher")).to_be_visible()
    tab.evaluate("document.querySelector('guide-path').removeAttribute('launcher')")
    expect(tab.locator(".launcher")).to_have_count(0)


def test_an_address_cannot_open_the_inspector_for_somebody_who_may_not(
    host: Host, context: BrowserContext
) -> None:
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda one: said.append(one.text) if one.type == "info" else None)
    host.play(banner())
    tab.goto("/contacts?guidepath=inspect")
    host.hears("item.shown")
    tab.evaluate(FRAMES)
    assert said == ["guidepath: there is no inspector here for you."]
    expect(tab.locator("guide-path-inspector")).to_have_count(0)


def test_a_drawing_that_was_overtaken_is_not_counted(host: Host, tab: Page) -> None:
    host.pages["/own"] = page('<button id="import">Import</button>', tags="")
    host.play(banner())
    tab.goto("/own")
    tab.evaluate(
        """async () => {
          const { connect } = await import("/guidepath/client/guidepath.js");
          globalThis.finish = [];
          const draw = () => new Promise((resolve) => finish.push(resolve));
          const surface = () => ({ draw, remove() {} });
          globalThis.guide = connect({ base: "/guidepath", surface });
          await new Promise((done) => guide.on("item", done));
        }"""
    )
    host.play(banner("claim-2", "second"))
    tab.evaluate("guide.next()")
    tab.evaluate("finish[0](document.querySelector('#import'))")
    for _ in range(3):
        tab.evaluate(FRAMES)
    assert host.heard() == ["item.dismissed:replaced"]
    tab.evaluate("finish[1](document.querySelector('#import'))")
    host.hears("item.dismissed:replaced", "item.shown")
