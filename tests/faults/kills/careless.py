"""What each promise looks like when it is broken; a few kills must be enough to tell.

SQLite's `synchronous=OFF` is not among them: what a killed process has written is the system's, and
only a machine that loses power loses it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from guidepath import relay
from guidepath.clock import micros
from guidepath.ports import Change, Sink, Store
from guidepath.relay import LEASE, Relay


class _Around:
    """A store whose `save` is another."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __getattr__(self, method: str) -> Any:
        return getattr(self.store, method)


class Early(_Around):
    """Answers before it commits: that is done when the store is asked for something else."""

    _change: Change | None = None

    def load(self, *asked: Any, **named: Any) -> Any:
        if self._change is not None:
            self.store.save(self._change)
            self._change = None
        return self.store.load(*asked, **named)

    def save(self, change: Change) -> bool:
        self._change = change
        return True


class Halving(_Around):
    """Commits progress, then the event, as one does without a transaction."""

    def save(self, change: Change) -> bool:
        done = self.store.save(replace(change, events=(), envelopes=()))
        return done and self.store.save(replace(change, drafts={}))


class Parting(_Around):
    """Commits what happened, then says what that means."""

    def save(self, change: Change) -> bool:
        done = self.store.save(replace(change, envelopes=()))
        return done and self.store.save(replace(change, drafts={}, events=()))


class Hasty(Relay):
    """Settles before it sends."""

    def deliver(self, sink: Sink) -> Any:
        now = micros(self._clock())
        parcel = self._store.claim(sink.name, now=now, lease=LEASE, most=relay.PARCEL)
        if parcel is None:
            return None
        self._store.settle(parcel, now=now, done=len(parcel.envelopes))
        sink.deliver(parcel.envelopes)
        return relay.Delivery(sink.name, len(parcel.envelopes))


STORES: Mapping[str, Callable[[Store], Any]] = {
    "early": Early,
    "halving": Halving,
    "parting": Parting,
}
