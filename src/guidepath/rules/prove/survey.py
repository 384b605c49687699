"""What some rules speak of, gathered: what must be told apart for them, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from guidepath.rules.dependency import conditions, milestones_of
from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    IsSet,
    Name,
    Not,
    Occurrences,
    Or,
    Rule,
    Since,
    Tally,
    Total,
)


@dataclass
class Asked:
    """What the rules ask of one event."""

    filters: list[Rule] = field(default_factory=list)
    edges: set[int] = field(default_factory=set)  # ages at which an answer turns
    amounts: set[str] = field(default_factory=set)  # properties that are summed
    tests: dict[str, list[Compare]] = field(default_factory=dict)  # by property
    of_account: bool = False
    days: bool = False
    people: bool = False


@dataclass
class Survey:
    """What the rules ask of everything."""

    events: dict[str, Asked] = field(default_factory=dict)
    tests: dict[Name, list[Compare]] = field(default_factory=dict)
    edges: set[int] = field(default_factory=set)  # ages of starts and milestones
    milestones: tuple[str, ...] = ()


def edge(since: Since) -> int:
    """The age at which the answer turns: from it on, all ages answer alike."""
    return since.age + (since.operator in ("<=", ">"))


def closure(rules: Iterable[Rule], milestones: Mapping[str, Rule]) -> dict[str, Rule]:
    """The milestones that the rules ask about, and those that these ask about, with their rules."""
    found: dict[str, Rule] = {}
    waiting = sorted({one for rule in rules for one in milestones_of(rule)})
    while waiting:
        name = waiting.pop()
        if name not in found and name in milestones:
            found[name] = milestones[name]
            waiting += sorted(milestones_of(milestones[name]))
    return found


def survey(rules: Iterable[Rule]) -> Survey:
    """What the rules ask."""
    found = Survey()
    names: dict[str, None] = {}
    for rule in rules:
        names.update(dict.fromkeys(sorted(milestones_of(rule))))
        for one in conditions(rule):
            _condition(one, found)
    found.milestones = tuple(names)
    return found


def _condition(one: Rule, found: Survey) -> None:
    match one:
        case Did(occurrences):
            _occurrences(occurrences, found)
        case Tally(what, occurrences):
            asked = _occurrences(occurrences, found)
            asked.days |= what == "days"
            asked.people |= what == "users"
        case Total(occurrences, name):
            _occurrences(occurrences, found).amounts.add(name)
        case Since(anchor=Occurrences() as occurrences):
            _occurrences(occurrences, found).edges.add(edge(one))
        case Since():
            found.edges.add(edge(one))
        case Compare(left):
            found.tests.setdefault(left, []).append(one)
        case IsSet(left):
            found.tests.setdefault(left, [])
        case _:
            pass  # what a segment asks follows it; milestones are gathered whole


def _occurrences(occurrences: Occurrences, found: Survey) -> Asked:
    asked = found.events.setdefault(occurrences.event, Asked())
    asked.of_account |= occurrences.of == "account"
    if occurrences.within is not None:
        asked.edges.add(occurrences.within)
    if occurrences.where is not None and occurrences.where not in asked.filters:
        asked.filters.append(occurrences.where)
        _filter(occurrences.where, asked)
    return asked


def _filter(where: Rule, asked: Asked) -> None:
    match where:
        case And(rules) | Or(rules):
            for one in rules:
                _filter(one, asked)
        case Not(one):
            _filter(one, asked)
        case Compare(left):
            asked.tests.setdefault(left.name, []).append(where)
        case IsSet(left):
            asked.tests.setdefault(left.name, [])
        case _:
            msg = f"{where} does not stand in a filter"
            raise TypeError(msg)
