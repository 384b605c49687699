"""Texts with values in them: a small, closed part of Jinja2.

    {{ user.first_name }}   {{ account.size | number }}   {{ role | default("you") | title }}
    {% if account.industry == "law" %}…{% elif not user.first_name %}…{% else %}…{% endif %}

Jinja2's lexer and parser read the text once; nothing of Jinja2 runs when it is shown. A missing
value is empty. Everything else that Jinja2 can do is refused when the playbook is loaded.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from guidepath.clock import moment
from guidepath.content import locale as languages
from guidepath.errors import GuidepathError

Values = Mapping[str, object]

LONGEST = 10_000
DEEPEST = 10
FILTERS = ("capitalize", "date", "default", "lower", "number", "title", "trim", "upper")


class TemplateError(GuidepathError):
    """A text that is no template: what is wrong, how to mend it, and where.

    `offset` counts characters from 0, `line` and `column` from 1.
    """

    def __init__(self, message: str, text: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - text.rfind("\n", 0, offset)
        super().__init__(f"line {self.line}, column {self.column}: {message}")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is done with a value before it is shown; `argument` is for `default` only."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value by its dotted path, and its filters. `offset` is where the path stands."""

    path: str
    filters: tuple[Filter, ...] = ()
    offset: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Test:
    """Whether a value is there and not empty, or not, or is exactly a string."""

    value: Value
    negated: bool = False
    equals: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The nodes of the first test that holds; the last may have no test."""

    branches: tuple[tuple[Test | None, tuple["Node", ...]], ...]


Node = str | Value | Choice


@dataclass(frozen=True, slots=True)
class Template:
    """A text ready to be shown. `parse` makes one."""

    nodes: tuple[Node, ...]

    @property
    def paths(self) -> frozenset[str]:
        """The dotted paths of all values it reads."""
        return frozenset(value.path for value in self.values())

    def values(self) -> Iterator[Value]:
        """Every value it reads, in tests too, in order, with its filters and its offset."""
        return _values(self.nodes)

    def render(self, values: Values, *, locale: str, escape: Callable[[str], str] = str) -> str:
        """The text with the values in, each escaped; `values` are by dotted path.

        >>> from guidepath.content.template_parser import parse
        >>> parse("Hi {{ user.name | default('you') }}").render({"user.name": "Ada"}, locale="en")
        'Hi Ada'
        """
        return "".join(_render(self.nodes, values, locale, escape))


def _values(nodes: tuple[Node, ...]) -> Iterator[Value]:
    for node in nodes:
        if isinstance(node, Value):
            yield node
        elif isinstance(node, Choice):
            for test, inner in node.branches:
                if test is not None:
                    yield test.value
                yield from _values(inner)


def _render(
    nodes: tuple[Node, ...], values: Values, locale: str, escape: Callable[[str], str]
) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, Value):
            yield escape(_shown(node, values, locale))
        else:
            yield from _render(_chosen(node, values), values, locale, escape)


def _chosen(choice: Choice, values: Values) -> tuple[Node, ...]:
    for test, nodes in choice.branches:
        if test is None or _holds(test, values):
            return nodes
    return ()


def _holds(test: Test, values: Values) -> bool:
    value = values.get(test.value.path)
    found = bool(value) if test.equals is None else value == test.equals
    return found is not test.negated


def _shown(value: Value, values: Values, locale: str) -> str:
    shown = values.get(value.path)
    for one in value.filters:
        shown = _filtered(one, shown, locale)
    return "" if shown is None else _text(shown)


def _filtered(one: Filter, value: object, locale: str) -> object:
    if one.name == "default":
        return one.argument if value is None or value == "" else value
    if value is None:
        return None
    match one.name:
        case "number":
            return _number(value, locale)
        case "date":
            return _date(value, locale)
        case "trim":
            return _text(value).strip()
        case name:
            change: Callable[[str], str] = getattr(str, name)  # upper, lower, capitalize, title
            return change(_text(value))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object, locale: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(value)
    return languages.number(value, locale)


def _date(value: object, locale: str) -> str:
    """Microseconds, an ISO 8601 string or a datetime; anything else is shown as it is."""
    try:
        if isinstance(value, int):
            value = moment(value)
        elif isinstance(value, str):
            value = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        return _text(value)
    if not isinstance(value, datetime):
        return _text(value)
    return languages.date(value if value.tzinfo is None else value.astimezone(UTC), locale)
