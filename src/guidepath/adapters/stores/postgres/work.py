"""What the store does, as statements and what their rows mean; connections are the drivers'."""

from collections.abc import Mapping, Sequence
from functools import partial
from random import getrandbits
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from guidepath.adapters.stores import packing
from guidepath.adapters.stores.postgres.arrays import Blobs, Numbers, Texts
from guidepath.adapters.stores.postgres.asking import Ask, Asks, Work
from guidepath.adapters.stores.postgres.statements import CONFLICT, Statements, statements
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

TICKETS = 1000  # given at once
LATEST = 2**63 - 1  # of all times that can be kept

_encode = msgspec.msgpack.Encoder().encode
_event = msgspec.msgpack.Decoder(Event).decode
_envelope = msgspec.msgpack.Decoder(Envelope).decode
_NOBODY = Row(None, 0)
_NONE = Texts()
_NO_BLOBS = Blobs()
_NO_NUMBERS = Numbers()


class Works:
    """The work of a store whose tables are in `schema`; `key` is that of the marks."""

    def __init__(self, schema: str, key: bytes) -> None:
        self._sql: Statements = statements(schema)
        self._key = key

    def load(self, account: str, users: Sequence[str], ids: Sequence[str]) -> Work[Snapshot]:
        """See ports.Store; without the turn."""
        return Work(partial(self._load, account, users, ids), reads=True)

    def versions(self, account: str, user: str | None) -> Work[tuple[int, int]]:
        """See ports.Store."""
        return Work(partial(self._versions, account, user), reads=True)

    def locked(self, account: str, users: Sequence[str], ids: Sequence[str]) -> Work[Snapshot]:
        """The same with all rows locked that are there: until the commit nobody else writes."""
        return Work(partial(self._locked, account, users, ids), whole=True)

    def save(self, change: Change) -> Work[bool]:
        """See ports.Store."""
        return Work(partial(self._save, change), beaten=False)

    def history(self, account: str, user: str | None, until: int | None) -> Work[list[Event]]:
        """See ports.Store."""
        return Work(partial(self._history, account, user, until), reads=True)

    def prune(self, account: str, users: Sequence[str | None], until: int) -> Work[int]:
        """See ports.Store."""
        return Work(partial(self._prune, account, users, until), whole=True, lasting=True)

    def subjects(
        self, after: Subject | None, due: int | None, most: int
    ) -> Work[list[tuple[Subject, Progress]]]:
        """See ports.Store."""
        return Work(partial(self._subjects, after, due, most), reads=True)

    def totals(self) -> Work[Totals]:
        """See ports.Store."""
        return Work(self._totals, reads=True, whole=True, lasting=True)

    def waits(self, sink: str, now: int) -> Work[tuple[bool, bool]]:
        """Whether a sink may have something, and whether tickets are to be given first."""
        return Work(partial(self._waits, sink, now), reads=True)

    def give_tickets(self, most: int) -> Work[None]:
        """Number what was committed; one at a time does it."""
        return Work(partial(self._give_tickets, most), whole=True)

    def lease(self, sink: str, *, now: int, lease: int, most: int) -> Work[Parcel | None]:
        """See ports.Store.claim, of what has its ticket."""
        return Work(partial(self._lease, sink, now, lease, most), whole=True)

    def settle(
        self,
        parcel: Parcel,
        *,
        now: int,
        done: int,
        dead: Sequence[Problem],
        retry_at: int,
        reason: str | None,
    ) -> Work[bool]:
        """See ports.Store."""
        return Work(partial(self._settle, parcel, now, done, dead, retry_at, reason), whole=True)

    def queues(self, sinks: Sequence[str]) -> Work[list[Queue]]:
        """See ports.Store."""
        return Work(partial(self._queues, sinks), reads=True)

    def dead(self, sink: str | None, most: int) -> Work[list[DeadLetter]]:
        """See ports.Store."""
        return Work(partial(self._dead, sink, most), reads=True)

    def bury(self, letters: Sequence[DeadLetter]) -> Work[None]:
        """See ports.Store."""
        return Work(partial(self._bury, letters))

    def said(self, account: str, user: str | None) -> Work[list[Envelope]]:
        """See ports.Store."""
        return Work(partial(self._said, account, user), reads=True)

    def trim(self, before: int, most: int) -> Work[int]:
        """See ports.Store."""
        return Work(partial(self._trim, before, most))

    def forget(self, sink: str) -> Work[None]:
        """See ports.Store."""
        return Work(partial(self._forget, sink), whole=True)

    def erase(self, subject: Subject, at: int, account: Draft | None) -> Work[bool]:
        """See ports.Store."""
        asks = partial(self._erase, subject, at, account)
        return Work(asks, whole=True, lasting=True, beaten=False)

    def _load(self, account: str, users: Sequence[str], ids: Sequence[str]) -> Asks[Snapshot]:
        everyone = Texts(("", *users))
        if not ids:
            rows = yield Ask(self._sql.load, (account, everyone))
            return _snapshot(rows, account, users, {})
        marks = {mark(account, one, self._key): one for one in (None, *users)}
        keys = (account, everyone, account, Texts(ids), Blobs(marks))
        rows = yield Ask(self._sql.look_up, keys)
        return _snapshot(rows, account, users, marks)

    def _versions(self, account: str, user: str | None) -> Asks[tuple[int, int]]:
        who = Texts(("",)) if user is None else Texts(("", user))
        found = dict((yield Ask(self._sql.versions, (account, who))))
        return found.get("", 0), found.get(user, 0)

    def _locked(self, account: str, users: Sequence[str], ids: Sequence[str]) -> Asks[Snapshot]:
        yield Ask(self._sql.lock, (account, Texts(("", *users))))
        return (yield from self._load(account, users, ids))

    def _save(self, change: Change) -> Asks[bool]:
        try:
            [(done,)] = yield Ask(self._sql.save, _saved(change))
        except psycopg.DataError as problem:
            if CONFLICT not in str(problem):
                raise
            return False
        return bool(done)

    def _history(self, account: str, user: str | None, until: int | None) -> Asks[list[Event]]:
        by = LATEST if until is None else until
        if user is None:
            rows = yield Ask(self._sql.history, (account, by))
        else:
            rows = yield Ask(self._sql.history_of_user, (account, user, by))
        return [_event(blob).arrived(seq) for blob, seq in rows]

    def _prune(self, account: str, users: Sequence[str | None], until: int) -> Asks[int]:
        whose = Texts(user or "" for user in users)
        [(gone,)] = yield Ask(self._sql.prune, (account, whose, until))
        return int(gone)

    def _subjects(
        self, after: Subject | None, due: int | None, most: int
    ) -> Asks[list[tuple[Subject, Progress]]]:
        place = ("", "") if after is None else (after.account, after.user or "")
        if due is None:
            rows = yield Ask(self._sql.subjects, (*place, most))
        else:
            rows = yield Ask(self._sql.due, (due, *place, most))
        return [(Subject(one, user or None), packing.anew(blob)) for one, user, blob in rows]

    def _totals(self) -> Asks[Totals]:
        [found] = yield Ask(self._sql.totals)
        return Totals(*found)

    def _waits(self, sink: str, now: int) -> Asks[tuple[bool, bool]]:
        [(free_at, numbered, unnumbered)] = yield Ask(self._sql.waiting, (sink,))
        if now < free_at:
            return False, False
        return numbered or unnumbered, unnumbered

    def _give_tickets(self, most: int) -> Asks[None]:
        [(last,)] = yield Ask(self._sql.last_ticket)
        yield Ask(self._sql.give_tickets, (max(most, TICKETS), last))

    def _lease(self, sink: str, now: int, lease: int, most: int) -> Asks[Parcel | None]:
        found = yield Ask(self._sql.cursor, (sink,))
        reached, free_at, failures = found[0] if found else (0, 0, 0)
        if now < free_at:
            return None
        rows = yield Ask(self._sql.next, (reached, most))
        if not rows:
            return None
        if not found:
            yield Ask(self._sql.open_cursor, (sink,))
            return (yield from self._lease(sink, now, lease, most))
        token = uuid4().hex
        yield Ask(self._sql.lease, (now + lease, token, sink))
        tickets = [ticket for ticket, _ in rows]
        return Parcel(sink, 0, token, tickets, [_envelope(blob) for _, blob in rows], failures)

    def _settle(
        self,
        parcel: Parcel,
        now: int,
        done: int,
        dead: Sequence[Problem],
        retry_at: int,
        reason: str | None,
    ) -> Asks[bool]:
        reached = parcel.positions[done - 1] if done else None
        how = "well" if not retry_at else "some" if done else "none"
        why = None if reason is None else _text(reason)
        keys = (reached, retry_at, how, why, parcel.sink, parcel.lease)
        if not (yield Ask(self._sql.settle, keys)):
            return False
        if dead:
            tickets = Numbers(parcel.positions[one.which] for one in dead)
            reasons = Texts(_text(one.reason) for one in dead)
            yield Ask(self._sql.die, (parcel.sink, now, tickets, reasons))
        return True

    def _queues(self, sinks: Sequence[str]) -> Asks[list[Queue]]:
        rows = yield Ask(self._sql.queues, (Texts(sinks),))
        return [
            Queue(sink, waiting, oldest, failures, free_at if failures else None, reason, dead)
            for sink, waiting, oldest, failures, free_at, reason, dead in rows
        ]

    def _dead(self, sink: str | None, most: int) -> Asks[list[DeadLetter]]:
        rows = yield Ask(self._sql.dead, (sink, sink, most))
        return [DeadLetter(one, _envelope(blob), reason, at) for one, blob, reason, at in rows]

    def _bury(self, letters: Sequence[DeadLetter]) -> Asks[None]:
        sinks = Texts(one.sink for one in letters)
        yield Ask(self._sql.bury, (sinks, Texts(one.envelope.id for one in letters)))

    def _said(self, account: str, user: str | None) -> Asks[list[Envelope]]:
        rows = yield Ask(self._sql.said, (account, user, user) * 2)
        found = {one: _envelope(blob) for one, blob in rows}
        return sorted(found.values(), key=lambda one: (one.user or "", one.seq))

    def _trim(self, before: int, most: int) -> Asks[int]:
        return len((yield Ask(self._sql.trim, (before, most))))

    def _forget(self, sink: str) -> Asks[None]:
        for statement in self._sql.forget_sink:
            yield Ask(statement, (sink,))

    def _erase(self, subject: Subject, at: int, account: Draft | None) -> Asks[bool]:
        if account is not None:
            kept = _saved(Change(subject.account, {None: account}))
            [(done,)] = yield Ask(self._sql.save, kept)
            if not done:
                return False
        for statement in self._sql.forget:
            yield Ask(statement, (subject.account, subject.user, subject.user))
        if subject.user is not None:
            for find, rename in zip(self._sql.of_account, self._sql.rename, strict=True):
                rows = yield Ask(find, (subject.account,))
                renamed = _unnamed(rows, subject.user)
                if renamed:
                    yield Ask(rename, (Numbers(renamed), Blobs(renamed.values())))
        yield Ask(self._sql.mark, (mark(*subject, self._key), at))
        packing.forget()
        return True


