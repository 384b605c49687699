"""A CSS selector to what it asks of elements: attributes, and what their values must be.

Tags, positions and states (`:first-child`, `:hover`) are not asked for: a template does not tell
them reliably.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from guidepath.errors import ConfigurationError, GuidepathError

Operator = Literal["", "=", "~=", "|=", "^=", "$=", "*="]


class Part(NamedTuple):
    """An attribute that an element must have; with an operator, and how its value must be."""

    name: str
    operator: Operator = ""
    value: str = ""
    any_case: bool = False

    def __str__(self) -> str:
        if self.name == "id" and self.operator == "=":
            return f"#{self.value}"
        if self.name == "class" and self.operator == "~=":
            return f".{self.value}"
        return f"[{self.name}{self.operator}'{self.value}']" if self.operator else f"[{self.name}]"


class Every(NamedTuple):
    """All of these are asked for."""

    wants: tuple["Part | OneOf", ...]


class OneOf(NamedTuple):
    """One of these is enough."""

    ways: tuple[Every, ...]


class SelectorError(GuidepathError):
    """A text that is no CSS selector; `offset` is the character where it ends to be one."""

    def __init__(self, message: str, offset: int) -> None:
        self.offset = offset
        super().__init__(message)


def read(selector: str) -> OneOf:
    """What a selector asks for.

    Raises:
        SelectorError: it is none.
        ConfigurationError: the extra `cli` is not installed.

    >>> [str(one) for one in parts(read("main > [data-guide='import']:not(.off), #import"))]
    ["[data-guide='import']", '#import']
    """
    try:
        from cssselect2 import parser  # type: ignore[import-untyped]
    except ImportError:
        raise ConfigurationError(
            "reading CSS selectors needs an extra: pip install 'guidepath[cli]'"
        ) from None
    try:
        return _one_of(parser.parse(selector))
    except parser.SelectorError as problem:
        token = problem.args[0]
        offset = len(selector) if token is None else _offset(selector, token)
        raise SelectorError("this is no CSS selector from here on", offset) from None
    except RecursionError:
        raise SelectorError("this selector is nested too deep", 0) from None


def parts(wanted: OneOf) -> Iterator[Part]:
    """Every part that is asked for somewhere in it."""
    for way in wanted.ways:
        for one in way.wants:
            if isinstance(one, Part):
                yield one
            else:
                yield from parts(one)


def _one_of(selectors: Iterable[Any]) -> OneOf:
    return OneOf(tuple(Every(tuple(_wants(one.parsed_tree))) for one in selectors))


def _wants(tree: Any) -> Iterator[Part | OneOf]:
    """What a tree of cssselect2 asks for; what `:not()` holds is not asked for."""
    match type(tree).__name__:
        case "CombinedSelector":
            yield from _wants(tree.left)
            yield from _wants(tree.right)
        case "CompoundSelector":
            for one in tree.simple_selectors:
                yield from _wants(one)
        case "IDSelector":
            yield Part("id", "=", tree.ident)
        case "ClassSelector":
            yield Part("class", "~=", tree.class_name)
        case "AttributeSelector":
            anyhow = tree.case_sensitive is False
            yield Part(tree.lower_name, tree.operator or "", tree.value or "", anyhow)
        case "MatchesAnySelector" | "SpecificityAdjustmentSelector":
            yield _one_of(tree.selector_list)
        case "RelationalSelector":
            yield _one_of(one.selector for one in tree.selector_list)


def _offset(selector: str, token: Any) -> int:
    """Which character of the selector a token of tinycss2 begins at."""
    lines = selector.splitlines(keepends=True)
    before = sum(len(one) for one in lines[: token.source_line - 1])
    return before + int(token.source_column) - 1
