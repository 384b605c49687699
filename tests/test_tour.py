"""Tours: over several pages and branches, beside other items, and always at the right step."""

import itertools
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath import Decision, Guidepath, Playbook
from guidepath.attention import Claim
from guidepath.item import Item
from guidepath.testing import FrozenClock
from guidepath.tour import current

HEAD = """
name: ledgerly
attributes: {account: {size: {type: integer, optional: true}}, user: {}}
events: {contact.imported: {}, invoice.sent: {}}
milestones:
  - {id: sent, title: Send, reached_when: did("invoice.sent"), first_value: true}
  - {id: imported, title: Import, reached_when: did("contact.imported")}
guidance:
  - id: around
    type: tour
    moment: onboard
    toward: sent
    title: Around
    steps:
"""
PAGES = """
      - {id: start, title: Start, page: /start, action: {label: Lists, step: lists}}
      - id: team
        title: Team
        page: /team
        when: account.size > 1
        secondary_action: {label: Enough, step: last}
      - {id: lists, title: Lists, page: /lists, when: not did("contact.imported")}
      - {id: last, title: Last, page: /start}
  - {id: hello, type: banner, moment: nurture, toward: sent, title: Hello}
  - {id: hi, type: banner, moment: nurture, toward: sent, title: Hi, page: /hi}
"""
STEPS_OF_SIZE = """
      - {id: two, title: Two, when: account.size > 1}
      - {id: three, title: Three}
"""
ADA: dict[str, Any] = {"user": "ada", "account": "acme"}


def guided(steps: str = PAGES, clock: FrozenClock | None = None, size: int = 5) -> Guidepath:
    guide = Guidepath(Playbook.parse(HEAD + steps), clock=clock or FrozenClock())
    guide.group(account="acme", attributes={"size": size})
    return guide


def asked(guide: Guidepath, page: str) -> Decision:
    return guide.next(**ADA, page=page)


def item(guide: Guidepath, page: str) -> Item:
    found = asked(guide, page).item
    assert found is not None
    assert found.id == "around"
    return found


def at(guide: Guidepath, page: str) -> str:
    return item(guide, page).state.current_step_id


def on_the_way(guide: Guidepath) -> str:
    """The tour is shown at its first step; the id of its decision."""
    decision = asked(guide, "/start")
    assert decision.guidance == "around"
    assert guide.respond(decision.id, "shown")
    assert guide.respond(decision.id, "step.shown", step="start")
    return decision.id


def leave(guide: Guidepath, decision: str, step: str) -> None:
    assert guide.respond(decision, "dismissed", end_reason="navigated", step=step)


def test_each_step_says_whether_it_is_for_this_page() -> None:
    steps = item(guided(), "/start?tab=1").steps
    assert [(one.id, one.here) for one in steps] == [
        ("start", True),
        ("team", False),
        ("lists", False),
        ("last", True),
    ]


def test_a_step_without_pages_is_where_its_tour_is() -> None:
    guide = guided("      - {id: one, title: One}\n    page: /a/*\n")
    assert [one.here for one in item(guide, "/a/1").steps] == [True]
    assert asked(guide, "/b").guidance is None


def test_a_tour_begins_where_its_first_step_is() -> None:
    assert asked(guided(), "/lists").guidance == "hello"
    verdict = guided().explain(**ADA, page="/lists").candidates[0].verdict
    assert (verdict.code, verdict.actual, verdict.required) == ("NOT_HERE", "/lists", "/start")


def test_a_tour_goes_on_where_its_step_is_also_beside_the_pages_where_it_begins() -> None:
    steps = """
      - {id: one, title: One}
      - {id: two, title: Two, page: /two}
      - {id: three, title: Three}
    page: /one
"""
    guide = guided(steps)
    decision = asked(guide, "/one")
    assert decision.item is not None
    assert [one.here for one in decision.item.steps] == [True, False, True]
    guide.respond(decision.id, "shown")
    leave(guide, decision.id, "two")
    assert at(guide, "/two") == "two"
    leave(guide, decision.id, "three")
    assert asked(guide, "/two").guidance is None
    assert at(guide, "/one") == "three"


