"""Everything in dictionaries of this process: for tests and trials. It forgets at exit."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import count, islice
from secrets import token_bytes
from threading import RLock
from typing import NamedTuple

from guidepath.event import Envelope, Event, unnamed
from guidepath.ports import Change, DeadLetter, Draft, Parcel, Problem, Queue, Row, Snapshot, Totals
from guidepath.progress import Progress
from guidepath.subject import Subject, mark

_NOBODY = Row(None, 0)


class MemoryStore:
    """A store that lives as long as the object. Safe for threads; it is not shared with a fork."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._turn = False  # read and written under the lock only
        self._rows: dict[Subject, Row] = {}
        self._order: list[tuple[str, str]] = []  # the places of all rows, in order
        self._events: dict[str, dict[str, Event]] = {}
        self._pruned = Totals(0, None)
        self._erased: dict[bytes, int] = {}  # by mark
        self._key = token_bytes(32)
        self._numbers = count(1)  # arrivals, versions and leases: each number once
        self._spoken = 0
        self._outbox: dict[int, _Said] = {}
        self._cursors: dict[str, _Cursor] = {}
        self._dead: list[DeadLetter] = []

    @classmethod
    def from_url(cls, url: str) -> "MemoryStore":
        """`memory:` takes no further words."""
        del url
        return cls()

    def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        """See ports.Store."""
        with self._lock:
            if turn and not self._turn:
                self._lock.acquire()
                self._turn = True
            events = self._events.get(account, {})
            return Snapshot(
                self._rows.get(Subject(account), _NOBODY),
                {user: self._rows.get(Subject(account, user), _NOBODY) for user in users},
                {one: events[one].digest for one in ids if one in events},
                self._erased_of(account, users) if ids and self._erased else {},
            )

    def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """See ports.Store."""
        with self._lock:
            whole = self._rows.get(Subject(account), _NOBODY).version
            if user is None:
                return whole, 0
            return whole, self._rows.get(Subject(account, user), _NOBODY).version

    def release(self) -> None:
        """See ports.Store."""
        with self._lock:
            if self._turn:  # it is this thread's: no other gets past the lock
                self._turn = False
                self._lock.release()

    def save(self, change: Change) -> bool:
        """See ports.Store."""
        with self._lock:
            self.release()
            account, drafts = change.account, change.drafts
            if any(not self._is_current(Subject(account, one), drafts[one]) for one in drafts):
                return False
            events = self._events.setdefault(account, {})
            ids = [event.id for event in change.events]
            if len(set(ids)) < len(ids) or not events.keys().isdisjoint(ids):
                return False
            for user, draft in drafts.items():
                if draft.progress is not None:
                    self._put(Subject(account, user), draft.progress)
            for event in change.events:
                events[event.id] = event.arrived(next(self._numbers))
            for envelope in change.envelopes:
                self._spoken += 1
                self._outbox[self._spoken] = _Said(envelope, change.at)
            return True

    def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """See ports.Store."""
        with self._lock:
            events = list(self._events.get(account, {}).values())
        mine = [one for one in events if user is None or one.user == user]
        if until is not None:
            mine = [one for one in mine if one.occurred_at <= until]
        return sorted(mine, key=lambda one: (one.occurred_at, one.seq))

    def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """See ports.Store."""
        with self._lock:
            events = self._events.get(account, {})
            whose = set(users)
            old = [e for e in events.values() if e.occurred_at <= until and e.user in whose]
            for one in old:
                del events[one.id]
            said = [one.occurred_at for one in old if one.kind != "feedback"]
            messages, newest = self._pruned
            known = said if newest is None else [newest, *said]
            self._pruned = Totals(messages + len(said), max(known, default=None))
            return len(old)

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        found: list[tuple[Subject, Progress]] = []
        with self._lock:
            first = 0 if after is None else bisect_right(self._order, _place(after))
            for number in range(first, len(self._order)):
                account, user = self._order[number]
                subject = Subject(account, user or None)
                progress = self._rows[subject].progress
                if progress is None or not _is_due(progress, due):
                    continue
                found.append((subject, progress))
                if len(found) == most:
                    break
        return found

    def totals(self) -> Totals:
        """See ports.Store."""
        with self._lock:
            messages = [
                event
                for events in self._events.values()
                for event in events.values()
                if event.kind != "feedback"
            ]
            pruned, newest = self._pruned
        times = [one.occurred_at for one in messages] + ([] if newest is None else [newest])
        return Totals(pruned + len(messages), max(times, default=None))

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        with self._lock:
            cursor = self._cursors.setdefault(sink, _Cursor())
            waiting = list(islice(self._beyond(cursor), most))
            if not waiting or now < cursor.free_at:
                return None
            cursor.free_at = now + lease
            cursor.lease = str(next(self._numbers))
            envelopes = [self._outbox[one].envelope for one in waiting]
            return Parcel(sink, 0, cursor.lease, waiting, envelopes, cursor.failures)

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
        with self._lock:
            cursor = self._cursors.get(parcel.sink)
            if cursor is None or cursor.lease != parcel.lease:
                return False
            cursor.lease = ""
            if done:
                cursor.position = parcel.positions[done - 1]
            for problem in dead:
                said = self._outbox.get(parcel.positions[problem.which])
                if said is not None:  # not erased meanwhile
                    self._dead.append(DeadLetter(parcel.sink, said.envelope, problem.reason, now))
            cursor.failures = cursor.failures + 1 if retry_at and not done else int(bool(retry_at))
            cursor.free_at, cursor.reason = retry_at, reason
            return True

    def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See ports.Store."""
        with self._lock:
            return [self._queue(sink) for sink in sorted({*sinks, *self._cursors})]

    def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See ports.Store."""
        with self._lock:
            return [one for one in self._dead if sink in (None, one.sink)][:most]

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See ports.Store."""
        gone = {(one.sink, one.envelope.id) for one in letters}
        with self._lock:
            self._dead = [one for one in self._dead if (one.sink, one.envelope.id) not in gone]

    def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See ports.Store."""
        with self._lock:
            known = [one.envelope for one in self._outbox.values()]
            known += [one.envelope for one in self._dead]
        mine = [one for one in known if one.account == account and user in (None, one.user)]
        return sorted(
            {one.id: one for one in mine}.values(), key=lambda one: (one.user or "", one.seq)
        )

    def trim(self, *, before: int, most: int = 10_000) -> int:
        """See ports.Store."""
        with self._lock:
            passed = min((one.position for one in self._cursors.values()), default=0)
            old = [
                position
                for position, said in self._outbox.items()
                if position <= passed and said.at < before
            ][:most]
            for position in old:
                del self._outbox[position]
            return len(old)

    def forget(self, sink: str) -> None:
        """See ports.Store."""
        with self._lock:
            self._cursors.pop(sink, None)
            self._dead = [one for one in self._dead if one.sink != sink]

    def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store."""
        with self._lock:
            self.release()
            whole = Subject(subject.account)
            if account is not None and not self._is_current(whole, account):
                return False
            events = self._events.get(subject.account, {})
            for event in [one for one in events.values() if _within(one.subject, subject)]:
                del events[event.id]
            for position, (envelope, said_at) in list(self._outbox.items()):
                if _within(Subject(envelope.account, envelope.user), subject):
                    del self._outbox[position]
                elif envelope.account == subject.account and subject.user is not None:
                    self._outbox[position] = _Said(unnamed(envelope, subject.user), said_at)
            self._dead = [kept for one in self._dead if (kept := _left(one, subject)) is not None]
            for one in [one for one in self._rows if _within(one, subject)]:
                del self._rows[one]
            self._order = sorted(map(_place, self._rows))
            if not events:
                self._events.pop(subject.account, None)
            left = mark(*subject, self._key)
            self._erased[left] = max(at, self._erased.get(left, at))
            if account is not None and account.progress is not None:
                self._put(whole, account.progress)
            return True

    def close(self) -> None:
        """See ports.Store."""

    def _is_current(self, subject: Subject, draft: Draft) -> bool:
        return self._rows.get(subject, _NOBODY).version == draft.version

    def _put(self, subject: Subject, progress: Progress) -> None:
        if subject not in self._rows:
            insort(self._order, _place(subject))
        self._rows[subject] = Row(progress, next(self._numbers))

    def _erased_of(self, account: str, users: Sequence[str]) -> dict[str | None, int]:
        marks = {user: mark(account, user, self._key) for user in (None, *users)}
        return {user: self._erased[one] for user, one in marks.items() if one in self._erased}

    def _beyond(self, cursor: "_Cursor") -> Iterator[int]:
        """The positions of what waits behind a cursor."""
        places = range(cursor.position + 1, self._spoken + 1)
        return (position for position in places if position in self._outbox)

    def _queue(self, sink: str) -> Queue:
        cursor = self._cursors.get(sink, _Cursor())
        waiting = [self._outbox[position].at for position in self._beyond(cursor)]
        return Queue(
            sink,
            len(waiting),
            min(waiting, default=None),
            cursor.failures,
            cursor.free_at if cursor.failures else None,
            cursor.reason,
            sum(one.sink == sink for one in self._dead),
        )


class _Said(NamedTuple):
    """An envelope, and when it was said."""

    envelope: Envelope
    at: int


class _Cursor:
    """How far a sink has come; `free_at` is when its next parcel may be leased."""

    def __init__(self) -> None:
        self.position = 0
        self.free_at = 0
        self.lease = ""
        self.failures = 0
        self.reason: str | None = None


def _place(subject: Subject) -> tuple[str, str]:
    return subject.account, subject.user or ""


def _is_due(progress: Progress, due: int | None) -> bool:
    return due is None or (progress.due is not None and progress.due <= due)


def _within(one: Subject, erased: Subject) -> bool:
    return one.account == erased.account and erased.user in (None, one.user)


def _left(letter: DeadLetter, erased: Subject) -> DeadLetter | None:
    """The dead letter after an erasure, or None where it is of the erased subject."""
    envelope = letter.envelope
    if _within(Subject(envelope.account, envelope.user), erased):
        return None
    if envelope.account != erased.account or erased.user is None:
        return letter
    return letter._replace(envelope=unnamed(envelope, erased.user))
