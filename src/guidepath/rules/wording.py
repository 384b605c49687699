"""How an explanation puts what is and what is needed: short phrases in plain English."""

from collections.abc import Mapping
from decimal import Decimal

from guidepath.clock import DAY, HOUR, MINUTE, SECOND
from guidepath.rules.expression import (
    Compare,
    Did,
    Instant,
    Occurrences,
    Reached,
    Scalar,
    Since,
    Start,
    Tally,
    Total,
)
from guidepath.rules.number import decimal
from guidepath.rules.text import literal

_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))
_BOUNDS: Mapping[str, str] = {
    "==": "exactly",
    "!=": "other than",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}
_TIMES: Mapping[str, str] = {"<": "before", "<=": "until", ">": "after", ">=": "from"}
_NOUNS = {"count": ("", ""), "days": (" day", " days"), "users": (" person", " people")}


def span(length: int) -> str:
    """A length of time in its two largest units; what is less is left out.

    >>> span(36 * HOUR), span(7 * DAY), span(1)
    ('1 day 12 hours', '7 days', '0 seconds')
    """
    parts = []
    rest = max(0, length)  # what a clock running ahead reported happens now
    for index, (unit, noun) in enumerate(_UNITS):
        count, rest = divmod(rest, unit)
        if count:
            parts.append(_plural(count, noun))
        if len(parts) == 2 or (parts and not count) or (parts and index == len(_UNITS) - 1):
            break
    return " ".join(parts) or "0 seconds"


def opposite(required: str) -> str:
    """What `not` requires of something.

    >>> opposite("at least once in the last 7 days"), opposite("reached")
    ('never in the last 7 days', 'not reached')
    """
    if required.startswith("at least once"):
        return required.replace("at least once", "never", 1)
    return required.removeprefix("not ") if required.startswith("not ") else f"not {required}"


def did(rule: Did, age: int | None) -> tuple[str, str]:
    """What is and what is needed of a `did`."""
    actual = "never" if age is None else f"{span(age)} ago"
    return actual, f"at least once{_window(rule.occurrences)}"


def tally(rule: Tally, seen: int) -> tuple[str, str]:
    """What is and what is needed of a count; "at least" where no more is remembered."""
    needed = _needed(rule)
    window = _window(rule.occurrences)
    required = f"{_BOUNDS[rule.operator]} {_count(rule, rule.number)}"
    if needed is not None:
        return f"{min(seen, needed)} of {_count(rule, needed)}{window}", required
    most = rule.number + 1
    actual = _count(rule, min(seen, most))
    if seen >= most:
        actual = f"at least {actual}"
    return f"{actual}{window}", required


def steps(rule: Tally, seen: int) -> tuple[int, int] | None:
    """How far a count is on its way; None where it is not on the way to anything."""
    needed = _needed(rule)
    return (min(seen, needed), needed) if needed else None


def total(rule: Total, amount: Decimal) -> tuple[str, str]:
    """What is and what is needed of a sum."""
    needed = _amount(decimal(rule.number))
    actual = _amount(amount)
    if rule.operator in (">", ">="):
        actual = f"{actual} of {needed}"
    return actual, f"{_BOUNDS[rule.operator]} {needed}"


def sum_steps(rule: Total, amount: Decimal) -> tuple[int, int] | None:
    """How far a sum is on its way to a whole number, in whole steps."""
    needed = rule.number
    if rule.operator != ">=" or not isinstance(needed, int) or needed <= 0:
        return None
    return max(0, min(int(amount), needed)), needed


def since(rule: Since, age: int | None) -> tuple[str, str]:
    """What is and what is needed of an age."""
    required = f"{_BOUNDS[rule.operator]} {span(rule.age)}"
    if age is not None:
        return span(age), required
    match rule.anchor:
        case Occurrences():
            return "never happened", required
        case Start():
            return "not started", required
        case Reached():
            return "not reached", required


def compare(rule: Compare, value: Scalar | None) -> tuple[str, str]:
    """What is and what is needed of a value."""
    times = isinstance(rule.right, Instant) or (
        isinstance(rule.right, tuple) and isinstance(rule.right[0], Instant)
    )
    if value is None:
        actual = "not set"
    else:
        actual = literal(Instant(value) if times and isinstance(value, int) else value)
    return actual, _required(rule, times=times)


def _required(rule: Compare, *, times: bool) -> str:
    if isinstance(rule.right, tuple):
        word = "one of" if rule.operator == "in" else "none of"
        return f"{word} {', '.join(literal(one) for one in rule.right)}"
    right = literal(rule.right)
    if rule.operator in ("==", "matches"):
        return right if rule.operator == "==" else f"matching {right}"
    words = _TIMES if times and rule.operator in _TIMES else _BOUNDS
    return f"{words[rule.operator]} {right}"


def _needed(rule: Tally) -> int | None:
    if rule.operator == ">=":
        return rule.number
    return rule.number + 1 if rule.operator == ">" else None


def _count(rule: Tally, number: int) -> str:
    one, many = _NOUNS[rule.what]
    return f"{number}{one if number == 1 else many}"


def _window(occurrences: Occurrences) -> str:
    if occurrences.within is None:
        return ""
    length = span(occurrences.within)
    return f" in the last {length.removeprefix('1 ') if length.count(' ') == 1 else length}"


def _amount(value: Decimal) -> str:
    return f"{value:f}" if not value or -15 <= value.adjusted() <= 15 else str(value)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
