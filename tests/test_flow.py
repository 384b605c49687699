"""Flows: conflicts, repeats, playbooks that change, and the past."""

from datetime import UTC, datetime, timedelta

import pytest

from guidepath import EventConflict, EventError, Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.driver import run
from guidepath.event import Envelope
from guidepath.flow import reach
from guidepath.ports import Change
from guidepath.progress import Progress
from guidepath.subject import Subject
from guidepath.testing import FrozenClock

START = datetime(2026, 1, 1, tzinfo=UTC)


def playbook(*milestones: str, more: str = "") -> Playbook:
    listed = "".join(f"  - {{id: {one}}}\n" for one in milestones)
    return Playbook.parse(
        "name: ledgerly\nroles: [owner, member]\n"
        "events: {sent: {properties: {total: number}}, opened: {}}\n"
        f"milestones:\n{listed}{more}"
    )


SENT = 'sent, title: Sent, reached_when: did("sent"), first_value: true'
TWICE = 'twice, title: Twice, reached_when: count("sent") >= 2'
BIG = 'big, title: Big, reached_when: did("sent" where total >= 100)'
CALM = 'calm, title: Calm, reached_when: did("sent") and since("sent") > 2d'
TEAM = 'team, title: Team, scope: account, reached_when: account.users("sent") >= 2'
MATE = 'mate, title: Mate, reached_when: reached(team) and did("opened")'


def row(guide: Guidepath, user: str | None = "u", account: str = "a") -> Progress:
    found = dict(guide.store.subjects())
    return found[account, user]  # type: ignore[index]  # a Subject is a tuple


def said(store: MemoryStore) -> list[Envelope]:
    parcel = store.claim("test", now=0, lease=0, most=999)
    return list(parcel.envelopes) if parcel else []


def days(number: float) -> datetime:
    return START + timedelta(days=number)


def us(number: float) -> int:
    return int(days(number).timestamp() * 1_000_000)


def test_the_same_event_again_does_nothing_and_says_nothing() -> None:
    store = MemoryStore()
    guide = Guidepath(playbook(SENT), store)
    assert guide.track("sent", user="u", account="a", id="e").stored
    before, count = row(guide), len(said(store))
    assert not guide.track("sent", user="u", account="a", id="e").stored
    assert row(guide) == before
    assert len(said(store)) == count


def test_the_same_id_with_other_content_is_refused() -> None:
    guide = Guidepath(playbook(SENT))
    guide.track("sent", user="u", account="a", id="e", properties={"total": 1})
    with pytest.raises(EventConflict, match="'e' was received before with other content"):
        guide.track("sent", user="u", account="a", id="e", properties={"total": 2})
    assert len(guide.store.history("a")) == 1


def test_a_milestone_is_said_once_with_first_value_and_its_time() -> None:
    clock, store = FrozenClock(), MemoryStore()
    guide = Guidepath(playbook(SENT, TWICE), store, clock=clock)
    guide.track("opened", user="u", account="a")
    clock.tick(days=2)
    for _ in range(3):
        guide.track("sent", user="u", account="a")
    mine = [one for one in said(store) if one.user == "u"]
    assert [(one.type, one.data.get("milestone")) for one in mine] == [
        ("subject.started", None),
        ("milestone.reached", "sent"),
        ("first_value.reached", "sent"),
        ("milestone.reached", "twice"),
    ]
    assert [one.seq for one in mine] == [1, 2, 3, 4]
    assert mine[2].data["time_to_value_s"] == 2 * 86_400


class Busy(MemoryStore):
    """Another caller gets in between, the first few times: the same user, or a colleague."""

    def __init__(self, *milestones: str, colleague: str = "u", conflicts: int = 3) -> None:
        super().__init__()
        self.conflicts = conflicts
        self._other = playbook(*milestones or (SENT, TWICE))
        self._colleague = colleague

    def save(self, change: Change) -> bool:
        if self.conflicts and change.events and change.events[0].id == "mine":
            self.conflicts -= 1
            other = Guidepath(self._other, self)
            other.track("sent", user=self._colleague, account="a", id=f"other{self.conflicts}")
        return super().save(change)


