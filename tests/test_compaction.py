"""Compaction changes nothing but how much is kept: against a twin that keeps everything."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.journeys import ACCOUNT, Journey, journeys, playbooks
from tests.test_fold import Step, arrive

from guidepath import (
    AsyncGuidepath,
    ConfigurationError,
    Decision,
    EventError,
    Guidepath,
    Playbook,
    StoreError,
)
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.base import Base
from guidepath.batch import TOO_OLD
from guidepath.clock import micros, moment
from guidepath.compaction import compact
from guidepath.driver import run
from guidepath.flow import reach
from guidepath.ports import Change, Draft, Store
from guidepath.progress import Progress
from guidepath.recall import Recall
from guidepath.registry import open_store
from guidepath.subject import Subject
from guidepath.testing import FrozenClock
from guidepath.testing.sample import happened, progress

OWN = ("base", "cut", "folds", "seen")  # what may differ from a twin that was not compacted


class Dying(MemoryStore):
    """The process is killed at some write, before or after it was done."""

    def __init__(self) -> None:
        super().__init__()
        self.left = -1
        self.after = False

    def save(self, change: Change) -> bool:
        return bool(self._counted(lambda: super(Dying, self).save(change)))

    def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        return int(self._counted(lambda: super(Dying, self).prune(account, users, until=until)))

    def _counted(self, write: Callable[[], Any]) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise StoreError("killed")
        done = write()
        if self.left == 0:
            raise StoreError("killed")
        return done


class Twins:
    """The same guide twice; one of them is compacted now and then."""

    def __init__(self, playbook: Playbook, clock: Any) -> None:
        self.whole = Guidepath(playbook, MemoryStore(), clock=clock)
        self.dying = Dying()
        self.short = Guidepath(playbook, self.dying, clock=clock)
        self.both = (self.whole, self.short)

    def compact(self, cut: int, data: st.DataObject) -> None:
        """Compact the one, killed anywhere or not. It looks at everybody, so the other does too."""
        now = micros(self.short.clock())
        for guide in self.both:
            for subject, _ in guide.store.subjects():
                run(reach(guide._calls.deck, subject, now), guide.store)
        # writes: the cut, a base of each user, that of the account, the pruning
        writes = len(self.dying.subjects()) + 2
        self.dying.left = data.draw(st.sampled_from([0, *range(2, writes + 1), writes - 1]))
        with suppress(StoreError):
            run(compact(self.short._calls.deck, ACCOUNT, cut=cut, now=now), self.dying)
        self.dying.left = -1

    def tell_anew(self) -> None:
        """Have both told from what they keep, the account first."""
        for guide in self.both:
            for subject, told in guide.store.subjects():
                row = guide.store.load(ACCOUNT, [subject.user] if subject.user else [])
                version = (row.users[subject.user] if subject.user else row.account).version
                stale = msgspec.structs.replace(told, fingerprint="", due=None)
                guide.store.save(Change(ACCOUNT, {subject.user: Draft(stale, version)}))
            for subject, _ in guide.store.subjects():
                run(reach(guide._calls.deck, subject, micros(guide.clock())), guide.store)

    def rows(self, guide: Guidepath) -> dict[str, dict[str, Any]]:
        found = {}
        for subject, told in guide.store.subjects():
            fields = msgspec.to_builtins(told).items()
            found[subject.user or "account"] = {k: v for k, v in fields if k not in OWN}
        return found

    def agree(self) -> None:
        assert self.rows(self.short) == self.rows(self.whole)
        said = [
            [msgspec.to_builtins(one) for one in guide.store.said(ACCOUNT)] for guide in self.both
        ]
        assert said[1] == said[0]
        assert self.short.store.totals() == self.whole.store.totals()
        assert self.short.report() == self.whole.report()


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> datetime:
        return moment(self.now)


@st.composite
def cuts(draw: st.DrawFn, steps: Sequence[Step]) -> dict[int, int]:
    """After which steps there is a compaction, and up to when: at a step's time, or beside it.

    What comes after it is not older: else it would be refused.
    """
    found = {}
    for number in draw(st.lists(st.sampled_from(range(len(steps))), max_size=3)) if steps else []:
        at = draw(st.sampled_from(steps[: number + 1]))[1].at
        least = min([steps[number][1].at, *(one.at - 1 for _, one in steps[number + 1 :])])
        found[number] = min(at + draw(st.sampled_from((-1, 0, 3_600_000_000))), least)
    return found


@settings(max_examples=60, deadline=None)
@given(playbook=playbooks(), journey=journeys(), data=st.data())
def test_compacting_anywhere_changes_no_progress_and_nothing_that_is_said(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    time = Time()
    twins = Twins(playbook, time)
    steps = list(enumerate(journey.steps))
    planned = data.draw(cuts(steps))
    for step in steps:
        time.now = step[1].at
        for guide in twins.both:
            arrive(guide, [step])
        if step[0] in planned:
            twins.compact(planned[step[0]], data)
            twins.agree()
    time.now = journey.end
    for guide in twins.both:
        for user in journey.users:
            guide.progress(user=user, account=ACCOUNT)
    twins.agree()
    twins.tell_anew()
    twins.agree()


@settings(max_examples=60, deadline=None)
@given(playbook=playbooks(), journey=journeys(), data=st.data())
def test_what_comes_late_after_the_cut_is_told_as_if_nothing_were_missing(
    playbook: Playbook, journey: Journey, data: st.DataObject
) -> None:
    time = Time()
    twins = Twins(playbook, time)
    steps = list(enumerate(journey.steps))
    cut = data.draw(st.sampled_from([one.at for one in journey.steps] or [0]))
    early = [step for step in steps if step[1].at <= cut]
    late = data.draw(st.permutations([step for step in steps if step[1].at > cut]))
    first = data.draw(st.integers(0, len(late)))
    time.now = cut
    for guide in twins.both:
        arrive(guide, early)
    time.now = journey.end
    for guide in twins.both:
        arrive(guide, late[:first])
    twins.compact(cut, data)
    for guide in twins.both:
        arrive(guide, late[first:])
    twins.agree()
    twins.tell_anew()
    twins.agree()


PLAYBOOK = """
name: ledgerly
roles: [owner, member]
attributes:
  user:
    first_name: {type: string, pii: true, optional: true}
    score: {type: integer, optional: true}
  account: {size: {type: integer, optional: true}}
