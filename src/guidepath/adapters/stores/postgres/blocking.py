"""The PostgreSQL store for hosts that block: threads, forks, gevent."""

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self
from weakref import WeakSet

import psycopg

from guidepath.adapters.stores.joining import driver_connection
from guidepath.adapters.stores.postgres.address import Address, read
from guidepath.adapters.stores.postgres.asking import T, Work
from guidepath.adapters.stores.postgres.connection import Line
from guidepath.adapters.stores.postgres.migrator import PostgresMigrator
from guidepath.adapters.stores.postgres.pool import Pool
from guidepath.adapters.stores.postgres.transaction import (
    alone,
    checked,
    committed,
    joinable,
    joined,
    ready,
    to_the_end,
    turn,
)
from guidepath.adapters.stores.postgres.work import Works
from guidepath.event import Envelope, Event
from guidepath.ports import (
    Change,
    DeadLetter,
    Draft,
    Parcel,
    Problem,
    Queue,
    Snapshot,
    Store,
    Totals,
)
from guidepath.progress import Progress
from guidepath.subject import Subject


class _Blocking(ABC):
    """The calls of a store; where and how they are asked is a subclass's."""

    _works: Works

    @abstractmethod
    def _do(self, work: Work[T]) -> T:
        """Do the work, alone or in the turn or transaction that it belongs to."""

    @abstractmethod
    def _take_turn(self, work: Work[Snapshot]) -> Snapshot:
        """Do the work, and keep what it locked until the next write or release."""

    def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        """See ports.Store."""
        if turn:
            return self._take_turn(self._works.locked(account, users, ids))
        return self._do(self._works.load(account, users, ids))

    def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """See ports.Store."""
        return self._do(self._works.versions(account, user))

    @abstractmethod
    def release(self) -> None:
        """See ports.Store."""

    def save(self, change: Change) -> bool:
        """See ports.Store."""
        return self._do(self._works.save(change))

    def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """See ports.Store."""
        return self._do(self._works.history(account, user, until))

    def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """See ports.Store."""
        return self._do(self._works.prune(account, users, until))

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        return self._do(self._works.subjects(after, due, most))

    def totals(self) -> Totals:
        """See ports.Store."""
        return self._do(self._works.totals())

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        some, unnumbered = self._do(self._works.waits(sink, now))
        if not some:
            return None
        if unnumbered:
            self._do(self._works.give_tickets(most))
        return self._do(self._works.lease(sink, now=now, lease=lease, most=most))

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
        """See ports.Store."""
        return self._do(
            self._works.settle(
                parcel, now=now, done=done, dead=dead, retry_at=retry_at, reason=reason
            )
        )

    def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See ports.Store."""
        return self._do(self._works.queues(sinks))

    def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See ports.Store."""
        return self._do(self._works.dead(sink, most))

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See ports.Store."""
        self._do(self._works.bury(letters))

    def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See ports.Store."""
        return self._do(self._works.said(account, user))

    def trim(self, *, before: int, most: int = 10_000) -> int:
        """See ports.Store."""
        return self._do(self._works.trim(before, most))

    def forget(self, sink: str) -> None:
        """See ports.Store."""
        self._do(self._works.forget(sink))

    def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store."""
        return self._do(self._works.erase(subject, at, account))

    @abstractmethod
    def close(self) -> None:
        """See ports.Store."""


class PostgresStore(_Blocking):
    """A store in a PostgreSQL database; what it needs is made in one that has nothing of it.

    Raises:
        ConfigurationError: the server is too old, or does not keep what it confirms.
        SchemaError: its tables are older than this version.
        StoreError: it cannot be reached.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._pools: dict[int, Pool] = {}  # by process: what a child inherits stays its parent's
        self._joined: WeakSet[psycopg.Connection[Any]] = WeakSet()  # known to be to this database
        with address.translated(), self._pool().lent() as line:
            self._key = line.do(ready(line, address))
        self._works = Works(address.schema, self._key)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """`postgresql://user@host/database?schema=guidepath&timeout=10&pool=10&durable=yes`.

        Raises:
            ConfigurationError: libpq cannot read it, or a word of ours has no such value.
        """
        return cls(read(url))

    @classmethod
    def migrator(cls, url: str) -> PostgresMigrator:
        """What brings the tables of a URL to this version. It connects when it is asked to."""
        return PostgresMigrator(read(url))

    def within(self, connection: object) -> Store:
        """See ports.Joining: psycopg's connection, or SQLAlchemy's or Django's around it.

        Raises:
            ConfigurationError: it is none to the store's database, or no transaction is open and
                none will be (autocommit).
        """
        host = driver_connection(connection)
        joinable(host, psycopg.Connection)
        line = Line(host)
        if host not in self._joined:
            with self._address.translated():
                line.do(checked(self._address.schema, self._key))
            self._joined.add(host)
        return _JoinedStore(line, self._works, self._address)

    def release(self) -> None:
        """See ports.Store."""
        pool = self._pools.get(os.getpid())
        if pool is None or pool.turn is None:
            return
        line = pool.end_turn()
        try:
            with suppress(psycopg.Error):  # then the session is gone, and its locks with it
                line.do(committed())
        finally:
            pool.take_back(line)

    def close(self) -> None:
        """See ports.Store. A later call connects again."""
        pool = self._pools.pop(os.getpid(), None)
        if pool is not None:
            pool.close()

    def _do(self, work: Work[T]) -> T:
        pool = self._pool()
        try:
            if pool.turn is not None:
                return _in_turn(pool, work)
            line = pool.take()
            try:
                return line.do(alone(work, line))
            except psycopg.OperationalError:
                if not (work.reads and line.lost):
                    raise
            finally:
                pool.take_back(line)
            with pool.lent() as line:
                return line.do(alone(work, line))
        except psycopg.Error as problem:
            raise self._address.refused(problem) from problem

    def _take_turn(self, work: Work[Snapshot]) -> Snapshot:
        self.release()
        pool = self._pool()
        with self._address.translated():
            line = pool.take()
            try:
                snapshot = line.do(turn(work))
            except BaseException:
                pool.take_back(line)
                raise
            pool.turn = line
            return snapshot

    def _pool(self) -> Pool:
        pid = os.getpid()
        pool = self._pools.get(pid)
        return self._pools.setdefault(pid, Pool(self._address)) if pool is None else pool


class _JoinedStore(_Blocking):
    """A store in a host's transaction: savepoints around what writes, and no end of its own."""

    def __init__(self, line: Line, works: Works, address: Address) -> None:
        self._line = line
        self._works = works
        self._address = address

    def release(self) -> None:
        """What was locked is the host's until it commits."""

    def close(self) -> None:
        """The connection is the host's."""

    def _take_turn(self, work: Work[Snapshot]) -> Snapshot:
        return self._do(work)

    def _do(self, work: Work[T]) -> T:
        line = self._line
        joinable(line.connection, psycopg.Connection)
        with self._address.translated():
            return line.do(joined(work, line))


def _in_turn(pool: Pool, work: Work[T]) -> T:
    """What is read in a turn belongs to it, and what is written ends it."""
    if work.reads and pool.turn is not None:
        return pool.turn.do(work.asks())
    line = pool.end_turn()
    try:
        return line.do(to_the_end(work))
    finally:
        pool.take_back(line)
