"""What a set of rules needs to remember, and nothing more: bounded, and the same in any order.

A condition compares a count with a literal, so it can only ever ask about the newest few times:
`count(x within 7d) >= 3` holds exactly when the third newest occurrence is younger than 7 days.

    counter   how many occurrences, ever
    times     the newest `keep` times, newest first
    days      the newest time of each of the newest `keep` UTC days, newest first
    people    the newest time of each of the newest `keep` people, newest first
    total     the exact decimal sum of a numeric property

Inserting commutes: events in any order leave the same memory. Each event is inserted once; telling
a repeated one is the store's work, by its id.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact
from typing import Any, Literal

import msgspec
from msgspec.structs import astuple

from guidepath.clock import DAY
from guidepath.rules.dependency import conditions
from guidepath.rules.expression import Did, Occurrences, Of, Rule, Scalar, Since, Tally, Total
from guidepath.rules.text import unparse

Kind = Literal["counter", "times", "days", "people", "total"]
Properties = Mapping[str, object]
Matches = Callable[[Rule, Properties], bool]

# Every sum of decimal readings of 64-bit floats fits (their exponents span 632 digits).
_EXACT = Context(prec=800, traps=[Inexact])


_FIELDS: Mapping[Kind, str] = {
    "counter": "counters",
    "times": "times",
    "days": "days",
    "people": "people",
    "total": "totals",
}


class Memory(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The values of one subject's facts, by kind and slot."""

    counters: tuple[int, ...] = ()
    times: tuple[tuple[int, ...], ...] = ()
    days: tuple[tuple[int, ...], ...] = ()
    people: tuple[tuple[tuple[int, str], ...], ...] = ()
    totals: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing remembered: of which occurrences, and how much."""

    kind: Kind
    of: Of
    event: str
    where: Rule | None
    property: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a fact's value lies in a Memory, and how many entries it keeps."""

    fact: Fact
    index: int
    keep: int


_OneMore = Callable[[Any, Slot, int, str | None, Properties], Any]
# where a value lies, what it is of, which filter lets an event in, and what makes it the next one
_Insertion = tuple[int, Slot, Rule | None, _OneMore]


@dataclass(frozen=True)
class Facts:
    """What a set of rules remembers of users and of accounts."""

    slots: Mapping[Fact, Slot]
    _by_event: Mapping[tuple[Of, str], Sequence[tuple[int, Sequence[_Insertion]]]] = field(
        repr=False
    )
    empty_user: Memory
    empty_account: Memory
    fingerprint: str

    def slot(self, fact: Fact) -> Slot:
        """Where the fact's value lies."""
        return self.slots[fact]

    def mentioned(self, of: Of, event: str) -> bool:
        """Whether any rule remembers this event of the user, or of the account."""
        return (of, event) in self._by_event

    def places(self, of: Of) -> dict[bytes, int]:
        """Where the facts of a memory lie, each by what it says, which is no playbook's own."""
        return {_said(fact): slot.index for fact, slot in self.slots.items() if fact.of == of}

    def carried(self, memory: Memory, of: Of, places: Mapping[bytes, int]) -> Memory:
        """A memory whose facts lie in these places, with its facts in ours.

        What it lacks begins empty; of the newest times, at most those it has kept are there.
        """
        values = {kind: list(getattr(self.empty(of), field)) for kind, field in _FIELDS.items()}
        for fact, slot in self.slots.items():
            place = places.get(_said(fact)) if fact.of == of else None
            if place is not None:
                value = getattr(memory, _FIELDS[fact.kind])[place]
                kept = fact.kind in ("counter", "total")
                values[fact.kind][slot.index] = value if kept else value[: slot.keep]
        return Memory(**{_FIELDS[kind]: tuple(some) for kind, some in values.items()})

    def empty(self, of: Of) -> Memory:
        """The memory of a subject of whom nothing happened."""
        return self.empty_user if of == "user" else self.empty_account

    def insert(
        self,
        memory: Memory,
        of: Of,
        *,
        event: str,
        at: int,
        user: str | None,
        properties: Properties,
        matches: Matches,
    ) -> Memory:
        """The memory with one more occurrence. `matches` tells whether a filter lets it in."""
        here = self._by_event.get((of, event))
        if here is None:
            return memory
        fields = list(astuple(memory))
        for place, slots in here:
            values = list(fields[place])
            for index, slot, where, one_more in slots:
                if where is None or matches(where, properties):
                    values[index] = one_more(values[index], slot, at, user, properties)
            fields[place] = tuple(values)
        return Memory(*fields)


