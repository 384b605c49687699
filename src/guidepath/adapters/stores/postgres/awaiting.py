"""The PostgreSQL store for asyncio: the same work on connections that are awaited."""

import asyncio
import os
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from psycopg.pq import TransactionStatus

from guidepath.adapters.stores.joining import driver_connection
from guidepath.adapters.stores.postgres.address import Address, read
from guidepath.adapters.stores.postgres.asking import T, Work
from guidepath.adapters.stores.postgres.connection import AsyncLine
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
    AsyncStore,
    Change,
    DeadLetter,
    Draft,
    Parcel,
    Problem,
    Queue,
    Snapshot,
    Totals,
)
from guidepath.progress import Progress
from guidepath.subject import Subject


class _Awaiting(ABC):
    """See blocking._Blocking. The key of the marks is known only once the store was reached."""

    @abstractmethod
    async def _works(self) -> Works:
        """What can be done, on tables that are ready."""

    @abstractmethod
    async def _do(self, work: Work[T]) -> T:
        """Do the work, alone or in the turn or transaction that it belongs to."""

    @abstractmethod
    async def _take_turn(self, work: Work[Snapshot]) -> Snapshot:
        """Do the work, and keep what it locked until the next write or release."""

    async def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        """See ports.AsyncStore."""
        works = await self._works()
        if turn:
            return await self._take_turn(works.locked(account, users, ids))
        return await self._do(works.load(account, users, ids))

    async def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """See ports.Store."""
        return await self._do((await self._works()).versions(account, user))

    @abstractmethod
    async def release(self) -> None:
        """See ports.Store."""

    async def save(self, change: Change) -> bool:
        """See ports.Store."""
        return await self._do((await self._works()).save(change))

    async def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """See ports.Store."""
        return await self._do((await self._works()).history(account, user, until))

    async def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """See ports.Store."""
        return await self._do((await self._works()).prune(account, users, until))

    async def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        return await self._do((await self._works()).subjects(after, due, most))

    async def totals(self) -> Totals:
        """See ports.Store."""
        return await self._do((await self._works()).totals())

    async def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        works = await self._works()
        some, unnumbered = await self._do(works.waits(sink, now))
        if not some:
            return None
        if unnumbered:
            await self._do(works.give_tickets(most))
        return await self._do(works.lease(sink, now=now, lease=lease, most=most))

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
        """See ports.Store."""
        works = await self._works()
        return await self._do(
            works.settle(parcel, now=now, done=done, dead=dead, retry_at=retry_at, reason=reason)
        )

    async def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See ports.Store."""
        return await self._do((await self._works()).queues(sinks))

    async def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See ports.Store."""
        return await self._do((await self._works()).dead(sink, most))

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See ports.Store."""
        await self._do((await self._works()).bury(letters))

    async def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See ports.Store."""
        return await self._do((await self._works()).said(account, user))

    async def trim(self, *, before: int, most: int = 10_000) -> int:
        """See ports.Store."""
        return await self._do((await self._works()).trim(before, most))

    async def forget(self, sink: str) -> None:
        """See ports.Store."""
        await self._do((await self._works()).forget(sink))

    async def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store."""
        return await self._do((await self._works()).erase(subject, at, account))

    @abstractmethod
    async def close(self) -> None:
        """See ports.Store."""


class AsyncPostgresStore(_Awaiting):
    """See PostgresStore. It connects at the first call: making it blocks nobody.

    So it is the first call that may raise what PostgresStore raises when it is made.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._known: Works | None = None
        self._key = b""
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, _Pool] = WeakKeyDictionary()
        self._inherited: list[object] = []
        self._pid = os.getpid()
        self._joined: WeakSet[psycopg.AsyncConnection[Any]] = WeakSet()

    @classmethod
    def from_url(cls, url: str) -> Self:
        """See PostgresStore.from_url.

        Raises:
            ConfigurationError: libpq cannot read it, or a word of ours has no such value.
        """
        return cls(read(url))

    def within(self, connection: object) -> AsyncStore:
        """See PostgresStore.within; what cannot be asked at once is checked by the first call.

        Raises:
            ConfigurationError: it is no connection for asyncio, or no transaction is open and none
                will be (autocommit).
        """
        host = driver_connection(connection)
        joinable(host, psycopg.AsyncConnection)
        return _JoinedStore(AsyncLine(host), self)

    async def release(self) -> None:
        """See ports.Store."""
        pool = self._pools.get(asyncio.get_running_loop())
        if pool is None or not pool.turns or os.getpid() != self._pid:
            return
        line = pool.end_turn()
        if line is None:
            return
        try:
            with suppress(psycopg.Error):  # then the session is gone, and its locks with it
                await line.do(committed())
        finally:
            await pool.take_back(line)

    async def close(self) -> None:
        """See ports.Store. A later call connects again."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    async def vouch(self, line: AsyncLine) -> Works:
        """The works for a host's connection, which is seen to be to this store's database."""
        works = await self._works()
        if line.connection not in self._joined:
            with self._address.translated():
                await line.do(checked(self._address.schema, self._key))
            self._joined.add(line.connection)
        return works

    async def _works(self) -> Works:
        if self._known is None:
            with self._address.translated():
                async with self._pool().lent() as line:
                    self._key = await line.do(ready(line, self._address))
            self._known = Works(self._address.schema, self._key)
        return self._known

    async def _do(self, work: Work[T]) -> T:
        pool = self._pool()
        try:
            if pool.turns and (held := pool.turn) is not None:
                if work.reads:
                    return await held.do(work.asks())
                pool.end_turn()
                return await _last(pool, held, work)
            line = await pool.take()
            try:
                return await line.do(alone(work, line))
            except psycopg.OperationalError:
                if not (work.reads and line.lost):
                    raise
            finally:
                await pool.take_back(line)
            async with pool.lent() as line:
                return await line.do(alone(work, line))
        except psycopg.Error as problem:
            raise self._address.refused(problem) from problem

    async def _take_turn(self, work: Work[Snapshot]) -> Snapshot:
        await self.release()
        pool = self._pool()
        with self._address.translated():
            line = await pool.take()
            try:
                snapshot = await line.do(turn(work))
            except BaseException:
                await pool.take_back(line)
                raise
            pool.begin_turn(line)
            return snapshot

    def _pool(self) -> "_Pool":
        if self._pid != os.getpid():
            self._inherited.append(self._pools)  # the parent's, since before a fork: left alone
            self._pools, self._pid = WeakKeyDictionary(), os.getpid()
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            pool = self._pools[loop] = _Pool(self._address)
        return pool


class _JoinedStore(_Awaiting):
    """See blocking._JoinedStore."""

    def __init__(self, line: AsyncLine, store: AsyncPostgresStore) -> None:
        self._line = line
        self._store = store
        self._address = store._address  # noqa: SLF001 - its own store's

    async def release(self) -> None:
        """What was locked is the host's until it commits."""

    async def close(self) -> None:
        """The connection is the host's."""

    async def _works(self) -> Works:
        return await self._store.vouch(self._line)

    async def _take_turn(self, work: Work[Snapshot]) -> Snapshot:
        return await self._do(work)

    async def _do(self, work: Work[T]) -> T:
        line = self._line
        joinable(line.connection, psycopg.AsyncConnection)
        with self._address.translated():
            return await line.do(joined(work, line))


