"""A sink that is away costs nothing: not an envelope, not another sink's pace, not a request's."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.faults.checker import Delivered, look, violations
from tests.faults.journal import Calls
from tests.faults.product import PLAYBOOK, deck, process
from tests.faults.scale import times

from guidepath import Guidepath
from guidepath.clock import micros
from guidepath.driver import run
from guidepath.event import Envelope, event
from guidepath.ports import Store
from guidepath.relay import Relay
from guidepath.subject import Subject
from guidepath.testing import FrozenClock

EVENTS = times(10_000)
ACCOUNTS = 20
PEOPLE = 40  # in each account
PART = 125  # events of one account in one call
PATIENCE_S = 120
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Ear:
    """A sink that keeps what it hears, while it is there and as long as nobody stops it."""

    def __init__(self, name: str, *, away: bool = False) -> None:
        self.name = name
        self.carries: frozenset[str] = frozenset()
        self.away = away
        self.heard: list[Envelope] = []
        self.threads: set[threading.Thread] = set()
        self.asked = threading.Event()
        self._hearing = threading.Condition()
        self.goes_on = threading.Event()
        self.goes_on.set()

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        self.threads.add(threading.current_thread())
        self.asked.set()
        assert self.goes_on.wait(PATIENCE_S)
        if self.away:
            raise OSError("away")
        with self._hearing:
            self.heard += envelopes
            self._hearing.notify_all()

    def hears(self, expected: set[str]) -> bool:
        """Whether it hears all of these, sooner or later."""
        with self._hearing:
            return self._hearing.wait_for(
                lambda: expected <= {one.id for one in self.heard}, PATIENCE_S
            )

    def close(self) -> None:
        pass


def test_what_comes_while_a_sink_is_down_is_drained_in_order_once_it_is_back(store: Store) -> None:
    clock, calls = FrozenClock(START), Calls()
    down, well = Ear("down", away=True), Ear("well")
    host, relay = process(clock), Relay(store, [down, well], clock=clock)
    for first in range(0, EVENTS, PART):
        account = f"account {first // PART % ACCOUNTS}"
        events = [
            event(
                "track",
                ("sent", "opened")[number % 2],
                subject=Subject(account, f"user {number % PEOPLE}"),
                id=f"e{number}",
                now=micros(START),
            )
            for number in range(first, first + PART)
        ]
        for one in events:
            calls.invoked(one.subject, one.id)
        run(host.receive(events), store)
        for one in events:
            calls.ended(one.subject, one.id, "ok")
        relay.drain()
        clock.tick(minutes=1)
    assert down.heard == []
    assert len({one.id for one in well.heard}) == len(well.heard) > 3 * ACCOUNTS * PEOPLE
    down.away = False
    clock.tick(hours=2)
    assert [one.problem for one in relay.drain() if one.problem] == []
    assert [one.waiting for one in relay.queues()] == [0, 0]
    assert store.dead() == []
    sinks = {one.name: Delivered(one.heard) for one in (down, well)}
    assert violations(deck(), calls, look(store), sinks, calm=True) == []
    assert len(down.heard) == len(well.heard)


def test_a_sink_that_hangs_holds_up_neither_another_sink_nor_a_request(store: Store) -> None:
    hangs, well = Ear("hangs"), Ear("well")
    hangs.goes_on.clear()
    guide = Guidepath(PLAYBOOK, store, [hangs, well])
    guide.track("sent", user="ada", account="acme")
    assert hangs.asked.wait(PATIENCE_S)
    for number in range(50):
        guide.track("sent", user=f"user {number}", account="acme")
    expected = {one.id for one in store.said("acme")}
    assert well.hears(expected)
    assert hangs.heard == []
    hangs.goes_on.set()
    guide.close()
    assert {one.id for one in hangs.heard} == expected
    assert threading.main_thread() not in hangs.threads | well.threads
