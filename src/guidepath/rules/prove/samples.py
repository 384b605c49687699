"""A value for each way in which the tests of one name can come out, and one for "missing".

Two values between which no literal lies answer every test alike, so a few of them stand for all.
"""

from collections.abc import Iterable, Sequence
from math import inf, nextafter
from typing import NamedTuple

from guidepath.clock import DAY, iso
from guidepath.rules.expression import Compare, IsSet, Name, Rule, Scalar
from guidepath.rules.glob import path_of
from guidepath.rules.interpret import matches
from guidepath.rules.prove.paths import paths
from guidepath.rules.vocabulary import ValueType

_OTHER = "x"  # in strings that are none of those a rule names


class Sample(NamedTuple):
    """A value, None where there is none; of a number, between which others it stands for all.

    `strict` tells that the limits themselves are not among them.
    """

    value: Scalar | None
    low: int | float | None = None
    high: int | float | None = None
    strict: bool = False


MISSING = Sample(None)


def samples(kind: ValueType, tests: Iterable[Compare], *, page: bool = False) -> list[Sample]:
    """Values of a type, one for each way in which these tests can come out; the last is missing.

    >>> [one.value for one in samples(ValueType("boolean"), [])]
    [True, False, None]
    """
    found = list(tests)
    literals = list(dict.fromkeys(one for test in found for one in _literals(test)))
    match kind.kind:
        case "boolean":
            values = [Sample(True), Sample(False)]
        case "enum":
            values = _enum(kind, literals)
        case "string":
            patterns = [str(test.right) for test in found if test.operator == "matches"]
            values = _strings([str(one) for one in literals], patterns, page=page)
        case "integer":
            values = _integers([one for one in literals if isinstance(one, int)], step=1)
        case "time":
            values = _integers([one for one in literals if isinstance(one, int)], step=DAY)
        case "number":
            values = _numbers([one for one in literals if isinstance(one, int | float)])
    return [*(one for one in values if kind.read(said(kind, one.value)) is not None), MISSING]


def said(kind: ValueType, value: Scalar | None) -> Scalar | None:
    """The value as a product says it: times as text."""
    if kind.kind != "time" or not isinstance(value, int):
        return value
    try:
        return iso(value)
    except (OverflowError, ValueError):  # before the year 1 or after 9999
        return None


def true_of(test: Rule, left: Name, value: Scalar | None) -> bool:
    """Whether a test of one name holds of a value; None is missing."""
    if isinstance(test, IsSet):
        return value is not None
    return matches(test, {} if value is None else {left.name: value})


def _literals(test: Compare) -> Sequence[Scalar]:
    if test.operator == "matches":
        return ()
    return test.right if isinstance(test.right, tuple) else (test.right,)


def _enum(kind: ValueType, literals: Sequence[Scalar]) -> list[Sample]:
    other = next((one for one in kind.values if one not in literals), None)
    named = [one for one in kind.values if one in literals]
    return [Sample(one) for one in (*named, other) if one is not None]


def _strings(literals: Sequence[str], patterns: Sequence[str], *, page: bool) -> list[Sample]:
    if not patterns and not page:
        other = _OTHER
        while other in literals:
            other += _OTHER
        return [Sample(one) for one in (*literals, other)]
    found = [*literals, *paths(patterns, map(path_of, literals), rooted=page)]
    if not page:  # as a path they are alike, as texts they are not
        found += [f"{one}?{_OTHER}" for one in found if "?" not in one and "#" not in one]
    return [Sample(one) for one in dict.fromkeys(found)]


def _integers(points: Sequence[int], *, step: int) -> list[Sample]:
    """The points, and one between each two; `step` away from the outermost."""
    ordered = sorted({int(one) for one in points})
    if not ordered:
        return [Sample(1 if step == 1 else 20_454 * DAY)]  # a day in 2026
    values = [Sample(ordered[0] - step, None, ordered[0] - 1)]
    for one, after in zip(ordered, (*ordered[1:], None), strict=True):
        values.append(Sample(one, one, one))
        if after is None:
            values.append(Sample(one + step, one + 1, None))
        elif after - one > 1:
            values.append(Sample(min(one + step, after - 1), one + 1, after - 1))
    return values


def _numbers(points: Sequence[int | float]) -> list[Sample]:
    ordered = sorted(set(points))
    if not ordered:
        return [Sample(1)]
    below = _between(None, ordered[0])
    values = [Sample(below, None, ordered[0], strict=True)]
    for one, after in zip(ordered, (*ordered[1:], None), strict=True):
        values.append(Sample(one, one, one))
        inside = _between(one, after)
        if inside is not None:
            values.append(Sample(inside, one, after, strict=True))
    return values


def _between(low: float | None, high: float | None) -> int | float | None:
    """A number between two others: a whole one if there is one."""
    bottom = -inf if low is None else low
    top = inf if high is None else high
    tries: list[int | float] = []
    if low is not None:
        tries += [int(low) + 1, int(low)]
    if high is not None:
        tries += [int(high) - 1, int(high)]
    if low is not None and high is not None:
        tries.append(low / 2 + high / 2)
    tries += [nextafter(bottom, top)] if low is not None else [nextafter(top, bottom)]
    readable = (one if -(2**63) <= one < 2**63 else float(one) for one in tries)
    return next((one for one in readable if bottom < one < top and one - one == 0), None)
