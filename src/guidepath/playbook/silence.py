"""What the author of a playbook has read and decided to leave: silenced in the file, with a reason.

    # guidepath: allow long-tour because it is the tour of the fair, and somebody stands by

On a line of its own it is about the next line that says something, behind something about that
line; where an entry begins there, about all of it. Several codes stand between commas. Errors
cannot be silenced, and a silence that is wrong or no longer needed is a warning itself.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from guidepath.errors import Diagnostic, Place
from guidepath.playbook.finding import Path
from guidepath.playbook.reading import Document, read
from guidepath.rules.problem import suggest

Check = Literal["always", "events", "prove", "templates"]

# What can be silenced, by what has to be asked for before it is told.
CODES: Mapping[Check, frozenset[str]] = {
    "always": frozenset(
        (
            *("always-true", "never-true", "negated-optional", "no-target", "unreached-step"),
            *("after-dismissible", "after-out-of-reach", "asks-up-front", "checklist-misses"),
            *("done-before-shown", "due-before-needed", "due-too-soon", "idle-limit", "long-text"),
            *("long-tour", "missing-translation", "nags", "no-celebration", "no-due"),
            *(
                "no-guidance",
                "no-limits",
                "no-responsible",
                "no-way-out",
                "over-limits",
                "role-left-alone",
            ),
            *("same-target", "same-title", "snooze-past-end", "unused-event", "unused-segment"),
        )
    ),
    "events": frozenset(
        (
            *("often-missing", "undeclared-event", "undeclared-role", "untracked-event"),
            *("unseen-attribute", "unseen-property", "unseen-role", "unseen-value"),
            "wrong-values",
        )
    ),
    "prove": frozenset(
        (
            *("always-true", "dead-segment", "first-value-out-of-reach", "never-true"),
            *("shadowed", "undecided", "unreachable-milestone"),
        )
    ),
    "templates": frozenset(("dynamic-target",)),
}

ALWAYS: tuple[Check, ...] = ("always",)
# Other words after `guidepath:` are no attempt at this, such as a key that is commented out.
_COMMENT = re.compile(
    r"(?:^|(?<=[ \t]))#[ \t]*guidepath:[ \t]*((?:allow|ignore|silence|disable)\b.*)$"
)
_ALLOW = re.compile(
    r"allow[ \t]+(?!because\b)(?P<codes>[^#]*?)(?:[ \t]+because\b[ \t]*(?P<reason>.*))?[ \t]*$"
)
_BREAK = re.compile(r"\r\n|\r|\n")
_FORM = "`# guidepath: allow CODE because REASON`"


class Heard(NamedTuple):
    """What is left to tell, and how many findings the author has silenced."""

    found: Sequence[Diagnostic]
    silenced: int


@dataclass(frozen=True)
class _Silence:
    code: str
    place: Place
    lines: range


def heard(
    text: str, file: str, found: Sequence[Diagnostic], asked: Collection[Check] = ALWAYS
) -> Heard:
    """The findings without those that the text of their file silences.

    Args:
        text: the playbook.
        file: its name in the findings.
        found: all that was found.
        asked: what was looked for. A silence of what was not looked for may well be needed.
    """
    silences, wrong = _silences(text, file)
    used: set[_Silence] = set()
    left: list[Diagnostic] = []
    for one in found:
        by = [silence for silence in silences if _covers(silence, one)]
        used.update(by)
        if not by:
            left.append(one)
    if not any(one.severity == "error" for one in found):  # which hide what is silenced
        wrong += [_unneeded(one) for one in silences if one not in used and _looked(one, asked)]
    if not wrong:
        return Heard(left, len(found) - len(left))
    whole = sorted([*left, *wrong], key=lambda one: _order(one, file))
    return Heard(whole, len(found) - len(left))


def _order(one: Diagnostic, file: str) -> tuple[bool, int, int]:
    """As the playbook has it; what stands in other files comes after, as it came."""
    elsewhere = one.place.file != file
    return (True, 0, 0) if elsewhere else (False, one.place.line, one.place.column)


def _covers(silence: _Silence, one: Diagnostic) -> bool:
    place = one.place
    matching = one.code == silence.code and place.file == silence.place.file
    return matching and one.severity != "error" and place.line in silence.lines


def _looked(silence: _Silence, asked: Collection[Check]) -> bool:
    return all(check in asked for check, codes in CODES.items() if silence.code in codes)


def _unneeded(silence: _Silence) -> Diagnostic:
    message = f"there is no '{silence.code}' here to silence; remove it, or put it on the line of "
    message += "the finding or above it"
    return Diagnostic("warning", "unused-silence", message, silence.place)


def _silences(text: str, file: str) -> tuple[list[_Silence], list[Diagnostic]]:
    text = text.removeprefix("\ufeff")
    comments = list(_comments(text))
    if not comments:
        return [], []
    document = read(text, file)
    lines = [one.strip() for one in _BREAK.split(text)]
    entries = _Entries(document)
    silences: list[_Silence] = []
    wrong: list[Diagnostic] = []
    for start, said in comments:
        place = document.source.place(start)
        if entries.hold(start):
            continue  # it is part of a text
        asked = _ALLOW.fullmatch(said)
        if asked is None or not asked["codes"].strip():
            message = f"only findings can be silenced here, by {_FORM}"
            wrong.append(_bad(message, place))
            continue
        about = entries.lines(_about(place.line, lines))
        for code in (one.strip() for one in asked["codes"].split(",")):
            if mistake := _mistake(code, asked["reason"]):
                wrong.append(_bad(mistake, place))
            else:
                silences.append(_Silence(code, place, about))
    return silences, wrong


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Each comment that is for us: where it begins, and what it says."""
    at = 0
    for line in _BREAK.split(text):
        for one in _COMMENT.finditer(line):
            yield at + one.start(), one[1].strip()
        at += len(line)
        at += len(found[0]) if (found := _BREAK.match(text, at)) else 0


