"""A webhook behind a broken network: an error in time; in the end it has everything, in order."""

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network

import msgspec
import pytest
from tests.faults.checker import Delivered, look, violations
from tests.faults.journal import Calls
from tests.faults.network.faults import TIMEOUT_S, TRIES, broken, faults, together
from tests.faults.product import PLAYBOOK, deck
from tests.faults.scale import times
from tests.servers.http import Http, Request
from tests.servers.proxy import Proxy

from guidepath import Guidepath
from guidepath.adapters.sinks.webhook import WebhookSink
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.errors import DeliveryError
from guidepath.event import Envelope
from guidepath.relay import Relay
from guidepath.subject import Subject
from guidepath.testing import FrozenClock

SECRET = "whsec_" + base64.b64encode(bytes(32)).decode()


class Watched:
    """The sink, and what it raised."""

    def __init__(self, sink: WebhookSink) -> None:
        self.name, self.carries = sink.name, sink.carries
        self.errors: list[Exception] = []
        self._sink = sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        try:
            self._sink.deliver(envelopes)
        except Exception as problem:
            self.errors.append(problem)
            raise

    def close(self) -> None:
        self._sink.close()


@pytest.fixture
def proxy(http: Http) -> Iterator[Proxy]:
    with Proxy(http.port) as proxy:
        yield proxy


@pytest.fixture
def sink(proxy: Proxy, http: Http) -> Iterator[Watched]:
    sink = WebhookSink(
        proxy.through(http.url) + "/hook",
        [SECRET],
        allow=[ip_network("127.0.0.0/8")],
        insecure=True,
        timeout=TIMEOUT_S,
    )
    yield Watched(sink)
    sink.close()


def test_a_fault_costs_an_error_in_time_and_the_same_sink_goes_on_after_it(
    http: Http, proxy: Proxy, sink: Watched
) -> None:
    clock, calls, store = FrozenClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), Calls(), MemoryStore()
    guide, relay = Guidepath(PLAYBOOK, store, clock=clock), Relay(store, [sink], clock=clock)
    carry = partial(told, relay)
    for number, (name, fault) in enumerate(faults(times(20))):
        subject, event = Subject(f"account {number % 3}", f"user {number}"), f"e{number}"
        calls.invoked(subject, event)
        guide.track("sent", user=str(subject.user), account=subject.account, id=event)
        calls.ended(subject, event, "ok")
        with broken(proxy, fault):
            together(carry)
            assert proxy.struck, name
        for _ in range(TRIES):
            clock.tick(hours=2)  # its pause is over
            together(carry)
        assert [one.waiting for one in relay.queues()] == [0], name
    assert {type(one) for one in sink.errors} == {DeliveryError}
    assert len(sink.errors) > times(20) / 2
    got = [envelope(one) for one in http.requests if whole(one)]
    sinks = {sink.name: Delivered(got)}
    assert violations(deck(), calls, look(store), sinks, calm=True) == []
    assert len(got) > len({one.id for one in got})  # some came twice, as they may


def told(relay: Relay) -> None:
    """It carries what waits; a delivery that fails is its own business."""
    relay.drain()


def whole(request: Request) -> bool:
    """Whether all of it arrived."""
    return len(request.body) == int(request.headers["Content-Length"])


def envelope(request: Request) -> Envelope:
    """What it says."""
    return msgspec.convert(request.json()["data"], Envelope)
