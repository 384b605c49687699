"""What to look for in files, as regular expressions that are made once."""

import re
from collections.abc import Collection, Iterable

from guidepath.templates.selector import Part


class Look:
    """What to look for.

    `names` are attributes. `data-guide` is written so in markup, `data_guide`, `dataGuide` or
    `dataset.guide` in scripts, and `guide` within a `dataset:` there or a `data:` in Ruby:
    `spelled` and `nested` have the attribute of each spelling.

    Args:
        parts: what selectors ask for.
        selectors: the selectors themselves; a script may name one as a key and give its element.
        also: further attributes.
    """

    def __init__(
        self, parts: Collection[Part], selectors: Collection[str] = (), also: Iterable[str] = ()
    ) -> None:
        self.names = {one.name for one in parts} | set(also)
        self.spelled = {way: name for name in self.names for way in _spellings(name)}
        self.nested = {
            way: name
            for name in self.names
            if name.startswith("data-")
            for way in (name[5:], name[5:].replace("-", "_"), _camel(name[5:]))
        }
        self.head = _head({*self.spelled, *self.nested})
        self.word = _quoted({one.value for one in parts if one.value}, "")
        self.key = _quoted(selectors, r"\s*:")


def _spellings(name: str) -> Iterable[str]:
    yield from (name, name.replace("-", "_"), _camel(name))
    if name.startswith("data-"):
        own = _camel(name[5:])
        yield from (f"dataset.{own}", f"dataset['{own}", f'dataset["{own}')
    if name == "class":
        yield from ("className", "class_")


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(one.capitalize() for one in rest)


def _head(ways: Iterable[str]) -> re.Pattern[str]:
    """An attribute's name and what may stand between it and its value."""
    return re.compile(
        rf"(?P<name>{_any(ways)})(?![\w-])(?P<closing>[\"'`]?\]?)"
        r"(?:(?P<blank>\s*)(?P<relation>=>|=(?!=)|:(?![:\w])|,)\s*)?"
    )


def _quoted(words: Collection[str], after: str) -> re.Pattern[str] | None:
    return re.compile(rf"([\"'`])(?P<word>{_any(words)})\1{after}") if words else None


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(words, key=len, reverse=True))