events: {sent: {properties: {total: number}}, opened: {}}
milestones:
  - {id: first, title: First, reached_when: did("sent"), first_value: true}
  - {id: ten, title: Ten, reached_when: count("sent") >= 10}
  - {id: calm, title: Calm, reached_when: did("sent") and since("sent") > 20d}
  - {id: team, title: Team, scope: account, reached_when: account.users("sent" within 60d) >= 3}
  - {id: rich, title: Rich, reached_when: total("sent".total) >= 100}
  - {id: mate, title: Mate, reached_when: reached(team) and not did("opened" within 1d)}
guidance:
  - {id: send, type: banner, moment: onboard, toward: ten, title: T,
     frequency: {max: 9, cool_off: 1d}}
  - {id: open, type: banner, moment: nurture, toward: mate, title: T, page: /x, snooze: [1d],
     when: count("opened" within 40d) < 3, frequency: {max: 4, cool_off: 2d}}
  - {id: party, type: modal, moment: celebrate, toward: team, title: T}
limits: {per_day: 2, per_week: 5, cool_off: 1h}
"""
NEW = """
  - {id: twelve, title: Twelve, reached_when: count("sent") >= 12}
  - {id: opener, title: Opener, reached_when: days("opened") >= 2}
  - {id: scorer, title: Scorer, reached_when: user.score >= 5}
