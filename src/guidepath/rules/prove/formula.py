"""Formulas as SMT-LIB text: building them so is ten times faster than by the solver's objects."""

from collections.abc import Iterable
from fractions import Fraction

from guidepath.rules.expression import Scalar
from guidepath.rules.number import decimal

TRUE = "true"
FALSE = "false"


def all_of(parts: Iterable[str]) -> str:
    """All hold.

    >>> all_of(["a", "true", "b"]), all_of([])
    ('(and a b)', 'true')
    """
    found = [one for one in dict.fromkeys(parts) if one != TRUE]
    if FALSE in found:
        return FALSE
    return _joined("and", found) or TRUE


def any_of(parts: Iterable[str]) -> str:
    """One holds.

    >>> any_of(["a", "false"]), any_of([])
    ('a', 'false')
    """
    found = [one for one in dict.fromkeys(parts) if one != FALSE]
    if TRUE in found:
        return TRUE
    return _joined("or", found) or FALSE


def negation(one: str) -> str:
    """It does not hold.

    >>> negation("a"), negation("(not a)"), negation("true")
    ('(not a)', 'a', 'false')
    """
    if one in (TRUE, FALSE):
        return FALSE if one == TRUE else TRUE
    if one.startswith("(not "):
        return one[5:-1]
    return f"(not {one})"


def implies(one: str, other: str) -> str:
    """Where one holds, the other does."""
    return any_of((negation(one), other))


def plus(terms: Iterable[str]) -> str:
    """The sum.

    >>> plus(["n1", "n2"]), plus([])
    ('(+ n1 n2)', '0')
    """
    return _joined("+", list(terms)) or "0"


def compared(left: str, sign: str, right: str) -> str:
    """Two numbers compared by a sign of the rule language.

    >>> compared("n1", "!=", "3")
    '(not (= n1 3))'
    """
    if sign == "!=":
        return negation(compared(left, "==", right))
    return f"({'=' if sign == '==' else sign} {left} {right})"


def real(value: Scalar) -> str:
    """A number as people read it, exactly.

    >>> real(-0.1)
    '(- (/ 1.0 10.0))'
    """
    exact = Fraction(decimal(value))
    text = f"(/ {abs(exact.numerator)}.0 {exact.denominator}.0)"
    return f"(- {text})" if exact < 0 else text


def exactly_one(names: list[str]) -> list[str]:
    """One of these holds, and no other."""
    return [any_of(names), *at_most_one(names)]


def at_most_one(names: list[str]) -> list[str]:
    """No two of these hold together."""
    if len(names) < 2:
        return []
    return [f"((_ at-most 1) {' '.join(names)})"]


def _joined(word: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({word} {' '.join(parts)})" if parts else ""