def test_what_was_decided_on_progress_that_changed_is_decided_again() -> None:
    guide = Guidepath(playbook(SENT, TWICE), Busy())
    guide.track("sent", user="u", account="a", id="mine")
    assert row(guide).memory.counters == (4,)


@pytest.mark.parametrize("event", ["opened", "sent"])
def test_what_a_colleague_makes_true_meanwhile_is_not_missed(event: str) -> None:
    store = Busy(SENT, TEAM, MATE, colleague="v", conflicts=1)
    guide = Guidepath(playbook(SENT, TEAM, MATE), store)
    guide.track("sent", user="u", account="a")
    guide.track("opened", user="u", account="a")
    receipt = guide.track(event, user="u", account="a", id="mine")
    assert row(guide, None).reached.keys() == {"team"}
    assert [one.milestone for one in receipt.reached] == ["mate"]
    assert row(guide).reached.keys() == {"sent", "mate"}


def test_waiting_is_reached_at_its_own_instant_whenever_it_is_looked_at() -> None:
    clock, store = FrozenClock(), MemoryStore()
    guide = Guidepath(playbook(SENT, CALM), store, clock=clock)
    guide.track("sent", user="u", account="a")
    clock.tick(days=30)
    assert guide.progress(user="u", account="a").reached == ("sent", "calm")
    assert row(guide).reached["calm"] == us(2) + 1


def test_a_late_event_is_reached_at_its_true_time() -> None:
    clock = FrozenClock(days(10))
    guide = Guidepath(playbook(SENT, TWICE, BIG), clock=clock)
    guide.track("sent", user="u", account="a", at=days(5), properties={"total": 1.0})
    guide.track("sent", user="u", account="a", at=days(3), properties={"total": 200.0})
    assert row(guide).reached == {"sent": us(5), "twice": us(5), "big": us(3)}
    assert row(guide).start == us(3)


def test_callers_at_the_same_time_are_not_late() -> None:
    clock = FrozenClock(days(1))
    guide = Guidepath(playbook(SENT), clock=clock)
    guide.track("sent", user="u", account="a", id="first")
    clock.now -= timedelta(milliseconds=40)
    guide.track("sent", user="u", account="a", id="just behind")
    clock.now -= timedelta(seconds=30)
    guide.track("sent", user="u", account="a", id="a broken clock")
    guide.track("sent", user="u", account="a", id="told", at=days(0))
    at = {one.id: one.occurred_at for one in guide.store.history("a")}
    assert at["just behind"] == at["first"] == us(1)
    assert at["a broken clock"] == us(1) - 30_040_000
    assert at["told"] == us(0)


def test_a_late_event_is_seen_in_a_window_that_has_long_passed() -> None:
    pair = 'pair, title: Pair, reached_when: count("sent" within 7d) >= 2'
    guide = Guidepath(playbook(SENT, pair), clock=FrozenClock(days(30)))
    for day in (0, 20, 3):
        guide.track("sent", user="u", account="a", at=days(day))
    assert row(guide).reached == {"sent": us(0), "pair": us(3)}


def test_a_time_in_the_future_is_taken_as_five_minutes_from_now_at_most() -> None:
    guide = Guidepath(playbook(SENT), clock=FrozenClock())
    guide.track("sent", user="u", account="a", at=days(400))
    assert row(guide).clock == us(0) + 300_000_000


def test_a_new_milestone_is_told_from_the_past_marked_and_not_celebrated() -> None:
    store, clock = MemoryStore(), FrozenClock()
    Guidepath(playbook(SENT), store, clock=clock).track(
        "sent", user="u", account="a", properties={"total": 500.0}
    )
    clock.tick(days=9)
    party = "guidance:\n  - {id: p, type: modal, moment: celebrate, toward: big, title: P}\n"
    guide = Guidepath(playbook(SENT, BIG, more=party), store, clock=clock)
    assert guide.next(user="u", account="a").reason == "PREREQUISITE"
    view = {one.id: one for one in guide.progress(user="u", account="a").milestones}
    assert (view["big"].reached_at, view["big"].backfilled) == (days(0), True)
    assert not view["sent"].backfilled
    [told] = [one for one in said(store) if one.data.get("milestone") == "big"]
    assert told.data["backfilled"] is True