def derive(rules: Iterable[Rule]) -> Facts:
    """The facts that checked rules need, each once, with the largest `keep` asked for."""
    keeps: dict[Fact, int] = {}
    for rule in rules:
        for fact, keep in needs(rule):
            keeps[fact] = max(keeps.get(fact, 0), keep)
    slots: dict[Fact, Slot] = {}
    sizes: dict[tuple[Of, Kind], int] = {}
    by_event: dict[tuple[Of, str], dict[int, list[_Insertion]]] = {}
    for fact in sorted(keeps, key=repr):  # one order, whatever the order of the rules
        index = sizes.get((fact.of, fact.kind), 0)
        sizes[fact.of, fact.kind] = index + 1
        slots[fact] = slot = Slot(fact, index, keeps[fact])
        mine = by_event.setdefault((fact.of, fact.event), {})
        one = index, slot, fact.where, _WITH[fact.kind]
        place = Memory.__struct_fields__.index(_FIELDS[fact.kind])
        mine.setdefault(place, []).append(one)
    text = "\n".join(f"{slot.fact!r} {slot.keep}" for slot in slots.values())
    return Facts(
        slots=slots,
        _by_event={key: tuple(found.items()) for key, found in by_event.items()},
        empty_user=_empty("user", sizes),
        empty_account=_empty("account", sizes),
        fingerprint=hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def needs(rule: Rule) -> Iterator[tuple[Fact, int]]:
    """The facts that a checked rule reads, each with how many entries it must keep."""
    for one in conditions(rule):
        match one:
            case Did() | Total() | Since(anchor=Occurrences()):
                yield fact_of(one), 1
            case Tally(operator=operator, number=number):
                # `<= 3` and `== 3` must see a fourth to say no
                yield fact_of(one), max(1, number + (operator not in (">=", "<")))
            case _:
                pass


def fact_of(condition: Did | Tally | Total | Since) -> Fact:
    """The fact that a condition about occurrences reads."""
    match condition:
        case Did(occurrences):
            return _fact("times", occurrences)
        case Tally(what="count", occurrences=occurrences):
            return _fact("counter" if occurrences.within is None else "times", occurrences)
        case Tally(what="days", occurrences=occurrences):
            return _fact("days", occurrences)
        case Tally(what="users", occurrences=occurrences):
            return _fact("people", occurrences)
        case Total(occurrences=occurrences, property=name):
            return _fact("total", occurrences, name)
        case Since(anchor=Occurrences() as occurrences):
            return _fact("times", occurrences)
        case _:
            msg = f"{condition} reads no fact"
            raise TypeError(msg)


def _fact(kind: Kind, occurrences: Occurrences, name: str = "") -> Fact:
    return Fact(kind, occurrences.of, occurrences.event, occurrences.where, name)


def _said(fact: Fact) -> bytes:
    """A fact's description, short: in the rule language, which outlives how we write it down."""
    where = "" if fact.where is None else unparse(fact.where)
    text = "\0".join((fact.kind, fact.of, fact.event, where, fact.property))
    return hashlib.sha256(text.encode()).digest()[:8]


def _empty(of: Of, sizes: Mapping[tuple[Of, Kind], int]) -> Memory:
    def size(kind: Kind) -> int:
        return sizes.get((of, kind), 0)

    return Memory(
        counters=(0,) * size("counter"),
        times=((),) * size("times"),
        days=((),) * size("days"),
        people=((),) * size("people"),
        totals=(Decimal(0),) * size("total"),
    )


def _one_more(count: int, _slot: Slot, _at: int, _user: str | None, _said: Properties) -> int:
    return count + 1


def _newest(
    times: tuple[int, ...], slot: Slot, at: int, _user: str | None, _said: Properties
) -> tuple[int, ...]:
    if times and at < times[0]:
        return tuple(sorted((*times, at), reverse=True)[: slot.keep])
    return (at,) + times[: slot.keep - 1]  # noqa: RUF005 - for every event: half the time


def _newest_day(
    days: tuple[int, ...], slot: Slot, at: int, _user: str | None, _said: Properties
) -> tuple[int, ...]:
    if days and at >= days[0]:  # as most come: today once more, or a new day
        older = days[1:] if days[0] >= at - at % DAY else days[: slot.keep - 1]
        return (at,) + older  # noqa: RUF005 - for every event: half the time
    newest = {one // DAY: one for one in days}
    newest[at // DAY] = max(at, newest.get(at // DAY, at))
    return tuple(sorted(newest.values(), reverse=True)[: slot.keep])


def _newest_person(
    people: Sequence[tuple[int, str]], slot: Slot, at: int, user: str | None, _said: Properties
) -> Sequence[tuple[int, str]]:
    if user is None:
        return people
    newest = {one: time for time, one in people}
    newest[user] = max(at, newest.get(user, at))
    return tuple(sorted(((time, one) for one, time in newest.items()), reverse=True)[: slot.keep])


def _sum(total: Decimal, slot: Slot, _at: int, _user: str | None, said: Properties) -> Decimal:
    amount = number(said.get(slot.fact.property))
    return total if amount is None else _EXACT.add(total, decimal(amount)).normalize(_EXACT)


# a fact's value with one more occurrence, by kind
_WITH: Mapping[Kind, _OneMore] = {
    "counter": _one_more,
    "times": _newest,
    "days": _newest_day,
    "people": _newest_person,
    "total": _sum,
}


def number(value: object) -> int | float | None:
    """The value where it is a finite number of 64 bits; a bool is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else None
    return value if value - value == 0 else None  # NaN and infinities are not equal to themselves


def decimal(value: Scalar) -> Decimal:
    """A number as people read it: 0.1 is a tenth, so that 0.1 + 0.2 is 0.3."""
    return Decimal(repr(value))
