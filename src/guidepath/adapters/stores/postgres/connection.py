"""Connections of psycopg's that never wait for ever, and what both drivers ask of them.

The server ends a statement that takes too long. Where the server itself no longer answers, as
behind a network that lost the way, the client gives up a little later, and the connection with it.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import psycopg
from psycopg.abc import AdaptContext, Loader, PQGen
from psycopg.rows import tuple_row
from psycopg.types.bool import BoolBinaryLoader
from psycopg.types.numeric import Int4BinaryLoader, Int8BinaryLoader
from psycopg.types.string import ByteaBinaryLoader, TextBinaryLoader

from guidepath.adapters.stores.postgres.address import Address
from guidepath.adapters.stores.postgres.arrays import DUMPERS
from guidepath.adapters.stores.postgres.asking import Ask, Asks, T
from guidepath.adapters.stores.postgres.prepared import Prepared

LASTING = 60  # times the time-out: what reads or erases all there is takes its time
_LOADERS: dict[str, type[Loader]] = {
    "bool": BoolBinaryLoader,
    "int4": Int4BinaryLoader,
    "int8": Int8BinaryLoader,
    "text": TextBinaryLoader,
    "bytea": ByteaBinaryLoader,
}


def bounded(waiting: PQGen[T], until: float) -> PQGen[T]:
    """The same wait, ended at an instant of the monotonic clock; psycopg wakes it now and then.

    Raises:
        OperationalError: it lasts longer.
    """
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if not ready and monotonic() > until:
                raise psycopg.OperationalError("no answer within the time-out")
            wanted = waiting.send(ready)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's value has no type here


class Connection(psycopg.Connection[Any]):
    """A connection that waits `patience` seconds for an answer and no longer."""

    patience = 10.0

    def wait(self, gen: PQGen[T], *args: Any, **named: Any) -> T:
        """See psycopg.Connection.wait."""
        return super().wait(bounded(gen, monotonic() + self.patience), *args, **named)

    def __del__(self, *_: Any) -> None:
        """One that is open at exit, or since before a fork, is the system's to close."""


class AsyncConnection(psycopg.AsyncConnection[Any]):
    """The same for asyncio."""

    patience = 10.0

    async def wait(self, gen: PQGen[T], *args: Any, **named: Any) -> T:
        """See psycopg.AsyncConnection.wait."""
        return await super().wait(bounded(gen, monotonic() + self.patience), *args, **named)

    async def _try_cancel(self, *, timeout: float = 5.0) -> None:
        """What psycopg does where a task is cancelled; a server that is away holds nobody up."""
        await super()._try_cancel(timeout=min(timeout, self.patience))

    def __del__(self, *_: Any) -> None:
        """See Connection.__del__."""


class Session:
    """What is the same for connections of both kinds, our own and a host's."""

    def __init__(self, connection: Any) -> None:  # psycopg's, of either kind
        self.connection = connection
        self._ours = isinstance(connection, Connection | AsyncConnection)
        self._prepared: dict[bytes, Prepared] = {}
        self._poll: select.poll | None = None

    @property
    def state(self) -> int:
        """One of psycopg's TransactionStatus; ACTIVE where it broke off in an answer."""
        return int(self.connection.pgconn.transaction_status)

    @property
    def lost(self) -> bool:
        """Whether it is closed, from either side."""
        return bool(self.connection.closed)

    @property
    def silent(self) -> bool:
        """Whether nothing came while nobody asked; what comes then is the server's farewell."""
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self.connection.pgconn.socket, select.POLLIN)
        return not self._poll.poll(0)

    def prepared(self, ask: Ask) -> PQGen[list[Any]]:
        """The wait for what a statement answers, prepared where it is asked for the first time."""
        statement, parameters = ask
        found = self._prepared.get(statement)
        if found is None:
            name = b"guidepath_%d" % len(self._prepared)
            found = self._prepared[statement] = Prepared(self.connection, statement, name)
        return found.rows(parameters)

    @contextmanager
    def patient(self) -> Iterator[int]:
        """Wait longer meanwhile; gives how long the server may take, in milliseconds."""
        usual = self.connection.patience
        self.connection.patience = usual * LASTING
        try:
            yield int(usual * LASTING * 900)
        finally:
            self.connection.patience = usual


