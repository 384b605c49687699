"""What the hosts of a simulation ask: said, looked at, decided, answered and erased, by chance."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple, cast

from guidepath.clock import DAY, HOUR, SECOND, moment
from guidepath.decision import Decision
from guidepath.driver import Flow
from guidepath.event import event
from guidepath.flow import Receipt
from guidepath.host import Answer, HostCalls
from guidepath.recall import Asked
from guidepath.subject import Context, Subject

START = 1_772_442_000 * SECOND  # a Monday morning
PEOPLE = (Subject("acme", "ada"), Subject("acme", "bob"), Subject("bolt", "cyd"))
HERE = Context(page="/")
ANSWERS: tuple[Answer, ...] = (
    *("shown", "shown", "shown", "shown", "clicked", "clicked"),
    *("completed", "dismissed", "snoozed", "missing"),
)


class Task(NamedTuple):
    """Something a host asks; `events` are the ids and subjects of what it says."""

    text: str
    asked: Callable[[HostCalls], Flow[Any]]
    events: tuple[tuple[Subject, str], ...] = ()


class Tasks:
    """Draws what is asked.

    Args:
        chance: What everything is drawn from.
        decisions: What has been decided so far; it grows while the tasks are done.
        late: How many of those events that have a time come late.
        erasing: How many tasks erase somebody.
        guided: One person only, who looks at what she is shown.
    """

    def __init__(
        self,
        chance: Random,
        decisions: Sequence[Decision],
        *,
        late: float,
        erasing: float,
        guided: bool,
    ) -> None:
        self._chance = chance
        self._decisions = decisions
        self._late = late
        self._erasing = erasing
        self._guided = guided

    def drawn(self, count: int) -> Iterator[Task]:
        """So many; of one person who is looked at, four times as many."""
        said: list[Task] = []
        for number in range(count * (1 + 3 * self._guided)):
            drawn = self._chance.random()
            who = PEOPLE[0] if self._guided else self._chance.choice(PEOPLE)
            if drawn < self._erasing:
                yield self._erasure(who)
            elif self._guided and drawn < 0.9:
                yield self._visit(number, who)
            elif drawn < 0.45 or not said:
                said.append(self._said(f"e{number}", who))
                yield said[-1]
            elif drawn < 0.55:
                yield self._chance.choice(said)
            elif drawn < 0.60:
                yield self._batch(number)
            elif drawn < 0.65:
                yield self._look(who)
            elif drawn < 0.82:
                yield self._decision(who)
            else:
                yield self._answer(f"f{number}", who)

    def _at(self) -> int | None:
        """When it happened, where the product says so: late, or a little ahead."""
        if self._chance.random() < 0.4:
            return None
        if self._chance.random() < self._late:
            return START - self._chance.randint(0, 4 * DAY)
        return START + self._chance.randint(0, HOUR)

    def _said(self, id: str, who: Subject) -> Task:
        drawn, at = self._chance.random(), self._at()
        when = None if at is None else moment(at)
        if drawn < 0.85:
            name = "sent" if drawn < 0.6 else "opened"
            told: dict[str, object] = (
                {"total": self._chance.choice((1, 100))} if name == "sent" else {}
            )
            kind, role = "track", None
        elif drawn < 0.93:
            kind, name, role, told = "identify", "", "owner", {"email": f"{id}@example.com"}
        else:
            kind, name, role, told = "group", "", None, {"size": self._chance.randint(1, 9)}
            who = Subject(who.account)

        def ask(host: HostCalls) -> Flow[Receipt]:
            about: Any = {"about": who, "properties": told, "id": id, "at": when, "role": role}
            return host.take(host.said(cast("Any", kind), name, **about))

        return Task(f"{kind} {id} {name} of {who.user} at {when}", ask, ((who, id),))

    def _look(self, who: Subject) -> Task:
        return Task(f"look at {who.user}", lambda host: host.progress(who, HERE))

    def _visit(self, number: int, who: Subject) -> Task:
        """She is told what to show, it is shown, and it ends; others come in between."""
        match number % 3:
            case 0:
                return self._decision(who)
            case 1:
                return self._answer(f"f{number}", who, "shown")
        return self._answer(f"f{number}", who, "clicked")

    def _decision(self, who: Subject) -> Task:
        return Task(f"decide for {who.user}", lambda host: host.next(_asking(who)))

    def _batch(self, number: int) -> Task:
        """What a queue delivers: several accounts, shuffled, some twice."""
        now = START
        events = [
            event(
                "track",
                self._chance.choice(("sent", "opened")),
                subject=self._chance.choice(PEOPLE),
                id=f"b{number}-{one}",
                now=now,
                at=self._at() or now,
            )
            for one in range(self._chance.randint(2, 4))
        ]
        events.append(self._chance.choice(events))
        self._chance.shuffle(events)
        names = tuple({(one.subject, one.id): None for one in events})
        return Task(f"receive {[one.id for one in events]}", lambda h: h.receive(events), names)

    def _answer(self, id: str, who: Subject, usual: Answer | None = None) -> Task:
        """What became of an item, said by whichever tab; of a decision that may be long gone."""
        what, tab = self._chance.choice(ANSWERS), self._chance.random()
        if usual is not None and self._chance.random() < 0.8:
            what, tab = usual, tab / 4
        chosen: list[str] = []  # a repeated answer is of the same decision

        def ask(host: HostCalls) -> Flow[Any]:
            mine = [one.id for one in self._decisions if one.subject == who and one.guidance]
            if not chosen and not mine:
                return host.next(_asking(who))
            chosen[:] = chosen or [mine[-1 - int(tab * tab * len(mine))]]
            return host.respond(
                chosen[0],
                what,
                id=id,
                step=None,
                end_reason=None,
                snooze=None,
                answers=None,
                reason=None,
                at=None,
            )

        return Task(f"answer {id} of {who.user}: {what}", ask, ((who, id),))

    def _erasure(self, who: Subject) -> Task:
        whole = self._chance.random() < 0.2
        gone = Subject(who.account) if whole else who
        return Task(f"erase {gone.user} of {gone.account}", lambda host: host.erase(gone))


def _asking(who: Subject) -> Asked:
    return who.user or "", who.account, HERE.page, None, None
