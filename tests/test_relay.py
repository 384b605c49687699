"""The relay: everything arrives, in order, and a sink in trouble holds up no other."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.children import done_by_a_child
from tests.test_flow import CALM, SENT, playbook

from guidepath import ConfigurationError, DeliveryError, Guidepath
from guidepath.adapters.sinks.jsonl import JsonlSink
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.deck import Deck
from guidepath.event import Envelope
from guidepath.ports import Change
from guidepath.relay import Background, Relay
from guidepath.testing import FrozenClock
from guidepath.testing.sample import spoken


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

    def carry() -> None:
        said(store)
        background.wake()
        assert any(one.name == "guidepath-relay" for one in threading.enumerate())
        background.close()
        assert file.exists()

    done_by_a_child(carry)
    background.close()


def test_where_no_thread_can_be_started_calls_are_answered_and_the_next_one_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    guide = Guidepath(playbook(SENT), MemoryStore(), [f"jsonl:{tmp_path / 'events.jsonl'}"])
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", full)
        assert guide.track("sent", user="u", account="a").stored
    guide.track("sent", user="u", account="a")
    assert any(one.name == "guidepath-relay" for one in threading.enumerate())
    guide.close()


def test_what_tells_who_a_person_is_goes_only_where_it_is_told_to() -> None:
    store = MemoryStore()
    private: dict[str, str | int | float | bool] = {"user.email": "a@b.c", "user.phone": "1"}
    said = replace(spoken(1), attributes={"user.size": 3}, private=private)
    assert store.save(Change("acme", {}, [], [said]))
    heard: dict[str, dict[str, object]] = {}

    class Telling(Listening):
        def deliver(self, envelopes: Sequence[Envelope]) -> None:
            heard[self.name] = dict(envelopes[0].private)

    mail, plain = Telling("mail"), Telling("plain")
    mail.carries = frozenset({"user.email"})
    Relay(store, [mail, plain]).drain()
    assert heard == {"mail": {"user.email": "a@b.c"}, "plain": {}}


def test_a_poisoned_envelope_is_a_dead_letter_that_can_be_sent_again() -> None:
    store, sink = MemoryStore(), Listening()
    expected = said(store)
    bad = {expected[3]}

    class Fussy(Listening):
        def deliver(self, envelopes: Sequence[Envelope]) -> None:
            if any(one.id in bad for one in envelopes):
                raise DeliveryError("no such item", refused=True)
            super().deliver(envelopes)

    sink = Fussy()
    relay = Relay(store, [sink])
    done = relay.drain()
    assert [(one.delivered, one.dead, one.problem) for one in done] == [
        (len(expected) - 1, 1, None)
    ]
    assert sink.heard == [one for one in expected if one not in bad]
    (letter,) = store.dead()
    assert (letter.envelope.id, letter.reason) == (expected[3], "no such item")
    assert relay.retry([letter]) == [(letter, "no such item")]
    bad.clear()
    assert relay.retry([letter]) == []
    assert store.dead() == []
    assert sink.heard[-1] == expected[3]


def test_a_sink_that_asks_to_be_left_alone_is() -> None:
    store, clock = MemoryStore(), FrozenClock()
    said(store)

    class Busy(Listening):
        def deliver(self, envelopes: Sequence[Envelope]) -> None:
            raise DeliveryError("429", retry_after=600)

    relay = Relay(store, [Busy()], clock=clock)
    assert [one.problem for one in relay.drain()] == ["429"]
    clock.tick(minutes=9)
    assert relay.drain() == []
    clock.tick(minutes=1)
    assert [one.problem for one in relay.drain()] == ["429"]


def test_two_sinks_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two sinks are called s"):
        Relay(MemoryStore(), [Listening(), Listening()])


def test_what_every_sink_has_is_dropped_after_a_week() -> None:
    store, clock = MemoryStore(), FrozenClock()
    guide = Guidepath(playbook(SENT), store, clock=clock)
    guide.track("sent", user="u", account="a")
    relay = Relay(store, [Listening()], clock=clock)
    clock.tick(days=8)
    relay.sweep()
    assert len(store.said("a")) == 4
    relay.drain()
    relay.sweep()
    assert store.said("a") == []


def test_a_sink_that_hangs_holds_nobody_up_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guidepath.relay.CLOSING_S", 0.2)
    hanging = threading.Event()

    class Hanging(Listening):
        def deliver(self, envelopes: Sequence[Envelope]) -> None:
            hanging.wait()

    store, well = MemoryStore(), Listening("well")
    with Guidepath(playbook(SENT), store, [Hanging("hangs"), well]) as guide:
        guide.track("sent", user="u", account="a")
    hanging.set()
    assert len(well.heard) == 4


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
