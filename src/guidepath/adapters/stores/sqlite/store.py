"""One SQLite file: safe for threads, forks and several processes on one machine.

A commit is durable when `save` returns (WAL, synchronous=FULL). Writers queue on a file lock beside
the database, which is fair where SQLite's own waiting is not. Each thread has a connection of its
own, and a forked child opens new ones.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from guidepath.adapters.stores.migration import refuse_older
from guidepath.adapters.stores.sqlite import schema
from guidepath.adapters.stores.sqlite.address import Address
from guidepath.adapters.stores.sqlite.connection import Connection
from guidepath.adapters.stores.sqlite.joined import Joined
from guidepath.adapters.stores.sqlite.mend import answer_of, translated
from guidepath.adapters.stores.sqlite.migrator import SqliteMigrator
from guidepath.adapters.stores.sqlite.records import Records
from guidepath.adapters.stores.sqlite.soundness import tell
from guidepath.errors import ConfigurationError
from guidepath.ports import Draft
from guidepath.subject import Subject


class SqliteStore(Records):
    """A store in one file; `file` is made where it is missing.

    Args:
        file: the database; a lock file lies beside it.
        synchronous: "FULL" keeps what was saved even if the machine loses power, "NORMAL" only if
            the process dies.
        timeout: how many seconds to wait while another program keeps the file locked.

    Raises:
        ConfigurationError: the file's folder does not exist.
        SchemaError: its tables are of an older version.
        StoreError: the file cannot be opened, or is no database.
    """

    def __init__(
        self, file: str | Path, *, synchronous: str = "FULL", timeout: float = 30.0
    ) -> None:
        self._file = Path(file).absolute()
        if not self._file.parent.is_dir():
            raise ConfigurationError(f"the folder of {self._file} does not exist; make it first")
        self._synchronous = synchronous
        self._timeout = timeout
        # by process: where gevent patches in a child, what is there already is not greenlets'
        self._locals: dict[int, threading.local] = {}
        self._open: WeakSet[Connection] = WeakSet()  # a thread that ends closes its own
        with self.reading() as rows:  # also while somebody else writes for long
            found = schema.version(rows)
        if found == 0:
            found = self._set_up()
        refuse_older(str(self._file), found, schema.STEPS)
        with self.reading() as rows:
            self._key = schema.key(rows)
            tell(shared=schema.shared(rows))

    @classmethod
    def from_url(cls, url: str) -> "SqliteStore":
        """`sqlite:///relative.db`, `sqlite:////absolute.db`, with `?synchronous=normal&timeout=30`.

        Raises:
            ConfigurationError: the address names no file, or an option that there is not.
        """
        address = Address.read(url)
        return cls(address.file, synchronous=address.synchronous, timeout=address.timeout)

    @classmethod
    def migrator(cls, url: str) -> SqliteMigrator:
        """What brings the tables of a file that is there to the newest version.

        Raises:
            ConfigurationError: the address names no file, or an option that there is not.
        """
        address = Address.read(url)
        return SqliteMigrator(address.file, timeout=address.timeout)

    def within(self, connection: object) -> Joined:
        """See ports.Joining."""
        tell(shared=True)
        return Joined(self._file, self._key, connection)

    def release(self) -> None:
        """See ports.Store."""
        connection: Connection | None = getattr(self._mine(), "connection", None)
        if connection is not None and not connection.closed:
            with translated(self._file):
                connection.rollback()

    def close(self) -> None:
        """See ports.Store. A later call opens the file again."""
        for connection in list(self._open):
            connection.close()

    def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store. What is forgotten is not left in unused parts of the file either."""
        done = super().erase(subject, at=at, account=account)
        if done:
            with translated(self._file):
                self._connection().empty_log()
        return done

    def look(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """See Records."""
        try:
            return self._connection().look(statement, parameters)
        except (sqlite3.Error, OSError) as problem:
            raise answer_of(problem, self._file) from problem

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Cursor]:
        """See Records."""
        with translated(self._file), self._connection().snapshot() as rows:
            yield rows

    def writing(self) -> Connection:
        """See Records."""
        return self._connection()

    def take_turn(self) -> None:
        """See Records."""
        with translated(self._file):
            self._connection().begin()

    def _set_up(self) -> int:
        with self.writing() as rows:
            if found := schema.version(rows):
                return found  # another process was first
            schema.advance(rows, schema.STEPS)
            return schema.NEWEST

    def _mine(self) -> threading.local:
        """What is this thread's, or this greenlet's."""
        pid = os.getpid()
        return self._locals.get(pid) or self._locals.setdefault(pid, threading.local())

    def _connection(self) -> Connection:
        try:
            connection: Connection = self._locals[os.getpid()].connection
        except (KeyError, AttributeError):
            return self._connected()
        return self._connected() if connection.closed else connection

    def _connected(self) -> Connection:
        connection = Connection(self._file, self._synchronous, self._timeout)
        self._mine().connection = connection
        self._open.add(connection)
        return connection
