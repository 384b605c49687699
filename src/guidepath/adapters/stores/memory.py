"""Everything in dictionaries of this process: for tests and trials. It forgets at exit."""

from collections.abc import Sequence
from threading import RLock

from guidepath.event import Envelope, Event
from guidepath.ports import Change, Parcel, Row, Snapshot, Totals
from guidepath.progress import Progress
from guidepath.subject import Subject

_NOBODY = Row(None, 0)


class MemoryStore:
    """A store that lives as long as the object. Safe for threads; it is not shared with a fork."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._turn = False  # read and written under the lock only
        self._rows: dict[Subject, Row] = {}
        self._events: dict[str, dict[str, Event]] = {}
        self._arrived = 0
        self._spoken = 0
        self._outbox: dict[int, Envelope] = {}
        self._cursors: dict[str, _Cursor] = {}

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
            )

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
            for user, draft in change.drafts.items():
                if self._rows.get(Subject(change.account, user), _NOBODY).version != draft.version:
                    return False
            events = self._events.setdefault(change.account, {})
            ids = [event.id for event in change.events]
            if len(set(ids)) < len(ids) or not events.keys().isdisjoint(ids):
                return False
            for user, draft in change.drafts.items():
                row = Row(draft.progress, draft.version + 1)
                self._rows[Subject(change.account, user)] = row
            for event in change.events:
                self._arrived += 1
                events[event.id] = event.arrived(self._arrived)
            for envelope in change.envelopes:
                self._spoken += 1
                self._outbox[self._spoken] = envelope
            return True

    def history(self, account: str, user: str | None = None) -> list[Event]:
        """See ports.Store."""
        with self._lock:
            events = list(self._events.get(account, {}).values())
        mine = [one for one in events if user is None or one.user == user]
        return sorted(mine, key=lambda one: (one.occurred_at, one.seq))

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        with self._lock:
            found = [
                (subject, row.progress)
                for subject, row in self._rows.items()
                if row.progress is not None
                and (after is None or _place(subject) > _place(after))
                and (due is None or (row.progress.due is not None and row.progress.due <= due))
            ]
        return sorted(found, key=lambda one: _place(one[0]))[:most]

    def totals(self) -> Totals:
        """See ports.Store."""
        with self._lock:
            messages = [
                event
                for events in self._events.values()
                for event in events.values()
                if event.kind != "feedback"
            ]
        return Totals(len(messages), max((one.occurred_at for one in messages), default=None))

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        with self._lock:
            cursor = self._cursors.setdefault(sink, _Cursor())
            waiting = [one for one in self._outbox if one > cursor.position][:most]
            if not waiting or now < cursor.free_at:
                return None
            cursor.free_at = now + lease
            envelopes = [self._outbox[one] for one in waiting]
            return Parcel(sink, cursor.position, waiting, envelopes, cursor.failures)

    def settle(self, parcel: Parcel, *, delivered: int, retry_at: int = 0) -> None:
        """See ports.Store."""
        with self._lock:
            cursor = self._cursors.setdefault(parcel.sink, _Cursor())
            if cursor.position != parcel.start:
                return  # the lease had ended, and another took the parcel over
            if delivered:
                cursor.position = parcel.positions[delivered - 1]
            cursor.failures = 0 if delivered == len(parcel.envelopes) else cursor.failures + 1
            cursor.free_at = retry_at

    def erase(self, subject: Subject) -> None:
        """See ports.Store."""
        with self._lock:
            account, user = subject
            events = self._events.get(account, {})
            for event in [one for one in events.values() if user is None or one.user == user]:
                del events[event.id]
            for position, envelope in list(self._outbox.items()):
                if _within(Subject(envelope.account, envelope.user), subject):
                    del self._outbox[position]
            for one in [one for one in self._rows if _within(one, subject)]:
                del self._rows[one]

    def close(self) -> None:
        """See ports.Store."""


class _Cursor:
    """How far a sink has come; `free_at` is when its next parcel may be leased."""

    def __init__(self) -> None:
        self.position = 0
        self.free_at = 0
        self.failures = 0


def _place(subject: Subject) -> tuple[str, str]:
    return subject.account, subject.user or ""


def _within(one: Subject, erased: Subject) -> bool:
    return one.account == erased.account and erased.user in (None, one.user)
