"""Tours in a browser: over pages, reloads and routes, with branches, and where targets fail."""

from collections.abc import Sequence

from playwright.sync_api import BrowserContext, Page, expect
from tests.client.host import (
    CONNECT,
    FRAMES,
    JSON,
    REFRESH,
    Host,
    action,
    decision,
    page,
    silence,
    step,
)

LINKS = """<button id="import">Import</button> <a id="link" href="/invoices">Invoices</a>
  <button id="route">Route</button>"""
PUSH = "(path) => history.pushState(null, '', path)"


class Tour:
    """What the server does with a tour: it goes on at the step that the answers lead to."""

    def __init__(self, host: Host, steps: Sequence[tuple[str | None, JSON]]) -> None:
        self.host = host
        self.pages = {one["id"]: path for path, one in steps}
        self.steps = [one for _, one in steps]

    def __call__(self, query: dict[str, str]) -> JSON:
        here = [self._fits(one, query["page"]) for one in self.steps]
        current = self.current()
        if not here[current]:
            return silence("NOT_HERE")
        steps = [one | {"here": fits} for one, fits in zip(self.steps, here, strict=True)]
        decided = decision(*steps, type="tour")
        decided["item"]["state"]["currentStepId"] = self.steps[current]["id"]
        return decided

    def _fits(self, one: JSON, page: str) -> bool:
        return self.pages[one["id"]] in (None, page)

    def current(self) -> int:
        names = list(self.pages)
        at = 0
        for message in self.host.feedback["guidepath"]:
            if message["type"] == "step.completed":
                at = min(names.index(message["stepId"]) + 1, len(names) - 1)
            elif message["type"] == "step.shown" or message.get("endReason") == "navigated":
                at = names.index(message["stepId"])
        return at


def one(name: str, **more: object) -> JSON:
    return step(name, title=f"Step {name}", primaryAction=None, **more)


def plays(host: Host, *steps: tuple[str | None, JSON]) -> None:
    host.pages["*"] = page(LINKS)
    host.play(Tour(host, steps))


def stands_at(tab: Page, name: str) -> None:
    expect(tab.get_by_role("heading", name=f"Step {name}")).to_be_visible()


def draws_nothing(tab: Page) -> None:
    tab.evaluate(FRAMES)
    expect(tab.locator("guide-path-surface")).to_have_count(0)


def steps_of(host: Host, kind: str) -> list[str]:
    return [told["stepId"] for told in host.feedback["guidepath"] if told["type"] == kind]


def ends_with(host: Host, *expected: str) -> None:
    host.until(lambda: host.heard()[-len(expected) :] == list(expected), host.heard)


