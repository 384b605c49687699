"""A text and its lines: from the number of a character to its place, also inside a YAML scalar."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from guidepath.errors import Place

_BREAK = re.compile(r"\r\n|\r|\n")
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r\n|.)|.", re.DOTALL)
_QUOTE = re.compile(r"''|.", re.DOTALL)
_BLANK_ESCAPE = re.compile(r"\\(?:[nrtv _NLP\s]|x(?:09|0[aAdD]|20|85|[aA]0)|u00[2aA]0)")


class Source:
    """A named text that knows its lines."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def place(self, index: int) -> Place:
        """The place of a character, counted from 0."""
        line = bisect_right(self._starts, index)
        return Place(self.file, line, index - self._starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as it is written: from `start` to `end` of its source, in a YAML style."""

    value: str
    start: int
    end: int
    style: str | None

    def index(self, offset: int, text: str) -> int:
        """Where in the text of the source a character of the value stands.

        Blanks are folded and indented in many ways, everything else keeps its order: the n-th
        character of the value that is no blank is the n-th in the source.
        """
        wanted = sum(not one.isspace() for one in self.value[:offset])
        last = self.start
        for index, after in _marks(self, text):
            if wanted == 0:
                # a blank follows what stands before it
                return last if self.value[offset : offset + 1].isspace() else index
            wanted -= 1
            last = after
        return last


def _marks(scalar: Scalar, text: str) -> Iterator[tuple[int, int]]:
    """Where each character of the value that is no blank begins and ends in the source."""
    raw = text[scalar.start : scalar.end]
    begin = scalar.start
    match scalar.style:
        case '"' | "'":
            units = (_ESCAPE if scalar.style == '"' else _QUOTE).finditer(raw, 1, len(raw) - 1)
        case "|" | ">":
            head = _BREAK.search(raw)
            units = _QUOTE.finditer(raw.replace("''", "\x01\x01"), head.end() if head else 0)
        case _:
            units = re.finditer(r"\S", raw)
    for unit in units:
        if not unit[0].isspace() and not _BLANK_ESCAPE.fullmatch(unit[0]):
            yield begin + unit.start(), begin + unit.end()