def test_a_tour_begins_on_no_page_that_is_not_its_own() -> None:
    steps = "      - {id: one, title: One, page: /**}\n    page: [/a, /b]\n"
    found = [asked(guided(steps), page).guidance for page in ("/a", "/b", "/c")]
    assert found == ["around", "around", None]
    verdict = guided(steps).explain(**ADA, page="/c").candidates[0].verdict
    assert (verdict.code, verdict.required) == ("NOT_HERE", "/a or /b")


def test_without_a_page_no_step_of_a_page_is_shown() -> None:
    assert guided().next(**ADA).guidance == "hello"


def test_a_step_whose_rule_does_not_hold_is_left_out_and_not_counted() -> None:
    steps = item(guided(size=1), "/start")
    assert [one.id for one in steps.steps] == ["start", "lists", "last"]
    assert steps.state.progress.total == 3


def test_a_step_is_left_out_as_soon_as_its_rule_turns() -> None:
    guide = guided()
    decision = on_the_way(guide)
    guide.respond(decision, "step.completed", step="start")
    leave(guide, decision, "lists")
    assert at(guide, "/lists") == "lists"
    guide.track("contact.imported", **ADA)
    assert asked(guide, "/lists").guidance != "around"  # what is next is on another page
    again = item(guide, "/start")
    assert again.state.current_step_id == "last"
    assert [one.id for one in again.steps] == ["start", "team", "last"]
    assert (again.state.progress.completed, again.state.progress.total) == (1, 3)


def test_a_step_that_was_done_and_is_left_out_since_is_not_counted() -> None:
    guide = guided("      - {id: one, title: One}\n" + STEPS_OF_SIZE)
    decision = asked(guide, "/").id
    guide.respond(decision, "step.completed", step="one")
    guide.respond(decision, "step.completed", step="two")
    found = []
    for size in (5, 1):
        guide.group(account="acme", attributes={"size": size})
        progress = item(guide, "/").state.progress
        found.append((progress.completed, progress.total, at(guide, "/")))
    assert found == [(2, 3, "three"), (1, 2, "three")]


def test_where_no_step_is_left_the_tour_does_not_show_and_says_why() -> None:
    clock = FrozenClock()
    guide = guided("      - {id: one, title: One, when: since(start) > 2d}\n", clock)
    guide.track("contact.imported", **ADA)
    assert asked(guide, "/").guidance is None
    verdict = guide.explain(**ADA, page="/").candidates[0].verdict
    assert (verdict.code, verdict.actual) == ("RULE", "no step's rule holds")
    opens = timedelta(microseconds=(verdict.opens_at or 0) - asked(guide, "/").evaluated_at)
    assert timedelta(days=2) < opens <= timedelta(days=2, microseconds=1)
    assert asked(guide, "/").next_evaluation_at == verdict.opens_at
    clock.now += opens
    assert asked(guide, "/").guidance == "around"


def test_the_rules_of_steps_are_remembered_as_those_of_guidance() -> None:
    steps = '      - {id: one, title: One, when: count("contact.imported" within 7d) >= 2}\n'
    guide = guided(steps)
    found = []
    for _ in range(3):
        found.append(asked(guide, "/").guidance)
        guide.track("contact.imported", **ADA)
    assert found == [None, None, "around"]


def test_a_tour_under_way_asks_again_when_time_turns_a_step() -> None:
    clock = FrozenClock()
    steps = """
      - {id: one, title: One}
      - {id: two, title: Two, when: since(start) <= 10m}
"""
    guide = guided(steps, clock)
    guide.track("contact.imported", **ADA)
    decision = asked(guide, "/")
    guide.respond(decision.id, "shown")
    again = asked(guide, "/")
    assert again.item is not None
    assert len(again.item.steps) == 2
    assert again.next_evaluation_at is not None
    clock.now += timedelta(microseconds=again.next_evaluation_at - again.evaluated_at)
    assert clock.now.minute == 10
    assert [one.id for one in item(guide, "/").steps] == ["one"]


def test_actions_lead_to_steps_and_past_those_that_are_left_out() -> None:
    whole = {one.id: one for one in item(guided(), "/start").steps}
    primary, secondary = whole["start"].primary_action, whole["team"].secondary_action
    assert primary is not None
    assert secondary is not None
    assert (primary.type, primary.step_id, primary.url) == ("step", "lists", None)
    assert (secondary.type, secondary.step_id) == ("step", "last")
    guide = guided()
    guide.track("contact.imported", **ADA)
    primary = item(guide, "/start").steps[0].primary_action
    assert primary is not None
    assert primary.step_id == "last"


