"""The store in a host's own transaction, on the host's connection."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from guidepath.adapters.stores.joining import driver_connection
from guidepath.adapters.stores.sqlite.mend import code, translated
from guidepath.adapters.stores.sqlite.records import Records
from guidepath.errors import ConfigurationError, StoreError

# deletes nothing: a statement that could write takes the lock of writers
LOCK = "DELETE FROM guidepath_cursor WHERE 0"


class Joined(Records):
    """What is saved through it is there if and only if the host commits.

    It takes SQLite's write lock before it first reads, so that what it decides on is current. It
    never takes the store's file lock: a host holds its transaction for as long as it likes, and two
    locks taken in different orders could wait for each other.
    """

    def __init__(self, file: Path, key: bytes, connection: object) -> None:
        self._file = file
        self._key = key
        self._host = connection
        self._checked: sqlite3.Connection | None = None
        self._pid = os.getpid()
        self._database()

    def release(self) -> None:
        """See ports.Store: the lock is the host's transaction's, and goes with it."""

    def close(self) -> None:
        """See ports.Store: the connection is the host's."""

    def look(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """See Records."""
        with self.reading() as rows:
            return rows.execute(statement, parameters).fetchall()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """See Records."""
        with translated(self._file):
            database = self._database()
            with _plain(database) as rows:
                self._lock(database, rows)
                yield rows

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Cursor]:
        """See Records: an error undoes what is ours, and leaves the host's transaction usable."""
        with self.reading() as rows:
            rows.execute("SAVEPOINT guidepath")
            try:
                yield rows
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk may have ended the whole transaction
                    rows.execute("ROLLBACK TO guidepath")
                    rows.execute("RELEASE guidepath")
                raise
            rows.execute("RELEASE guidepath")

    def take_turn(self) -> None:
        """See Records: whoever is in here has it."""

    def _database(self) -> sqlite3.Connection:
        """The connection behind what the host gave, as it is now."""
        if self._pid != os.getpid():
            raise StoreError(
                "the host's connection was opened before this process was forked; open one here"
            )
        database = driver_connection(self._host)
        if self._checked is not None and database is self._checked:
            return self._checked
        if not isinstance(database, sqlite3.Connection):
            raise ConfigurationError(
                f"{type(self._host).__name__} is no connection of sqlite3, SQLAlchemy or Django "
                "to an SQLite database"
            )
        with translated(self._file), _plain(database) as rows:
            file: str = rows.execute("PRAGMA database_list").fetchone()[2]  # the first is `main`
        if not file or not self._file.samefile(file):
            raise ConfigurationError(
                f"the connection is to {file or 'a database in memory'}, the store is "
                f"{self._file}; both must be one file"
            )
        self._checked = database
        return database

    def _lock(self, database: sqlite3.Connection, rows: sqlite3.Cursor) -> None:
        """Begin a transaction where the driver would, and take the lock of writers."""
        if not database.in_transaction:
            if database.isolation_level is None or getattr(database, "autocommit", -1) is True:
                raise ConfigurationError(
                    "the host's connection has no transaction open, and commits each statement by "
                    "itself; begin one first"
                )
            rows.execute("BEGIN IMMEDIATE")
            return
        try:
            rows.execute(LOCK)
        except sqlite3.OperationalError as problem:
            if code(problem) != sqlite3.SQLITE_BUSY:
                raise
            raise StoreError(
                "somebody else wrote to the file since the host's transaction began to read; roll "
                "it back and repeat it, or begin it with BEGIN IMMEDIATE"
            ) from problem


@contextmanager
def _plain(database: sqlite3.Connection) -> Iterator[sqlite3.Cursor]:
    """A cursor that gives plain tuples of plain values, whatever the host makes of them."""
    before = database.text_factory
    database.text_factory = str
    try:
        yield sqlite3.Cursor(database)
    finally:
        database.text_factory = before
