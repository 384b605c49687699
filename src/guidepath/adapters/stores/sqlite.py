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
from random import getrandbits
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4
from weakref import WeakSet

import msgspec

from guidepath.adapters.stores import sqlite_schema as schema
from guidepath.adapters.stores.filelock import FileLock
from guidepath.errors import ConfigurationError, StoreError
from guidepath.event import Envelope, Event, unnamed
from guidepath.ports import (
    Change,
    DeadLetter,
    Draft,
    Parcel,
    Problem,
    Queue,
    Row,
    Snapshot,
    Totals,
)
from guidepath.progress import Progress
from guidepath.subject import Subject

ROWS = "SELECT 0, user, version, progress FROM guidepath_subject WHERE account = ? AND user IN ({})"
KNOWN = "SELECT 1, id, 0, digest FROM guidepath_history WHERE account = ? AND id IN ({})"
ERASED = "SELECT 2, mark, at, NULL FROM guidepath_erased WHERE mark IN ({})"
INSERT = """INSERT INTO guidepath_subject (version, due, progress, account, user)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
UPDATE = """UPDATE guidepath_subject SET version = version + 1, due = ?, progress = ?
    WHERE account = ? AND user = ? AND version = ?"""
RECORD = """INSERT INTO guidepath_history (account, id, user, kind, occurred_at, digest, event)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
POST = "INSERT INTO guidepath_outbox (id, account, user, envelope, at) VALUES (?, ?, ?, ?, ?)"
HISTORY = (
    """SELECT event, seq FROM guidepath_history WHERE account = ? {} ORDER BY occurred_at, seq"""
)
SUBJECTS = """SELECT account, user, progress FROM guidepath_subject
    WHERE (account, user) > (?, ?) {} ORDER BY account, user LIMIT ?"""
TOTALS = "SELECT count(*), max(occurred_at) FROM guidepath_history WHERE kind <> 'feedback'"
CURSOR = "SELECT position, free_at, failures FROM guidepath_cursor WHERE sink = ?"
WAITING = "SELECT position, envelope FROM guidepath_outbox WHERE position > ? ORDER BY 1 LIMIT ?"
HOLD = """INSERT INTO guidepath_cursor (sink, position, free_at, failures) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET free_at = excluded.free_at"""
LEASE = """INSERT INTO guidepath_lease (sink, lease) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET lease = excluded.lease"""
HELD = "UPDATE guidepath_lease SET lease = '', reason = ? WHERE sink = ? AND lease = ?"
SETTLE = "UPDATE guidepath_cursor SET position = ?, free_at = ?, failures = ? WHERE sink = ?"
DIE = """INSERT INTO guidepath_dead (sink, id, account, user, envelope, reason, failed_at)
    SELECT ?, id, account, user, envelope, ?, ? FROM guidepath_outbox WHERE position = ?
    ON CONFLICT DO NOTHING"""
QUEUE = """SELECT count(o.position), min(o.at), coalesce(max(c.failures), 0), max(c.free_at),
        max(l.reason), (SELECT count(*) FROM guidepath_dead WHERE sink = s.sink)
    FROM (SELECT ? AS sink) s LEFT JOIN guidepath_cursor c USING (sink)
    LEFT JOIN guidepath_lease l USING (sink)
    LEFT JOIN guidepath_outbox o ON o.position > coalesce(c.position, 0)"""
SINKS = "SELECT sink FROM guidepath_cursor"
DEAD = """SELECT sink, envelope, reason, failed_at FROM guidepath_dead
    WHERE ? IS NULL OR sink = ? ORDER BY failed_at, number LIMIT ?"""
BURY = "DELETE FROM guidepath_dead WHERE sink = ? AND id = ?"
SAID = """SELECT id, envelope FROM guidepath_outbox WHERE account = ? {0}
    UNION SELECT id, envelope FROM guidepath_dead WHERE account = ? {0}"""