def test_what_is_not_as_declared_is_ignored_and_counted_once() -> None:
    guide = Guidepath(playbook(SENT, BIG), clock=FrozenClock(days(9)))
    guide.track("sent", user="u", account="a", at=days(5), properties={"total": "much"})
    guide.track("sent", user="u", account="a", at=days(3), properties={"total": True})
    guide.track("sent", user="u", account="a", at=days(4), properties={"total": 100.0})
    guide.track("unheard", user="u", account="a", at=days(6))
    assert row(guide).reached == {"sent": us(5), "big": us(4)}
    assert guide.ignored == {
        "sent.total is not of type number": 2,
        "event unheard is not declared": 1,
    }


def test_what_guidance_did_is_no_start() -> None:
    store, clock = MemoryStore(), FrozenClock()
    item = "guidance:\n  - {id: it, type: banner, moment: onboard, toward: sent, title: T}\n"
    early = Guidepath(playbook(SENT, more=item), store, clock=clock)
    early.respond(early.next(user="u", account="a").id, "shown")
    clock.tick(days=1)
    early.track("opened", user="u", account="a")
    assert row(early).start == us(1)
    later = Guidepath(playbook(SENT, BIG, more=item), store, clock=clock)
    later.progress(user="u", account="a")
    assert (row(later).start, row(later, None).start) == (us(1), us(1))


def test_what_the_account_reached_before_her_time_is_not_celebrated_with_her() -> None:
    clock = FrozenClock()
    party = "guidance:\n  - {id: p, type: modal, moment: celebrate, toward: team, title: P}\n"
    guide = Guidepath(playbook(SENT, TEAM, more=party), clock=clock)
    guide.track("sent", user="v", account="a")
    guide.track("sent", user="w", account="a")
    clock.tick(days=90)
    guide.track("opened", user="u", account="a")
    verdict = guide.explain(user="u", account="a").candidates[0].verdict
    assert (verdict.code, verdict.actual) == ("PREREQUISITE", "team reached before her time")
    assert guide.next(user="v", account="a").reason == "CHOSEN"
    assert guide.next(user="nobody", account="a").item is None


def test_an_edited_rule_takes_nothing_back_and_says_nothing_again() -> None:
    store, clock = MemoryStore(), FrozenClock()
    Guidepath(playbook(SENT), store, clock=clock).track("sent", user="u", account="a")
    count = len(said(store))
    edited = 'sent, title: Sent, reached_when: count("sent") >= 9, first_value: true'
    guide = Guidepath(playbook(edited), store, clock=clock)
    assert guide.progress(user="u", account="a").reached == ("sent",)
    assert len(said(store)) == count


def test_a_renamed_milestone_stays_reached_under_its_new_name() -> None:
    store, clock = MemoryStore(), FrozenClock()
    Guidepath(playbook(SENT, TWICE), store, clock=clock).track("sent", user="u", account="a")
    count = len(said(store))
    renamed = 'shipped, title: S, reached_when: did("sent"), first_value: true, renamed_from: sent'
    guide = Guidepath(playbook(renamed, TWICE), store, clock=clock)
    assert guide.progress(user="u", account="a").reached == ("shipped",)
    assert len(said(store)) == count


def test_a_user_hears_of_what_her_account_reached_while_she_was_away() -> None:
    clock = FrozenClock()
    guide = Guidepath(playbook(SENT, TEAM, MATE), clock=clock)
    guide.track("opened", user="u", account="a")
    clock.tick(days=1)
    guide.track("sent", user="v", account="a")
    clock.tick(days=1)
    guide.track("sent", user="w", account="a")
    clock.tick(days=5)
    assert set(guide.progress(user="u", account="a").reached) == {"team", "mate"}
    assert row(guide).reached["mate"] == us(2)
    assert guide.report().to_json()["milestones"]["mate"]["reached"] == 1  # type: ignore[index]


