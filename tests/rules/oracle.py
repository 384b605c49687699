"""What a rule means, read off a raw history: slow, plain, and written without the facts."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from tests.rules.strategies import Happening, World

from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
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


def truth(rule: Rule, world: World) -> bool:
    """Whether the checked rule holds."""
    match rule:
        case And(rules):
            return all(truth(one, world) for one in rules)
        case Or(rules):
            return any(truth(one, world) for one in rules)
        case Not(one):
            return not truth(one, world)
        case InSegment(rule=inner):
            assert inner is not None
            return truth(inner, world)
        case Did(occurrences):
            return bool(found(occurrences, world))
        case Tally(what, occurrences, operator, number):
            events = found(occurrences, world)
            days = {datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=e.at) for e in events}
            counts = {
                "count": len(events),
                "days": len({day.date() for day in days}),
                "users": len({one.user for one in events}),
            }
            return ordered(operator, counts[what], number)
        case Total(occurrences, name, operator, number):
            amounts = [one.properties.get(name) for one in found(occurrences, world)]
            total = sum((Fraction(str(one)) for one in amounts if one is not None), Fraction(0))
            return ordered(operator, total, Fraction(str(number)))
        case Since(anchor, operator, age):
            begin = beginning(anchor, world)
            return begin is not None and ordered(operator, world.now - begin, age)
        case Reached(milestone):
            return milestone in world.reached
        case Compare(left):
            return compared(rule, value(left, world))
        case IsSet(left):
            return value(left, world) is not None


def found(occurrences: Occurrences, world: World) -> list[Happening]:
    """The events that are asked about."""
    return [
        one
        for one in world.of(occurrences.of)
        if one.event == occurrences.event
        and (occurrences.where is None or let_in(occurrences.where, one.properties))
        and (occurrences.within is None or world.now - one.at < occurrences.within)
    ]


def let_in(where: Rule, properties: Mapping[str, Scalar]) -> bool:
    """Whether a filter lets an event in."""
    match where:
        case And(rules):
            return all(let_in(one, properties) for one in rules)
        case Or(rules):
            return any(let_in(one, properties) for one in rules)
        case Not(one):
            return not let_in(one, properties)
        case IsSet(left):
            return left.name in properties
        case Compare(left):
            return compared(where, properties.get(left.name))
    raise AssertionError(where)


def beginning(anchor: Occurrences | Start | Reached, world: World) -> int | None:
    """What an age is counted from."""
    match anchor:
        case Occurrences():
            return max((one.at for one in found(anchor, world)), default=None)
        case Start(of):
            return world.start(of)
        case Reached(milestone):
            return world.reached.get(milestone)


def value(name: Name, world: World) -> Scalar | None:
    """The value of a name."""
    if name.kind == "user":
        return world.user_attributes.get(name.name)
    if name.kind == "account":
        return world.account_attributes.get(name.name)
    if name.kind == "page":
        return None if world.page is None else path(world.page)
    return world.role if name.kind == "role" else world.device


def compared(rule: Compare, left: Scalar | None) -> bool:
    """A comparison; what is missing is false, or true where it is negated."""
    right = rule.right
    if isinstance(right, tuple):
        return (rule.operator == "in") == (left is not None and left in right)
    if left is None:
        return rule.operator == "!="
    if rule.operator == "matches":
        return fits(str(right), str(left))
    if isinstance(left, int | float) and isinstance(right, int | float):
        return ordered(rule.operator, Fraction(left), Fraction(right))
    return (left == right) == (rule.operator == "==")


def ordered(operator: str, left: int | Fraction, right: int | Fraction) -> bool:
    """Numbers in their order."""
    equal, less = left == right, left < right
    return {
        "==": equal,
        "!=": not equal,
        "<": less,
        "<=": less or equal,
        ">": not less and not equal,
        ">=": not less,
    }[operator]


def path(text: str) -> str:
    """A page's path."""
    return re.split(r"[?#]", text[:2048])[0].rstrip("/") or "/"


def fits(pattern: str, text: str) -> bool:
    """Globs by regular expressions, which only tests may use."""
    body = re.escape(pattern.rstrip("/") if pattern.rstrip("/") else "")
    if body == r"\*\*":
        return True
    deep = body.endswith(r"/\*\*")
    body = body.removesuffix(r"/\*\*").replace(r"\*", "[^/]*")
    known = path(text)
    known = "" if known == "/" else known
    return re.fullmatch(body + ("(/.*)?" if deep else ""), known, re.DOTALL) is not None


def instants(rule: Rule, world: World) -> list[int]:
    """Every instant after now at which anything about the rule could change, and its neighbours."""
    begins = [one.at for one in world.history] + list(world.reached.values())
    near = {at + length + off for at in begins for length in lengths(rule) for off in (-1, 0, 1)}
    return sorted(at for at in near if at > world.now)


def lengths(rule: Rule) -> Iterator[int]:
    """Every window and age in a rule."""
    match rule:
        case And(rules) | Or(rules):
            for one in rules:
                yield from lengths(one)
        case Not(one):
            yield from lengths(one)
        case InSegment(rule=inner) if inner is not None:
            yield from lengths(inner)
        case Did(occurrences) | Tally(_, occurrences):
            if occurrences.within is not None:
                yield occurrences.within
        case Since(age=age):
            yield age
