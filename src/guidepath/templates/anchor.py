"""The attributes that files give to elements, and whether one is what a selector asks for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, NamedTuple

from guidepath.errors import Place
from guidepath.templates.selector import Part

Fit = Literal["yes", "perhaps", "no"]
Pieces = tuple[str, ...]  # a value's plain letters, between what is put together while it runs


class Anchor(NamedTuple):
    """A value that a file gives to an attribute. One piece: it is all in plain letters."""

    name: str
    pieces: Pieces


@dataclass
class Anchors:
    """All of them by the attribute's name, each value with the first place where it stands.

    `said` are words that stand in quotes anywhere; `given` the selectors to which the product's
    own scripts give an element.
    """

    plain: dict[str, dict[str, Place]] = field(default_factory=dict)
    built: dict[str, dict[Pieces, Place]] = field(default_factory=dict)
    said: dict[str, Place] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    def __contains__(self, anchor: Anchor) -> bool:
        name, pieces = anchor
        if len(pieces) == 1:
            return pieces[0] in self.plain.get(name, ())
        return pieces in self.built.get(name, ())

    def add(self, anchor: Anchor, place: Place) -> None:
        """One more, which stands here first."""
        name, pieces = anchor
        if len(pieces) == 1:
            self.plain.setdefault(name, {})[pieces[0]] = place
        else:
            self.built.setdefault(name, {})[pieces] = place

    def fits(self, part: Part) -> tuple[Fit, Place | None]:
        """Whether any is what a selector asks for, and the place that it may be built at."""
        plain = self.plain.get(part.name, {})
        if part.operator == "=" and part.value in plain:
            return "yes", None
        if any(fit(part, (value,)) == "yes" for value in plain):
            return "yes", None
        perhaps = None
        for pieces, place in self.built.get(part.name, {}).items():
            match fit(part, pieces):
                case "yes":
                    return "yes", None
                case "perhaps":
                    perhaps = perhaps or place
        return ("no", None) if perhaps is None else ("perhaps", perhaps)

    def nearest(self, part: Part) -> tuple[str, str, Place] | None:
        """The attribute, value and place that were probably meant."""
        for name, values in self.plain.items():
            if name != part.name and part.value and part.value in values:
                return name, part.value, values[part.value]
        values = self.plain.get(part.name, {})
        close = get_close_matches(part.value, values, 1) if len(part.value) <= _LONGEST else ()
        return (part.name, close[0], values[close[0]]) if close else None


_LONGEST = 64  # nobody mistypes more than that; comparing it would be slow


def fit(part: Part, pieces: Pieces) -> Fit:
    """Whether a value is what a selector asks for.

    >>> fit(Part("data-guide", "=", "nav-team"), ("nav-", ""))
    'perhaps'
    """
    wanted = part.value.casefold() if part.any_case else part.value
    if part.any_case:
        pieces = tuple(one.casefold() for one in pieces)
    if not part.operator:
        return "yes"
    if len(pieces) == 1:
        return "yes" if _PLAIN[part.operator](pieces[0], wanted) else "no"
    if not wanted and part.operator not in ("=", "|="):
        return "no"  # in CSS an empty text is part of nothing
    first, last = pieces[0], pieces[-1]
    match part.operator:
        case "^=":
            possible = wanted.startswith(first)
            return "yes" if first.startswith(wanted) else _perhaps(possible=possible)
        case "$=":
            possible = wanted.endswith(last)
            return "yes" if last.endswith(wanted) else _perhaps(possible=possible)
        case "*=":
            return "yes" if any(wanted in one for one in pieces) else "perhaps"
        case "=":
            pattern = "(?s:.*)".join(re.escape(one) for one in pieces)
            return _perhaps(possible=re.fullmatch(pattern, wanted) is not None)
        case _:
            return "perhaps"


def _perhaps(*, possible: bool) -> Fit:
    return "perhaps" if possible else "no"


def _begins(value: str, wanted: str) -> bool:
    return value == wanted or value.startswith(f"{wanted}-")


_PLAIN: Mapping[str, Callable[[str, str], bool]] = {
    "=": str.__eq__,
    "~=": lambda value, wanted: wanted in value.split(),
    "|=": _begins,
    "^=": lambda value, wanted: bool(wanted) and value.startswith(wanted),
    "$=": lambda value, wanted: bool(wanted) and value.endswith(wanted),
    "*=": lambda value, wanted: bool(wanted) and wanted in value,
}