def press(tab: Page, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def test_an_action_leads_to_the_next_page_and_the_tour_goes_on_there(host: Host, tab: Page) -> None:
    first = one("a") | {"primaryAction": action("Go on", url="/invoices")}
    plays(host, ("/contacts", first), ("/invoices", one("b")))
    tab.goto("/contacts")
    host.hears("item.shown", "step.shown")
    press(tab, "Go on")
    tab.wait_for_url("**/invoices")
    stands_at(tab, "b")
    expect(tab.get_by_text("2 of 2")).to_be_visible()
    press(tab, "Done")
    ends_with(host, "step.completed", "item.completed:done")
    assert steps_of(host, "step.completed") == ["a", "b"]


def test_a_next_step_on_another_page_draws_nothing_until_that_page_is_there(
    host: Host, tab: Page
) -> None:
    plays(host, ("/contacts", one("a")), ("/invoices", one("b")))
    tab.goto("/contacts")
    host.hears("item.shown", "step.shown")
    press(tab, "Next")
    ends_with(host, "step.completed", "item.dismissed:navigated")
    assert host.feedback["guidepath"][-1]["stepId"] == "b"
    draws_nothing(tab)
    asked = len(host.asked["guidepath"])
    tab.locator("#link").click()
    stands_at(tab, "b")
    assert len(host.asked["guidepath"]) == asked + 1


def test_a_route_change_brings_the_tour_to_its_step(host: Host, tab: Page) -> None:
    plays(host, ("/contacts", one("a")), ("/invoices", one("b")))
    tab.goto("/contacts")
    press(tab, "Next")
    draws_nothing(tab)
    tab.evaluate(PUSH, "/invoices")
    stands_at(tab, "b")


def test_a_route_change_in_the_middle_of_a_step_takes_it_away_and_back_brings_it(
    host: Host, tab: Page
) -> None:
    plays(host, ("/contacts", one("a")), ("/contacts", one("b")))
    tab.goto("/contacts")
    press(tab, "Next")
    stands_at(tab, "b")
    tab.evaluate(PUSH, "/elsewhere")
    draws_nothing(tab)
    tab.evaluate("history.back()")
    stands_at(tab, "b")
    assert host.heard().count("item.shown") == 1


def test_a_reload_in_the_middle_of_a_tour_is_the_same_step(host: Host, tab: Page) -> None:
    plays(host, (None, one("a")), (None, one("b")), (None, one("c")))
    tab.goto("/contacts")
    press(tab, "Next")
    stands_at(tab, "b")
    tab.reload()
    stands_at(tab, "b")
    expect(tab.get_by_text("2 of 3")).to_be_visible()


def test_a_page_that_is_left_right_after_next_comes_back_at_the_next_step(
    host: Host, tab: Page
) -> None:
    """The answer is cut off with the page; the new one sends it before it asks."""
    host.pages["/empty"] = "<!doctype html><title>Empty</title>"
    plays(host, (None, one("a")), (None, one("b")), (None, one("c")))
    tab.goto("/contacts")
    host.hears("item.shown", "step.shown")
    host.feedback_status = 503
    press(tab, "Next")
    stands_at(tab, "b")
    tab.goto("/empty")
    host.feedback_status = 202
    tab.goto("/contacts")
    stands_at(tab, "b")
    assert steps_of(host, "step.completed") == ["a"]


def test_after_a_reload_back_leads_to_the_step_before(host: Host, tab: Page) -> None:
    plays(host, (None, one("a")), (None, one("b")))
    tab.goto("/contacts")
    press(tab, "Next")
    stands_at(tab, "b")
    tab.reload()
    stands_at(tab, "b")
    press(tab, "Back")
    stands_at(tab, "a")


def test_there_is_no_way_back_to_a_step_of_another_page(host: Host, tab: Page) -> None:
    plays(host, ("/contacts", one("a")), ("/invoices", one("b")), (None, one("c")))
    tab.goto("/contacts")
    press(tab, "Next")
    draws_nothing(tab)
    tab.evaluate(PUSH, "/invoices")
    stands_at(tab, "b")
    expect(tab.get_by_role("button", name="Back")).to_have_count(0)
    press(tab, "Next")
    stands_at(tab, "c")
    press(tab, "Back")
    stands_at(tab, "b")


def test_the_browsers_back_button_does_not_repeat_a_step(host: Host, tab: Page) -> None:
    plays(host, ("/contacts", one("a")), ("/invoices", one("b")))
    tab.goto("/contacts")
    press(tab, "Next")
    draws_nothing(tab)
    tab.locator("#link").click()
    stands_at(tab, "b")
    tab.go_back()
    draws_nothing(tab)
    tab.go_forward()
    stands_at(tab, "b")


def test_a_branch_goes_on_at_its_step_and_back_takes_the_way_that_was_taken(
    host: Host, tab: Page
) -> None:
    fork = one("a") | {
        "primaryAction": action("By hand", step="b"),
        "secondaryAction": action("From a file", step="c"),
    }
    plays(host, (None, fork), (None, one("b")), (None, one("c")), (None, one("d")))
    tab.goto("/contacts")
    press(tab, "From a file")
    stands_at(tab, "c")
    host.until(lambda: steps_of(host, "step.completed") == ["a"], host.heard)
    press(tab, "Back")
    stands_at(tab, "a")
    press(tab, "By hand")
    stands_at(tab, "b")


def test_a_branch_to_another_page_goes_on_there(host: Host, tab: Page) -> None:
    fork = one("a") | {"primaryAction": action("Skip contacts", step="c")}
    plays(host, ("/contacts", fork), ("/contacts", one("b")), ("/invoices", one("c")))
    tab.goto("/contacts")
    press(tab, "Skip contacts")
    draws_nothing(tab)
    tab.goto("/invoices")
    stands_at(tab, "c")


def test_a_click_in_an_open_shadow_root_advances(host: Host, tab: Page) -> None:
    plays(host, (None, one("a", advanceOn="my-box >>> [data-guide='save']")), (None, one("b")))
    tab.goto("/contacts")
    stands_at(tab, "a")
    tab.evaluate(
        """() => {
          const button = Object.assign(document.createElement("button"), { textContent: "Save" });
          button.dataset.guide = "save";
          const box = document.querySelector("main").appendChild(document.createElement("my-box"));
          box.attachShadow({ mode: "open" }).append(button);
        }"""
    )
    press(tab, "Save")
    stands_at(tab, "b")


def test_a_click_that_the_page_keeps_to_itself_advances_all_the_same(host: Host, tab: Page) -> None:
    plays(host, (None, one("a", advanceOn="#route")), (None, one("b")))
    tab.goto("/contacts")
    stands_at(tab, "a")
    tab.evaluate(
        "() => { document.querySelector('#route').onclick = (event) => event.stopPropagation() }"
    )
    press(tab, "Route")
    stands_at(tab, "b")


def test_a_link_that_advances_is_told_although_the_page_goes_away(host: Host, tab: Page) -> None:
    plays(host, ("/contacts", one("a", advanceOn="#link")), ("/invoices", one("b")))
    tab.goto("/contacts")
    stands_at(tab, "a")
    tab.locator("#link").click()
    tab.wait_for_url("**/invoices")
    stands_at(tab, "b")
    assert steps_of(host, "step.completed") == ["a"]


def test_an_advance_on_that_is_no_selector_is_clicked_by_nobody(host: Host, tab: Page) -> None:
    plays(host, (None, one("a", advanceOn="##")), (None, one("b")))
    tab.goto("/contacts")
    stands_at(tab, "a")
    press(tab, "Route")
    press(tab, "Next")
    stands_at(tab, "b")
    host.until(lambda: "step.completed" in host.heard(), host.heard)
    assert steps_of(host, "step.completed") == ["a"]


def missing(on_missing: str) -> JSON:
    return one("a", target={"selector": "#nowhere", "waitMs": 80, "onMissing": on_missing})


def test_a_missing_target_may_be_passed_over(host: Host, tab: Page) -> None:
    plays(host, (None, missing("skip")), (None, one("b")))
    tab.goto("/contacts")
    stands_at(tab, "b")
    host.until(lambda: "step.completed" in host.heard(), host.heard)
    passed = next(m for m in host.feedback["guidepath"] if m["type"] == "step.completed")
    assert (passed["targetFound"], passed["waitedMs"] >= 80) == (False, True)


def test_a_missing_target_may_put_the_step_in_the_middle(host: Host, tab: Page) -> None:
    plays(host, (None, missing("center")), (None, one("b")))
    tab.goto("/contacts")
    stands_at(tab, "a")
    host.hears("item.shown", "step.shown")


def test_a_missing_target_may_end_the_tour(host: Host, tab: Page) -> None:
    plays(host, (None, missing("end")), (None, one("b")))
    tab.goto("/contacts")
    host.hears("item.dismissed:target_missing")
    ended = host.feedback["guidepath"][0]
    assert (ended["reason"], ended["waitedMs"] >= 80) == ("timeout", True)
    draws_nothing(tab)


def test_a_step_without_target_after_one_with_a_target_stands_beside_nothing(
    host: Host, tab: Page
) -> None:
    plays(host, (None, one("a")), (None, one("b", target=None)))
    tab.goto("/contacts")
    stands_at(tab, "a")
    expect(tab.locator(".around")).to_have_count(1)
    press(tab, "Next")
    stands_at(tab, "b")
    expect(tab.locator(".around")).to_have_count(0)


def test_a_step_whose_rule_holds_no_more_gives_way(host: Host, tab: Page) -> None:
    first, last = decision(one("a"), one("b"), type="tour"), decision(one("b"), type="tour")
    host.play(lambda _: first if len(host.asked["guidepath"]) == 1 else last)
    tab.goto("/contacts")
    stands_at(tab, "a")
    tab.evaluate(REFRESH)
    stands_at(tab, "b")
    assert "item.dismissed:replaced" not in host.heard()


def test_a_tour_in_two_tabs_is_at_the_same_step_and_ends_in_both(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    plays(host, (None, one("a")), (None, one("b")))
    second = context.new_page()
    for each in (tab, second):
        each.goto("/contacts")
        stands_at(each, "a")
    press(tab, "Next")
    stands_at(second, "b")
    press(second, "Done")
    expect(tab.locator("guide-path-surface")).to_have_count(0)
    host.until(lambda: host.heard()[-1] == "item.completed:done", host.heard)
    assert steps_of(host, "step.completed") == ["a", "b"]


def test_a_tour_that_leaves_the_page_is_taken_up_by_the_tab_that_has_the_next_one(
    host: Host, tab: Page, context: BrowserContext
) -> None:
    plays(host, ("/contacts", one("a")), ("/invoices", one("b")))
    second = context.new_page()
    second.goto("/invoices")
    host.is_asked(1)
    draws_nothing(second)
    tab.goto("/contacts")
    press(tab, "Next")
    stands_at(second, "b")
    draws_nothing(tab)


def test_without_the_navigation_api_a_new_route_is_seen_when_the_page_changes(
    host: Host, tab: Page
) -> None:
    tab.add_init_script("Object.defineProperty(window, 'navigation', { value: undefined })")
    plays(host, ("/contacts", one("a")), ("/invoices", one("b")))
    tab.goto("/contacts")
    press(tab, "Next")
    draws_nothing(tab)
    tab.evaluate(PUSH, "/invoices")
    tab.evaluate("document.querySelector('h1').textContent = 'Invoices'")
    stands_at(tab, "b")
    tab.evaluate("history.back()")
    draws_nothing(tab)


def test_the_history_of_the_page_is_left_as_it_is(host: Host, tab: Page) -> None:
    tab.add_init_script("globalThis.before = [history.pushState, history.replaceState]")
    tab.goto("/contacts")
    host.is_asked(1)
    after = "[history.pushState, history.replaceState]"
    assert tab.evaluate(f"{after}.every((one, index) => one === before[index])")


def test_headless_a_tour_is_gone_through_by_answers(host: Host, tab: Page) -> None:
    fork = one("a") | {"primaryAction": action("Skip", step="c")}
    host.pages["/own"] = page(tags="")
    host.play(Tour(host, [(None, fork), (None, one("b")), (None, one("c"))]))
    tab.goto("/own")
    tab.evaluate(CONNECT, {})
    tab.wait_for_function("() => heard.length === 1")
    tab.evaluate("guide.respond('item.shown')")
    tab.evaluate("(action) => guide.answer('act', { action })", fork["primaryAction"])
    tab.evaluate("guide.answer('back')")
    tab.evaluate("guide.answer('next')")
    tab.evaluate("guide.answer('close')")
    host.hears(
        "item.shown",
        "step.shown",
        "action.clicked",
        "step.completed",
        "step.shown",  # who answers has seen it
        "step.completed",
        "step.shown",
        "item.dismissed:close",
    )
    items = [name for event, name in tab.evaluate("heard") if event == "item"]
    assert items[:4] == ["a", "c", "a", "b"]
