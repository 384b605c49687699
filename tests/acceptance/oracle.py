"""What the raw log tells of each milestone, by plain loops and nothing of the library.

Times are seconds since 1970, as the log has them; a result is in microseconds, because a waiting
condition (`> 365 days`) becomes true one microsecond after its limit.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

DAY = 24 * 60 * 60
MICRO = 1_000_000


class Commit(NamedTuple):
    """One commit of the log."""

    at: int
    user: str
    tests: bool
    docs: bool


class Person(NamedTuple):
    """One contributor: her first sign of life, her role then, her commits in order of time."""

    start: int
    role: str
    commits: list[Commit]


class Reached(NamedTuple):
    """A milestone that was reached, in microseconds; `user` is None for an account's."""

    account: str
    user: str | None
    milestone: str
    at: int


class History:
    """The whole log, by account and person."""

    def __init__(self, log: Path) -> None:
        self.messages = 0
        self.end = 0
        self.people: dict[tuple[str, str], Person] = {}
        self.accounts: dict[str, list[Commit]] = {}
        with gzip.open(log, "rt", encoding="utf-8") as lines:
            for line in lines:
                self._read(json.loads(line))

    def _read(self, message) -> None:  # type: ignore[no-untyped-def]
        account, user = message["context"]["groupId"], message["userId"]
        at = int(datetime.fromisoformat(message["timestamp"]).timestamp())
        assert at >= self.end, "the log is in order of time"
        self.messages, self.end = self.messages + 1, at
        if message["type"] == "identify":
            self.people[account, user] = Person(at, message["traits"]["role"], [])
            return
        says = message["properties"]
        commit = Commit(at, user, says["tests"], says["docs"])
        self.people[account, user].commits.append(commit)
        self.accounts.setdefault(account, []).append(commit)

    def reached(self) -> Iterator[Reached]:
        """Every milestone that was reached by the end of the log."""
        for (account, user), person in self.people.items():
            for milestone, at in _of_person(person, self.end).items():
                if at is not None:
                    yield Reached(account, user, milestone, at)
        for account, commits in self.accounts.items():
            together = _core_team(commits)
            if together is not None:
                yield Reached(account, None, "core_team", together * MICRO)


def _of_person(person: Person, end: int) -> dict[str, int | None]:
    times = [one.at for one in person.commits]
    second_day = _second_day(times)
    found = {
        "first_commit": times[0] if times else None,
        "second_day": second_day,
        "regular": _regular(times),
        "well_rounded": _well_rounded(person.commits),
    }
    in_micros = {name: None if at is None else at * MICRO for name, at in found.items()}
    return {**in_micros, "settled": _settled(person.start, times, second_day, end)}


def _second_day(times: list[int]) -> int | None:
    for at in times:
        if at // DAY != times[0] // DAY:
            return at
    return None


def _regular(times: list[int]) -> int | None:
    for at in times:
        if len([one for one in times if one <= at and at - one < 30 * DAY]) >= 5:
            return at
    return None


def _well_rounded(commits: list[Commit]) -> int | None:
    tests = docs = False
    for one in commits:
        tests, docs = tests or one.tests, docs or one.docs
        if tests and docs:
            return one.at
    return None


def _settled(start: int, times: list[int], second_day: int | None, end: int) -> int | None:
    """At a commit, or with no event at the first microsecond after a year."""
    if second_day is None:
        return None
    a_year = (start + 365 * DAY) * MICRO + 1
    for now in sorted([a_year, *(at * MICRO for at in times)]):
        recent = [at for at in times if 0 <= now - at * MICRO < 30 * DAY * MICRO]
        if now >= max(a_year, second_day * MICRO) and recent and now <= end * MICRO:
            return now
    return None


def _core_team(commits: list[Commit]) -> int | None:
    for now in commits:
        people = {one.user for one in commits if one.at <= now.at and now.at - one.at < 90 * DAY}
        if len(people) >= 10:
            return now.at
    return None