TRIM = """DELETE FROM guidepath_outbox WHERE position IN (
    SELECT position FROM guidepath_outbox
    WHERE position <= (SELECT min(position) FROM guidepath_cursor) AND at < ?
    ORDER BY position LIMIT ?)"""
FORGET = ("subject", "history", "outbox", "dead")
OF_ACCOUNT = "SELECT rowid, envelope FROM guidepath_{} WHERE account = ? AND user = ''"
RENAME = "UPDATE guidepath_{} SET envelope = ? WHERE rowid = ?"
MARK = """INSERT INTO guidepath_erased (mark, at) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET at = excluded.at"""

_Asked = tuple[str, list[str], Sequence[str | bytes]]  # a statement, what is fixed in it, its keys
_MOST_KEYS = 500  # of one statement: SQLite bounds how many parameters it may have

_encode = msgspec.msgpack.Encoder().encode
_progress = msgspec.msgpack.Decoder(Progress).decode
_event = msgspec.msgpack.Decoder(Event).decode
_envelope = msgspec.msgpack.Decoder(Envelope).decode
_NOBODY = Row(None, 0)


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
        connection = self._connection()
        with _translated(self._file):
            connection.lock.acquire()
            try:
                self._key = schema.ready(connection.database, str(self._file))
            finally:
                connection.lock.release()

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
        asked: list[_Asked] = [(ROWS, [account], ["", *users])]
        marks: dict[bytes, str | None] = {}
        if ids:
            marks = {Subject(account, one).mark(self._key): one for one in (None, *users)}
            asked += [(KNOWN, [account], ids), (ERASED, [], list(marks))]
        rows: dict[str, Row] = {}
        known: dict[str, str] = {}
        erased: dict[str | None, int] = {}
        for kind, name, number, value in self._select(asked):
            if kind == 0:
                rows[name] = Row(_progress(value), number)
            elif kind == 1:
                known[name] = value
            else:
                erased[marks[name]] = number
        found = {user: rows.get(user, _NOBODY) for user in users}
        return Snapshot(rows.get("", _NOBODY), found, known, erased)

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
        whose, parameters = _whose(account, user)
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
            token = uuid4().hex
            database.execute(HOLD, [sink, position, now + lease, failures])
            database.execute(LEASE, [sink, token])
        envelopes = [_envelope(envelope) for _, envelope in rows]
        return Parcel(sink, 0, token, [one for one, _ in rows], envelopes, failures)

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
        with self._writing() as database:
            if database.execute(HELD, [reason, parcel.sink, parcel.lease]).rowcount != 1:
                return False
            position, _, failures = database.execute(CURSOR, [parcel.sink]).fetchone()
            position = parcel.positions[done - 1] if done else position
            failures = (1 if done else failures + 1) if retry_at else 0
            database.execute(SETTLE, [position, retry_at, failures, parcel.sink])
            for index, why in dead:
                database.execute(DIE, [parcel.sink, why, now, parcel.positions[index]])
        return True

    def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See ports.Store."""
        with self._reading() as database:
            known = {sink for (sink,) in database.execute(SINKS)}
            rows = {
                sink: database.execute(QUEUE, [sink]).fetchone()
                for sink in sorted({*sinks, *known})
            }
        return [
            Queue(sink, waiting, oldest, failures, free_at if failures else None, reason, dead)
            for sink, (waiting, oldest, failures, free_at, reason, dead) in rows.items()
        ]

    def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See ports.Store."""
        with self._reading() as database:
            rows = database.execute(DEAD, [sink, sink, most]).fetchall()
        return [DeadLetter(one, _envelope(blob), why, at) for one, blob, why, at in rows]

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See ports.Store."""
        with self._writing() as database:
            database.executemany(BURY, [(one.sink, one.envelope.id) for one in letters])

    def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See ports.Store."""
        whose, parameters = _whose(account, user)
        with self._reading() as database:
            rows = database.execute(SAID.format(whose), parameters * 2).fetchall()
        found = {one: _envelope(blob) for one, blob in rows}
        return sorted(found.values(), key=lambda one: (one.user or "", one.seq))

    def trim(self, *, before: int, most: int = 10_000) -> int:
        """See ports.Store."""
        with self._writing() as database:
            return database.execute(TRIM, [before, most]).rowcount

    def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store."""
        whose, parameters = _whose(subject.account, subject.user)
        try:
            with self._writing() as database:
                if account is not None:
                    _put(database, Subject(subject.account), account)
                for table in FORGET:
                    # table and condition are constants of this module
                    database.execute(
                        f"DELETE FROM guidepath_{table} WHERE account = ? {whose}",  # noqa: S608
                        parameters,
                    )
                if subject.user is not None:
                    _rename(database, subject.account, subject.user)
                database.execute(MARK, [subject.mark(self._key), at])
        except _Conflict:
            return False
        return True

    def close(self) -> None:
        """See ports.Store. A later call opens the file again."""
        with self._opening:
            for connection in list(self._open):
                connection.close()
            self._open.clear()
            self._mine = threading.local()

    def _select(self, asked: Sequence[_Asked]) -> list[Any]:
        """Rows by key, all of one instant: one statement, or several where there are many keys."""
        if sum(len(keys) for _, _, keys in asked) <= _MOST_KEYS:
            parts = [one.format(",".join("?" * len(keys))) for one, _, keys in asked]
            parameters = [value for _, fixed, keys in asked for value in (*fixed, *keys)]
            with _translated(self._file):
                database = self._connection().database
                return database.execute(" UNION ALL ".join(parts), parameters).fetchall()
        rows: list[Any] = []
        with self._reading() as database:
            for statement, fixed, keys in asked:
                for first in range(0, len(keys), _MOST_KEYS):
                    some = keys[first : first + _MOST_KEYS]
                    marks = ",".join("?" * len(some))
                    rows += database.execute(statement.format(marks), [*fixed, *some]).fetchall()
        return rows

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
    for user, draft in change.drafts.items():
        _put(database, Subject(account, user), draft)
    for event in change.events:
        row = [account, event.id, event.user or "", event.kind, event.occurred_at, event.digest]
        if database.execute(RECORD, [*row, _encode(event)]).rowcount != 1:
            raise _Conflict
    if change.envelopes:
        said = [(one.id, account, one.user or "", _encode(one)) for one in change.envelopes]
        database.executemany(POST, [(*one, change.at) for one in said])


def _put(database: sqlite3.Connection, subject: Subject, draft: Draft) -> None:
    """Write a subject's progress where its version is still the one it was decided on."""
    progress, version = draft
    row = [progress.due, _encode(progress), subject.account, subject.user or ""]
    if version:
        written = database.execute(UPDATE, [*row, version])
    else:
        written = database.execute(INSERT, [getrandbits(48), *row])  # never one it had before
    if written.rowcount != 1:
        raise _Conflict


def _rename(database: sqlite3.Connection, account: str, user: str) -> None:
    """What is said of an account tells no longer that it was this user."""
    for table in ("outbox", "dead"):
        for row, blob in database.execute(OF_ACCOUNT.format(table), [account]).fetchall():
            envelope = _envelope(blob)
            if (after := unnamed(envelope, user)) is not envelope:
                database.execute(RENAME.format(table), [_encode(after), row])


def _whose(account: str, user: str | None) -> tuple[str, list[str]]:
    """The condition that narrows an account's rows to a user's, and its parameters."""
    return ("", [account]) if user is None else ("AND user = ?", [account, user])


def _waiting(
    database: sqlite3.Connection, sink: str, now: int, most: int
) -> tuple[tuple[int, int, int], list[tuple[int, bytes]]]:
    """A sink's cursor and what waits behind it; nothing does while it is leased or pausing."""
    cursor = database.execute(CURSOR, [sink]).fetchone() or (0, 0, 0)
    if now < cursor[1]:
        return cursor, []
    return cursor, database.execute(WAITING, [cursor[0], most]).fetchall()


@contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as problem:
        raise StoreError(f"the store {file} did not answer: {problem}") from problem
