"""One SQLite file: safe for threads, forks and several processes on one machine.

A commit is durable when `save` returns (WAL, synchronous=FULL). Writers queue on a file lock beside
the database, which is fair where SQLite's own waiting is not. Each thread has a connection of its
own, and a forked child opens new ones.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from weakref import WeakSet

import msgspec

from guidepath.adapters.stores.filelock import FileLock
from guidepath.errors import ConfigurationError, StoreError
from guidepath.event import Envelope, Event
from guidepath.ports import Change, Parcel, Row, Snapshot, Totals
from guidepath.progress import Progress
from guidepath.subject import Subject

SCHEMA = """
CREATE TABLE IF NOT EXISTS guidepath_subject (
    account TEXT NOT NULL, user TEXT NOT NULL,  -- user '' is the account itself
    version INTEGER NOT NULL, due INTEGER, progress BLOB NOT NULL,
    PRIMARY KEY (account, user)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS guidepath_subject_due ON guidepath_subject (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS guidepath_history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL,
    occurred_at INTEGER NOT NULL, digest TEXT NOT NULL, event BLOB NOT NULL,
    UNIQUE (account, id)
);
CREATE INDEX IF NOT EXISTS guidepath_history_order ON guidepath_history (account, occurred_at, seq);
CREATE TABLE IF NOT EXISTS guidepath_outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, user TEXT NOT NULL, envelope BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS guidepath_cursor (
    sink TEXT PRIMARY KEY, position INTEGER NOT NULL, free_at INTEGER NOT NULL,
    failures INTEGER NOT NULL
) WITHOUT ROWID;
"""

LOAD = "SELECT user, version, progress FROM guidepath_subject WHERE account = ? AND user IN ({})"
KNOWN = "SELECT id, digest FROM guidepath_history WHERE account = ? AND id IN ({})"
INSERT = """INSERT INTO guidepath_subject (version, due, progress, account, user)
    VALUES (1, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
UPDATE = """UPDATE guidepath_subject SET version = version + 1, due = ?, progress = ?
    WHERE account = ? AND user = ? AND version = ?"""
RECORD = """INSERT INTO guidepath_history (account, id, user, kind, occurred_at, digest, event)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
POST = "INSERT INTO guidepath_outbox (id, account, user, envelope) VALUES (?, ?, ?, ?)"
HISTORY = (
    """SELECT event, seq FROM guidepath_history WHERE account = ? {} ORDER BY occurred_at, seq"""
)
SUBJECTS = """SELECT account, user, progress FROM guidepath_subject
    WHERE (account, user) > (?, ?) {} ORDER BY account, user LIMIT ?"""
TOTALS = "SELECT count(*), max(occurred_at) FROM guidepath_history WHERE kind <> 'feedback'"
CURSOR = "SELECT position, free_at, failures FROM guidepath_cursor WHERE sink = ?"
WAITING = "SELECT position, envelope FROM guidepath_outbox WHERE position > ? ORDER BY 1 LIMIT ?"
LEASE = """INSERT INTO guidepath_cursor VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET free_at = excluded.free_at"""
SETTLE = """UPDATE guidepath_cursor SET position = ?, free_at = ?, failures = ?
    WHERE sink = ? AND position = ?"""
ERASE = ("subject", "history", "outbox")

_encode = msgspec.msgpack.Encoder().encode
_progress = msgspec.msgpack.Decoder(Progress).decode
_event = msgspec.msgpack.Decoder(Event).decode
_envelope = msgspec.msgpack.Decoder(Envelope).decode


class SqliteStore:
    """A store in one file; `file` is made where it is missing.

    Raises:
        ConfigurationError: the file's folder does not exist.
        StoreError: the file cannot be opened, or is no database.
    """

    def __init__(self, file: str | Path, *, synchronous: str = "FULL") -> None:
        self._file = Path(file).absolute()
        if not self._file.parent.is_dir():
            raise ConfigurationError(f"the folder of {self._file} does not exist; make it first")
        self._synchronous = synchronous
        self._mine = threading.local()
        self._open: WeakSet[_Connection] = WeakSet()  # a thread that ends closes its own
        self._inherited: list[_Connection] = []
        self._opening = threading.Lock()
        self._connection()

    @classmethod
    def from_url(cls, url: str) -> "SqliteStore":
        """`sqlite:///relative.db`, `sqlite:////absolute.db`, with `?synchronous=normal`.

        Raises:
            ConfigurationError: the address names no file.
        """
        parts = urlsplit(url)
        file = unquote(parts.path).removeprefix("/")
        if parts.netloc or not file or file == ":memory:":
            raise ConfigurationError(
                f"{url!r} names no file; write sqlite:///guidepath.db, or memory: to keep nothing"
            )
        synchronous = parse_qs(parts.query).get("synchronous", ["full"])[0].upper()
        if synchronous not in ("FULL", "NORMAL"):
            raise ConfigurationError(f"synchronous={synchronous.lower()}: it is full or normal")
        return cls(file, synchronous=synchronous)

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
            with _translated(self._file):
                self._connection().begin()
        with self._reading() as database:
            rows = {
                user: Row(_progress(progress), version)
                for user, version, progress in _select(database, LOAD, account, ["", *users])
            }
            known = dict(_select(database, KNOWN, account, ids)) if ids else {}
        nobody = Row(None, 0)
        return Snapshot(
            rows.get("", nobody), {user: rows.get(user, nobody) for user in users}, known
        )

    def release(self) -> None:
        """See ports.Store."""
        connection: _Connection | None = getattr(self._mine, "connection", None)
        if connection is not None and connection.pid == os.getpid():
            connection.end("ROLLBACK")

    def save(self, change: Change) -> bool:
        """See ports.Store."""
        try:
            with self._writing() as database:
                _save(database, change)
        except _Conflict:
            return False
        return True

    def history(self, account: str, user: str | None = None) -> list[Event]:
        """See ports.Store."""
        whose, parameters = ("", [account]) if user is None else ("AND user = ?", [account, user])
        with self._reading() as database:
            rows = database.execute(HISTORY.format(whose), parameters).fetchall()
        return [_event(event).arrived(seq) for event, seq in rows]

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        account, user = ("", "") if after is None else (after.account, after.user or "")
        when, parameters = ("", []) if due is None else ("AND due <= ?", [due])
        with self._reading() as database:
            rows = database.execute(
                SUBJECTS.format(when), [account, user, *parameters, most]
            ).fetchall()
        return [(Subject(one, who or None), _progress(blob)) for one, who, blob in rows]

    def totals(self) -> Totals:
        """See ports.Store."""
        with self._reading() as database:
            return Totals(*database.execute(TOTALS).fetchone())

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        with self._reading() as database:
            if not _waiting(database, sink, now, 1)[1]:
                return None  # an idle relay takes no lock
        with self._writing() as database:
            (position, _, failures), rows = _waiting(database, sink, now, most)
            if not rows:
                return None
            database.execute(LEASE, [sink, position, now + lease, failures])
        envelopes = [_envelope(envelope) for _, envelope in rows]
        return Parcel(sink, position, [one for one, _ in rows], envelopes, failures)

    def settle(self, parcel: Parcel, *, delivered: int, retry_at: int = 0) -> None:
        """See ports.Store."""
        position = parcel.positions[delivered - 1] if delivered else parcel.start
        failures = 0 if delivered == len(parcel.envelopes) else parcel.failures + 1
        with self._writing() as database:
            database.execute(SETTLE, [position, retry_at, failures, parcel.sink, parcel.start])

    def erase(self, subject: Subject) -> None:
        """See ports.Store."""
        account, user = subject
        whose, parameters = ("", [account]) if user is None else ("AND user = ?", [account, user])
        with self._writing() as database:
            for table in ERASE:
                # table and condition are constants of this module
                database.execute(
                    f"DELETE FROM guidepath_{table} WHERE account = ? {whose}",  # noqa: S608
                    parameters,
                )

    def close(self) -> None:
        """See ports.Store. A later call opens the file again."""
        with self._opening:
            for connection in list(self._open):
                connection.close()
            self._open.clear()
            self._mine = threading.local()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """What is read inside is of one instant."""
        with _translated(self._file):
            connection = self._connection()
            if connection.turn:
                yield connection.database
                return
            connection.database.execute("BEGIN")
            try:
                yield connection.database
            finally:
                connection.database.execute("COMMIT")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A write transaction, or the rest of a turn: committed at the end, or rolled back."""
        with _translated(self._file):
            connection = self._connection()
            connection.begin()
            try:
                yield connection.database
            except BaseException:
                connection.end("ROLLBACK")
                raise
            connection.end("COMMIT")

    def _connection(self) -> "_Connection":
        connection: _Connection | None = getattr(self._mine, "connection", None)
        if connection is None or connection.pid != os.getpid():
            if connection is not None:
                self._inherited.append(connection)  # the parent's, since before a fork: left alone
            connection = _Connection(self._file, self._synchronous)
            self._mine.connection = connection
            with self._opening:
                self._open.add(connection)
        return connection


class _Connection:
    """A connection and its file lock, of one thread of one process."""

    def __init__(self, file: Path, synchronous: str) -> None:
        self.pid = os.getpid()
        self.turn = False
        self.lock = FileLock(file.with_name(file.name + "-lock"))
        with _translated(file):
            self.database = sqlite3.connect(
                file, timeout=30, isolation_level=None, check_same_thread=False
            )
            self.lock.acquire()
            try:
                self.database.execute("PRAGMA journal_mode = WAL")
                self.database.execute(f"PRAGMA synchronous = {synchronous}")
                self.database.executescript(SCHEMA)
            finally:
                self.lock.release()

    def begin(self) -> None:
        """Wait for the turn to write, and take it; one that is held goes on."""
        if self.turn:
            return
        self.lock.acquire()
        try:
            self.database.execute("BEGIN IMMEDIATE")
        except BaseException:
            self.lock.release()
            raise
        self.turn = True

    def end(self, how: str) -> None:
        """Commit or roll back, and give the turn to the next; without a turn, nothing."""
        if not self.turn:
            return
        self.turn = False
        try:
            self.database.execute(how)
        finally:
            self.lock.release()

    def close(self) -> None:
        if self.pid == os.getpid():
            self.database.close()
            self.lock.close()

    __del__ = close


class _Conflict(Exception):
    """A version or an event id is not what the change was decided on."""


def _save(database: sqlite3.Connection, change: Change) -> None:
    account = change.account
    for user, (progress, version) in change.drafts.items():
        values: list[object] = [progress.due, _encode(progress), account, user or ""]
        statement, values = (UPDATE, [*values, version]) if version else (INSERT, values)
        if database.execute(statement, values).rowcount != 1:
            raise _Conflict
    for event in change.events:
        row = [account, event.id, event.user or "", event.kind, event.occurred_at, event.digest]
        if database.execute(RECORD, [*row, _encode(event)]).rowcount != 1:
            raise _Conflict
    database.executemany(
        POST, [(one.id, account, one.user or "", _encode(one)) for one in change.envelopes]
    )


def _waiting(
    database: sqlite3.Connection, sink: str, now: int, most: int
) -> tuple[tuple[int, int, int], list[tuple[int, bytes]]]:
    """A sink's cursor and what waits behind it; nothing does while it is leased or pausing."""
    cursor = database.execute(CURSOR, [sink]).fetchone() or (0, 0, 0)
    if now < cursor[1]:
        return cursor, []
    return cursor, database.execute(WAITING, [cursor[0], most]).fetchall()


def _select(
    database: sqlite3.Connection, statement: str, account: str, among: Sequence[str]
) -> Iterator[Any]:
    """Rows by key, 500 keys a statement: SQLite bounds how many parameters one may have."""
    for first in range(0, len(among), 500):
        some = among[first : first + 500]
        marks = ",".join("?" * len(some))
        with closing(database.execute(statement.format(marks), [account, *some])) as rows:
            yield from rows.fetchall()


@contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as problem:
        raise StoreError(f"the store {file} did not answer: {problem}") from problem
