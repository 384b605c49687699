"""Tests of values as SQL conditions that are true or false, never NULL."""

from collections.abc import Callable
from fractions import Fraction

from sqlglot import exp

from guidepath.rules import glob
from guidepath.rules.expression import And, Compare, IsSet, Literals, Not, Or, Rule, Scalar
from guidepath.rules.sql.nodes import (
    Node,
    among,
    binary,
    boolean,
    cast,
    column,
    every,
    integer,
    is_set,
    negation,
    some,
    text,
)
from guidepath.rules.sql.refusal import SqlError
from guidepath.rules.sql.table import Column

_ESCAPE = "^"


def condition(where: Rule, column_of: Callable[[str], Column]) -> Node:
    """Whether a filter lets an event in; `column_of` tells a property's column."""
    match where:
        case And(rules):
            return every(condition(one, column_of) for one in rules)
        case Or(rules):
            return some(condition(one, column_of) for one in rules)
        case Not(one):
            return negation(condition(one, column_of))
        case Compare(left) | IsSet(left):
            return test(where, column_of(left.name))
        case _:
            msg = f"{where} does not stand in a filter"
            raise TypeError(msg)


def test(rule: Compare | IsSet, held: Column) -> Node:
    """Whether a comparison holds; with a missing value only its negation does."""
    value = column(held.name)
    if isinstance(rule, IsSet):
        return is_set(value)
    if rule.operator in ("!=", "not in"):
        return negation(_holds("==" if rule.operator == "!=" else "in", rule.right, held))
    return _holds(rule.operator, rule.right, held)


def on_missing(rule: Compare | IsSet) -> bool:
    """Whether a test holds where there is no value."""
    return isinstance(rule, Compare) and rule.operator in ("!=", "not in")


def _holds(sign: str, right: Literals, held: Column) -> Node:
    value = column(held.name)
    if isinstance(right, tuple):
        held_by = among(value, [_literal(one, held) for one in right])
    elif sign == "matches":
        held_by = _matches(str(right), held.name)
    else:
        held_by = binary(value, sign, _literal(right, held))
    return every((is_set(column(held.name)), held_by))


def _literal(value: Scalar, held: Column) -> Node:
    if isinstance(value, bool):
        return boolean(value=value)
    if isinstance(value, str):
        return text(value)
    if held.kind != "number":
        return integer(int(value))
    if Fraction(float(value)) != Fraction(value):
        raise SqlError(
            f"{held.said} is compared with {value}, which a 64-bit float cannot hold exactly; "
            "declare it as an integer, or compare it with a rounder number"
        )
    return cast(text(repr(float(value))), "DOUBLE")


def _matches(pattern: str, held: str) -> Node:
    """A glob: as many segments as the pattern has, each like its own."""
    wanted = glob.segments(pattern)
    deep = wanted[-1] == "**"
    wanted = wanted[:-1] if deep else wanted
    parts = [_like(number, one, held) for number, one in enumerate(wanted, 1) if one != "*"]
    slashes = binary(_length(_path(held)), "-", _length(_without_slashes(_path(held))))
    parts.append(binary(slashes, ">=" if deep else "==", integer(len(wanted) - 1)))
    return every(parts)


def _like(number: int, wanted: str, held: str) -> Node:
    part = exp.SplitPart(this=_path(held), delimiter=text("/"), part_index=integer(number))
    if "*" not in wanted:
        return exp.EQ(this=part, expression=text(wanted))
    escaped = "".join(_ESCAPE + one if one in f"%_{_ESCAPE}" else one for one in wanted)
    like = exp.Like(this=part, expression=text(escaped.replace("*", "%")))
    return exp.Escape(this=like, expression=text(_ESCAPE))


def _path(held: str) -> Node:
    """The value as a path: cut, without query and fragment, and with no slash at its end."""
    there = exp.Coalesce(this=column(held), expressions=[text("")])
    found: Node = exp.Left(this=there, expression=integer(glob.MAX_PATH))
    for sign in "?#":
        found = exp.SplitPart(this=found, delimiter=text(sign), part_index=integer(1))
    return exp.Trim(this=found, expression=text("/"), position="TRAILING")


def _without_slashes(value: Node) -> Node:
    return exp.Replace(this=value, expression=text("/"), replacement=text(""))


def _length(value: Node) -> Node:
    return exp.Length(this=value)
