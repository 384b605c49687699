"""What a forked child does until it is killed, or is told that it may end."""

import os
import select
from collections.abc import Callable, Sequence
from copy import copy
from datetime import timedelta
from itertools import count
from pathlib import Path

import msgspec
from tests.faults.journal import Journal
from tests.faults.kills import careless, moments
from tests.faults.kills.telling import journalled

from guidepath import Guidepath, relay
from guidepath.clock import utc_now
from guidepath.event import Envelope
from guidepath.ports import Sink
from guidepath.registry import open_sink, open_store


class Child(msgspec.Struct, kw_only=True, frozen=True):
    """A child that opens a store.

    Args:
        moment: at which moment it kills itself, counted from where it is told; 0 is at none.
        after: how many seconds after it is ready to work it is killed from outside; 0 is not.
    """

    store: str
    moment: int = 0
    after: float = 0.0


class Tracker(Child, kw_only=True, frozen=True, tag=True):
    """Tracks one event after the other. One that nobody kills ends once it is alone."""

    journal: str
    account: str
    name: str
    careless: str = ""

    @property
    def mortal(self) -> bool:
        return bool(self.moment or self.after)


class Carrier(Child, kw_only=True, frozen=True, tag=True):
    """A relay that carries all that waits, and writes down what a sink has taken.

    Args:
        ahead: seconds by which its clock is ahead.
        parcel: how many envelopes it carries at once.
        deliveries: after how many it dies: at once, or so many moments later.
    """

    sink: str
    sent: str
    ahead: float
    parcel: int
    deliveries: int = 0
    hasty: bool = False


def track(child: Tracker, warm: Guidepath, ready: Callable[[], None], company: int) -> None:
    """Track until killed, or until nobody else holds the other end of `company` any more."""
    guide = copy(warm)
    guide.store = open_store(child.store)
    if child.careless:
        guide.store = careless.STORES[child.careless](guide.store)
    alone = select.poll()
    alone.register(company, select.POLLHUP)
    with Journal(Path(child.journal)) as journal:
        moments.die_at(child.moment)
        ready()
        ended = False
        for number in count():
            journalled(guide, journal, child.account, f"{child.name}-{number}")
            if ended:
                break  # the last one was tracked when nobody else could be in the way
            ended = not child.mortal and bool(alone.poll(0))
    guide.close()


class Mortal:
    """A sink that writes down what it has taken, and may not live to tell the relay."""

    def __init__(self, sink: Sink, child: Carrier) -> None:
        self.name = sink.name
        self.carries = sink.carries
        self._sink = sink
        self._child = child
        self._deliveries = 0
        self._sent = os.open(child.sent, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        self._sink.deliver(envelopes)
        os.write(self._sent, "".join(f"{one.id}\n" for one in envelopes).encode())
        self._deliveries += 1
        if self._deliveries == self._child.deliveries:
            if not self._child.moment:
                moments.die()
            moments.die_at(self._child.moment)

    def close(self) -> None:
        self._sink.close()


def carry(child: Carrier, ready: Callable[[], None]) -> None:
    """Carry all that waits."""
    vars(relay)["PARCEL"] = child.parcel
    sink = Mortal(open_sink(child.sink), child)
    kind = careless.Hasty if child.hasty else relay.Relay
    carrier = kind(
        open_store(child.store),
        [sink],
        clock=lambda: utc_now() + timedelta(seconds=child.ahead),
    )
    ready()
    carrier.drain()
    sink.close()
