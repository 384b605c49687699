"""From the outbox to the sinks: leased, in order, at least once, each sink at its own pace.

Nothing waits in memory: what a relay has not confirmed, it or another leases again.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from random import random
from time import monotonic
from typing import NamedTuple

from msgspec.structs import replace

from guidepath.carrying import Attempt
from guidepath.clock import DAY, HOUR, MINUTE, SECOND, Clock, micros, utc_now
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.errors import ConfigurationError
from guidepath.event import Envelope
from guidepath.flow import reach, tell
from guidepath.lock import Lock
from guidepath.ports import DeadLetter, Parcel, Queue, Sink, Store

LEASE = 30 * SECOND
PARCEL = 200
FIRST_PAUSE = SECOND
LONGEST_PAUSE = 5 * MINUTE
LONGEST_ASKED = HOUR  # a sink that asks for more is asked again all the same
KEPT = 7 * DAY  # for sinks that come late: what everybody has is dropped only then
IDLE_S = 1.0
SWEEP_S = 30.0
CLOSING_S = 10.0

_log = logging.getLogger("guidepath.relay")


class Delivery(NamedTuple):
    """What one attempt did: how many envelopes went out, were given up, and what stopped it."""

    sink: str
    delivered: int
    dead: int = 0
    problem: str | None = None


class Relay:
    """Carries envelopes of one store to its sinks. With a deck it also wakes waiting milestones.

    Raises:
        ConfigurationError: two sinks have the same name.
    """

    def __init__(
        self,
        store: Store,
        sinks: Sequence[Sink],
        *,
        deck: Deck | None = None,
        clock: Clock = utc_now,
    ) -> None:
        names = [sink.name for sink in sinks]
        for name in names:
            if names.count(name) > 1:
                raise ConfigurationError(
                    f"two sinks are called {name}; give one another name with ?name=…"
                )
        self._store = store
        self._sinks = sinks
        self._deck = deck
        self._clock = clock
        self._paces: dict[str, float | None] = {}  # of each sink: seconds for an envelope

    def deliver(self, sink: Sink) -> Delivery | None:
        """Carry one parcel to one sink; None where there is nothing to carry now."""
        now = micros(self._clock())
        parcel = self._store.claim(sink.name, now=now, lease=LEASE, most=PARCEL)
        if parcel is None:
            return None
        attempt = Attempt(
            [carried(one, sink) for one in parcel.envelopes],
            failures=parcel.failures,
            until=monotonic() + LEASE / SECOND / 2,
            pace=self._paces.get(sink.name),
        )
        attempt.carry(sink.deliver)
        self._paces[sink.name] = attempt.pace
        now = micros(self._clock())
        self._store.settle(
            parcel,
            now=now,
            done=attempt.done,
            dead=attempt.dead,
            retry_at=now + _pause(parcel, attempt) if attempt.reason is not None else 0,
            reason=attempt.reason,
        )
        for problem in attempt.dead:
            _log.error(
                "sink %s refuses %s for good, it is a dead letter: %s",
                sink.name,
                parcel.envelopes[problem.which].id,
                problem.reason,
            )
        if attempt.reason is not None:
            _log.warning("sink %s failed, it is tried again: %s", sink.name, attempt.reason)
        delivered = attempt.done - len(attempt.dead)
        return Delivery(sink.name, delivered, len(attempt.dead), attempt.reason)

    def drain(self) -> list[Delivery]:
        """Carry all that waits; a sink that fails keeps its rest for later."""
        return [one for sink in self._sinks for one in self._drained(sink)]

    def retry(
        self, letters: Sequence[DeadLetter], *, each: Callable[[], None] = lambda: None
    ) -> list[tuple[DeadLetter, str]]:
        """Send dead letters to their sinks once more; those that fail again, and why, stay.

        `each` is called after every letter.
        """
        sinks = {sink.name: sink for sink in self._sinks}
        failed: list[tuple[DeadLetter, str]] = []
        for letter in letters:
            sink = sinks.get(letter.sink)
            if sink is None:
                failed.append((letter, "its sink is not among those given"))
                continue
            try:
                sink.deliver([carried(letter.envelope, sink)])
            except Exception as problem:  # noqa: BLE001 - whatever a sink raises, the letter stays
                failed.append((letter, str(problem) or repr(problem)))
            else:
                self._store.bury([letter])
            each()
        return failed

    def queues(self) -> list[Queue]:
        """What waits for each sink."""
        return self._store.queues([sink.name for sink in self._sinks])

    def sweep(self) -> int:
        """Do what time alone has made due; how many subjects were looked at.

        Waiting milestones are reached, deadlines pass, and the users of an account that has reached
        what their milestones read are brought up to date.
        """
        now = micros(self._clock())
        self._store.trim(before=now - KEPT)
        if self._deck is None:
            return 0
        count, after = 0, None
        while found := self._store.subjects(after=after, due=now):
            for subject, progress in found:
                run(reach(self._deck, subject, now), self._store)
                if progress.untold is not None:
                    run(tell(self._deck, subject.account, now), self._store)
            count, after = count + len(found), found[-1][0]
        return count

    def serve(self, stop: threading.Event) -> None:
        """Carry and sweep until `stop` is set. Each sink has a thread of its own."""
        threads = _started(partial(self._carry, sink, stop) for sink in self._sinks)
        while not stop.is_set():
            self._guarded_sweep()
            stop.wait(SWEEP_S)
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Carry what still waits, all sinks at once; what takes longer stays in the store."""
        end = monotonic() + CLOSING_S
        threads = _started(partial(self._last, sink) for sink in self._sinks)
        for thread in threads:
            thread.join(max(0.0, end - monotonic()))

    def _drained(self, sink: Sink) -> Iterable[Delivery]:
        while (delivery := self.deliver(sink)) is not None:
            yield delivery
            if delivery.problem is not None:
                return

    def _last(self, sink: Sink) -> None:
        try:
            for _ in self._drained(sink):
                pass
        except Exception as problem:  # noqa: BLE001 - nobody is left to be told otherwise
            _log.warning("the store did not answer the relay: %r", problem)

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
    """A relay in a thread of this process, started by the first call, again after a fork."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._starting = Lock()
        self._stop = threading.Event()
        self._pid: int | None = None
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """See that the relay runs."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._stop = threading.Event()
            self._thread = threading.Thread(
                target=self._relay.serve, args=(self._stop,), name="guidepath-relay", daemon=True
            )
            thread = self._thread
        try:
            thread.start()  # not with the lock: under gevent, others run before this returns
        except RuntimeError as problem:  # too many threads, or the interpreter is about to end
            self._pid = None  # the next call tries again; what was asked is done all the same
            _log.warning("the relay cannot be started now: %s", problem)

    def close(self) -> None:
        """Stop, and carry what still waits; what a sink does not take stays in the store."""
        if self._thread is not None and self._pid == os.getpid():
            self._stop.set()
            self._thread.join(CLOSING_S)  # a sink that hangs holds nobody up
            self._pid = self._thread = None
        self._relay.close()


def carried(envelope: Envelope, sink: Sink) -> Envelope:
    """The envelope with no more that tells who a person is than the sink is told to carry."""
    private = {name: envelope.private[name] for name in envelope.private if name in sink.carries}
    return envelope if private == envelope.private else replace(envelope, private=private)


def _started(work: Iterable[Callable[[], None]]) -> list[threading.Thread]:
    threads = [threading.Thread(target=one, name="guidepath-sink", daemon=True) for one in work]
    for thread in threads:
        thread.start()
    return threads


def _pause(parcel: Parcel, attempt: Attempt) -> int:
    """Doubling up to five minutes, cut by chance to as little as half; as long as was asked."""
    failures = 0 if attempt.done else parcel.failures
    pause = min(FIRST_PAUSE << min(failures, 20), LONGEST_PAUSE)
    spread = pause * (1 + random()) / 2  # noqa: S311 - so that relays do not come all at once
    asked = min(int((attempt.retry_after or 0) * SECOND), LONGEST_ASKED)
    return max(int(spread), asked)