"""
# where no user's milestone reads the account
ALONE = PLAYBOOK.replace("reached(team) and not did", 'did("sent") and not did')
START = datetime(2026, 1, 1, tzinfo=UTC)
U: dict[str, Any] = {"user": "u", "account": "a"}


def of(playbook: str = PLAYBOOK) -> Playbook:
    return Playbook.parse(playbook)


def changed(playbook: str = PLAYBOOK) -> Playbook:
    """A playbook that asks for more."""
    return of(playbook.replace("guidance:", NEW.lstrip("\n") + "guidance:", 1))


def row(guide: Guidepath, user: str | None = "u") -> Progress:
    return dict(guide.store.subjects())[Subject("a", user)]


STEPS = st.one_of(
    st.tuples(st.just("next"), st.sampled_from(["/x", "/y"])),
    st.tuples(st.just("next"), st.sampled_from(["/x", "/y"])),
    st.tuples(st.just("answer"), st.sampled_from(["shown", "shown", "dismissed", "snoozed"])),
    st.tuples(st.just("track"), st.sampled_from(["sent", "opened"])),
    st.tuples(st.just("colleague"), st.sampled_from(["v", "w"])),
    st.tuples(st.just("late"), st.sampled_from(["sent", "opened"])),
    st.tuples(st.just("tick"), st.sampled_from(["0.01", "0.1", "1", "9", "30"])),
    st.tuples(st.just("compact"), st.sampled_from(["1", "2", "10", "40"])),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEPS, min_size=10, max_size=50))
@example(
    [
        *[("next", "/x"), ("answer", "dismissed")] * 2,
        *[("next", "/x"), ("tick", "1"), ("compact", "1"), ("next", "/x")],
    ]
)
def test_every_decision_is_what_it_would_be_without_compacting(
    steps: list[tuple[str, str]],
) -> None:
    clock = FrozenClock(START)
    guides = [Guidepath(of(), MemoryStore(), clock=clock) for _ in range(2)]
    for guide in guides:
        # what one recalls has the id of when it was decided, and compacting makes the other forget
        guide._calls._recall = Recall(most=0)
    told: list[Decision] = []
    cut = START
    for number, (how, what) in enumerate(steps):
        if how == "tick":
            clock.tick(days=float(what))
        elif how == "compact":
            for guide in guides:
                for user in ("u", "v", "w"):
                    guide.progress(user=user, account="a")
            done = guides[1].compact(older_than=timedelta(days=float(what)))
            cut = max(cut, done.until)
        else:
            at = max(cut + timedelta(seconds=1), clock() - timedelta(days=3))
            answers = [_live(guide, number, how, what, told, at) for guide in guides]
            assert answers[0] == answers[1]
            if how == "next":
                told = answers
    for at in (clock() - timedelta(minutes=1), cut):
        # the past is told from the events alone, which a late one may tell otherwise than we did
        if cut <= at <= clock() and not any(how == "late" for how, _ in steps):
            then = [guide.explain(**U, at=at, page="/x") for guide in guides]
            assert then[0] == then[1]
    assert guides[0].report() == guides[1].report()
    assert guides[0].store.totals() == guides[1].store.totals()


def _live(
    guide: Guidepath, number: int, how: str, what: str, told: list[Decision], at: datetime
) -> Any:
    match how:
        case "next":
            return guide.next(**U, page=what)
        case "answer" if told and told[0].item is not None:
            return guide.respond(told[0].id, what, id=f"e{number}")  # type: ignore[arg-type]
        case "track":
            return guide.track(what, **U, id=f"e{number}")
        case "colleague":
            return guide.track("sent", user=what, account="a", id=f"e{number}")
        case "late":
            return guide.track(what, **U, id=f"e{number}", at=at)
    return None


def lived(
    store: Store | None = None, days: int = 100, playbook: str = PLAYBOOK
) -> tuple[Guidepath, FrozenClock]:
    """Nine times sent in the first days, then long nothing."""
    clock = FrozenClock(START)
    guide = Guidepath(of(playbook), store or MemoryStore(), clock=clock)
    guide.identify(**U, role="owner", attributes={"first_name": "Ada", "score": 7}, id="i")
    for number in range(9):
        guide.track("sent", **U, properties={"total": 1.0}, id=f"e{number}")
        clock.tick(days=1)
    guide.track("sent", user="v", account="a", id="v")
    clock.tick(days=days)
    return guide, clock


def test_what_is_older_goes_and_what_was_reached_stays() -> None:
    guide, clock = lived()
    report = guide.report()
    done = guide.compact(older_than=timedelta(days=30))
    assert done == (11, 1, clock() - timedelta(days=30))
    assert guide.store.history("a") == []
    assert guide.report() == report
    assert guide.compact(older_than=timedelta(days=30))[:2] == (0, 0)
    receipt = guide.track("sent", **U)
    assert [one.milestone for one in receipt.reached if one.user == "u"] == ["ten"]


def test_what_comes_late_from_before_is_refused_softly_and_counted() -> None:
    guide, clock = lived()
    guide.compact(older_than=timedelta(days=30))
    before = clock() - timedelta(days=30)
    assert not guide.track("sent", **U, id="e3", at=START + timedelta(days=3)).stored
    assert not guide.track("sent", **U, id="new", at=before).stored
    assert not guide.group(account="a", attributes={"size": 3}, at=before).stored
    assert guide.ignored == {TOO_OLD: 3}
    assert guide.track("sent", **U, id="new", at=before + timedelta(microseconds=1)).stored
    message = {
        "type": "track",
        "messageId": "m",
        "userId": "u",
        "context": {"groupId": "a"},
        "timestamp": START.isoformat(),
        "event": "sent",
    }
    assert guide.ingest([message]) == (0, 0, {}, 0, 1)


def test_feedback_from_before_is_refused_too() -> None:
    guide, clock = lived(days=0)
    decision = guide.next(**U)
    clock.tick(days=100)
    guide.compact(older_than=timedelta(days=30))
    assert not guide.respond(decision.id, "shown", at=clock() - timedelta(days=50))
    assert guide.store.history("a") == []


def test_the_past_before_it_is_a_clear_error_and_after_it_is_told() -> None:
    guide, _ = lived()
    cut = guide.compact(older_than=timedelta(days=30)).until
    with pytest.raises(EventError, match=r"of 'a' is kept from 2026-03-21T00:00:00Z on"):
        guide.explain(**U, at=cut - timedelta(microseconds=1))
    assert guide.explain(**U, at=cut).reason == "CHOSEN"


def test_a_new_playbook_finds_what_was_remembered_and_begins_to_count_the_rest() -> None:
    guide, clock = lived()
    guide.track("opened", **U, at=clock() - timedelta(days=50))
    cut = guide.compact(older_than=timedelta(days=30)).until
    told = Guidepath(changed(), guide.store, clock=clock)
    reached = {one.id: one for one in told.progress(**U).milestones}
    assert reached["scorer"].reached_at == cut  # true by then; when it became so is not known
    assert reached["scorer"].backfilled
    assert reached["first"].reached_at == START
    assert not reached["twelve"].backfilled
    told.track("opened", **U)
    clock.tick(days=1)
    for number in range(3):
        told.track("sent", **U, id=f"again{number}")
    now_reached = set(told.progress(**U).reached)
    assert {"ten", "twelve"} <= now_reached  # the same fact, so it was carried over
    assert "opener" not in now_reached  # days were not remembered before
    clock.tick(days=1)
    told.track("opened", **U)
    assert "opener" in told.progress(**U).reached


def test_an_old_playbook_that_comes_back_finds_all_of_its_own() -> None:
    guide, clock = lived()
    guide.compact(older_than=timedelta(days=30))
    before = row(guide)
    Guidepath(changed(), guide.store, clock=clock).progress(**U)
    guide.progress(**U)
    after = row(guide)
    assert (after.memory, after.attributes, after.base) == (
        before.memory,
        before.attributes,
        before.base,
    )


def test_an_attribute_of_another_type_is_not_carried_over() -> None:
    guide, clock = lived()
    guide.compact(older_than=timedelta(days=30))
    other = of(PLAYBOOK.replace("score: {type: integer", "score: {type: time"))
    Guidepath(other, guide.store, clock=clock).progress(**U)
    assert row(guide).attributes == {"first_name": "Ada"}
    listed = of(PLAYBOOK.replace("first_name: {type: string, pii: true", "first_name: {enum: [Bo]"))
    Guidepath(listed, guide.store, clock=clock).progress(**U)
    assert row(guide).attributes == {"score": 7}


def test_less_than_a_day_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a day of history is kept at least"):
        Guidepath(of()).compact(older_than=timedelta(hours=23))


def test_an_export_has_the_base_in_words() -> None:
    guide, _ = lived()
    guide.compact(older_than=timedelta(days=30))
    exported = json.loads(json.dumps(guide.export(**U)))
    stood = exported["progress"]["base"]["progress"]
    assert stood["attributes"] == {"first_name": "Ada", "score": 7}
    assert exported["history"] == []
    assert "base" in json.loads(json.dumps(guide.export(account="a")))["users"]["v"]


def test_of_who_is_erased_after_it_no_base_tells() -> None:
    store = MemoryStore()
    guide, clock = lived(store)
    guide.compact(older_than=timedelta(days=30))
    assert "v" in _names(row(guide, None).base)
    guide.erase(user="v", account="a")
    assert "v" not in _names(row(guide, None).base)
    guide.track("sent", user="w", account="a")
    Guidepath(changed(), store, clock=clock).progress(**U)
    people = row(guide, None).memory.people[0]
    assert people[0][1] == "w"
    assert len(people) == 3


def _names(base: bytes) -> list[str]:
    """The people of an account's base."""
    found = msgspec.msgpack.decode(base, type=Base).progress
    told = [one for newest in found.memory.people for _, one in newest]
    return told + list(found.reached_by.values())


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("killed_at", range(1, 6))
def test_killed_anywhere_it_goes_on(killed_at: int, after: bool) -> None:
    store = Dying()
    guide, clock = lived(store)
    whole, _ = lived()
    store.left, store.after = killed_at, after
    with pytest.raises(StoreError):
        guide.compact(older_than=timedelta(days=30))
    for one in (guide, whole):
        one.track("sent", **U, id="between", at=clock() - timedelta(days=20))
    clock.tick(days=1)
    whole.clock.tick(days=1)  # type: ignore[attr-defined]
    guide.compact(older_than=timedelta(days=30))
    for one in (guide, whole):
        one.track("sent", user="w", account="a", id="w")
    assert [one.id for one in store.history("a")] == ["between", "w"]
    for playbook in (of(), changed()):
        ends = [Guidepath(playbook, one.store, clock=clock) for one in (guide, whole)]
        views = [one.progress(**U) for one in ends]
        if playbook == of():
            assert views[0] == views[1]
    assert guide.store.totals() == whole.store.totals()


