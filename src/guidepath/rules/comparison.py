"""Whether one comparison fits the type of what it compares: operator, literals, patterns."""

from collections.abc import Iterator
from dataclasses import replace

from guidepath.rules import glob
from guidepath.rules.expression import Compare, Instant, Literals, Operator, Scalar
from guidepath.rules.problem import Problem, suggest
from guidepath.rules.scanner import shown
from guidepath.rules.text import literal
from guidepath.rules.vocabulary import TypeName, ValueType

_EQUAL: tuple[Operator, ...] = ("==", "!=", "in", "not in")
_ORDERED: tuple[Operator, ...] = (*_EQUAL, "<", "<=", ">", ">=")
_OPERATORS: dict[TypeName, tuple[Operator, ...]] = {
    "string": (*_EQUAL, "matches"),
    "enum": _EQUAL,
    "boolean": _EQUAL,
    "integer": _ORDERED,
    "number": _ORDERED,
    "time": _ORDERED,
}
_EXAMPLES: dict[TypeName, str] = {
    "string": 'a string in double quotes, such as "x"',
    "enum": "one of its values in double quotes",
    "boolean": "true or false",
    "integer": "a whole number, such as 10",
    "number": "a number, such as 10 or 2.5",
    "time": 'a time with its zone in double quotes, such as "2025-01-31T12:00:00Z"',
}


def fit(compare: Compare, kind: ValueType, label: str) -> tuple[Compare, list[Problem]]:
    """The comparison with its literals as the type reads them, and what is wrong with it.

    `label` is how the rule names the value, for messages.
    """
    allowed = _OPERATORS[kind.kind]
    if compare.operator not in allowed:
        message = f"'{compare.operator}' does not fit {label}, {_a(kind.kind)}; it can be compared"
        message += f" by {', '.join(allowed)} and 'is set'"
        return compare, [Problem("error", "wrong-operator", message, compare.span)]
    if compare.operator == "matches":
        return compare, list(_pattern(compare))
    found = compare.right if isinstance(compare.right, tuple) else (compare.right,)
    problems: list[Problem] = []
    values: list[Scalar] = []
    for one in found:
        value = _read(one, kind)
        if value is None:
            problems.append(_misfit(compare, kind, one, label))
        else:
            values.append(_page(value) if compare.left.kind == "page" else value)
    if problems:
        return compare, problems
    right: Literals = tuple(values) if isinstance(compare.right, tuple) else values[0]
    return replace(compare, right=right), []


def _read(found: Scalar, kind: ValueType) -> Scalar | None:
    value = kind.read(found)
    if value is None:
        return None
    if kind.kind == "time" and isinstance(value, int):
        return Instant(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)  # 10.0 and 10 are one number, and shall be one fact to remember
    return value


def _page(value: Scalar) -> Scalar:
    return glob.path_of(value) if isinstance(value, str) else value


def _pattern(compare: Compare) -> Iterator[Problem]:
    pattern = str(compare.right)
    wrong = glob.problem(pattern)
    if wrong is None and compare.left.kind == "page" and not pattern.startswith(("/", "**")):
        wrong = f'a page is a path from the root; write "/{pattern}"'
    if wrong is not None:
        yield Problem("error", "bad-pattern", wrong, compare.span)


def _misfit(compare: Compare, kind: ValueType, found: Scalar, label: str) -> Problem:
    if kind.kind == "enum" and isinstance(found, str):
        known = ", ".join(literal(one) for one in kind.values[:8]) or "none"
        known += ", …" * (len(kind.values) > 8)
        message = f"{label} is never {shown(literal(found))}{suggest(found, kind.values)}"
        return Problem("error", "unknown-value", f"{message} (known: {known})", compare.span)
    expected = _EXAMPLES[kind.kind]
    message = f"{label} is {_a(kind.kind)}; compare it with {expected}, not with "
    message += shown(literal(found))
    return Problem("error", "wrong-type", message, compare.span)


def _a(kind: TypeName) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
