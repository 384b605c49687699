"""The relay: everything arrives, in order, and a sink in trouble holds up no other."""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.test_flow import CALM, SENT, playbook

from guidepath import Guidepath
from guidepath.adapters.sinks.jsonl import JsonlSink
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.deck import Deck
from guidepath.event import Envelope
from guidepath.relay import Background, Relay
from guidepath.testing import FrozenClock


class Listening:
    """A sink that keeps what it hears, and fails as often as it is told."""

    def __init__(self, name: str = "s", failures: int = 0) -> None:
        self.name = name
        self.carries: frozenset[str] = frozenset()
        self.failures = failures
        self.heard: list[str] = []

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("away")
        self.heard += [one.id for one in envelopes]

    def close(self) -> None:
        pass


def said(store: MemoryStore, users: int = 3) -> list[str]:
    guide = Guidepath(playbook(SENT), store)
    for number in range(users):
        guide.track("sent", user=f"u{number}", account="a")
    parcel = store.claim("witness", now=0, lease=0, most=999)
    return [one.id for one in parcel.envelopes] if parcel else []


def test_everything_is_carried_once_and_in_order() -> None:
    store, sink = MemoryStore(), Listening()
    expected = said(store)
    relay = Relay(store, [sink])
    relay.drain()
    relay.drain()
    assert sink.heard == expected


def test_a_sink_in_trouble_is_tried_again_later_and_holds_up_no_other() -> None:
    store, clock = MemoryStore(), FrozenClock()
    expected = said(store)
    broken, well = Listening("broken", failures=2), Listening("well")
    relay = Relay(store, [broken, well], clock=clock)
    problems = [one.problem for one in relay.drain() if one.problem]
    assert problems == ["OSError('away')"]
    assert (broken.heard, well.heard) == ([], expected)
    assert relay.drain() == []  # it rests
    clock.tick(minutes=1)
    relay.drain()
    clock.tick(minutes=10)
    relay.drain()
    assert broken.heard == expected


def test_a_relay_that_died_with_a_parcel_loses_nothing() -> None:
    store, clock = MemoryStore(), FrozenClock()
    expected = said(store)
    store.claim("s", now=int(clock().timestamp() * 1e6), lease=30_000_000, most=99)
    sink = Listening()
    relay = Relay(store, [sink], clock=clock)
    relay.drain()
    assert sink.heard == []
    clock.tick(minutes=1)
    relay.drain()
    assert sink.heard == expected


def test_the_sweep_reaches_what_waiting_alone_makes_true() -> None:
    store, clock = MemoryStore(), FrozenClock()
    Guidepath(playbook(SENT, CALM), store, clock=clock).track("sent", user="u", account="a")
    relay = Relay(store, [], deck=Deck(playbook(SENT, CALM)), clock=clock)
    assert relay.sweep() == 0
    clock.tick(days=3)
    assert relay.sweep() == 1
    assert relay.sweep() == 0
    [(_, progress)] = [one for one in store.subjects() if one[0].user]
    assert set(progress.reached) == {"sent", "calm"}


def test_a_guide_with_sinks_carries_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    with Guidepath(playbook(SENT), MemoryStore(), [f"jsonl:{file}"]) as guide:
        guide.track("sent", user="u", account="a")
    assert [line.count('"id"') for line in file.read_text().splitlines()] == [1] * 4


def test_the_thread_begins_anew_in_a_forked_child(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    store = MemoryStore()
    background = Background(Relay(store, [JsonlSink(file)]))
    background.wake()
    child = os.fork()
    if child == 0:
        said(store)
        background.wake()
        alive = any(one.name == "guidepath-relay" for one in threading.enumerate())
        background.close()
        os._exit(0 if alive and file.exists() else 1)
    assert os.waitpid(child, 0)[1] == 0
    background.close()


def test_serving_ends_when_it_is_told_to() -> None:
    store, sink = MemoryStore(), Listening()
    expected = said(store)
    stop = threading.Event()
    thread = threading.Thread(target=Relay(store, [sink]).serve, args=(stop,))
    thread.start()
    for _ in range(1000):
        if sink.heard == expected:
            break
        time.sleep(0.01)
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert sink.heard == expected
