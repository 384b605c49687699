"""What a set of rules needs to remember, and nothing more: bounded, and the same in any order.

A condition compares a count with a literal, so it can only ever ask about the newest few times:
`count(x within 7d) >= 3` holds exactly when the third newest occurrence is younger than 7 days.

Each event is inserted once; telling a repeated one is the store's work, by its id.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from guidepath.rules.dependency import conditions
from guidepath.rules.expression import Did, Occurrences, Of, Rule, Since, Tally, Total
from guidepath.rules.memory import (
    FIELDS,
    Insert,
    Kind,
    Matches,
    Memory,
    Place,
    Properties,
    inserting,
)
from guidepath.rules.text import unparse


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


@dataclass(frozen=True)
class Facts:
    """What a set of rules remembers of users and of accounts."""

    slots: Mapping[Fact, Slot]
    _by_event: Mapping[tuple[Of, str], tuple[Place, ...]] = field(repr=False)
    empty_user: Memory
    empty_account: Memory
    fingerprint: str
    _inserts: dict[tuple[Of, str], Insert] = field(default_factory=dict, repr=False, compare=False)

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
        values = {kind: list(getattr(self.empty(of), field)) for kind, field in FIELDS.items()}
        for fact, slot in self.slots.items():
            place = places.get(_said(fact)) if fact.of == of else None
            if place is not None:
                value = getattr(memory, FIELDS[fact.kind])[place]
                kept = fact.kind in ("counter", "total")
                values[fact.kind][slot.index] = value if kept else value[: slot.keep]
        return Memory(**{FIELDS[kind]: tuple(some) for kind, some in values.items()})

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
        key = of, event
        insert = self._inserts.get(key)
        if insert is None:
            places = self._by_event.get(key)
            if places is None:
                return memory
            insert = self._inserts[key] = inserting(places)
        return insert(memory, at, user, properties, matches)


def derive(rules: Iterable[Rule]) -> Facts:
    """The facts that checked rules need, each once, with the largest `keep` asked for."""
    keeps: dict[Fact, int] = {}
    for rule in rules:
        for fact, keep in needs(rule):
            keeps[fact] = max(keeps.get(fact, 0), keep)
    slots: dict[Fact, Slot] = {}
    sizes: dict[tuple[Of, Kind], int] = {}
    by_event: dict[tuple[Of, str], list[Place]] = {}
    for fact in sorted(keeps, key=repr):  # one order, whatever the order of the rules
        index = sizes.get((fact.of, fact.kind), 0)
        sizes[fact.of, fact.kind] = index + 1
        slots[fact] = slot = Slot(fact, index, keeps[fact])
        place = Place(fact.kind, index, slot.keep, fact.where, fact.property)
        by_event.setdefault((fact.of, fact.event), []).append(place)
    text = "\n".join(f"{slot.fact!r} {slot.keep}" for slot in slots.values())
    return Facts(
        slots=slots,
        _by_event={key: tuple(found) for key, found in by_event.items()},
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