def _snapshot(
    rows: list[Any], account: str, users: Sequence[str], marks: Mapping[bytes, str | None]
) -> Snapshot:
    found: dict[str, Row] = {}
    known: dict[str, str] = {}
    erased: dict[str | None, int] = {}
    for kind, name, digest, number, blob in rows:
        if kind == 0:
            found[name] = Row(packing.unpacked(account, name, blob), number)
        elif kind == 1:
            known[name] = digest
        else:
            erased[marks[blob]] = number
    rest = {user: found.get(user, _NOBODY) for user in users}
    return Snapshot(found.get("", _NOBODY), rest, known, erased)


def _saved(change: Change) -> tuple[object, ...]:
    """The parameters of a save. Users are sorted: rows are locked in their order."""
    account = change.account
    drafts = sorted((user or "", draft) for user, draft in change.drafts.items())
    users = Texts(user for user, _ in drafts)
    versions = Numbers(draft.version for _, draft in drafts)
    rows = [(user, draft.progress) for user, draft in drafts]
    return (
        users,
        versions,
        Numbers(_next(one) for one in versions),
        Numbers(None if one is None else one.due for _, one in rows),
        Blobs(None if one is None else packing.packed(account, user, one) for user, one in rows),
        account,
        account,
        users,
        account,
        account,
        *_recorded(change.events),
        account,
        change.at,
        *_posted(change.envelopes),
        (written := len(drafts) + len(change.events)),
        written,
    )


