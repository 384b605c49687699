"""The events of a log by account: of all accounts, or of a sample that is the same every time.

An account is in the sample or not by a hash of its id: whole accounts, so that what an account
reaches together stays right, and no more is held than the events of those that are in.
"""

from hashlib import sha256
from heapq import heappop, heappush
from typing import NamedTuple

from guidepath.event import EARLIEST, Event


class Sample(NamedTuple):
    """How much to draw: so many accounts, or this share of them; without either, all."""

    accounts: int | None = None
    share: float | None = None


class Drawn(NamedTuple):
    """How many accounts were drawn, of how many."""

    accounts: int
    of: int


class Kept:
    """What is kept of a log while it is read; `until` is the newest time in all of it."""

    def __init__(self, sample: Sample | None = None) -> None:
        self.until = EARLIEST
        self._sample = sample or Sample()
        self._events: dict[str, dict[str, Event]] = {}
        self._known: set[str] = set()
        self._furthest: list[tuple[float, str]] = []  # a heap: first who makes way next

    def add(self, event: Event) -> None:
        """One more event; the same id twice counts once."""
        self.until = max(self.until, event.occurred_at)
        if event.account not in self._known:
            self._known.add(event.account)
            self._meet(event.account)
        if event.account in self._events:
            self._events[event.account].setdefault(event.id, event)

    @property
    def events(self) -> dict[str, list[Event]]:
        """The events of each account that is in, in order of time; at the same time, as they came.

        Accounts are in order of their ids.
        """
        return {
            account: sorted(self._events[account].values(), key=lambda one: one.occurred_at)
            for account in sorted(self._events)
        }

    @property
    def messages(self) -> int:
        """How many are kept."""
        return sum(map(len, self._events.values()))

    @property
    def drawn(self) -> Drawn | None:
        """How many accounts are in; None where all are."""
        drawn = Drawn(len(self._events), len(self._known))
        return None if drawn.accounts == drawn.of else drawn

    def _meet(self, account: str) -> None:
        at = place(account)
        most, share = self._sample
        if share is not None and at >= share:
            return
        self._events[account] = {}
        if most is None:
            return
        heappush(self._furthest, (-at, account))
        if len(self._furthest) > most:
            _, out = heappop(self._furthest)
            del self._events[out]  # it never comes back: who took its place is nearer


def place(account: str) -> float:
    """Where an account lies between 0 and 1, whatever else is in the log."""
    digest = sha256(f"sample\x1f{account}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