class Line(Session):
    """A connection that is waited for."""

    @classmethod
    def opened(cls, address: Address) -> "Line":
        """A new connection, set up as ours are."""
        connection = Connection.connect(**address.connection, autocommit=True)
        connection.patience = address.timeout
        connection.prepare_threshold = None  # see Prepared; psycopg would deallocate those of ours
        _adapt(connection)
        try:
            connection.execute(*_set_up(address))
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    def do(self, asks: Asks[T]) -> T:
        """Have each statement answered; what the database refuses is the asker's to judge."""
        try:
            ask = next(asks)
            while True:
                try:
                    rows = self._answer(ask)
                except psycopg.Error as problem:
                    ask = asks.throw(problem)
                else:
                    ask = asks.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's value has no type here

    def close(self) -> None:
        """Close it; what it was doing is undone."""
        self.connection.close()

    def _answer(self, ask: Ask) -> list[Any]:
        if self._ours:
            rows: list[Any] = self.connection.wait(self.prepared(ask))
            return rows
        cursor = psycopg.Cursor(self.connection, row_factory=tuple_row)
        _adapt(cursor)
        cursor.execute(ask.statement, ask.parameters, binary=True)
        return cursor.fetchall() if _has_rows(cursor) else []


class AsyncLine(Session):
    """The same for asyncio."""

    @classmethod
    async def opened(cls, address: Address) -> "AsyncLine":
        """See Line.opened."""
        connection = await AsyncConnection.connect(**address.connection, autocommit=True)
        connection.patience = address.timeout
        connection.prepare_threshold = None  # see Prepared; psycopg would deallocate those of ours
        _adapt(connection)
        try:
            await connection.execute(*_set_up(address))
        except BaseException:
            await connection.close()
            raise
        return cls(connection)

    async def do(self, asks: Asks[T]) -> T:
        """See Line.do."""
        try:
            ask = next(asks)
            while True:
                try:
                    rows = await self._answer(ask)
                except psycopg.Error as problem:
                    ask = asks.throw(problem)
                else:
                    ask = asks.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's value has no type here

    async def close(self) -> None:
        """See Line.close."""
        await self.connection.close()

    async def _answer(self, ask: Ask) -> list[Any]:
        if self._ours:
            rows: list[Any] = await self.connection.wait(self.prepared(ask))
            return rows
        cursor = psycopg.AsyncCursor(self.connection, row_factory=tuple_row)
        _adapt(cursor)
        await cursor.execute(ask.statement, ask.parameters, binary=True)
        return await cursor.fetchall() if _has_rows(cursor) else []


def _has_rows(cursor: psycopg.Cursor[Any] | psycopg.AsyncCursor[Any]) -> bool:
    return cursor.pgresult is not None and cursor.pgresult.ntuples > 0


def _set_up(address: Address) -> tuple[bytes, list[str]]:
    """The statement that a session begins with."""
    settings = address.settings
    parts = ["set_config(%s, %s, false)"] * len(settings)
    said = [word for one in settings.items() for word in one]
    durability = "set_config('synchronous_commit', CASE %s WHEN 'no' THEN 'off' ELSE CASE "
    durability += "current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE "
    durability += "current_setting('synchronous_commit') END END, false)"
    text = f"SELECT {', '.join([*parts, durability])}"
    return text.encode(), [*said, "yes" if address.durable else "no"]


def _adapt(context: AdaptContext) -> None:
    """Have values read and written our way, whatever a host has taught its connection."""
    for kind, dumper in DUMPERS.items():
        context.adapters.register_dumper(kind, dumper)
    for name, loader in _LOADERS.items():
        context.adapters.register_loader(name, loader)
