"""Deadlines: what is not reached in time is said to be overdue, once, with its instant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journeys import ACCOUNT, AGES, Journey, journeys, playbooks, tell
from tests.test_fold import arrive, guided
from tests.test_plain import by, never

from guidepath import Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import HOUR, iso, micros
from guidepath.compaction import compact
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.event import Envelope
from guidepath.flow import reach
from guidepath.ports import Store
from guidepath.progress import Progress
from guidepath.relay import Relay
from guidepath.subject import Subject
from guidepath.testing import FrozenClock

START = datetime(2026, 1, 1, tzinfo=UTC)
ONE = timedelta(microseconds=1)
HEAD = """
name: ledgerly
roles: [owner, member]
events: {sent: {}, opened: {}, joined: {}}
milestones:
"""
SENT = '{id: sent, title: Sent, reached_when: did("sent"), first_value: true, due: 3d}'
CALM = "{id: calm, title: Calm, reached_when: since(start) >= 2d, due: 2d}"
LATER = "{id: later, title: Later, reached_when: since(start) > 2d, due: 2d}"
TEAM = """{id: team, title: Team, scope: account, due: 1d,
     reached_when: account.users("joined") >= 2,
     responsible: {customer: owner, supplier: onboarding}}"""


def playbook(*milestones: str) -> Playbook:
    return Playbook.parse(HEAD + "".join(f"  - {one}\n" for one in milestones))


def envelopes(store: Store) -> list[Envelope]:
    subjects = [one for one, _ in store.subjects()]
    return [one for subject in subjects for one in store.said(*subject) if one.user == subject.user]


def overdue(store: Store) -> list[tuple[str | None, str, str]]:
    """Of whom, which milestone, and when it was due."""
    return [
        (one.user, str(one.data["milestone"]), iso(one.occurred_at))
        for one in envelopes(store)
        if one.type == "milestone.overdue"
    ]


def message(name: str, day: str, user: str = "u") -> dict[str, object]:
    """A message of an import."""
    return {
        "type": "track",
        "event": name,
        "userId": user,
        "context": {"groupId": "a"},
        "messageId": f"{name} of {user} on {day}",
        "timestamp": f"{day}T00:00:00Z",
    }


def row(store: Store, user: str | None = "u") -> Progress:
    return dict(store.subjects())[Subject("a", user)]


class World:
    """A guide, its relay, and their clock."""

    def __init__(self, *milestones: str, store: Store | None = None) -> None:
        self.clock = FrozenClock(START)
        self.store = store or MemoryStore()
        self.become(playbook(*milestones))

    def become(self, playbook: Playbook) -> None:
        self.guide = Guidepath(playbook, self.store, clock=self.clock)
        self.relay = Relay(self.store, [], deck=Deck(playbook), clock=self.clock)

    def look(self) -> None:
        """Look at everybody, as a backfill does."""
        now = micros(self.clock())
        for subject, _ in self.store.subjects():
            run(reach(Deck(self.guide.playbook), subject, now), self.store)

    def track(self, name: str, user: str = "u", at: datetime | None = None) -> Any:
        return self.guide.track(name, user=user, account="a", at=at)


def test_the_sweep_says_it_once_with_the_instant_at_which_it_was_due() -> None:
    world = World(SENT, TEAM)
    world.track("opened")
    world.clock.tick(days=3)
    assert world.relay.sweep() == 1  # the account, a day after its start; she is still in time
    assert overdue(world.store) == [(None, "team", "2026-01-02T00:00:00Z")]
    world.clock.now += ONE
    assert world.relay.sweep() == 1
    assert overdue(world.store)[1:] == [("u", "sent", "2026-01-04T00:00:00Z")]
    world.clock.tick(days=300)
    assert world.relay.sweep() == 0
    assert len(overdue(world.store)) == 2
    told = envelopes(world.store)[1]
    assert told.data == {
        "milestone": "team",
        "scope": "account",
        "startedAt": "2026-01-01T00:00:00Z",
        "responsible": {"customer": "owner", "supplier": "onboarding"},
    }
    assert [one.seq for one in envelopes(world.store) if one.user is None] == [1, 2]


def test_it_is_said_as_well_when_she_is_looked_at_or_tracked_first() -> None:
    for what in ("progress", "next", "track"):
        world = World(SENT)
        world.track("opened")
        world.clock.tick(days=4)
        if what == "track":
            world.track("opened")
        else:
            getattr(world.guide, what)(user="u", account="a")
        assert overdue(world.store) == [("u", "sent", "2026-01-04T00:00:00Z")]
        assert world.relay.sweep() == 0


def test_what_is_reached_in_time_is_never_overdue_and_at_the_deadline_it_is_in_time() -> None:
    for late, said in ((timedelta(), 0), (ONE, 1)):
        world = World(SENT)
        world.track("opened")
        world.clock.tick(days=3)
        world.clock.now += late
        world.track("sent")
        world.clock.tick(days=9)
        world.relay.sweep()
        assert len(overdue(world.store)) == said
        assert row(world.store).due is None


def test_what_waiting_reaches_at_the_deadline_is_in_time() -> None:
    world = World(SENT, CALM, LATER)
    world.track("sent")
    world.clock.tick(days=3)
    world.relay.sweep()
    assert overdue(world.store) == [("u", "later", "2026-01-03T00:00:00Z")]
    assert row(world.store).reached.keys() == {"sent", "calm", "later"}
    assert row(world.store).overdue == ()


def test_what_is_reached_after_all_is_said_too_and_is_overdue_no_more() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.relay.sweep()
    assert row(world.store).overdue == ("sent",)
    [reached] = world.track("sent").reached
    assert reached.milestone == "sent"
    assert row(world.store).overdue == ()
    types = [one.type for one in envelopes(world.store) if one.user == "u"]
    assert types == [
        "subject.started",
        "milestone.overdue",
        "milestone.reached",
        "first_value.reached",
    ]


def test_a_late_event_takes_nothing_back_and_what_it_reaches_has_its_true_time() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.track("opened")
    assert len(overdue(world.store)) == 1
    [reached] = world.track("sent", at=START + timedelta(days=1)).reached
    assert reached.at == START + timedelta(days=1)
    assert len(overdue(world.store)) == 1


def test_a_late_event_that_came_before_it_was_said_keeps_it_from_being_said() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.track("sent", at=START + timedelta(days=1))
    world.relay.sweep()
    assert overdue(world.store) == []


def test_an_earlier_start_makes_it_due_earlier() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(hours=1)
    world.track("opened", at=START - timedelta(days=2))
    world.clock.tick(days=1)
    world.relay.sweep()
    assert overdue(world.store) == [("u", "sent", "2026-01-02T00:00:00Z")]


def test_an_earlier_start_says_nothing_of_what_is_reached_by_then() -> None:
    world = World(SENT)
    world.track("sent")
    world.track("opened", at=START - timedelta(days=9))
    world.clock.tick(days=9)
    world.relay.sweep()
    assert overdue(world.store) == []


def test_an_earlier_start_does_not_say_it_again() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.relay.sweep()
    world.track("opened", at=START - timedelta(days=2))
    world.relay.sweep()
    assert overdue(world.store) == [("u", "sent", "2026-01-04T00:00:00Z")]


def test_a_history_that_is_imported_is_told_in_its_order() -> None:
    world = World(SENT)
    messages = [message("opened", "2025-03-01"), message("sent", "2025-03-09")]
    for _ in range(2):
        world.guide.ingest(messages)
        assert overdue(world.store) == [("u", "sent", "2025-03-04T00:00:00Z")]
    told = [one.type for one in envelopes(world.store) if one.user == "u"]
    assert told.index("milestone.overdue") < told.index("milestone.reached")


def test_what_comes_together_is_not_overdue_by_one_event_and_in_time_by_the_next() -> None:
    world = World(SENT, TEAM.replace('"joined"', '"joined" within 5d'))
    world.clock.tick(days=4)
    world.track("opened", user="v")
    world.guide.ingest([message("joined", "2026-01-01", user) for user in ("u", "w")])
    assert row(world.store, None).reached == {"team": micros(START)}
    assert [one for one in overdue(world.store) if one[1] == "team"] == []


def test_a_deadline_that_a_changed_playbook_has_in_the_past_is_not_said() -> None:
    world = World(SENT.replace(", due: 3d", ""))
    world.track("opened")
    world.clock.tick(days=4)
    world.become(playbook(SENT))
    world.look()
    world.relay.sweep()
    assert overdue(world.store) == []
    assert row(world.store).overdue == ("sent",)
    assert world.relay.sweep() == 0


def test_a_deadline_that_a_changed_playbook_has_ahead_is_said_when_it_comes() -> None:
    world = World(SENT.replace(", due: 3d", ""))
    world.track("opened")
    world.clock.tick(days=2)
    world.become(playbook(SENT))
    world.look()
    world.clock.tick(days=2)
    world.relay.sweep()
    assert overdue(world.store) == [("u", "sent", "2026-01-04T00:00:00Z")]


def test_a_deadline_that_was_planned_outlasts_a_change_of_something_else() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.become(playbook(SENT, CALM))
    world.relay.sweep()
    assert overdue(world.store) == [("u", "sent", "2026-01-04T00:00:00Z")]
    assert "backfilled" not in envelopes(world.store)[-1].data


def test_and_so_it_does_where_an_event_is_what_comes_first() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.become(playbook(SENT, CALM))
    world.track("opened")
    assert overdue(world.store) == [("u", "sent", "2026-01-04T00:00:00Z")]


def test_a_longer_deadline_does_not_say_it_again() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.relay.sweep()
    world.become(playbook(SENT.replace("3d", "6d")))
    world.look()
    world.clock.tick(days=9)
    world.relay.sweep()
    assert overdue(world.store) == [("u", "sent", "2026-01-04T00:00:00Z")]


def test_a_renamed_milestone_is_not_said_again_either() -> None:
    world = World(SENT)
    world.track("opened")
    world.clock.tick(days=4)
    world.relay.sweep()
    renamed = SENT.replace("id: sent", "id: shipped").replace("due", "renamed_from: sent, due")
    world.become(playbook(renamed))
    world.look()
    world.relay.sweep()
    assert len(overdue(world.store)) == 1
    assert row(world.store).overdue == ("shipped",)


def test_who_is_erased_is_not_overdue() -> None:
    world = World(SENT)
    world.track("opened")
    world.guide.erase(user="u", account="a")
    world.clock.tick(days=9)
    world.relay.sweep()
    assert overdue(world.store) == []


def test_a_deadline_outlasts_the_history_that_was_dropped() -> None:
    world = World(SENT, TEAM)
    world.track("opened")
    world.clock.tick(hours=30)
    now = micros(world.clock())
    run(compact(world.guide._calls.deck, "a", cut=now - HOUR, now=now), world.store)
    assert overdue(world.store) == [(None, "team", "2026-01-02T00:00:00Z")]
    world.become(playbook(SENT, TEAM, CALM))  # it is told anew, from the base
    world.look()
    world.clock.tick(days=9)
    world.relay.sweep()
    assert overdue(world.store) == [
        (None, "team", "2026-01-02T00:00:00Z"),
        ("u", "sent", "2026-01-04T00:00:00Z"),
    ]


def test_what_is_remembered_does_not_grow_with_history() -> None:
    world = World(SENT, TEAM)
    sizes = []
    for _ in range(3):
        for _ in range(20):
            world.track("opened")
            world.clock.tick(days=1)
        sizes.append(len(msgspec.msgpack.encode(row(world.store))))
    assert sizes[1] == sizes[2]


def test_two_sweeps_at_once_say_it_once() -> None:
    class Twice(MemoryStore):
        inside = False

        def save(self, change: Any) -> bool:
            if not self.inside:
                self.inside = True
                Relay(self, [], deck=Deck(playbook(SENT)), clock=world.clock).sweep()
            return super().save(change)

    store = Twice()
    store.inside = True
    world = World(SENT, store=store)
    world.track("opened")
    world.clock.tick(days=4)
    store.inside = False
    world.relay.sweep()
    assert len(overdue(store)) == 1


@st.composite
def hurried(draw: st.DrawFn) -> Playbook:
    """Random milestones, some of them with a deadline."""
    content = draw(playbooks()).model_dump(mode="json", by_alias=True, exclude_none=True)
    for one in content["milestones"]:
        if draw(st.booleans()):
            one["due"] = f"{draw(st.sampled_from(AGES)) // HOUR}h"
    return Playbook.model_validate(content)


def expected(playbook: Playbook, journey: Journey) -> list[str]:
    """Which milestones are overdue and when, told from what the journey reaches."""
    reached = tell(playbook, journey).reached
    found = []
    for user in reached:
        starts = [one.at for one in journey.steps if user is None or one.user == user]
        for one in playbook.milestones if starts else ():
            if one.due is None or (one.scope == "account") != (user is None):
                continue
            due = min(starts) + one.due // ONE
            if due < min(reached[user].get(one.id, journey.end), journey.end):
                found.append(f"{user} {one.id} {iso(due)}")
    return sorted(found)


def told(guide: Guidepath, journey: Journey) -> list[str]:
    for user in journey.users:
        guide.progress(user=user, account=ACCOUNT)
    run(reach(guide._calls.deck, Subject(ACCOUNT), journey.end), guide.store)
    return sorted(" ".join(map(str, one)) for one in overdue(guide.store))


@settings(max_examples=90, deadline=None)
@given(playbook=hurried(), journey=journeys())
def test_what_is_overdue_and_when_is_what_the_raw_history_tells(
    playbook: Playbook, journey: Journey
) -> None:
    guide = guided(playbook, journey)
    arrive(guide, list(enumerate(journey.steps)))
    assert told(guide, journey) == expected(playbook, journey)
    assert told(guide, journey) == expected(playbook, journey)  # and once


@settings(max_examples=60, deadline=None)
@given(playbook=hurried(), journey=journeys(), data=st.data())
def test_in_any_order_each_is_said_once_and_by_both_ways_alike(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    steps = data.draw(st.permutations(list(enumerate(journey.steps))))
    short, long = guided(playbook, journey), guided(playbook, journey)
    for step in steps:
        arrive(short, [step])
        with by(never):
            arrive(long, [step])
    assert told(short, journey) == told(long, journey)
    said = [one.rsplit(" ", 1)[0] for one in told(short, journey)]
    assert len(said) == len(set(said))
    for subject, progress in short.store.subjects():
        about = [one.split()[1] for one in said if one.startswith(f"{subject.user} ")]
        assert set(progress.overdue) == set(about) - progress.reached.keys()
        assert progress.wakes is None or progress.wakes > journey.end
