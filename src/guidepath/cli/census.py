"""Who is told of in a log: since when, and in which role at first."""

from collections.abc import Iterable

from guidepath.event import EARLIEST, Event
from guidepath.insight.report import Standing
from guidepath.subject import Subject

Reached = tuple[str, str | None, str, int]  # account, user, milestone, microseconds


class Census:
    """Counts the subjects of events in the order of arrival; `newest` is the last time in them."""

    def __init__(self) -> None:
        self.newest = EARLIEST
        self._starts: dict[Subject, int] = {}
        self._roles: dict[Subject, tuple[int, str]] = {}

    def add(self, event: Event) -> None:
        """One more event; it may come late, or twice."""
        at, subject = event.occurred_at, event.subject
        self.newest = max(self.newest, at)
        for one in (subject, Subject(event.account)):
            self._starts[one] = min(at, self._starts.get(one, at))
        if event.kind == "identify" and event.role is not None:
            first = self._roles.get(subject)
            if first is None or at < first[0]:
                self._roles[subject] = at, event.role

    def standings(self, reached: Iterable[Reached]) -> list[Standing]:
        """Every subject, with what it reached."""
        found: dict[Subject, dict[str, int]] = {one: {} for one in self._starts}
        for account, user, milestone, at in reached:
            found[Subject(account, user)][milestone] = at
        return [
            Standing(*one, self._starts[one], found[one], self._roles.get(one, (0, None))[1])
            for one in found
        ]
