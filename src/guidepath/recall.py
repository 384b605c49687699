"""Decisions that still hold: what was decided is decided again only where something has changed.

A decision follows from the progress of a user and her account, from where she is, and from the
time. While the versions of both are the same, and before the next instant at which time alone
could change it, the same question has the same answer.
"""

from typing import NamedTuple

from guidepath.decision import Decision
from guidepath.lock import Lock
from guidepath.progress import Pair
from guidepath.subject import Context, Subject

MOST = 4_096  # askers that are remembered; the oldest is forgotten first


class Versions(NamedTuple):
    """The versions of an account's progress and of one user's."""

    account: int
    user: int


class Held(NamedTuple):
    """A decision, the versions it was made on, and when time may change it (microseconds)."""

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
        self._held: dict[tuple[Subject, Context], Held] = {}
        self._keeping = Lock()

    def held(self, subject: Subject, context: Context, now: int) -> Held | None:
        """What was decided for this question, where time has not changed it since."""
        held = self._held.get((subject, context))
        if held is None or now < held.decision.evaluated_at:
            return None
        return held if held.until is None or now < held.until else None

    def forget(self, subject: Subject) -> None:
        """Let go of what was decided for her, or for all users of the account."""
        account, user = subject
        with self._keeping:
            for one in [key for key in self._held if key[0].account == account]:
                if user in (None, one[0].user):
                    del self._held[one]

    def keep(self, decision: Decision, context: Context, versions: Versions, pair: Pair) -> None:
        """Remember a decision for which nothing had to be saved."""
        times = [decision.next_evaluation_at, *(one.due for one in pair if one is not None)]
        until = min((one for one in times if one is not None), default=None)
        with self._keeping:
            self._held.pop((decision.subject, context), None)
            self._held[decision.subject, context] = Held(versions, until, decision)
            if len(self._held) > self._most:
                del self._held[next(iter(self._held))]
