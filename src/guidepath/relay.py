"""From the outbox to the sinks: leased, in order, at least once, each sink at its own pace.

Nothing waits in memory: what a relay has not confirmed, it or another leases again.
"""

import logging
import os
import threading
from collections.abc import Sequence
from typing import NamedTuple

from guidepath.clock import MINUTE, SECOND, Clock, micros, utc_now
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import reach
from guidepath.ports import Parcel, Sink, Store

LEASE = 30 * SECOND
PARCEL = 200
FIRST_PAUSE = SECOND
LONGEST_PAUSE = 5 * MINUTE
IDLE_S = 1.0
SWEEP_S = 30.0

_log = logging.getLogger("guidepath.relay")


class Delivery(NamedTuple):
    """What one attempt did: how many envelopes went out, and what stopped it."""

    sink: str
    delivered: int
    problem: str | None = None


class Relay:
    """Carries envelopes of one store to its sinks. With a deck it also wakes waiting milestones."""

    def __init__(
        self,
        store: Store,
        sinks: Sequence[Sink],
        *,
        deck: Deck | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._sinks = sinks
        self._deck = deck
        self._clock = clock

    def deliver(self, sink: Sink) -> Delivery | None:
        """Carry one parcel to one sink; None where there is nothing to carry now."""
        now = micros(self._clock())
        parcel = self._store.claim(sink.name, now=now, lease=LEASE, most=PARCEL)
        if parcel is None:
            return None
        try:
            sink.deliver(parcel.envelopes)
        except Exception as problem:  # noqa: BLE001 - whatever a sink raises, its parcel comes again
            self._store.settle(parcel, delivered=0, retry_at=now + _pause(parcel))
            _log.warning("sink %s failed, it is tried again: %r", sink.name, problem)
            return Delivery(sink.name, 0, repr(problem))
        self._store.settle(parcel, delivered=len(parcel.envelopes))
        return Delivery(sink.name, len(parcel.envelopes))

    def drain(self) -> list[Delivery]:
        """Carry all that waits; a sink that fails keeps its rest for later."""
        done: list[Delivery] = []
        for sink in self._sinks:
            while (delivery := self.deliver(sink)) is not None:
                done.append(delivery)
                if delivery.problem is not None:
                    break
        return done

    def sweep(self) -> int:
        """Reach what waiting alone has made true; how many subjects were looked at."""
        if self._deck is None:
            return 0
        now = micros(self._clock())
        count, after = 0, None
        while found := self._store.subjects(after=after, due=now):
            for subject, _ in found:
                run(reach(self._deck, subject, now), self._store)
            count, after = count + len(found), found[-1][0]
        return count

    def serve(self, stop: threading.Event) -> None:
        """Carry and sweep until `stop` is set. Each sink has a thread of its own."""
        threads = [
            threading.Thread(
                target=self._carry, args=(sink, stop), name=f"guidepath-{sink.name}", daemon=True
            )
            for sink in self._sinks
        ]
        for thread in threads:
            thread.start()
        while not stop.is_set():
            self._guarded_sweep()
            stop.wait(SWEEP_S)
        for thread in threads:
            thread.join()

    def _carry(self, sink: Sink, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                delivery = self.deliver(sink)
            except Exception as problem:  # noqa: BLE001 - a store that is away comes back
                _log.warning("the store did not answer the relay: %r", problem)
                delivery = None
            if delivery is None or delivery.problem is not None:
                stop.wait(IDLE_S)

    def _guarded_sweep(self) -> None:
        try:
            self.sweep()
        except Exception as problem:  # noqa: BLE001 - a store that is away comes back
            _log.warning("the store did not answer the sweep: %r", problem)


class Background:
    """A relay in a thread of this process, started by the first envelope, again after a fork."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._pid: int | None = None
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """See that the relay runs."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid != os.getpid():
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._relay.serve,
                    args=(self._stop,),
                    name="guidepath-relay",
                    daemon=True,
                )
                self._thread.start()
                self._pid = os.getpid()

    def close(self) -> None:
        """Stop, and carry what still waits; what a sink refuses stays in the store."""
        if self._thread is not None and self._pid == os.getpid():
            self._stop.set()
            self._thread.join()
            self._pid = self._thread = None
        self._relay.drain()


def _pause(parcel: Parcel) -> int:
    """Doubling, up to five minutes."""
    return int(min(FIRST_PAUSE << min(parcel.failures, 20), LONGEST_PAUSE))
