"""The moments at which a process may kill itself: around all that it says to a database.

    SQLite        before and after each statement
    PostgreSQL    before a statement is sent, once it is sent, once it is answered
    Redis         before a command is sent, once it is sent, once it is answered

Nothing runs after a kill -9, so there is no difference between a process that kills itself there
and one that is killed from outside, but that it always meets the very moment.
"""

import os
import signal
import sqlite3
from functools import partial
from typing import Any, TypeVar

import redis.connection
from psycopg.abc import PQGen
from psycopg.waiting import Wait

from guidepath.adapters.stores.postgres import connection as postgres

T = TypeVar("T")


class _Life:
    left = 0  # moments; 0 is for ever


def die_at(number: int) -> None:
    """Live until the Nth moment from now; 0 is none."""
    _Life.left = number


def die() -> None:
    """As by kill -9: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def watch() -> None:
    """Have the drivers of this process, and of those it forks off, tell of each moment."""
    vars(sqlite3)["connect"] = partial(sqlite3.connect, factory=_Database)
    answered = postgres.Connection.wait
    plain: Any = redis.connection.Connection  # its methods have no types
    sent, read = plain.send_packed_command, plain.read_response

    def wait(self: Any, gen: PQGen[Any], *rest: Any, **named: Any) -> Any:
        return answered(self, _watched(gen), *rest, **named)

    def send(self: Any, *rest: Any, **named: Any) -> None:
        _moment()
        sent(self, *rest, **named)
        _moment()

    def receive(self: Any, *rest: Any, **named: Any) -> Any:
        reply = read(self, *rest, **named)
        _moment()
        return reply

    vars(postgres)["Connection"].wait = wait
    plain.send_packed_command, plain.read_response = send, receive


def _moment() -> None:
    if _Life.left:
        _Life.left -= 1
        if not _Life.left:
            die()


class _Cursor(sqlite3.Cursor):
    def execute(self, *asked: Any) -> "_Cursor":
        _moment()
        try:
            super().execute(*asked)
        finally:
            _moment()
        return self

    def executemany(self, *asked: Any) -> "_Cursor":
        _moment()
        super().executemany(*asked)
        _moment()
        return self


class _Database(sqlite3.Connection):
    def cursor(self, *_: Any) -> Any:
        return super().cursor(_Cursor)


def _watched(gen: PQGen[T]) -> PQGen[T]:
    """The same wait. The driver wants to read once all is sent."""
    _moment()
    try:
        wanted = next(gen)
        while True:
            if wanted == Wait.R:
                _moment()
            wanted = gen.send((yield wanted))
    except StopIteration as end:
        _moment()
        return end.value  # type: ignore[no-any-return]  # a generator's value has no type here
