"""A playbook as it is written: values and comments, no blanks and no quotes.

Comments are lines that begin with #; an empty line stands for one that the author left blank.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["map", "list"]


@dataclass
class Leaf:
    """One value. `bare` is a number, a truth or nothing: it is never put into quotes."""

    value: str
    bare: bool = False
    rule: bool = False


@dataclass
class Branch:
    """A map or a list, with the comments behind its last entry.

    `tall` is written as a block however short it is; `airy` has a blank line between its entries;
    `ordered` has keys whose order is ours, so that blank lines between them mean nothing.
    """

    kind: Kind
    entries: list["Entry"] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    tall: bool = False
    airy: bool = False
    ordered: bool = False


Node = Leaf | Branch


@dataclass
class Entry:
    """One entry of a map or a list, with the comments before it and beside it."""

    key: str | None
    node: Node
    before: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def comments(node: Node) -> Iterator[str]:
    """All comments within, in order."""
    if isinstance(node, Leaf):
        return
    for one in node.entries:
        yield from filter(None, one.before)
        yield from one.beside
        yield from comments(one.node)
    yield from filter(None, node.after)