class _Pool:
    """See pool.Pool; of one event loop, and a turn is a task's."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: deque[AsyncLine] = deque()
        self._free = asyncio.Semaphore(address.pool)
        self._closed = False
        self.turns: dict[asyncio.Task[Any] | None, AsyncLine] = {}

    @property
    def turn(self) -> AsyncLine | None:
        """The connection on which this task has its turn."""
        return self.turns.get(asyncio.current_task())

    def begin_turn(self, line: AsyncLine) -> None:
        """From now on the connection is this task's."""
        self.turns[asyncio.current_task()] = line

    def end_turn(self) -> AsyncLine | None:
        """The connection of this task's turn, which is over."""
        return self.turns.pop(asyncio.current_task(), None)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[AsyncLine]:
        """A connection for the time being."""
        line = await self.take()
        try:
            yield line
        finally:
            await self.take_back(line)

    async def take(self) -> AsyncLine:
        """See pool.Pool.take.

        Raises:
            StoreError: all are in use for as long as the time-out.
            psycopg.Error: a new one cannot be opened.
        """
        try:
            async with asyncio.timeout(self._address.timeout if self._free.locked() else None):
                await self._free.acquire()
        except TimeoutError:
            raise self._address.exhausted() from None
        try:
            while self._idle:
                line = self._idle.pop()
                if line.silent:
                    return line
                await line.close()  # the server has ended it meanwhile
            return await AsyncLine.opened(self._address)
        except BaseException:
            self._free.release()
            raise

    async def take_back(self, line: AsyncLine) -> None:
        """See pool.Pool.take_back."""
        try:
            if line.state == TransactionStatus.IDLE and not self._closed:
                self._idle.append(line)
                return
            if line.lost:
                await self._drop()
            await line.close()
        finally:
            self._free.release()

    async def close(self) -> None:
        """Close those at rest; those in use are closed when they are given back."""
        self._closed = True
        await self._drop()

    async def _drop(self) -> None:
        while self._idle:
            await self._idle.pop().close()


async def _last(pool: _Pool, line: AsyncLine, work: Work[T]) -> T:
    """What is written in a turn ends it."""
    try:
        return await line.do(to_the_end(work))
    finally:
        await pool.take_back(line)