def test_a_way_to_where_nothing_is_left_completes_and_one_to_itself_is_none() -> None:
    steps = """
      - {id: one, title: One, action: {label: Go, step: two}}
      - {id: two, title: Two, when: account.size > 9}
    secondary_action: {label: Again, step: one}
"""
    [step] = item(guided(steps), "/").steps
    assert step.primary_action is not None
    assert (step.primary_action.type, step.primary_action.step_id) == ("complete", None)
    assert step.secondary_action is None


def test_a_step_has_its_own_second_action_before_that_of_the_tour() -> None:
    steps = """
      - {id: one, title: One, secondary_action: {label: Mine, navigate: /x}}
      - {id: two, title: Two}
    secondary_action: {label: Everybody's, navigate: /y}
"""
    found = [one.secondary_action for one in item(guided(steps), "/").steps]
    assert [one and (one.label, one.url) for one in found] == [
        ("Mine", "/x"),
        ("Everybody's", "/y"),
    ]


def test_a_tour_goes_on_at_the_step_to_which_it_was_left() -> None:
    guide = guided()
    decision = on_the_way(guide)
    guide.respond(decision, "step.completed", step="start")
    leave(guide, decision, "lists")
    found = asked(guide, "/lists")
    assert (found.reason, found.id) == ("ACTIVE_CLAIM", decision)
    assert at(guide, "/lists") == "lists"


@pytest.mark.parametrize("order", list(itertools.permutations(("clicked", "completed", "left"))))
def test_the_messages_of_a_page_that_is_left_may_come_in_any_order(order: tuple[str, ...]) -> None:
    guide = guided()
    decision = on_the_way(guide)
    for one in order:
        if one == "clicked":
            guide.respond(decision, "clicked", step="start")
        elif one == "completed":
            guide.respond(decision, "step.completed", step="start")
        else:
            leave(guide, decision, "lists")
    assert at(guide, "/lists") == "lists"


def test_a_reload_in_the_middle_of_a_tour_is_the_same_step_also_after_going_back() -> None:
    guide = guided("".join(f"      - {{id: {one}, title: T}}\n" for one in ("a", "b", "c")))
    decision = asked(guide, "/").id
    guide.respond(decision, "shown")
    for one in ("a", "b"):
        guide.respond(decision, "step.shown", step=one)
        guide.respond(decision, "step.completed", step=one)
    guide.respond(decision, "step.shown", step="c")
    assert at(guide, "/") == "c"
    leave(guide, decision, "b")  # she went back, then reloaded
    assert at(guide, "/") == "b"
    assert item(guide, "/").state.progress.completed == 1
    guide.respond(decision, "step.completed", step="b")
    assert at(guide, "/") == "c"
    guide.respond(decision, "step.shown", step="a")
    assert at(guide, "/") == "a"


def test_a_host_that_only_says_what_is_done_is_understood() -> None:
    guide = guided("".join(f"      - {{id: {one}, title: T}}\n" for one in ("a", "b", "c")))
    decision = asked(guide, "/").id
    found = []
    for one in ("a", "b", "c"):
        guide.respond(decision, "step.completed", step=one)
        found.append((at(guide, "/"), item(guide, "/").state.status))
    assert found == [("b", "in_progress"), ("c", "in_progress"), ("c", "completed")]


def test_a_step_that_was_done_in_every_tab_counts_once() -> None:
    guide = guided("".join(f"      - {{id: {one}, title: T}}\n" for one in ("a", "b", "c")))
    decision = asked(guide, "/").id
    for _ in range(3):
        guide.respond(decision, "step.completed", step="a")
    assert (at(guide, "/"), item(guide, "/").state.progress.completed) == ("b", 1)


def test_names_that_are_no_steps_are_not_remembered() -> None:
    guide = guided()
    decision = on_the_way(guide)
    size = len(msgspec.msgpack.encode(guide.export(**ADA)["progress"]))
    for number in range(30):
        guide.respond(decision, "step.completed", step=f"x{number}")
        guide.respond(decision, "step.shown", step=f"y{number}")
    assert at(guide, "/start") == "start"
    assert len(msgspec.msgpack.encode(guide.export(**ADA)["progress"])) <= size + 40