def test_told_anew_the_account_still_comes_before_the_user_at_the_same_instant() -> None:
    clock = FrozenClock()
    begun = 'begun, title: Begun, scope: account, reached_when: did("opened")'
    later = "later, title: Later, reached_when: not since(reached begun) <= 1h"
    guide = Guidepath(playbook(SENT, begun, later, TEAM), clock=clock)
    guide.track("opened", user="u", account="a")
    clock.tick(hours=0.5)
    guide.track("sent", user="v", account="a")
    clock.tick(days=5)
    guide.progress(user="u", account="a")
    assert row(guide).reached["later"] == us(1 / 24) + 1


def test_the_report_counts_what_nobody_has_looked_at_yet() -> None:
    clock = FrozenClock()
    guide = Guidepath(playbook(SENT, TEAM, MATE, CALM), clock=clock)
    guide.track("opened", user="u", account="a")
    guide.track("sent", user="v", account="a")
    guide.track("sent", user="w", account="a")
    clock.tick(days=5)
    milestones = guide.report(until=clock()).to_json()["milestones"]
    assert milestones["mate"]["reached"] == 1  # type: ignore[index]
    assert milestones["calm"]["reached"] == 2  # type: ignore[index]


def test_the_past_is_explained_from_the_history() -> None:
    clock = FrozenClock()
    item = "guidance:\n  - {id: it, type: banner, moment: onboard, toward: sent, title: T}\n"
    guide = Guidepath(playbook(SENT, more=item), clock=clock)
    guide.track("opened", user="u", account="a")
    clock.tick(days=1)
    decision = guide.next(user="u", account="a")
    guide.respond(decision.id, "shown")
    guide.respond(decision.id, "dismissed", end_reason="close")
    clock.tick(days=1)
    guide.track("sent", user="u", account="a")

    def verdict(at: datetime) -> str:
        told = guide.explain(user="u", account="a", at=at)
        return told.candidates[0].verdict.code

    assert verdict(days(0.5)) == "CHOSEN"
    assert verdict(days(1.5)) == "DISMISSED"
    assert verdict(days(2.5)) == "DONE"


def test_progress_does_not_grow_with_history() -> None:
    import msgspec

    guide = Guidepath(playbook(SENT, TWICE, BIG, CALM))
    sizes = []
    for number in range(200):
        guide.track("sent", user="u", account="a", at=days(number / 100))
        sizes.append(len(msgspec.msgpack.encode(row(guide))))
    assert max(sizes[20:]) <= sizes[20] + 2


def test_an_item_the_playbook_does_not_have_is_no_answer() -> None:
    item = "guidance:\n  - {id: it, type: banner, moment: onboard, toward: sent, title: T}\n"
    store = MemoryStore()
    decision = Guidepath(playbook(SENT, more=item), store).next(user="u", account="a")
    with pytest.raises(EventError, match="the playbook has no item 'it'"):
        Guidepath(playbook(SENT), store).respond(decision.id, "shown")


def test_exported_is_all_that_is_known_and_erased_is_all_of_it() -> None:
    guide = Guidepath(playbook(SENT))
    guide.identify(user="u", account="a", role="owner")
    guide.track("sent", user="u", account="a", id="e")
    guide.track("sent", user="v", account="a", id="f")
    exported = guide.export(user="u", account="a")
    assert [one["id"] for one in exported["history"]][1:] == ["e"]  # type: ignore[attr-defined]
    guide.erase(user="u", account="a")
    assert guide.export(user="u", account="a")["history"] == []
    assert [one.id for one in guide.store.history("a")] == ["f"]


def test_what_waiting_makes_true_for_an_account_is_saved_though_no_user_comes() -> None:
    clock, store = FrozenClock(), MemoryStore()
    old = 'old, title: Old, scope: account, reached_when: did("sent") and since(start) > 2d'
    guide = Guidepath(playbook(SENT, old), store, clock=clock)
    guide.track("sent", user="u", account="a")
    clock.tick(days=3)
    run(reach(guide._calls.deck, Subject("a"), us(3)), store)
    assert row(guide, None).reached == {"old": us(2) + 1}
    assert [one.data["milestone"] for one in said(store) if "milestone" in one.data][-1] == "old"
