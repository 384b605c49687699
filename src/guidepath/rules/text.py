"""Nodes -> text: the one canonical way to write a rule. Reading it gives the same nodes."""

import json

from guidepath.clock import DAY, HOUR, MINUTE, SECOND, iso
from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    Instant,
    IsSet,
    Literals,
    Name,
    Not,
    Occurrences,
    Or,
    Reached,
    Rule,
    Scalar,
    Since,
    Start,
    Tally,
    Total,
)

_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s"))


def unparse(rule: Rule) -> str:
    """The rule in canonical text.

    >>> from guidepath.rules.parser import parse
    >>> unparse(parse('not(did( "invoice.sent" within 1w ))'))
    'not did("invoice.sent" within 7d)'
    """
    match rule:
        case And(rules) | Or(rules):
            joint = " and " if isinstance(rule, And) else " or "
            return joint.join(_grouped(one) for one in rules)
        case Not(one):
            return _not(one)
        case Did(occurrences):
            return _call("did", occurrences)
        case Tally(what, occurrences, operator, number):
            return f"{_call(what, occurrences)} {operator} {number}"
        case Total(occurrences, name, operator, number):
            return f"{_call('total', occurrences, f'.{name}')} {operator} {number!r}"
        case Since(anchor, operator, age):
            return f"{_since(anchor)} {operator} {duration(age)}"
        case Reached(milestone):
            return f"reached({milestone})"
        case Compare(left, operator, right):
            return f"{_name(left)} {operator} {literal(right)}"
        case IsSet(left):
            return f"{_name(left)} is set"
        case InSegment(name):
            return f"segment({name})"


def _not(rule: Rule) -> str:
    return f"{_name(rule.left)} is not set" if isinstance(rule, IsSet) else f"not {_grouped(rule)}"


def duration(length: int) -> str:
    """A duration in the largest unit that it is a whole number of.

    >>> duration(36 * HOUR), duration(14 * DAY)
    ('36h', '14d')
    """
    for unit, letter in _UNITS:
        if length % unit == 0:
            return f"{length // unit}{letter}"
    return f"{length / SECOND}s"


def literal(value: Literals) -> str:
    """A literal, or a list of them.

    >>> literal(("owner", True, 1.5))
    '["owner", true, 1.5]'
    """
    if isinstance(value, tuple):
        return f"[{', '.join(_scalar(one) for one in value)}]"
    return _scalar(value)


def _scalar(value: Scalar) -> str:
    if isinstance(value, Instant):
        return f'"{iso(value)}"'
    return json.dumps(value, ensure_ascii=False)


def _grouped(rule: Rule) -> str:
    text = unparse(rule)
    return f"({text})" if isinstance(rule, And | Or) else text


def _name(name: Name) -> str:
    if name.kind in ("user", "account"):
        return f"{name.kind}.{name.name}"
    return name.name or name.kind


def _call(function: str, occurrences: Occurrences, suffix: str = "") -> str:
    prefix = "account." if occurrences.of == "account" else ""
    text = _scalar(occurrences.event) + suffix
    if occurrences.where is not None:
        text += f" where {unparse(occurrences.where)}"
    if occurrences.within is not None:
        text += f" within {duration(occurrences.within)}"
    return f"{prefix}{function}({text})"


def _since(anchor: Occurrences | Start | Reached) -> str:
    match anchor:
        case Occurrences():
            return _call("since", anchor)
        case Start(of):
            return "account.since(start)" if of == "account" else "since(start)"
        case Reached(milestone):
            return f"since(reached {milestone})"
