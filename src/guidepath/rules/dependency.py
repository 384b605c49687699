"""What a checked rule depends on: names, time, and whether it can be taken back.

Segments are looked into. Size and depth are those of the rule with its segments written out.
"""

from collections.abc import Callable, Iterator
from typing import Literal

from guidepath.rules.expression import (
    And,
    Compare,
    Condition,
    Did,
    InSegment,
    IsSet,
    Not,
    Occurrences,
    Of,
    Or,
    Reached,
    Rule,
    Since,
    Start,
    Tally,
    Total,
)


def conditions(rule: Rule) -> Iterator[Condition]:
    """Its conditions, left to right, those of its segments after the segment itself."""
    match rule:
        case And(rules) | Or(rules):
            for one in rules:
                yield from conditions(one)
        case Not(one):
            yield from conditions(one)
        case InSegment(rule=inner):
            yield rule
            if inner is not None:
                yield from conditions(inner)
        case _:
            yield rule


def occurrences(rule: Rule) -> Iterator[Occurrences]:
    """The occurrences of events that its conditions ask about."""
    for one in conditions(rule):
        if isinstance(one, Did | Tally | Total):
            yield one.occurrences
        elif isinstance(one, Since) and isinstance(one.anchor, Occurrences):
            yield one.anchor


def events_of(rule: Rule) -> frozenset[tuple[Of, str]]:
    """The events it asks about, of the user or of the account."""
    return frozenset((one.of, one.event) for one in occurrences(rule))


def milestones_of(rule: Rule) -> frozenset[str]:
    """The milestones it asks about, also by `since(reached …)`."""
    anchors = (one.anchor if isinstance(one, Since) else one for one in conditions(rule))
    return frozenset(one.milestone for one in anchors if isinstance(one, Reached))


def segments_of(rule: Rule) -> frozenset[str]:
    """The segments it names. Works on a rule that is not checked yet, too."""
    return frozenset(one.name for one in conditions(rule) if isinstance(one, InSegment))


def attributes_of(rule: Rule) -> frozenset[tuple[Literal["user", "account"], str]]:
    """The attributes it reads, of the user or of the account."""
    tests = (one.left for one in conditions(rule) if isinstance(one, Compare | IsSet))
    return frozenset((one.kind, one.name) for one in tests if one.kind in ("user", "account"))


def reads_role(rule: Rule) -> bool:
    """Whether it asks for the role."""
    return any(
        isinstance(one, Compare | IsSet) and one.left.kind == "role" for one in conditions(rule)
    )


def reads_account(rule: Rule) -> bool:
    """Whether it asks about the account: its events, attributes or start.

    A milestone does not tell whose it is; see `milestones_of`.
    """
    return (
        any(of == "account" for of, _ in events_of(rule))
        or any(of == "account" for of, _ in attributes_of(rule))
        or any(
            isinstance(one, Since) and one.anchor == Start("account") for one in conditions(rule)
        )
    )


def monotone(rule: Rule) -> bool:
    """Whether, once true, no later or late event and no time can make it false."""
    match rule:
        case And(rules) | Or(rules):
            return all(monotone(one) for one in rules)
        case InSegment(rule=inner):
            return inner is not None and monotone(inner)
        case Did(occurrences=found):
            return found.within is None
        case Tally(occurrences=found, operator=operator):
            return found.within is None and operator in (">", ">=")
        case Since(anchor=anchor, operator=operator):
            return operator in (">", ">=") and not isinstance(anchor, Occurrences)
        case Reached():
            return True
        case Not() | Total() | Compare() | IsSet():
            return False


def size(rule: Rule) -> int:
    """How many conditions it has, those inside `where` included."""
    match rule:
        case And(rules) | Or(rules):
            return sum(size(one) for one in rules)
        case Not(one):
            return size(one)
        case InSegment(rule=inner) if inner is not None:
            return size(inner)
        case Did(occurrences=found) | Tally(occurrences=found) | Total(occurrences=found):
            return 1 + _within(found, size)
        case Since(anchor=Occurrences() as found):
            return 1 + _within(found, size)
        case _:
            return 1


def depth(rule: Rule) -> int:
    """How deep its parentheses and `not`s nest; a segment counts as one in parentheses."""
    match rule:
        case And(rules) | Or(rules):
            return max(isinstance(one, And | Or) + depth(one) for one in rules)
        case Not(IsSet()):
            return 0  # written `is not set`
        case Not(one):
            return 1 + isinstance(one, And | Or) + depth(one)
        case InSegment(rule=inner) if inner is not None:
            return 1 + depth(inner)
        case Did(occurrences=found) | Tally(occurrences=found) | Total(occurrences=found):
            return _within(found, depth)
        case Since(anchor=Occurrences() as found):
            return _within(found, depth)
        case _:
            return 0


def _within(found: Occurrences, measure: Callable[[Rule], int]) -> int:
    return 0 if found.where is None else measure(found.where)


def ripens(rule: Rule) -> bool:
    """Whether time alone can make it true.

    A window can only lose what it counts, so `count(x within 7d) >= 3` ripens under a `not` alone.
    """
    return _turns(rule, true=True)


def _turns(rule: Rule, *, true: bool) -> bool:
    match rule:
        case And(rules) | Or(rules):
            return any(_turns(one, true=true) for one in rules)
        case Not(one):
            return _turns(one, true=not true)
        case InSegment(rule=inner):
            return inner is not None and _turns(inner, true=true)
        case Did(occurrences=found):
            return found.within is not None and not true
        case Tally(occurrences=found, operator=operator):
            fewer = operator in ("<", "<=")
            return found.within is not None and (operator in ("==", "!=") or fewer is true)
        case Since(operator=operator):
            return (operator in (">", ">=")) is true
        case _:
            return False
