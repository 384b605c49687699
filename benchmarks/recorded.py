"""What a store says to its driver, written down, and said again by the driver alone.

So that "the same statements" are the same: those that a guide really sent, with the values it sent
them with, in a database of their own.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch
from urllib.parse import urlsplit

Said = list[tuple[Any, ...]]  # statements with their values, or commands


class Driver(Protocol):
    """A driver of which it can be written down what is said to it, and that can say it again."""

    def recording(self, said: Said) -> Any:
        """A context in which everything is written down."""
        ...

    def speaker(self, url: str) -> Callable[[Said], None]:
        """Says it to a database, with nothing around it."""
        ...


class SqliteDriver:
    """The standard library's sqlite3."""

    @contextmanager
    def recording(self, said: Said) -> Iterator[None]:
        class Cursor(sqlite3.Cursor):
            def execute(self, statement: str, values: Any = ()) -> Any:
                said.append((statement, values))
                return super().execute(statement, values)

            def executemany(self, statement: str, rows: Any) -> Any:
                for row in rows:
                    self.execute(statement, row)
                return self

        class Connection(sqlite3.Connection):
            def cursor(self, *_: Any) -> Any:
                return super().cursor(Cursor)

            def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
                said.append((statement, values))
                return super().execute(statement, values)

        connect = sqlite3.connect
        with patch("sqlite3.connect", lambda *a, **n: connect(*a, **{**n, "factory": Connection})):
            yield

    def speaker(self, url: str) -> Callable[[Said], None]:
        parts = urlsplit(url)
        database = sqlite3.connect(Path(parts.path[1:]), isolation_level=None)
        database.execute(f"PRAGMA {parts.query or 'synchronous=full'}")
        database.execute("PRAGMA secure_delete = ON")
        execute = database.execute

        def speak(said: Said) -> None:
            for statement, values in said:
                execute(statement, values).fetchall()

        return speak


class PostgresDriver:
    """psycopg, with its prepared statements and its binary format."""

    @contextmanager
    def recording(self, said: Said) -> Iterator[None]:
        from guidepath.adapters.stores.postgres.connection import Line

        answer = Line._answer  # noqa: SLF001 - what goes to the driver passes here

        def record(line: Line, ask: Any) -> Any:
            said.append((ask.statement, [_plain(one) for one in ask.parameters]))
            return answer(line, ask)

        with patch.object(Line, "_answer", record):
            yield

    def speaker(self, url: str) -> Callable[[Said], None]:
        import psycopg

        connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
        cursor = connection.cursor(binary=True)

        def speak(said: Said) -> None:
            for statement, values in said:
                cursor.execute(statement, values, binary=True)
                if cursor.description is not None:
                    cursor.fetchall()

        return speak


class RedisDriver:
    """redis-py; scripts by their hash."""

    @contextmanager
    def recording(self, said: Said) -> Iterator[None]:
        from guidepath.adapters.stores.redis.line import Line

        ask = Line.ask  # what is said often passes here

        def record(line: Line, command: Any) -> Any:
            said.append(command)
            return ask(line, command)

        with patch.object(Line, "ask", record):
            yield

    def speaker(self, url: str) -> Callable[[Said], None]:
        import redis

        client: Any = redis.Redis.from_url(url)
        execute = client.execute_command

        def speak(said: Said) -> None:
            for command in said:
                execute(*command)

        return speak


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
