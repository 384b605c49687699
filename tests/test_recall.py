"""A decision that is recalled is the one that would be made anew."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath import Decision, Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.ports import Snapshot
from guidepath.progress import Pair
from guidepath.recall import MOST, Asked, Recall, Versions
from guidepath.testing import FrozenClock

PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes: {user: {}, account: {size: {type: integer, optional: true}}}
events: {sent: {}, imported: {}}
milestones:
  - {id: first, title: First, reached_when: did("sent"), first_value: true}
  - {id: calm, title: Calm, reached_when: did("imported") and since("sent") > 20m}
  - {id: team, title: Team, scope: account, reached_when: account.count("sent") >= 3}
guidance:
  - {id: fading, type: banner, moment: onboard, toward: calm, title: T, page: /x,
     when: 'did("sent" within 30m)', frequency: {max: 5, cool_off: null}, snooze: [1h]}
  - {id: ending, type: banner, moment: onboard, toward: team, title: T,
     ends: 2026-01-01T01:00:00Z, frequency: {max: 9, cool_off: null}}
  - {id: ripening, type: banner, moment: nurture, toward: team, title: T,
     when: since(start) > 40m and not reached(calm), frequency: {max: 9, cool_off: 5m}}
  - {id: big, type: banner, moment: upgrade, toward: team, title: T,
     when: account.size >= 5, roles: [owner]}
  - {id: party, type: announcement, moment: celebrate, toward: team, title: T}
limits: {per_session: 6, per_day: 9, per_week: 20, cool_off: 2m}
""")
STEPS = st.one_of(
    st.tuples(st.just("next"), st.sampled_from(["/x", "/y"])),
    st.tuples(st.just("next"), st.sampled_from(["/x", "/y"])),
    st.tuples(st.just("next"), st.sampled_from(["/x", "/y"])),
    st.tuples(st.just("track"), st.sampled_from(["sent", "imported"])),
    st.tuples(st.just("colleague"), st.just("sent")),
    st.tuples(st.just("grow"), st.sampled_from(["1", "7"])),
    st.tuples(st.just("role"), st.sampled_from(["owner", "member"])),
    st.tuples(st.just("answer"), st.sampled_from(["shown", "completed", "dismissed", "snoozed"])),
    st.tuples(st.just("next"), st.just("/x")),
    st.tuples(st.just("tick"), st.sampled_from(["0.1", "1", "3"])),
    st.tuples(st.just("tick"), st.sampled_from(["0.1", "1", "3", "9", "21", "31", "700"])),
    st.tuples(st.just("erase"), st.just("")),
)


class Forgetful(Recall):
    """Recalls nothing, so that everything is decided anew."""

    def held(self, asked: Asked, now: int) -> None:
        return None


class Life:
    """One guide and what happens to it."""

    def __init__(self, clock: FrozenClock, *, recalls: bool) -> None:
        self.guide = Guidepath(PLAYBOOK, MemoryStore(), clock=clock)
        if not recalls:
            self.guide._calls._recall = Forgetful()
        self.told: Decision | None = None

    def step(self, number: int, how: str, what: str) -> object:
        guide, id = self.guide, f"e{number}"
        match how:
            case "next":
                self.told = guide.next(user="u", account="a", page=what)
                told = self.told
                return told.reason, told.guidance, told.claim, told.item, told.next_evaluation_at
            case "track":
                guide.track(what, user="u", account="a", id=id)
            case "colleague":
                guide.track(what, user="v", account="a", id=id)
            case "grow":
                guide.group(account="a", attributes={"size": int(what)}, id=id)
            case "role":
                guide.identify(user="u", account="a", role=what, id=id)
            case "answer" if self.told is not None and self.told.item is not None:
                return guide.respond(self.told.id, what, id=id)  # type: ignore[arg-type]
            case "erase":
                guide.erase(user="u", account="a")
        return None


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, min_size=20, max_size=60))
def test_what_is_recalled_is_what_would_be_decided(steps: list[tuple[str, str]]) -> None:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    lives = [Life(clock, recalls=recalls) for recalls in (True, False)]
    for number, (how, what) in enumerate(steps):
        if how == "tick":
            clock.tick(minutes=float(what))
            continue
        one, other = (life.step(number, how, what) for life in lives)
        assert one == other


def test_asking_again_looks_at_the_versions_and_at_nothing_else() -> None:
    class Counting(MemoryStore):
        loads = 0

        def load(
            self,
            account: str,
            users: Sequence[str] = (),
            ids: Sequence[str] = (),
            *,
            turn: bool = False,
        ) -> Snapshot:
            self.loads += 1
            return super().load(account, users, ids, turn=turn)

    clock = FrozenClock()
    store = Counting()
    guide = Guidepath(PLAYBOOK, store, clock=clock)
    guide.track("sent", user="u")
    guide.next(user="u", page="/x")
    first = guide.next(user="u", page="/x")
    loads = store.loads
    clock.tick(minutes=0.5)
    second = guide.next(user="u", page="/x")
    assert store.loads == loads
    assert (second.item, second.claim) == (first.item, first.claim)
    assert second.evaluated_at == first.evaluated_at + 30_000_000
    guide.track("imported", user="u")
    guide.next(user="u", page="/x")
    assert store.loads > loads


def test_what_is_recalled_ends_where_waiting_reaches_a_milestone() -> None:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    guide = Guidepath(PLAYBOOK, clock=clock)
    for name in ("imported", "sent"):
        guide.track(name, user="u", account="a")
    clock.tick(minutes=18)
    told = [guide.next(user="u", account="a", page="/x").guidance for _ in range(2)]
    assert told == ["fading", "fading"]
    clock.tick(minutes=3)
    assert guide.next(user="u", account="a", page="/x").guidance != "fading"


def test_only_the_newest_askers_are_remembered() -> None:
    guide = Guidepath(PLAYBOOK)
    decision = guide.next(user="u")
    recall = Recall()
    for number in range(MOST + 10):
        asked = ("u", None, f"/{number}", None, None)
        recall.keep(decision, asked, Versions(1, 1), Pair())
    assert len(recall._kept) == MOST


def test_what_a_host_rolls_back_is_not_recalled(tmp_path: Path) -> None:
    clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    url = f"sqlite:///{tmp_path / 'a.db'}"
    with Guidepath(PLAYBOOK, url, clock=clock) as guide:
        guide.track("sent", user="u", account="a")
        host = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        host.execute("BEGIN IMMEDIATE")
        inside = guide.within(host)
        told = [inside.next(user="u", account="a", page="/x").reason for _ in range(2)]
        assert told == ["CHOSEN", "ACTIVE_CLAIM"]
        host.execute("ROLLBACK")
        host.close()
        assert guide.next(user="u", account="a", page="/x").reason == "CHOSEN"
