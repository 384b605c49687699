"""A text and its lines: from the number of a character to its place."""

import re
from bisect import bisect_right

from guidepath.errors import Place

BREAK = re.compile(r"\r\n|\r|\n")


class Source:
    """A named text that knows its lines."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._starts = [0, *(found.end() for found in BREAK.finditer(text))]

    def place(self, index: int) -> Place:
        """The place of a character, counted from 0."""
        line = bisect_right(self._starts, index)
        return Place(self.file, line, index - self._starts[line - 1] + 1)
