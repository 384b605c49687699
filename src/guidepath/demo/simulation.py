"""A few hundred accounts that behave differently, as the messages their products would have sent.

The same seed and base give the same messages. Life goes on after the base, so that a clock that is
moved forward finds new ones; whoever tells them twice changes nothing, since ids are derived.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

ACCOUNTS = 260  # that have signed up by the base
PAST = timedelta(days=120)
FUTURE = timedelta(days=60)

Message = dict[str, object]


@dataclass(frozen=True)
class Behaviour:
    """How one kind of account lives. Days are medians; shares are of one."""

    share: float
    contacts: float  # days from the start until contacts are there
    sending: float  # days from then until the first invoice is sent
    pace: float  # days between two invoices afterwards
    tires: float  # the share that gives up before each next step
    team: float  # the share that invites somebody
    joins: float  # days from the start until they join


BEHAVIOURS: Mapping[str, Behaviour] = {
    "fast": Behaviour(0.26, 0.02, 0.08, 5.0, 0.02, 0.8, 1.0),
    "steady": Behaviour(0.30, 0.8, 2.5, 9.0, 0.06, 0.6, 4.0),
    "slow": Behaviour(0.20, 5.0, 14.0, 17.0, 0.14, 0.35, 12.0),
    "lost": Behaviour(0.17, 2.0, 20.0, 30.0, 0.85, 0.05, 9.0),
    "late-team": Behaviour(0.07, 0.5, 1.5, 7.0, 0.03, 1.0, 40.0),
}


def messages(base: datetime, *, seed: int = 7, accounts: int = ACCOUNTS) -> list[Message]:
    """All messages from `PAST` before the base to `FUTURE` after it, in order of time."""
    random = Random(seed)  # noqa: S311 - a simulation, not a secret
    number = round(accounts * (PAST + FUTURE) / PAST)
    told = [
        message
        for one in range(1, number + 1)
        for message in _Life(f"sim-{one:03}", base, random).live()
    ]
    return sorted(told, key=_when)


def between(told: list[Message], after: datetime | None, until: datetime) -> Iterator[Message]:
    """Those after an instant (None: from the first), up to another."""
    first = "" if after is None else _written(after)
    last = _written(until)
    return (one for one in told if first < _when(one) <= last)


def by_account(told: Iterable[Message]) -> list[list[Message]]:
    """The messages of each account together, each in order of time."""
    found: dict[str, list[Message]] = {}
    for one in told:
        found.setdefault(str(one["messageId"]).rpartition("-")[0], []).append(one)
    return list(found.values())


def _when(message: Message) -> str:
    return str(message["timestamp"])


def _written(at: datetime) -> str:
    """A time as text that sorts as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass
class _Life:
    """One account from its sign-up on."""

    account: str
    base: datetime
    random: Random
    told: list[Message] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def live(self) -> list[Message]:
        random = self.random
        [kind] = random.choices(list(BEHAVIOURS), [one.share for one in BEHAVIOURS.values()])
        behaviour = BEHAVIOURS[kind]
        start = self.base - PAST + (PAST + FUTURE) * random.random()
        self._sign_up(start)
        if not self._gives_up(behaviour):
            self._work(behaviour, start)
        if random.random() < behaviour.team:
            self._team(behaviour, start)
        return [one for one in self.told if _when(one) <= _written(self.base + FUTURE)]

    def _sign_up(self, start: datetime) -> None:
        size = self.random.choice([1, 2, 3, 5, 8, 12, 20])
        self._say(start, {"type": "group", "groupId": self.account, "traits": {"size": size}})
        self._identify(start, "owner")
        self._track(start, "owner", "session.started")

    def _work(self, behaviour: Behaviour, start: datetime) -> None:
        at = start + self._wait(behaviour.contacts)
        self._track(at, "owner", "contact.imported", count=self.random.randint(3, 60))
        if self._gives_up(behaviour):
            return
        at += self._wait(behaviour.sending)
        for _ in range(self.random.randint(1, 7)):
            total = round(self.random.lognormvariate(5.6, 0.8), 2)
            drafted = at - timedelta(minutes=self.random.randint(2, 40))
            self._track(drafted, "owner", "invoice.created", total=total, currency="EUR")
            self._track(at, "owner", "invoice.sent", total=total, currency="EUR")
            self._follow_up(behaviour, at, total)
            if self._gives_up(behaviour):
                return
            at += self._wait(behaviour.pace)

    def _follow_up(self, behaviour: Behaviour, sent: datetime, total: float) -> None:
        if self.random.random() < 0.75:
            paid = sent + self._wait(11)
            self._track(paid, "owner", "invoice.paid", total=total, currency="EUR")
        if self.random.random() < 0.3 - behaviour.tires / 4:
            self._track(sent + self._wait(3), "owner", "reminder.enabled")
        if self.random.random() < 0.04:
            self._track(sent + self._wait(12), "owner", "recurring.enabled")

    def _team(self, behaviour: Behaviour, start: datetime) -> None:
        for role in ("accountant", "member"):
            if self.random.random() < 0.35:
                continue
            joined = start + timedelta(hours=2) + self._wait(behaviour.joins)
            self._track(joined - timedelta(hours=1), "owner", "teammate.invited", role=role)
            self._identify(joined, role)
            self._track(joined, role, "session.started")
            if self._gives_up(behaviour) or self.random.random() < 0.2:
                continue
            if role == "accountant":
                self._track(joined + self._wait(6), role, "books.exported")
            else:
                drafted = joined + self._wait(2)
                total = round(self.random.lognormvariate(5, 0.6), 2)
                self._track(drafted, role, "invoice.created", total=total, currency="EUR")

    def _gives_up(self, behaviour: Behaviour) -> bool:
        return self.random.random() < behaviour.tires

    def _wait(self, median: float) -> timedelta:
        """A time around so many days: often shorter, at times much longer."""
        return timedelta(days=median * self.random.lognormvariate(0, 0.7))

    def _identify(self, at: datetime, role: str) -> None:
        self._say(at, {"type": "identify", **self._person(role), "traits": {"role": role}})

    def _track(self, at: datetime, role: str, event: str, /, **properties: object) -> None:
        known = {"event": event, "properties": properties}
        self._say(at, {"type": "track", **self._person(role), **known})

    def _person(self, role: str) -> Message:
        return {"userId": f"{self.account}-{role}", "context": {"groupId": self.account}}

    def _say(self, at: datetime, message: Message) -> None:
        at += timedelta(milliseconds=len(self.told))  # what is said later happens later
        said = {"messageId": f"{self.account}-{next(self.numbers)}", "timestamp": _written(at)}
        self.told.append({**message, **said})