class Between(MemoryStore):
    """A compaction comes between what a caller loads and what it saves."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def save(self, change: Change) -> bool:
        meanwhile = self.meanwhile
        if meanwhile is not None and any(one.id == "raced" for one in change.events):
            self.meanwhile = None
            meanwhile()
        return super().save(change)


@pytest.mark.parametrize(
    ("user", "playbook", "stored"),
    [("u", PLAYBOOK, False), ("stranger", PLAYBOOK, False), ("stranger", ALONE, True)],
    ids=["known", "reads-account", "stranger"],
)
def test_what_is_late_by_a_moment_is_refused_or_kept_whole(
    user: str, playbook: str, stored: bool
) -> None:
    store = Between()
    guide, clock = lived(store, playbook=playbook)
    guide.track("sent", user="w", account="a", id="w")  # the account reaches nothing by the race
    store.meanwhile = lambda: guide.compact(older_than=timedelta(days=30))
    at = clock() - timedelta(days=60)
    assert guide.track("opened", user=user, account="a", id="raced", at=at).stored is stored
    if stored:
        for asking in (changed(playbook), of(playbook)):
            told = Guidepath(asking, store, clock=clock)
            told.progress(user=user, account="a")
        assert row(guide, user).start == micros(at)
    clock.tick(days=1)
    guide.compact(older_than=timedelta(days=30))
    assert [one.id for one in store.history("a")] == ["w"]
    if stored:
        assert row(guide, user).start == micros(at)


class Late(MemoryStore):
    """Somebody new is saved, with something old, when all others have their bases."""

    def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        old = happened("raced", until - 5, user="stranger", account="a")
        self.save(Change("a", {"stranger": Draft(progress(until - 5), 0)}, [old]))
        return super().prune(account, users, until=until)


def test_who_has_no_base_loses_nothing() -> None:
    guide, _ = lived(Late())
    assert guide.compact(older_than=timedelta(days=30)).events == 11
    assert [one.id for one in guide.store.history("a")] == ["raced"]


def test_while_others_track_nothing_is_lost(tmp_path: Path) -> None:
    guide, clock = lived(SqliteStore(tmp_path / "guidepath.db"))

    def track(number: int) -> bool:
        user = f"u{number % 3}" if number % 2 else "u"
        at = clock() - timedelta(days=number % 20)
        return guide.track("sent", user=user, account="a", id=f"n{number}", at=at).stored

    with ThreadPoolExecutor(4) as threads:
        tracked = [threads.submit(track, number) for number in range(60)]
        ages = [threads.submit(guide.compact, older_than=timedelta(days=60 - n)) for n in range(9)]
        assert all(one.result(60) for one in tracked)
        assert sum(one.result(60).events for one in ages) == 11
    counts = {subject.user: one.memory.counters for subject, one in guide.store.subjects()}
    assert [counts[f"u{n}"][0] for n in range(3)] == [10, 10, 10]
    assert counts["u"][0] == 39
    other = Guidepath(of(PLAYBOOK.replace("ten, title", "tenth, title")), guide.store, clock=clock)
    assert "tenth" in other.progress(**U).reached
    anew = {subject.user: one.memory.counters for subject, one in guide.store.subjects()}
    assert anew["u"] == counts["u"]
    guide.store.close()


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_servers_keep_as_little(name: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(name).database()
    store = open_store(url)
    guide, clock = lived(store)
    report, totals = guide.report(), store.totals()
    assert guide.compact(older_than=timedelta(days=30)).events == 11
    assert store.history("a") == []
    assert (guide.report(), store.totals()) == (report, totals)
    assert "ten" in [one.milestone for one in guide.track("sent", **U).reached]
    assert Guidepath(changed(), store, clock=clock).progress(**U).reached[0] == "first"
    store.close()


async def _compacted() -> tuple[int, list[tuple[int, int]]]:
    steps: list[tuple[int, int]] = []
    clock = FrozenClock(START)
    async with AsyncGuidepath(of(), "memory:", clock=clock) as guide:
        await guide.track("sent", **U)
        clock.tick(days=100)
        done = await guide.compact(
            older_than=timedelta(days=30), progress=lambda *at: steps.append(at)
        )
    return done.events, steps


def test_it_is_the_same_for_asyncio() -> None:
    assert asyncio.run(_compacted()) == (1, [(1, 1)])
