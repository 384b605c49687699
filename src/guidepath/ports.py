"""Every seam between guidepath and the world: where progress lives, and where envelopes go.

A store keeps, for each account, the progress of the account and of its users, the history of their
events, and the outbox. `save` is one commit or nothing, and refuses what was decided on progress
that has changed meanwhile: then the caller loads again, and takes a turn so that it cannot lose
for ever.

An outbox may have several lanes, each in an order of its own; all that is said in one account is in
one lane. A sink has a cursor in each: up to there all is done, and nothing that commits later may
come to stand before it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from guidepath.event import Envelope, Event
from guidepath.progress import Pair, Progress
from guidepath.subject import Subject


class Row(msgspec.Struct, frozen=True, gc=False):
    """A subject's progress and its version; version 0 is a subject the store does not know.

    A version is never given twice to a subject, not even after it was erased.
    """

    progress: Progress | None
    version: int


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """What `load` found: the account, the users asked for, and which event ids are known.

    `erased` has those of them who were erased, by user (None is the account), and when
    (microseconds). Only a `load` that asks for event ids looks for it.
    """

    account: Row
    users: Mapping[str, Row]
    known: Mapping[str, str]  # event id -> digest of its content
    erased: Mapping[str | None, int] = {}

    def pair(self, user: str | None) -> Pair:
        """The account's progress and that of one user."""
        row = self.users.get(user) if user is not None else None
        return Pair(self.account.progress, row.progress if row else None)


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A subject's new progress, and the version it was decided on.

    Without progress the row stays as it is, and must still have that version: it was only read.
    """

    progress: Progress | None
    version: int


class Change(msgspec.Struct, frozen=True, gc=False):
    """What `save` commits; `at` is when, by the guide's clock (microseconds)."""

    account: str
    drafts: Mapping[str | None, Draft]  # by user; None is the account itself
    events: Sequence[Event] = ()
    envelopes: Sequence[Envelope] = ()
    at: int = 0


class Totals(NamedTuple):
    """How many messages there were, and the time of the newest (microseconds).

    Also those that were pruned from the history; not those of the erased.
    """

    messages: int
    newest: int | None


class Parcel(NamedTuple):
    """Envelopes leased to a relay for one sink, in order, each with its place in its lane."""

    sink: str
    lane: int
    lease: str  # tells this lease from any other
    positions: Sequence[int]
    envelopes: Sequence[Envelope]
    failures: int  # attempts in a row that delivered nothing


class Problem(NamedTuple):
    """An envelope of a parcel, by its index (from 0), that the sink will never take, and why."""

    which: int
    reason: str


class DeadLetter(NamedTuple):
    """An envelope that a sink will never take. `failed_at` is in microseconds."""

    sink: str
    envelope: Envelope
    reason: str
    failed_at: int


class Queue(NamedTuple):
    """What waits for a sink, over all lanes. Times are microseconds.

    `oldest` is when the oldest envelope that waits was said, `retry_at` when a sink that fails is
    tried again, `reason` why it failed.
    """

    sink: str
    waiting: int
    oldest: int | None = None
    failures: int = 0
    retry_at: int | None = None
    reason: str | None = None
    dead: int = 0


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

    def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """The versions alone, of an account and of a user in it: the cheapest look there is."""
        ...

    def release(self) -> None:
        """Give a turn back that no `save` has ended; without one, nothing."""
        ...

    def save(self, change: Change) -> bool:
        """Commit all of it, or nothing and False where a version is no longer the one given.

        Also False where another has the turn, in a store that does not make the caller wait for it.
        """
        ...

    def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """The events of an account, or of one user in it, in order of (occurred_at, seq).

        With `until`, those that occurred by then (microseconds).
        """
        ...

    def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """Drop the events that occurred by then of some users of an account; how many they were.

        None among the users is the account itself. `totals` counts on what was dropped.
        """
        ...

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """The next subjects in the order of accounts, each account before its users.

        With `due`, only those whose waiting milestones are due by then (microseconds).
        """
        ...

    def totals(self) -> Totals:
        """What came in all, feedback left out."""
        ...

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """Lease the next envelopes for a sink, of one lane, in the order of their subjects.

        None where there are none, where others hold them, or while the sink pauses.
        """
        ...

    def settle(
        self,
        parcel: Parcel,
        *,
        now: int,
        done: int,
        dead: Sequence[Problem] = (),
        retry_at: int = 0,
        reason: str | None = None,
    ) -> bool:
        """Give a lease back; False, and nothing done, where another has taken the parcel over.

        The first `done` envelopes are over: delivered, or among the `dead`, which become dead
        letters. With `retry_at` the sink failed for that `reason`: it pauses, and that is one more
        failure in a row, or the first where something was done. Without, failures are forgotten.
        """
        ...

    def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """What waits for these sinks and for those that have been here before, by name."""
        ...

    def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """Dead letters of a sink or of all, oldest first."""
        ...

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Forget these dead letters: they were delivered after all, or are given up."""
        ...

    def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """What is in the outbox or a dead letter, of an account or of one user in it.

        Each once, in the order of their subjects and of what was said of each.
        """
        ...

    def trim(self, *, before: int, most: int = 10_000) -> int:
        """Drop envelopes said before then that every sink which has been here is done with.

        How many were dropped, at most `most`; nothing where no sink has ever been here.
        """
        ...

    def forget(self, sink: str) -> None:
        """Let go of a sink that will not come again: its cursors, leases and dead letters."""
        ...

    def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """Forget a subject; an account with all its users.

        Progress, history, outbox and dead letters go, and a mark stays that tells a late event from
        a new one, from which nobody can read the id; it has the latest time of all her erasures.
        `account` is the progress of a user's account without her; False, and nothing done, where
        its version has changed. What is still to be said of the account no longer says that it was
        she.
        """
        ...

    def close(self) -> None:
        """Let go of connections. What was saved stays."""
        ...


class Joining(Protocol):
    """A store whose writes can be part of a host's transaction."""

    def within(self, connection: object) -> Store:
        """The store on a host's connection: what is saved is there once the host commits.

        Args:
            connection: of the store's own driver, or what SQLAlchemy or Django have around it.

        Raises:
            ConfigurationError: it is no connection to the store's database.
        """
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

    async def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """See Store.versions."""
        ...

    async def release(self) -> None:
        """See Store.release."""
        ...

    async def save(self, change: Change) -> bool:
        """See Store.save."""
        ...

    async def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """See Store.history."""
        ...

    async def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """See Store.prune."""
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

    async def settle(
        self,
        parcel: Parcel,
        *,
        now: int,
        done: int,
        dead: Sequence[Problem] = (),
        retry_at: int = 0,
        reason: str | None = None,
    ) -> bool:
        """See Store.settle."""
        ...

    async def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See Store.queues."""
        ...

    async def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See Store.dead."""
        ...

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See Store.bury."""
        ...

    async def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See Store.said."""
        ...

    async def trim(self, *, before: int, most: int = 10_000) -> int:
        """See Store.trim."""
        ...

    async def forget(self, sink: str) -> None:
        """See Store.forget."""
        ...

    async def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See Store.erase."""
        ...

    async def close(self) -> None:
        """See Store.close."""
        ...


class Sink(Protocol):
    """Where envelopes go. At least once, in order for each subject, same id on every retry."""

    name: str  # its cursors in the store are kept under it: the same in every process, no secrets
    carries: frozenset[str]  # the pii attributes it is told to carry, as `user.email`

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """Take them all, durably, or raise: then they come again.

        Raises:
            DeliveryError: how many were taken, when to come again, whether one is refused for good.
                Any other exception counts as one with nothing known.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
