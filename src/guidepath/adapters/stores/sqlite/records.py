"""What a store does with an open file, whoever opened it and whoever commits."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from random import getrandbits
from typing import Any
from uuid import uuid4

import msgspec

from guidepath.adapters.stores import packing
from guidepath.adapters.stores.sqlite.statements import (
    BURY,
    COUNT_ON,
    CURSOR,
    DEAD,
    DIE,
    ERASE,
    ERASED,
    FORGET,
    HELD,
    HISTORY,
    HOLD,
    INSERT,
    KNOWN,
    LEASE,
    MARK,
    OF_ACCOUNT,
    OLD,
    POST,
    PRUNE,
    QUEUE,
    RECORD,
    RENAME,
    ROWS,
    SAID,
    SETTLE,
    SINKS,
    SUBJECTS,
    TOTALS,
    TRIM,
    UNTIL,
    UPDATE,
    VERSION,
    VERSIONS,
    WAITING,
)
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
from guidepath.subject import Subject, mark

_Asked = tuple[str, list[str], Sequence[str | bytes]]  # a statement, what is fixed in it, its keys
_MOST_KEYS = 300  # of one statement: SQLite bounds how many parameters it may have

_encode = msgspec.msgpack.Encoder().encode
_event = msgspec.msgpack.Decoder(Event).decode
_envelope = msgspec.msgpack.Decoder(Envelope).decode
_NOBODY = Row(None, 0)


class Records(ABC):
    """The calls of ports.Store that read and write; how a transaction is had, a subclass says."""

    _key: bytes  # of the marks of the erased

    @abstractmethod
    def look(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of one statement."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[sqlite3.Cursor]:
        """What is read inside is of one instant."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """All that is written inside, or with an exception nothing of it."""

    @abstractmethod
    def take_turn(self) -> None:
        """Let nobody else write until the next `writing` is over, or `release` is called."""

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
            self.take_turn()
        marks: dict[bytes, str | None] = {}
        if ids:
            for one in (None, *users):
                marks[mark(account, one, self._key)] = one
        whole, each = _NOBODY, dict.fromkeys(users, _NOBODY)
        known: dict[str, str] = {}
        erased: dict[str | None, int] = {}
        if len(users) + len(ids) <= _MOST_KEYS:
            asked: tuple[Any, ...] = (account, "", *users)
            if ids:
                asked += (account, *ids, *marks)
            rows = self.look(_looking_up(len(users), len(ids)), asked)
        else:
            rows = self._many(account, users, ids, marks)
        for kind, name, number, value in rows:
            if kind == 0:
                row = Row(packing.unpacked(account, name, value), number)
                if name:
                    each[name] = row
                else:
                    whole = row
            elif kind == 1:
                known[name] = value
            else:
                erased[marks[name]] = number
        return Snapshot(whole, each, known, erased)

    def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """See ports.Store."""
        of_account = of_user = 0
        for whose, version in self.look(VERSIONS, (account, user or "")):
            if whose:
                of_user = version
            else:
                of_account = version
        return of_account, of_user

    def save(self, change: Change) -> bool:
        """See ports.Store."""
        try:
            with self.writing() as rows:
                _save(rows, change)
        except _Conflict:
            return False
        return True

    def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """See ports.Store."""
        whose, parameters = _whose(account, user)
        when = [] if until is None else [until]
        asked = HISTORY.format(f"{whose} {UNTIL}" if when else whose)
        with self.reading() as rows:
            found = rows.execute(asked, [*parameters, *when]).fetchall()
        return [_event(event).arrived(seq) for event, seq in found]

    def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """See ports.Store."""
        dropped = 0
        with self.writing() as rows:
            for first in range(0, len(users), _MOST_KEYS):
                some = [user or "" for user in users[first : first + _MOST_KEYS]]
                keys, asked = ",".join("?" * len(some)), [account, until, *some]
                messages, newest = rows.execute(OLD.format(keys), asked).fetchone()
                if messages:
                    for statement, value in zip(COUNT_ON, (messages, newest), strict=True):
                        rows.execute(statement, [value])
                dropped += rows.execute(PRUNE.format(keys), asked).rowcount
        return dropped

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        account, user = ("", "") if after is None else (after.account, after.user or "")
        when, parameters = ("", []) if due is None else ("AND due <= ?", [due])
        with self.reading() as rows:
            found = rows.execute(
                SUBJECTS.format(when), [account, user, *parameters, most]
            ).fetchall()
        return [(Subject(one, who or None), packing.anew(blob)) for one, who, blob in found]

    def totals(self) -> Totals:
        """See ports.Store."""
        with self.reading() as rows:
            return Totals(*rows.execute(TOTALS).fetchone())

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        with self.reading() as rows:
            if not _waiting(rows, sink, now, 1)[1]:
                return None  # an idle relay takes no lock
        with self.writing() as rows:
            (position, _, failures), waiting = _waiting(rows, sink, now, most)
            if not waiting:
                return None
            token = uuid4().hex
            rows.execute(HOLD, [sink, position, now + lease, failures])
            rows.execute(LEASE, [sink, token])
        envelopes = [_envelope(envelope) for _, envelope in waiting]
        return Parcel(sink, 0, token, [one for one, _ in waiting], envelopes, failures)

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
        with self.writing() as rows:
            if rows.execute(HELD, [reason, parcel.sink, parcel.lease]).rowcount != 1:
                return False
            position, _, failures = rows.execute(CURSOR, [parcel.sink]).fetchone()
            position = parcel.positions[done - 1] if done else position
            failures = (1 if done else failures + 1) if retry_at else 0
            rows.execute(SETTLE, [position, retry_at, failures, parcel.sink])
            for index, why in dead:
                rows.execute(DIE, [parcel.sink, why, now, parcel.positions[index]])
        return True

    def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See ports.Store."""
        with self.reading() as rows:
            known = {sink for (sink,) in rows.execute(SINKS)}
            found = {
                sink: rows.execute(QUEUE, [sink]).fetchone() for sink in sorted({*sinks, *known})
            }
        return [
            Queue(sink, waiting, oldest, failures, free_at if failures else None, reason, dead)
            for sink, (waiting, oldest, failures, free_at, reason, dead) in found.items()
        ]

    def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See ports.Store."""
        with self.reading() as rows:
            found = rows.execute(DEAD, [sink, sink, most]).fetchall()
        return [DeadLetter(one, _envelope(blob), why, at) for one, blob, why, at in found]

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See ports.Store."""
        with self.writing() as rows:
            rows.executemany(BURY, [(one.sink, one.envelope.id) for one in letters])

    def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See ports.Store."""
        whose, parameters = _whose(account, user)
        with self.reading() as rows:
            found = rows.execute(SAID.format(whose), parameters * 2).fetchall()
        said = {one: _envelope(blob) for one, blob in found}
        return sorted(said.values(), key=lambda one: (one.user or "", one.seq))

    def trim(self, *, before: int, most: int = 10_000) -> int:
        """See ports.Store."""
        with self.writing() as rows:
            return rows.execute(TRIM, [before, most]).rowcount

    def forget(self, sink: str) -> None:
        """See ports.Store."""
        with self.writing() as rows:
            for statement in FORGET:
                rows.execute(statement, [sink])

    def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store."""
        whose, parameters = _whose(subject.account, subject.user)
        try:
            with self.writing() as rows:
                if account is not None:
                    _put(rows, subject.account, "", account)
                for statement in ERASE:
                    rows.execute(statement.format(whose), parameters)
                if subject.user is not None:
                    _rename(rows, subject.account, subject.user)
                rows.execute(MARK, [mark(*subject, self._key), at])
        except _Conflict:
            return False
        packing.forget()
        return True

    def _many(
        self, account: str, users: Sequence[str], ids: Sequence[str], marks: Iterable[bytes]
    ) -> list[Any]:
        """Rows by more keys than one statement may have, all of one instant."""
        asked: list[_Asked] = [(ROWS, [account], ["", *users])]
        if ids:
            asked += [(KNOWN, [account], ids), (ERASED, [], list(marks))]
        found: list[Any] = []
        with self.reading() as rows:
            for statement, fixed, keys in asked:
                for first in range(0, len(keys), _MOST_KEYS):
                    some = keys[first : first + _MOST_KEYS]
                    found += rows.execute(_with_marks(statement, len(some)), [*fixed, *some])
        return found