def test_a_tour_that_has_gone_to_another_page_keeps_nothing_away() -> None:
    guide = guided()
    decision = on_the_way(guide)
    assert asked(guide, "/hi").guidance is None  # it is on the screen in some tab
    guide.respond(decision, "step.completed", step="start")
    assert asked(guide, "/hi").guidance == "hello"
    guide = guided()
    leave(guide, on_the_way(guide), "start")
    assert asked(guide, "/hi").guidance == "hello"


def test_a_tour_says_where_it_goes_on_while_it_waits() -> None:
    guide = guided()
    leave(guide, on_the_way(guide), "lists")
    verdict = guide.explain(**ADA, page="/start").candidates[0].verdict
    assert (verdict.code, verdict.actual, verdict.required) == ("NOT_HERE", "/start", "/lists")


def test_a_tour_comes_back_at_its_step_after_another_item_was_shown() -> None:
    guide = guided()
    decision = on_the_way(guide)
    leave(guide, decision, "lists")
    between = asked(guide, "/hi")
    assert between.guidance == "hello"
    guide.respond(between.id, "shown")
    assert asked(guide, "/lists").guidance == "hello"  # one at a time: first this one is answered
    guide.respond(between.id, "dismissed")
    back = asked(guide, "/lists")
    assert (back.id, back.reason, at(guide, "/lists")) == (decision, "ACTIVE_CLAIM", "lists")
    assert guide.respond(decision, "step.completed", step="lists")
    assert at(guide, "/start") == "last"
    assert guide.respond(decision, "completed")
    assert asked(guide, "/start").item is None


def test_a_tour_that_waits_hears_what_came_late() -> None:
    guide = guided()
    decision = on_the_way(guide)
    leave(guide, decision, "start")
    between = asked(guide, "/hi")
    assert between.guidance == "hello"
    assert guide.respond(decision, "step.completed", step="start")
    leave(guide, decision, "lists")
    assert asked(guide, "/hi").id == between.id  # the right to show stays where it is
    guide.respond(between.id, "dismissed")
    assert at(guide, "/lists") == "lists"


def test_a_tour_that_was_dismissed_while_it_waited_does_not_come_back() -> None:
    guide = guided()
    decision = on_the_way(guide)
    leave(guide, decision, "lists")
    between = asked(guide, "/hi")
    assert guide.respond(decision, "dismissed", end_reason="close")
    guide.respond(between.id, "dismissed")
    assert asked(guide, "/lists").guidance is None
    verdict = guide.explain(**ADA, page="/start").candidates[0].verdict
    assert verdict.code == "DISMISSED"


def test_a_tour_that_was_put_back_while_it_waited_begins_anew() -> None:
    guide = guided()
    decision = on_the_way(guide)
    leave(guide, decision, "lists")
    between = asked(guide, "/hi")
    assert guide.respond(decision, "dismissed", end_reason="api")
    guide.respond(between.id, "dismissed")
    assert asked(guide, "/lists").guidance is None


def test_a_claim_after_a_tour_that_came_back_is_a_new_one() -> None:
    guide = guided()
    tour = on_the_way(guide)
    leave(guide, tour, "lists")
    hello = asked(guide, "/hi")
    guide.respond(hello.id, "dismissed")
    assert asked(guide, "/lists").id == tour
    guide.respond(tour, "completed")
    third = asked(guide, "/hi")
    assert third.guidance == "hi"
    assert third.id not in (tour, hello.id)
    assert len({tour, hello.id, third.id}) == 3
    assert [one.claim.number for one in (hello, third) if one.claim] == [2, 3]


def test_a_tour_that_waits_is_over_half_an_hour_after_its_last_sign_of_life() -> None:
    clock = FrozenClock()
    guide = guided(clock=clock)
    leave(guide, on_the_way(guide), "lists")
    between = asked(guide, "/hi")
    guide.respond(between.id, "dismissed")
    quiet = asked(guide, "/nowhere")
    clock.tick(minutes=29)
    assert asked(guide, "/lists").guidance == "around"
    clock.tick(minutes=31)
    assert asked(guide, "/lists").guidance is None
    assert quiet.next_evaluation_at is not None
    assert asked(guide, "/start").guidance is None  # its pause is a day
    clock.tick(hours=23)
    assert at(guide, "/start") == "start"


