"""Every seam between guidepath and the world: where progress lives, and where envelopes go.

A store keeps, for each account, the progress of the account and of its users, the history of their
events, and the outbox. `save` is one commit or nothing, and refuses what was decided on progress
that has changed meanwhile: then the caller loads again, and takes a turn so that it cannot lose
for ever.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from guidepath.event import Envelope, Event
from guidepath.progress import Pair, Progress
from guidepath.subject import Subject


class Row(NamedTuple):
    """A subject's progress and its version; version 0 is a subject the store does not know."""

    progress: Progress | None
    version: int


class Snapshot(NamedTuple):
    """What `load` found: the account, the users asked for, and which event ids are known."""

    account: Row
    users: Mapping[str, Row]
    known: Mapping[str, str]  # event id -> digest of its content

    def pair(self, user: str | None) -> Pair:
        """The account's progress and that of one user."""
        row = self.users.get(user) if user is not None else None
        return Pair(self.account.progress, row.progress if row else None)


class Draft(NamedTuple):
    """A subject's new progress, and the version it was decided on."""

    progress: Progress
    version: int


class Change(NamedTuple):
    """What `save` commits."""

    account: str
    drafts: Mapping[str | None, Draft]  # by user; None is the account itself
    events: Sequence[Event] = ()
    envelopes: Sequence[Envelope] = ()


class Totals(NamedTuple):
    """How many messages the history holds, and the time of the newest (microseconds)."""

    messages: int
    newest: int | None


class Parcel(NamedTuple):
    """Envelopes leased to a relay for one sink, oldest first, each with its place in the outbox."""

    sink: str
    start: int  # the sink's cursor when it was leased
    positions: Sequence[int]
    envelopes: Sequence[Envelope]
    failures: int  # how often in a row the sink has failed


class Store(Protocol):
    """Where progress lives. Safe for threads, forks and several processes at once.

    Raises, throughout:
        StoreError: the store could not answer.
    """

    def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        """The progress of an account and some of its users, and which event ids it knows.

        With `turn` the caller waits until nobody else writes, and nobody does until its next `save`
        or `release` in the same thread. A store that cannot keep others out loads as ever.
        """
        ...

    def release(self) -> None:
        """Give a turn back that no `save` has ended; without one, nothing."""
        ...

    def save(self, change: Change) -> bool:
        """Commit all of it, or nothing and False where a version is no longer the one given."""
        ...

    def history(self, account: str, user: str | None = None) -> list[Event]:
        """The events of an account, or of one user in it, in order of (occurred_at, seq)."""
        ...

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """The next subjects in the order of accounts, each account before its users.

        With `due`, only those whose waiting milestones are due by then (microseconds).
        """
        ...

    def totals(self) -> Totals:
        """What the history holds in all, feedback left out."""
        ...

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """Lease the next envelopes for a sink; None where there are none or another holds them."""
        ...

    def settle(self, parcel: Parcel, *, delivered: int, retry_at: int = 0) -> None:
        """Give a lease back: so many were delivered, the rest is free again at `retry_at`.

        Does nothing where the lease had ended and another has taken the parcel over.
        """
        ...

    def erase(self, subject: Subject) -> None:
        """Forget a subject; an account with all its users."""
        ...

    def close(self) -> None:
        """Let go of connections. What was saved stays."""
        ...


class AsyncStore(Protocol):
    """The same for asyncio."""

    async def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        """See Store.load; a turn belongs to the task."""
        ...

    async def release(self) -> None:
        """See Store.release."""
        ...

    async def save(self, change: Change) -> bool:
        """See Store.save."""
        ...

    async def history(self, account: str, user: str | None = None) -> list[Event]:
        """See Store.history."""
        ...

    async def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See Store.subjects."""
        ...

    async def totals(self) -> Totals:
        """See Store.totals."""
        ...

    async def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See Store.claim."""
        ...

    async def settle(self, parcel: Parcel, *, delivered: int, retry_at: int = 0) -> None:
        """See Store.settle."""
        ...

    async def erase(self, subject: Subject) -> None:
        """See Store.erase."""
        ...

    async def close(self) -> None:
        """See Store.close."""
        ...


class Sink(Protocol):
    """Where envelopes go. At least once, in order for each subject, same id on every retry."""

    name: str

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """Take them all, durably, or raise: then all of them come again."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
