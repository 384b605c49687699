"""Decisions: the gates one by one, in order, and what no sequence of answers may ever do."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath import Decision, EventError, Guidepath, Playbook
from guidepath.decision import Candidate, Reference
from guidepath.gate import GATES
from guidepath.testing import FrozenClock

HEAD = """
name: ledgerly
roles: [owner, member]
attributes: {user: {first_name: {type: string, optional: true}}, account: {}}
events: {invoice.sent: {properties: {total: number}}, contact.imported: {}, signed_in: {}}
milestones:
  - {id: imported, title: Import, reached_when: did("contact.imported")}
  - {id: sent, title: Send, reached_when: did("invoice.sent"), first_value: true}
  - {id: three, title: Three, reached_when: count("invoice.sent" within 7d) >= 3}
"""


def guided(body: str, clock: FrozenClock | None = None) -> Guidepath:
    return Guidepath(Playbook.parse(HEAD + body), clock=clock or FrozenClock())


def item(id: str = "it", **more: str) -> str:
    parts = {"type": "banner", "moment": "onboard", "toward": "sent", "title": "T", **more}
    return f"  - {{id: {id}, " + ", ".join(f"{k}: {v}" for k, v in parts.items()) + "}\n"


def candidate(decision: Decision, id: str = "it") -> Candidate:
    return next(one for one in decision.candidates if one.item == id)


def closed(guide: Guidepath, page: str | None = None, device: str | None = None) -> tuple[str, ...]:
    """Code, actual, required and opening time of the first gate that is closed for `it`."""
    decision = guide.explain(user="u", page=page, device=device)
    verdict = candidate(decision).verdict
    opens = (
        "" if verdict.opens_at is None else str((verdict.opens_at - decision.evaluated_at) / 6e7)
    )
    return verdict.code, verdict.actual, verdict.required, opens


def test_with_nothing_in_the_way_the_first_item_is_chosen() -> None:
    guide = guided("guidance:\n" + item() + item("other"))
    decision = guide.next(user="u")
    assert (decision.reason, decision.item and decision.item.id) == ("CHOSEN", "it")
    assert decision.next_evaluation_at == decision.evaluated_at + 300_000_000
    other = candidate(guide.explain(user="u"), "other").verdict
    assert (other.code, other.actual) == ("ACTIVE_CLAIM", "it is under way")


def test_what_comes_later_in_the_playbook_is_outranked() -> None:
    guide = guided("guidance:\n" + item() + item("other"))
    verdict = candidate(guide.explain(user="u"), "other").verdict
    assert (
        verdict[:] if False else (verdict.code, verdict.actual) == ("OUTRANKED", "it comes first")
    )


def test_a_celebration_comes_before_all_else_and_once() -> None:
    clock = FrozenClock()
    body = "guidance:\n" + item(toward="three") + item("hooray", moment="celebrate", type="modal")
    guide = guided(body + "limits: {per_day: 1}\n", clock)
    assert guide.next(user="u").item.id == "it"  # type: ignore[union-attr]
    guide.respond(guide.next(user="u").id, "completed")
    guide.track("invoice.sent", user="u")
    party = guide.next(user="u")
    assert party.item is not None
    assert party.item.id == "hooray"
    assert guide.respond(party.id, "shown")
    assert guide.next(user="u").item is not None  # it goes on while it is shown
    guide.respond(party.id, "dismissed", end_reason="close")
    verdict = candidate(guide.explain(user="u"), "hooray").verdict
    assert (verdict.code, verdict.actual) == ("DONE", "celebrated by hooray")


def test_a_celebration_waits_for_its_milestone() -> None:
    guide = guided("guidance:\n" + item(moment="celebrate"))
    assert closed(guide)[:3] == ("PREREQUISITE", "sent not reached", "sent reached")


GATE_CASES: dict[str, tuple[str, Callable[[Guidepath, FrozenClock], object], tuple[str, ...]]] = {
    "held out": (
        "guidance:\n" + item() + "holdout: {percent: 100}\n",
        lambda guide, clock: None,
        ("HOLDOUT", "held out", "not among the 100 % held out", ""),
    ),
    "another page": (
        "guidance:\n" + item(page="/contacts/*"),
        lambda guide, clock: None,
        ("NOT_HERE", "/invoices", "/contacts/*", ""),
    ),
    "another device": (
        "guidance:\n" + item(device="[mobile]"),
        lambda guide, clock: None,
        ("NOT_HERE", "desktop", "mobile", ""),
    ),
    "another role": (
        "guidance:\n" + item(roles="[owner]"),
        lambda guide, clock: guide.identify(user="u", role="member"),
        ("WRONG_ROLE", "member", "owner", ""),
    ),
    "too early": (
        "guidance:\n" + item(starts="2026-01-02"),
        lambda guide, clock: None,
        ("NOT_SCHEDULED", "2026-01-01T00:00:00Z", "from 2026-01-02T00:00:00Z", "1440.0"),
    ),
    "over": (
        "guidance:\n" + item(ends="2026-01-01"),
        lambda guide, clock: None,
        ("NOT_SCHEDULED", "2026-01-01T00:00:00Z", "before 2026-01-01T00:00:00Z", ""),
    ),
    "a prerequisite": (
        "guidance:\n" + item(after="[imported]"),
        lambda guide, clock: None,
        ("PREREQUISITE", "imported is open", "after imported", ""),
    ),
    "its milestone": (
        "guidance:\n" + item(),
        lambda guide, clock: guide.track("invoice.sent", user="u"),
        ("DONE", "sent reached 2026-01-01T00:00:00Z", "sent not reached", ""),
    ),
    "completed": (
        "guidance:\n" + item(),
        lambda guide, clock: guide.respond(guide.next(user="u").id, "completed"),
        ("DONE", "completed 2026-01-01T00:00:00Z", "not completed", ""),
    ),
    "snoozed": (
        "guidance:\n" + item(snooze="[4h, 1d]"),
        lambda guide, clock: guide.respond(guide.next(user="u").id, "snoozed"),
        ("SNOOZED", "snoozed until 2026-01-01T04:00:00Z", "not snoozed", "240.0"),
    ),
    "dismissed": (
        "guidance:\n" + item(),
        lambda guide, clock: guide.respond(guide.next(user="u").id, "dismissed"),
        ("DISMISSED", "dismissed 2026-01-01T00:00:00Z", "not dismissed", ""),
    ),
    "its cap": (
        "guidance:\n" + item(frequency="{max: 1}"),
        lambda guide, clock: _shown_and_left(guide, clock),
        ("FREQUENCY_CAP", "shown 1 times", "shown fewer than 1 times", ""),
    ),
    "its own pause": (
        "guidance:\n" + item(frequency="{max: 9, cool_off: 1h}"),
        lambda guide, clock: _shown_and_left(guide, clock),
        ("COOL_OFF", "it was shown 2026-01-01T00:00:00Z", "1h ago or more", "54.0"),
    ),
    "the pause of all": (
        "guidance:\n" + item(frequency="{max: 9, cool_off: null}") + "limits: {cool_off: 10m}\n",
        lambda guide, clock: _shown_and_left(guide, clock),
        ("COOL_OFF", "an item was shown 2026-01-01T00:00:00Z", "10m ago or more", "4.0"),
    ),
    "the day's budget": (
        "guidance:\n" + item(frequency="{max: 9, cool_off: null}") + "limits: {per_day: 1}\n",
        lambda guide, clock: _shown_and_left(guide, clock),
        ("BUDGET", "1 shown in 24 hours", "fewer than 1 in 24 hours", "1434.0"),
    ),
    "the session's budget": (
        "guidance:\n" + item(frequency="{max: 9, cool_off: null}") + "limits: {per_session: 1}\n",
        lambda guide, clock: _shown_and_left(guide, clock),
        ("BUDGET", "1 shown this session", "fewer than 1 this session", "24.000000016666668"),
    ),
    "the first session": (
        "guidance:\n" + item() + "limits: {quiet_first_session: true}\n",
        lambda guide, clock: guide.track("signed_in", user="u"),
        ("BUDGET", "first session", "a later session", "30.000000016666668"),
    ),
}


def _shown_and_left(guide: Guidepath, clock: FrozenClock) -> None:
    decision = guide.next(user="u")
    assert guide.respond(decision.id, "shown")
    guide.respond(decision.id, "dismissed", end_reason="api")  # taken away, not sent away
    clock.tick(minutes=6)


@pytest.mark.parametrize("name", GATE_CASES)
def test_a_closed_gate_names_what_it_found_what_it_wants_and_when_it_opens(name: str) -> None:
    body, before, expected = GATE_CASES[name]
    clock = FrozenClock()
    guide = guided(body, clock)
    before(guide, clock)
    assert closed(guide, page="/invoices", device="desktop") == expected


@pytest.mark.parametrize(("limits", "minutes"), [("per_day: 1", 1440), ("per_week: 1", 10080)])
def test_a_budget_opens_at_the_very_instant_it_names(limits: str, minutes: int) -> None:
    clock = FrozenClock()
    free = "{max: 9, cool_off: null}"
    guide = guided("guidance:\n" + item(frequency=free) + f"limits: {{{limits}}}\n", clock)
    first = guide.next(user="u")
    guide.respond(first.id, "shown")
    guide.respond(first.id, "dismissed", end_reason="api")
    clock.now += timedelta(minutes=minutes, microseconds=-1)
    assert guide.next(user="u").reason == "BUDGET"
    clock.now += timedelta(microseconds=1)
    assert guide.next(user="u").reason == "CHOSEN"


def test_a_rule_tells_how_far_it_is_and_when_time_opens_it() -> None:
    rule = "'count(\"invoice.sent\" within 7d) >= 3'"
    guide = guided("guidance:\n" + item(toward="imported", when=rule))
    guide.track("invoice.sent", user="u")
    guide.track("invoice.sent", user="u")
    code, actual, required, opens = closed(guide)
    assert (code, actual, required, opens) == (
        "RULE",
        "2 of 3 in the last 7 days",
        "at least 3",
        "",
    )
    waiting = guided("guidance:\n" + item(when="'since(start) > 1d'"))
    waiting.track("signed_in", user="u")
    assert closed(waiting)[3] == "1440.0000000166667"


def test_explaining_asks_every_gate_of_every_item_and_changes_nothing() -> None:
    guide = guided(
        "guidance:\n" + item() + item("other", page="/x") + item("third", roles="[owner]")
    )
    decision = guide.explain(user="u", page="/y")
    codes = [code for code, _ in GATES]
    for one in decision.candidates:
        assert [gate.code for gate in one.gates[:-1]] == codes
    assert decision.item is not None
    assert guide.store.subjects() == []


def test_silence_has_a_reason_and_a_time() -> None:
    guide = guided("guidance:\n" + item(snooze="[4h]") + item("later", page="/x"))
    guide.respond(guide.next(user="u").id, "snoozed")
    decision = guide.next(user="u", page="/y")
    assert (decision.item, decision.reason) == (None, "SNOOZED")
    assert decision.next_evaluation_at == decision.evaluated_at + 4 * 3_600_000_000
    assert guided("").next(user="u").reason == "NOT_HERE"


def test_nothing_is_written_where_nothing_changed() -> None:
    guide = guided("guidance:\n" + item(page="/x"))
    guide.track("signed_in", user="u")
    before = guide.store.load("u", ["u"])
    assert guide.next(user="u", page="/y").item is None
    assert guide.store.load("u", ["u"]) == before
    first = guide.next(user="u", page="/x")
    claimed = guide.store.load("u", ["u"])
    assert guide.next(user="u", page="/x").id == first.id
    assert guide.store.load("u", ["u"]) == claimed


def test_every_tab_gets_the_same_claim_and_another_page_gets_silence() -> None:
    guide = guided("guidance:\n" + item(page="/x") + item("elsewhere", page="/y"))
    first, second = guide.next(user="u", page="/x"), guide.next(user="u", page="/x")
    assert (first.claim, first.id) == (second.claim, second.id)
    other = guide.next(user="u", page="/y")
    assert (other.item, other.reason) == (None, "ACTIVE_CLAIM")


def test_an_item_left_with_its_page_goes_on_where_it_fits_and_is_counted_once() -> None:
    guide = guided("guidance:\n" + item() + item("here", page="/y", toward="three"))
    first = guide.next(user="u", page="/x")
    guide.respond(first.id, "shown")
    guide.respond(first.id, "dismissed", end_reason="navigated")
    again = guide.next(user="u", page="/y")
    assert again.id == first.id
    guide.respond(again.id, "shown")
    [(_, progress)] = [one for one in guide.store.subjects() if one[0].user]
    assert progress.attention.of("it").shown == 1


def test_what_is_on_the_screen_stays_hers_for_half_an_hour_without_a_sign_of_life() -> None:
    clock = FrozenClock()
    guide = guided("guidance:\n" + item(), clock)
    decision = guide.next(user="u")
    clock.tick(minutes=4)
    guide.respond(decision.id, "shown")
    clock.tick(minutes=29)
    assert guide.next(user="u").id == decision.id
    clock.tick(minutes=1)
    assert guide.next(user="u").reason == "COOL_OFF"


def test_an_item_left_with_its_page_makes_way_where_it_does_not_fit() -> None:
    guide = guided("guidance:\n" + item(page="/x") + item("here", page="/y", toward="three"))
    first = guide.next(user="u", page="/x")
    guide.respond(first.id, "shown")
    guide.respond(first.id, "dismissed", end_reason="navigated")
    assert guide.next(user="u", page="/y").item.id == "here"  # type: ignore[union-attr]
    assert not guide.respond(first.id, "shown")


def test_an_item_left_with_its_page_makes_way_though_it_is_told_in_disorder() -> None:
    clock = FrozenClock()
    guide = guided("guidance:\n" + item(page="/x") + item("here", page="/y"), clock)
    first = guide.next(user="u", page="/x")
    shown_at = clock()
    clock.tick(minutes=1)
    guide.respond(first.id, "dismissed", end_reason="navigated", at=clock())
    guide.respond(first.id, "shown", at=shown_at)
    [(_, progress)] = [one for one in guide.store.subjects() if one[0].user]
    assert progress.attention.of("it").shown == 1
    assert guide.next(user="u", page="/y").item.id == "here"  # type: ignore[union-attr]


def test_a_claim_that_nobody_showed_soon_makes_way_where_it_does_not_fit() -> None:
    clock = FrozenClock()
    guide = guided("guidance:\n" + item(page="/x") + item("here", page="/y"), clock)
    first = guide.next(user="u", page="/x")
    silent = guide.next(user="u", page="/y")
    assert (silent.item, silent.reason) == (None, "ACTIVE_CLAIM")
    assert silent.next_evaluation_at == silent.evaluated_at + 10_000_000
    clock.tick(minutes=1)
    assert guide.next(user="u", page="/x").id == first.id
    assert guide.next(user="u", page="/y").item.id == "here"  # type: ignore[union-attr]


def test_an_item_whose_milestone_is_reached_makes_way_at_once() -> None:
    guide = guided("guidance:\n" + item() + item("next", toward="three"))
    first = guide.next(user="u")
    guide.respond(first.id, "shown")
    guide.track("invoice.sent", user="u")
    assert guide.next(user="u").item.id == "next"  # type: ignore[union-attr]


def test_a_missing_target_is_not_tried_again_at_once() -> None:
    guide = guided("guidance:\n" + item(target="{selector: .gone}"))
    guide.respond(guide.next(user="u").id, "missing")
    assert closed(guide)[:2] == ("COOL_OFF", "its target was missing 2026-01-01T00:00:00Z")


def test_the_holdout_is_drawn_by_a_hash_and_near_its_share() -> None:
    guide = guided("guidance:\n" + item() + "holdout: {percent: 20}\n")
    held = [guide.next(user=f"u{number}").reason == "HOLDOUT" for number in range(1000)]
    assert 150 < sum(held) < 250
    again = guided("guidance:\n" + item() + "holdout: {percent: 20}\n")
    assert held == [again.next(user=f"u{n}").reason == "HOLDOUT" for n in range(1000)]
    salted = guided("guidance:\n" + item() + "holdout: {percent: 20, salt: b}\n")
    assert held != [salted.next(user=f"u{n}").reason == "HOLDOUT" for n in range(1000)]


def test_a_holdout_by_account_holds_out_whole_accounts() -> None:
    guide = guided("guidance:\n" + item() + "holdout: {percent: 50, by: account}\n")
    for account in ("a", "b", "c", "d", "e"):
        reasons = {guide.next(user=f"u{n}", account=account).reason for n in range(9)}
        assert len(reasons) == 1


@pytest.mark.parametrize("id", ["", "dec_", "dec_!!!", "nonsense", "dec_AAAA", "\ud800"])
def test_what_is_no_decisions_id_is_refused(id: str) -> None:
    with pytest.raises(EventError, match="no decision's id"):
        Reference.read(id)


def test_the_item_with_everything_asked_is_the_item_without() -> None:
    draw = random.Random(7)
    pages = ["/", "/a", "/a/b", "/a/b/c", "/x"]
    patterns = ["/a", "/a/*", "/a/**", "/*/b", "/**", "/x", "/a*"]
    items = "".join(
        item(
            f"i{number}",
            page=f'"{draw.choice(patterns)}"',
            roles=draw.choice(["[owner]", "[member]", "[]"]),
            moment=draw.choice(["onboard", "nurture", "upgrade"]),
        )
        for number in range(40)
    )
    guide = guided("guidance:\n" + items)
    for role in ("owner", "member", None):
        user = f"u-{role}"
        guide.identify(user=user, role=role)
        for page in pages:
            told = guide.explain(user=user, page=page)
            plain = {one.id: one for one in guide.playbook.guidance}
            chosen = [one for one in told.candidates if one.verdict.code in ("CHOSEN",)]
            assert [one.item for one in chosen] == [told.guidance] if told.guidance else not chosen
            # a plain scan in rank order finds the same
            ranked = sorted(
                plain.values(), key=lambda one: ["onboard", "nurture", "upgrade"].index(one.moment)
            )
            open_ = [o.id for o in ranked if all(g.open for g in candidate(told, o.id).gates[:-1])]
            assert told.guidance == (open_[0] if open_ else None)


PLAYBOOK = (
    "guidance:\n"
    + item("here", page="/x", snooze="[1h]", frequency="{max: 2, cool_off: 20m}")
    + item("any", toward="three", frequency="{max: 3, cool_off: null}")
    + item("tour", toward="three", frequency="{max: 9, cool_off: null}", page="/y")
    + item("party", moment="celebrate")
    + "limits: {per_session: 3, per_day: 4, per_week: 6, cool_off: 10m}\n"
)
STEPS = st.one_of(
    st.tuples(st.just("next"), st.integers(0, 2), st.sampled_from(["/x", "/y"])),
    st.tuples(st.just("next"), st.integers(0, 2), st.sampled_from(["/x", "/y"])),
    st.tuples(st.just("shown"), st.integers(0, 2)),
    st.tuples(
        st.sampled_from(["completed", "dismissed", "snoozed", "clicked", "missing", "navigated"]),
        st.integers(0, 2),
    ),
    st.tuples(st.just("track"), st.sampled_from(["invoice.sent", "contact.imported"])),
    st.tuples(st.just("tick"), st.sampled_from([1, 4, 6, 11, 31, 700, 1500])),
)


@dataclass
class Tabs:
    """Three tabs of one browser: each shows what it was told, until another tab is told more."""

    guide: Guidepath
    clock: FrozenClock
    told: dict[int, Decision] = field(default_factory=dict)
    visible: dict[int, Decision] = field(default_factory=dict)
    impressions: list[tuple[datetime, str, str]] = field(default_factory=list)

    def next(self, tab: int, page: str) -> None:
        decision = self.guide.next(user="u", page=page)
        self.visible.pop(tab, None)
        self.told.pop(tab, None)
        if decision.item is not None:
            self.told[tab] = decision
            # the other tabs hear of it, and take away what is no longer claimed
            self.visible = {t: d for t, d in self.visible.items() if d.id == decision.id}

    def shown(self, tab: int) -> None:
        decision = self.told.get(tab)
        if decision is None or decision.item is None:
            return
        if self.guide.respond(decision.id, "shown"):
            self.visible[tab] = decision
            if decision.id not in {id for _, id, _ in self.impressions}:
                self.impressions.append((self.clock(), decision.id, decision.item.id))
        else:
            self.told.pop(tab)

    def answer(self, how: str, tab: int) -> None:
        decision = self.told.pop(tab, None)
        self.visible.pop(tab, None)
        if decision is None:
            return
        if how == "navigated":
            self.guide.respond(decision.id, "dismissed", end_reason="navigated")
            return
        self.guide.respond(decision.id, how)  # type: ignore[arg-type]
        self.visible = {t: d for t, d in self.visible.items() if d.id != decision.id}


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_no_sequence_of_events_and_answers_shows_two_items_or_breaks_a_limit(
    steps: list[tuple[object, ...]],
) -> None:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    tabs = Tabs(guided(PLAYBOOK, clock), clock)
    for step in steps:
        match step:
            case ("next", int(tab), str(page)):
                tabs.next(tab, page)
            case ("shown", int(tab)):
                tabs.shown(tab)
            case ("track", str(name)):
                tabs.guide.track(name, user="u")
            case ("tick", int(minutes)):
                clock.tick(minutes=minutes)
            case (str(how), int(tab)):
                tabs.answer(how, tab)
        assert len({one.id for one in tabs.visible.values()}) <= 1
    _within_limits(tabs.impressions)


def _within_limits(impressions: list[tuple[datetime, str, str]]) -> None:
    counted = [(at, item) for at, _, item in impressions if item != "party"]
    assert sum(item == "party" for _, _, item in impressions) <= 1
    for at, _ in counted:
        for span, most in ((timedelta(days=1), 4), (timedelta(days=7), 6)):
            assert sum(at - span < one <= at for one, _ in counted) <= most
    times = [at for at, _ in counted]
    assert all(b - a >= timedelta(minutes=10) for a, b in itertools.pairwise(times))
    for id, most in (("here", 2), ("any", 3), ("tour", 9)):
        assert sum(item == id for _, item in counted) <= most


def test_the_same_inputs_give_the_same_decision_byte_for_byte() -> None:
    def told() -> bytes:
        clock = FrozenClock()
        guide = guided(PLAYBOOK, clock)
        out = []
        for number in range(20):
            guide.track("signed_in", user="u", id=f"e{number}")
            decision = guide.next(user="u", page="/x" if number % 2 else "/y")
            out.append(decision)
            if decision.item:
                guide.respond(decision.id, "shown", id=f"f{number}")
            clock.tick(minutes=7)
        return msgspec.json.encode(out)

    assert told() == told()