def test_no_more_is_remembered_of_tours_than_may_come_back() -> None:
    clock = FrozenClock()
    guide = guided(clock=clock)
    leave(guide, on_the_way(guide), "lists")
    between = asked(guide, "/hi")
    assert list(waiting(guide)) == ["around"]
    guide.respond(between.id, "dismissed")
    clock.tick(minutes=31)
    assert asked(guide, "/hi").guidance == "hi"
    assert waiting(guide) == {}


def waiting(guide: Guidepath) -> dict[str, object]:
    known: Any = guide.export(**ADA)["progress"]
    found: dict[str, object] = known["attention"].get("aside", {})
    return found


def test_silence_ends_when_a_tour_that_waits_may_begin_anew() -> None:
    clock = FrozenClock()
    steps = """
      - {id: one, title: One, page: /one}
      - {id: two, title: Two, page: /two}
    frequency: {max: null, cool_off: null}
"""
    guide = guided(steps, clock)
    decision = asked(guide, "/one")
    guide.respond(decision.id, "shown")
    leave(guide, decision.id, "two")
    quiet = asked(guide, "/one")
    assert quiet.guidance is None
    assert quiet.next_evaluation_at is not None
    clock.now += timedelta(microseconds=quiet.next_evaluation_at - quiet.evaluated_at)
    assert asked(guide, "/one").guidance == "around"


def test_a_celebration_is_shown_while_a_tour_waits() -> None:
    party = "  - {id: hurrah, type: modal, moment: celebrate, toward: imported, title: Hurrah}\n"
    guide = guided(PAGES + party)
    leave(guide, on_the_way(guide), "last")
    guide.track("contact.imported", **ADA)
    assert asked(guide, "/hi").guidance == "hurrah"
    assert asked(guide, "/start").guidance == "hurrah"
    guide.respond(asked(guide, "/start").id, "dismissed")
    assert at(guide, "/start") == "last"


def test_a_tour_of_before_steps_had_names_goes_on_at_the_step_that_was_shown() -> None:
    stored = msgspec.msgpack.encode(
        ["t", 1, "around", "v", 0, 10, 5, "lists", 2, False]  # as the version before wrote it
    )
    claim = msgspec.msgpack.decode(stored, type=Claim)
    tour = guided().playbook.guidance[0]
    assert current(tour, tour.steps, claim).id == "lists"


words = st.sampled_from(["start", "team", "lists", "last", "other"])
messages = st.one_of(
    st.tuples(st.just("step.shown"), words),
    st.tuples(st.just("step.completed"), words),
    st.tuples(st.just("left"), words),
    st.tuples(st.just("ask"), st.sampled_from(["/start", "/team", "/lists", "/hi"])),
    st.tuples(st.just("dismiss"), st.just("")),
    st.tuples(st.just("import"), st.just("")),
    st.tuples(st.just("resize"), st.sampled_from(["1", "5"])),
    st.tuples(st.just("wait"), st.sampled_from(["1", "20", "2000"])),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(messages, max_size=25))
def test_whatever_is_said_a_tour_is_at_a_step_that_is_there_and_here(
    said: list[tuple[str, str]],
) -> None:
    clock = FrozenClock()
    guide = guided(clock=clock)
    tour, other = on_the_way(guide), None
    for what, word in said:
        match what:
            case "left":
                guide.respond(tour, "dismissed", end_reason="navigated", step=word)
            case "dismiss" if other is not None:
                guide.respond(other, "dismissed")
            case "import":
                guide.track("contact.imported", **ADA)
            case "resize":
                guide.group(account="acme", attributes={"size": int(word)})
            case "wait":
                clock.tick(minutes=int(word))
            case "step.shown" | "step.completed":
                guide.respond(tour, what, step=word)
            case "ask":
                decision = asked(guide, word)
                again = asked(guide, word)
                assert (again.guidance, again.claim) == (decision.guidance, decision.claim)
                if decision.guidance != "around":
                    other = decision.id if decision.guidance else other
                    continue
                tour, found = decision.id, decision.item
                assert found is not None
                steps = {one.id: one for one in found.steps}
                assert steps[found.state.current_step_id].here
                assert found.state.progress.total == len(steps)
                assert found.state.progress.completed <= len(steps)
                for one in found.steps:
                    for action in (one.primary_action, one.secondary_action):
                        assert action is None or action.step_id in {None, *steps} - {one.id}
