"""What a condition reads of a situation: how many, how much, since when, which value."""

from collections.abc import Sequence
from decimal import Decimal

from guidepath.rules.expression import (
    Did,
    Name,
    Occurrences,
    Of,
    Reached,
    Scalar,
    Since,
    Start,
    Tally,
    Total,
)
from guidepath.rules.facts import Facts, Slot, fact_of
from guidepath.rules.glob import path_of
from guidepath.rules.memory import Memory
from guidepath.rules.situation import Situation


def tally(rule: Did | Tally, facts: Facts, situation: Situation) -> int:
    """How many occurrences, days or people are remembered and young enough."""
    slot = facts.slot(fact_of(rule))
    memory = _memory(slot.fact.of, situation)
    if slot.fact.kind == "counter":
        return memory.counters[slot.index]
    within = rule.occurrences.within
    times = instants(slot, memory)
    return len(times) if within is None else sum(situation.now - at < within for at in times)


def newest(rule: Did, facts: Facts, situation: Situation) -> int | None:
    """The time of the newest occurrence, also outside the window; None where there is none."""
    slot = facts.slot(fact_of(rule))
    times = instants(slot, _memory(slot.fact.of, situation))
    return times[0] if times else None


def instants(slot: Slot, memory: Memory) -> Sequence[int]:
    """The times that a slot remembers, newest first."""
    match slot.fact.kind:
        case "times":
            return memory.times[slot.index]
        case "days":
            return memory.days[slot.index]
        case "people":
            return tuple(at for at, _ in memory.people[slot.index])
        case _:
            return ()


def total(rule: Total, facts: Facts, situation: Situation) -> Decimal:
    """The sum so far."""
    slot = facts.slot(fact_of(rule))
    return _memory(slot.fact.of, situation).totals[slot.index]


def began(rule: Since, facts: Facts, situation: Situation) -> int | None:
    """The instant that an age is counted from, None where there is none."""
    match rule.anchor:
        case Occurrences():
            slot = facts.slot(fact_of(rule))
            times = instants(slot, _memory(slot.fact.of, situation))
            return times[0] if times else None
        case Start(of):
            return situation.user_start if of == "user" else situation.account_start
        case Reached(milestone):
            return situation.reached.get(milestone)


def read(name: Name, situation: Situation) -> Scalar | None:
    """The value of an attribute, the role, the page's path or the device; None where missing."""
    match name.kind:
        case "user":
            return situation.user_attributes.get(name.name)
        case "account":
            return situation.account_attributes.get(name.name)
        case "role":
            return situation.role
        case "page":
            return None if situation.page is None else path_of(situation.page)
        case "device":
            return situation.device
        case "property":
            msg = f"{name.name} is a property: it has a value inside 'where' only"
            raise TypeError(msg)


def _memory(of: Of, situation: Situation) -> Memory:
    return situation.user if of == "user" else situation.account
