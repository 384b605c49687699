"""Text -> tokens, one at a time, so that the first mistake in reading order is the one reported.

word      [A-Za-z_][A-Za-z0-9_-]*
string    as in JSON: double quotes, backslash escapes
number    as in JSON, at most 20 digits; integers fit 64 bits
duration  whole number and unit: 30s 15m 12h 7d 2w
sign      ( ) [ ] , . == != < <= > >=
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from guidepath.clock import DAY, HOUR, MINUTE, SECOND, WEEK
from guidepath.rules.expression import Span
from guidepath.rules.problem import Problem, RuleSyntaxError

UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
LONGEST = 3650 * DAY

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SIGN = re.compile(r"==|!=|<=|>=|<(?!>)|>|[()\[\],.]")
_STRING = re.compile(r'"(?:[^"\\\n\r]|\\[^\n\r])*"')
_NUMBER = re.compile(r"(-?[0-9]+)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)([A-Za-z_][A-Za-z0-9_]*)?")

# What other languages write, and what it is here. The first that fits is named.
_MENDS = (
    ("&", "write 'and'"),
    ("|", "write 'or'"),
    ("<>", "write '!='"),
    ("=>", "write '>='"),
    ("=<", "write '<='"),
    ("=", "write '==' to compare"),
    ("!", "write 'not'"),
    ("'", "strings stand in double quotes"),
    ("“", 'use straight double quotes, "'),
    ("”", 'use straight double quotes, "'),
    ("\u2018", 'use straight double quotes, "'),
    ("\u2019", 'use straight double quotes, "'),
    ("`", "strings stand in double quotes"),
    ("{", "lists stand in square brackets, [ ]"),
    ("#", "there are no comments inside a rule"),
    ("≤", "write '<='"),
    ("≥", "write '>='"),
    ("≠", "write '!='"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text, with its value and its place."""

    kind: Literal["word", "string", "number", "duration", "sign", "end"]
    value: str | int | float
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Its characters."""
        return Span(self.start, self.end)


def mistake(message: str, span: Span, *, code: str = "syntax") -> RuleSyntaxError:
    """The mistake, to be raised."""
    return RuleSyntaxError(Problem("error", code, message, span))


def shown(text: str) -> str:
    """The text as a message can show it: short, on one line, printable."""
    short = text if len(text) <= 40 else text[:39] + "…"
    line = " ".join(short.split())
    return "".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in line)


def scan(text: str) -> Iterator[Token]:
    """The tokens of the text, an "end" after the last.

    Raises:
        RuleSyntaxError: at the first character that begins no token.
    """
    at = _skip(text, 0)
    while at < len(text):
        token = _token(text, at)
        yield token
        at = _skip(text, token.end)
    yield Token("end", "", at, at)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _token(text: str, at: int) -> Token:
    if found := _WORD.match(text, at):
        return Token("word", found.group(), at, found.end())
    if text[at] == '"':
        return _string(text, at)
    if found := _NUMBER.match(text, at):
        return _number(found)
    if found := _SIGN.match(text, at):
        return Token("sign", found.group(), at, found.end())
    mend = next((mend for start, mend in _MENDS if text.startswith(start, at)), "")
    found_text = shown(text[at])
    message = f"unexpected {found_text!r}; {mend}" if mend else f"unexpected {found_text!r}"
    raise mistake(message, Span(at, at + 1))


def _string(text: str, at: int) -> Token:
    found = _STRING.match(text, at)
    if found is None:
        raise mistake('this string does not end; close it with "', Span(at, len(text)))
    span = Span(at, found.end())
    try:
        value = unicodedata.normalize("NFC", json.loads(found.group()))
        value.encode()
    except UnicodeEncodeError:
        message = "half a character (a lone surrogate) cannot stand in a string"
        raise mistake(message, span) from None
    except ValueError:
        message = r"a bad escape or control character in a string; write \\ for a backslash"
        raise mistake(message, span) from None
    if "\0" in value:
        raise mistake("a string cannot hold the character NUL", span)
    return Token("string", value, at, found.end())


def _number(found: re.Match[str]) -> Token:
    whole, rest, unit = found.groups()
    span = Span(found.start(), found.end())
    if sum(one.isdigit() for one in whole + rest) > 20:  # before int(), which is slow on thousands
        raise mistake("a number has at most 20 digits", span, code="out-of-range")
    if unit is not None:
        return Token("duration", _duration(whole, rest, unit, span), span.start, span.end)
    number = float(whole + rest) if rest else int(whole)
    if isinstance(number, int) and not -(2**63) <= number < 2**63:
        raise mistake(f"{whole} does not fit 64 bits", span, code="out-of-range")
    if number - number != 0:
        raise mistake(f"{whole}{rest} is too large", span, code="out-of-range")
    return Token("number", number, span.start, span.end)


def _duration(whole: str, rest: str, unit: str, span: Span) -> int:
    if unit not in UNITS:
        raise mistake(f"unknown unit '{shown(unit)}'{duration_mend(whole, unit)}", span)
    if rest:
        message = "a duration is a whole number and a unit; write 36h for a day and a half"
        raise mistake(message, span)
    length = int(whole) * UNITS[unit]
    if not 0 < length <= LONGEST:
        raise mistake(
            f"{whole}{unit}: a duration lies between 1s and 3650d", span, code="out-of-range"
        )
    return length


def duration_mend(whole: str, unit: str) -> str:
    """How a duration in words is written here, for the end of a sentence.

    >>> duration_mend("1", "day")
    "; write '1d'"
    """
    if unit.lower().startswith(("mo", "y", "q")):
        return "; months and years differ in length, count days: 30d, 365d"
    letter = unit[:1].lower()
    return f"; write '{whole}{letter}'" if letter in UNITS else "; units are s, m, h, d and w"