def _recorded(events: Sequence[Event]) -> tuple[object, ...]:
    if not events:
        return (_NONE, _NONE, _NONE, _NO_NUMBERS, _NONE, _NO_BLOBS)
    return (
        Texts(one.id for one in events),
        Texts(one.user or "" for one in events),
        Texts(one.kind for one in events),
        Numbers(one.occurred_at for one in events),
        Texts(one.digest for one in events),
        Blobs(map(_encode, events)),
    )


def _posted(envelopes: Sequence[Envelope]) -> tuple[object, ...]:
    if not envelopes:
        return (_NONE, _NONE, _NO_BLOBS)
    return (
        Texts(one.id for one in envelopes),
        Texts(one.user or "" for one in envelopes),
        Blobs(map(_encode, envelopes)),
    )


def _next(version: int | None) -> int:
    """The version after this one; a first one is drawn, so that it never comes again."""
    return version + 1 if version else 1 + getrandbits(48)


def _unnamed(rows: list[Any], user: str) -> dict[int, bytes]:
    """Those envelopes that named this user, without her, by row."""
    told = ((row, _envelope(blob)) for row, blob in rows)
    after = ((row, one, unnamed(one, user)) for row, one in told)
    return {row: _encode(mended) for row, one, mended in after if mended is not one}


def _text(said: str) -> str:
    """What PostgreSQL can keep of a text from outside: it has no NUL, nor half a character."""
    return said.replace("\0", "�").encode(errors="replace").decode()
