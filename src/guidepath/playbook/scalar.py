"""A YAML scalar as it is written: where in the source each character of its value stands.

Lines are folded, blanks around line breaks dropped, characters escaped: the value of a scalar may
look little like its source. What follows reads the source again, as YAML's own rules say, and
keeps for each character the place from which it came.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from guidepath.playbook.source import BREAK

_BLANKS = " \t\r\n"
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^\r\n])|[^\\]")
_QUOTE = re.compile(r"''|[^']")
_PLAIN = re.compile(r".", re.DOTALL)
_UNITS = {'"': _ESCAPE, "'": _QUOTE}
_JOINED = re.compile(r"\\(?:\r\n|\r|\n)")  # an escaped break: the lines are one word
_INDENT = re.compile(r" *")


class Unit(NamedTuple):
    """From where to where in the source one character of the value is written."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as it is written: from `start` to `end` of its source, in a YAML style."""

    value: str
    start: int
    end: int
    style: str | None

    def index(self, offset: int, text: str) -> int:
        """Where in the text of the source a character of the value stands.

        What is missing after the last word is missing right behind it.
        """
        units = list(_units(self, text[self.start : self.end]))
        end = len(self.value.rstrip(_BLANKS))
        if offset < end and offset < len(units):
            return self.start + units[offset].start
        return self.start + (units[end - 1].end if 0 < end <= len(units) else 0)


def _units(scalar: Scalar, raw: str) -> Iterator[Unit]:
    """The units of the whole value, perhaps with breaks behind it that the value drops."""
    match scalar.style:
        case "|" | ">":
            return _block(raw, _indentation(raw, scalar.value), folded=scalar.style == ">")
        case '"' | "'":
            return _flow(raw, 1, len(raw) - 1, _UNITS[scalar.style])
        case _:
            return _flow(raw, 0, len(raw), _PLAIN)


def _flow(raw: str, at: int, end: int, unit: re.Pattern[str]) -> Iterator[Unit]:
    """Plain and quoted: a break between words is a blank, more breaks are breaks."""
    held: list[Unit] = []  # blanks: they count unless a break follows
    while at < end:
        joined = _JOINED.match(raw, at, end) if unit is _ESCAPE else None
        if joined is not None or raw[at] in "\r\n":
            start = held[0].start if held else at
            if joined is not None:
                yield from held
            breaks, after = _breaks(raw, at + (joined is not None), end)
            if len(breaks) == 1 and joined is None:
                yield Unit(start, after)
            yield from breaks[1:]
            held, at = [], after
        elif raw[at] in " \t":
            held.append(Unit(at, at + 1))
            at += 1
        else:
            found = unit.match(raw, at, end)
            after = found.end() if found else at + 1
            yield from held
            yield Unit(at, after)
            held, at = [], after
    yield from held


def _breaks(raw: str, at: int, end: int) -> tuple[list[Unit], int]:
    """The line breaks from here on, and where the next word begins."""
    found: list[Unit] = []
    while at < end and raw[at] in _BLANKS:
        after = _after(raw, at) if raw[at] in "\r\n" else at + 1
        if raw[at] in "\r\n":
            found.append(Unit(at, after))
        at = after
    return found, at


def _after(raw: str, at: int) -> int:
    found = BREAK.match(raw, at)
    return found.end() if found else at


def _indentation(raw: str, value: str) -> int:
    """How far the lines of a block are indented: its first words tell."""

    def before(text: str) -> int:
        words = next((line for line in BREAK.split(text) if line.strip(" ")), "")
        return len(words) - len(words.lstrip(" "))

    return before(raw[_head(raw) :]) - before(value)


def _head(raw: str) -> int:
    """Where the line ends that says how the block is written."""
    found = BREAK.search(raw)
    return found.end() if found else len(raw)


def _block(raw: str, indent: int, *, folded: bool) -> Iterator[Unit]:
    """Literal and folded: folded lines are joined unless one of them is indented further."""
    broken: Unit | None = None  # the break behind the line before
    indented = False  # whether that line was indented further
    empty, at = _empty(raw, _head(raw), indent)
    while at < len(raw):
        blank = raw[at] in " \t"
        if broken is not None and not (folded and not indented and not blank and empty):
            yield broken  # as a break, or as the blank that joins two lines
        yield from empty
        indented = blank
        ends = BREAK.search(raw, at)
        line = ends.start() if ends else len(raw)
        yield from (Unit(one, one + 1) for one in range(at, line))
        broken = Unit(line, ends.end()) if ends else None
        empty, at = _empty(raw, ends.end() if ends else len(raw), indent)
    if broken is not None:
        yield broken
    yield from empty


def _empty(raw: str, at: int, indent: int) -> tuple[list[Unit], int]:
    """The breaks of empty lines from here on, and where the next line's content begins."""
    found: list[Unit] = []
    while at < len(raw):
        blanks = _INDENT.match(raw, at, min(at + indent, len(raw)))
        content = blanks.end() if blanks else at
        after = _after(raw, content)
        if after == content:
            return found, content
        found.append(Unit(content, after))
        at = after
    return found, at
