"""Decisions that still hold: what was decided is decided again only where something has changed.

A decision follows from the progress of a user and her account, from where she is, and from the
time. While the versions of both are the same, and before the next instant at which time alone
could change it, the same question has the same answer.
"""

from typing import NamedTuple

from msgspec.structs import replace

from guidepath.decision import Decision
from guidepath.lock import Lock
from guidepath.progress import Pair
from guidepath.subject import Subject

# as the host said it: user, account, page, locale, device
Asked = tuple[str, str | None, str | None, str | None, str | None]

MOST = 4_096  # askers that are remembered; the oldest is forgotten first


class Versions(NamedTuple):
    """The versions of an account's progress and of one user's."""

    account: int
    user: int


class Held(NamedTuple):
    """A decision as of now, about whom, and the versions it was made on."""

    subject: Subject
    versions: Versions
    decision: Decision


class _Kept(NamedTuple):
    """A decision, and when time alone may change it (microseconds)."""

    versions: Versions
    until: int | None
    decision: Decision


class Recall:
    """The newest decisions of this process, for one deck. Safe for threads.

    Args:
        most: how many are remembered; 0 in a transaction of a host's, which may be rolled back.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[Asked, _Kept] = {}
        self._keeping = Lock()

    def held(self, asked: Asked, now: int) -> Held | None:
        """What was decided for this question, where time has not changed it since."""
        try:
            kept = self._kept.get(asked)
        except TypeError:
            return None  # it has no hash: it is no string, and will be refused
        if kept is None:
            return None
        versions, until, decision = kept
        if now < decision.evaluated_at or (until is not None and now >= until):
            return None
        return Held(decision.subject, versions, replace(decision, evaluated_at=now))

    def drop(self, asked: Asked) -> None:
        """Let go of what was decided for this question."""
        with self._keeping:
            self._kept.pop(asked, None)

    def forget(self, subject: Subject) -> None:
        """Let go of what was decided for her, or for all users of the account."""
        account, user = subject
        with self._keeping:
            for asked, kept in list(self._kept.items()):
                whose = kept.decision.subject
                if whose.account == account and user in (None, whose.user):
                    del self._kept[asked]

    def keep(self, decision: Decision, asked: Asked, versions: Versions, pair: Pair) -> None:
        """Remember a decision for which nothing had to be saved."""
        if not all(one is None or type(one) is str for one in asked):
            return  # 1 and True are the same key
        times = [decision.next_evaluation_at, *(one.wakes for one in pair.known)]
        until = min((one for one in times if one is not None), default=None)
        with self._keeping:
            self._kept.pop(asked, None)
            self._kept[asked] = _Kept(versions, until, decision)
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