class _Conflict(Exception):
    """A version or an event id is not what the change was decided on."""


@lru_cache(maxsize=256)
def _looking_up(users: int, ids: int) -> str:
    """The statement for so many users and event ids."""
    parts = [_with_marks(ROWS, 1 + users)]
    if ids:
        parts += [_with_marks(KNOWN, ids), _with_marks(ERASED, 1 + users)]
    return " UNION ALL ".join(parts)


def _with_marks(statement: str, keys: int) -> str:
    return statement.format(",".join("?" * keys))


def _save(rows: sqlite3.Cursor, change: Change) -> None:
    account = change.account
    for user, draft in change.drafts.items():
        _put(rows, account, user or "", draft)
    for event in change.events:
        row = [account, event.id, event.user or "", event.kind, event.occurred_at, event.digest]
        if rows.execute(RECORD, [*row, _encode(event)]).rowcount != 1:
            raise _Conflict
    if change.envelopes:
        said = [(one.id, account, one.user or "", _encode(one)) for one in change.envelopes]
        rows.executemany(POST, [(*one, change.at) for one in said])


def _put(rows: sqlite3.Cursor, account: str, user: str, draft: Draft) -> None:
    """Write a subject's progress where its version is still the one it was decided on."""
    progress, version = draft.progress, draft.version
    if progress is None:
        (found,) = rows.execute(VERSION, [account, user]).fetchone() or (0,)
        if found != version:
            raise _Conflict
        return
    row = [progress.due, packing.packed(account, user, progress), account, user]
    if version:
        written = rows.execute(UPDATE, [*row, version])
    else:
        written = rows.execute(INSERT, [getrandbits(48), *row])  # never one it had before
    if written.rowcount != 1:
        raise _Conflict


def _rename(rows: sqlite3.Cursor, account: str, user: str) -> None:
    """What is said of an account tells no longer that it was this user."""
    for table in ("outbox", "dead"):
        for row, blob in rows.execute(OF_ACCOUNT.format(table), [account]).fetchall():
            envelope = _envelope(blob)
            if (after := unnamed(envelope, user)) is not envelope:
                rows.execute(RENAME.format(table), [_encode(after), row])


def _whose(account: str, user: str | None) -> tuple[str, list[str]]:
    """The condition that narrows an account's rows to a user's, and its parameters."""
    return ("", [account]) if user is None else ("AND user = ?", [account, user])


def _waiting(
    rows: sqlite3.Cursor, sink: str, now: int, most: int
) -> tuple[tuple[int, int, int], list[tuple[int, bytes]]]:
    """A sink's cursor and what waits behind it; nothing does while it is leased or pausing."""
    cursor = rows.execute(CURSOR, [sink]).fetchone() or (0, 0, 0)
    if now < cursor[1]:
        return cursor, []
    return cursor, rows.execute(WAITING, [cursor[0], most]).fetchall()