def _mistake(code: str, reason: str | None) -> str | None:
    known = frozenset[str]().union(*CODES.values())
    if code not in known:
        return f"no finding that can be silenced is called '{code}'{suggest(code, known)}"
    if not reason:
        return f"say why, so that others can judge it later: {_FORM}"
    return None


def _bad(message: str, place: Place) -> Diagnostic:
    return Diagnostic("warning", "bad-silence", message, place)


def _about(line: int, lines: Sequence[str]) -> int:
    """The line that a comment on this one is about."""
    if not lines[line - 1].startswith("#"):
        return line
    after = range(line, len(lines))
    return next((one + 1 for one in after if lines[one] and not lines[one].startswith("#")), line)


class _Entries:
    """The entries of a document: each of a list, and each key with what it holds."""

    def __init__(self, document: Document) -> None:
        self._document = document
        ends: dict[Path, int] = {}
        texts: list[tuple[int, int]] = []
        for path, spot in document.spots.items():
            end = spot.value if spot.scalar is None else spot.scalar.end
            for depth in range(1, len(path) + 1):
                one = path[:depth]
                ends[one] = max(end, ends.get(one, 0))
            if spot.scalar is not None:
                texts.append((spot.scalar.start, end))
        self._spans: dict[int, int] = {}  # from the first line of entries to the last
        for path, end in ends.items():
            spot = document.spots[path]
            first = self._line(spot.value if spot.key is None else spot.key)
            last = self._line(max(spot.value, end - 1))
            self._spans[first] = max(last, self._spans.get(first, 0))
        self._texts = sorted(texts)
        self._starts = [start for start, _ in self._texts]

    def _line(self, index: int) -> int:
        return self._document.source.place(index).line

    def hold(self, index: int) -> bool:
        """Whether this character is part of a text."""
        before = bisect_right(self._starts, index) - 1
        return before >= 0 and index < self._texts[before][1]

    def lines(self, line: int) -> range:
        """The line, with those of the entry that begins on it."""
        return range(line, max(line, self._spans.get(line, 0)) + 1)
