"""YAML to plain values, each with its place: the part of YAML that everybody reads alike.

Built from the event stream, so that nothing is ever expanded or constructed. Anchors, aliases,
tags, merge keys and a second document are refused; so are plain words that one program reads as a
text and another as something else (`no`, `1:30`, `017`, `~`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from guidepath.errors import Diagnostic, Place, Related
from guidepath.playbook.finding import Path
from guidepath.playbook.scalar import Scalar
from guidepath.playbook.source import Source

LARGEST = 2_000_000
DEEPEST = 32
_MOST = 50  # mistakes of form, after which reading on helps nobody

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_AMBIGUOUS = re.compile(
    r"y|n|yes|no|on|off|true|false|null|~|=|[-+]?\.(inf|nan)"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"  # 1:30, base sixty to some
    r"|[-+]?0[xob]?[0-9a-f_]+|[-+]?(\.[0-9]|[0-9])[0-9_]*\.?[0-9_]*(e[-+]?[0-9]+)?",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)
_DIFFERENTLY = "is a text to some programs and something else to others"
_MENDS = {
    "mapping values are not allowed": "; a text with ': ' in it goes in quotes",
    "did not find expected alphabetic": "; a text that begins with * or & goes in quotes",
    "did not find expected key": "; check the indentation, and that quotes hold the whole text",
    "cannot start any token": "; a text that begins with this character goes in quotes",
    "could not find expected ':'": "; a key is followed by ': '",
    "found unexpected end of stream": "; a quote or bracket is not closed",
}


class _Stop(Exception):
    """What follows cannot be read."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands, its key, and how it is written if it is a scalar."""

    value: int
    key: int | None = None
    scalar: Scalar | None = None


@dataclass
class Document:
    """What a text holds: plain values, the place of each, and what is wrong with its form.

    `broken` are the paths of values that are not what they should be because of that; `stopped`
    tells that the text could not be read to its end.
    """

    source: Source
    value: Any = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)
    stopped: bool = False
    spots: dict[Path, Spot] = field(default_factory=dict)

    def place(self, path: Path, *, key: bool = False, offset: int | None = None) -> Place:
        """Where a value stands, its key, or a character of its text; else what is around it."""
        while path and path not in self.spots:
            path, offset = path[:-1], None
        spot = self.spots.get(path, Spot(0))
        index = spot.value
        if key and spot.key is not None:
            index = spot.key
        elif offset is not None and spot.scalar is not None:
            index = spot.scalar.index(offset, self.source.text)
        return self.source.place(index)


def read(text: str, file: str) -> Document:
    """The values of a YAML text, with everything that is wrong with its form."""
    text = text.removeprefix("\ufeff")  # some editors begin every file with it
    document = Document(Source(text, file))
    reader = _Reader(document)
    try:
        reader.whole()
    except _Stop:
        document.stopped = True
    return document


def decode(content: bytes, file: str) -> str | Diagnostic:
    """The text of a file, or what is wrong with it: playbooks are UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        place = Source(before, file).place(len(before))
        message = "this is not UTF-8; save the file with the encoding UTF-8"
        return Diagnostic("error", "encoding", message, place)


def is_bare(word: str) -> bool:
    """Whether a word without quotes is a number, a truth or nothing: no text."""
    return word in _WORDS or any(one.fullmatch(word) for one in (_INTEGER, _DECIMAL))


def is_ambiguous(word: str) -> bool:
    """Whether a word without quotes is something else than a text to some programs."""
    return is_bare(word) or _AMBIGUOUS.fullmatch(word) is not None


class _Reader:
    """One pass over one text."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text = document.source.text

    def whole(self) -> None:
        self._check_characters()
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self._document_of(yaml.parse(self._text, Loader=loader))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            if mark is None or (mark.index >= len(self._text) and error.context_mark is not None):
                mark = error.context_mark  # where what is not closed begins
            self._stop("yaml-syntax", self._complaint(error, mark), mark.index if mark else 0)

    def _check_characters(self) -> None:
        if len(self._text) > LARGEST:
            self._stop("too-large", "a playbook is at most 2 MB", 0)
        if found := _INVISIBLE.search(self._text):
            name = f"U+{ord(found[0]):04X}"
            self._stop("bad-character", f"remove the invisible character {name}", found.start())

    def _complaint(self, error: Any, mark: Any) -> str:
        if mark is not None and self._text[mark.index : mark.index + 1] == "\t":
            return "a tab cannot indent; use spaces"
        problem = str(error.problem)
        mend = next((mend for part, mend in _MENDS.items() if part in problem), "")
        context = f" {error.context}" if error.context else ""
        return f"this is not YAML: {problem}{context}{mend}"

    def _document_of(self, events: Iterator[Any]) -> None:
        for event in events:
            match type(event).__name__:
                case "StreamStartEvent" | "DocumentStartEvent" | "DocumentEndEvent":
                    continue
                case "StreamEndEvent":
                    break
            self._document.value = self._node(event, events, ())
            break
        for event in events:
            if type(event).__name__ == "DocumentStartEvent":
                message = "a second document begins here; a playbook is one"
                self._stop("yaml-form", message, event.start_mark.index)

    def _node(self, event: Any, events: Iterator[Any], path: Path, key: int | None = None) -> Any:
        start = event.start_mark.index
        self._document.spots[path] = Spot(start, key)
        if len(path) > DEEPEST:
            self._stop("too-deep", f"this is nested deeper than {DEEPEST}", start)
        self._refuse(event, path)
        match type(event).__name__:
            case "ScalarEvent":
                scalar = Scalar(event.value, start, event.end_mark.index, event.style or None)
                self._document.spots[path] = Spot(start, key, scalar)
                return self._scalar(scalar, path)
            case "SequenceStartEvent":
                return list(self._items(events, path))
            case "MappingStartEvent":
                return self._entries(events, path)
            case _:
                return None

    def _refuse(self, event: Any, path: Path) -> None:
        start = event.start_mark.index
        if type(event).__name__ == "AliasEvent":
            self._mistake("yaml-form", "aliases (*) are not possible; write it out", start, path)
        elif event.anchor is not None:
            self._mistake("yaml-form", "anchors (&) are not possible; leave it out", start, path)
        elif event.tag is not None:
            self._mistake("yaml-form", "tags (!) are not possible; leave it out", start, path)

    def _items(self, events: Iterator[Any], path: Path) -> Iterator[Any]:
        for index, event in enumerate(events):
            if type(event).__name__ == "SequenceEndEvent":
                return
            yield self._node(event, events, (*path, index))

    def _entries(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            start = event.start_mark.index
            key = self._key(event, events, path)
            inner = (*path, f"?{start}" if key is None else key)
            if key is not None and key in found:
                self._duplicate(key, inner, start)
                inner = (*path, f"?{start}")
            value = self._node(next(events), events, inner, start)
            if inner[-1] == key:
                found[key] = value
        return found

    def _key(self, event: Any, events: Iterator[Any], path: Path) -> str | None:
        start = event.start_mark.index
        if type(event).__name__ != "ScalarEvent":
            self._node(event, events, (*path, f"?{start}"))
            message = "a key is a word; a text that begins with { or [ goes in quotes"
            self._mistake("yaml-form", message, start, (*path, f"?{start}"))
            return None
        self._refuse(event, path)
        word = str(event.value)
        if not event.style and word == "<<":
            self._mistake("yaml-form", "merge keys (<<) are not possible; write it out", start)
            return None
        if not event.style and (word in _WORDS or _AMBIGUOUS.fullmatch(word)):
            message = f"the key '{_shown(word)}' {_DIFFERENTLY}; write it in quotes"
            self._mistake("ambiguous", message, start)
        return word

    def _duplicate(self, key: str, path: Path, start: int) -> None:
        first = Related(self._document.place(path, key=True), "the first one is here")
        message = f"the key '{_shown(key)}' stands here a second time; keep one"
        self._mistake("duplicate-key", message, start, related=(first,))

    def _scalar(self, scalar: Scalar, path: Path) -> str | int | float | bool | None:
        value = scalar.value
        if found := _INVISIBLE.search(value):
            message = f"remove the invisible character U+{ord(found[0]):04X}"
            index = scalar.index(found.start(), self._text)
            self._mistake("bad-character", message, index, path)
        if scalar.style is not None:
            return value
        if value in _WORDS:
            return _WORDS[value]
        if _INTEGER.fullmatch(value) or _DECIMAL.fullmatch(value):
            if len(value) <= 20:
                return float(value) if "." in value else int(value)
            self._mistake("bad-number", "this number is too long", scalar.start, path)
        elif _AMBIGUOUS.fullmatch(value):
            message = f"'{_shown(value)}' {_DIFFERENTLY}; {_mend(value)}"
            self._mistake("ambiguous", message, scalar.start, path)
        return value

    def _mistake(
        self,
        code: str,
        message: str,
        index: int,
        path: Path | None = None,
        *,
        related: tuple[Related, ...] = (),
    ) -> None:
        place = self._document.source.place(index)
        self._document.diagnostics.append(Diagnostic("error", code, message, place, related))
        if path is not None:
            self._document.broken.add(path)
        if len(self._document.diagnostics) >= _MOST:
            raise _Stop

    def _stop(self, code: str, message: str, index: int) -> None:
        self._mistake(code, message, index)
        raise _Stop


def _shown(word: str) -> str:
    return word if len(word) <= 40 else word[:40] + "…"


def _mend(word: str) -> str:
    lower = word.lower()
    if lower in ("yes", "on", "y", "true"):
        return "write it in quotes, or true"
    if lower in ("no", "off", "n", "false"):
        return "write it in quotes, or false"
    if lower in ("~", "null"):
        return "write it in quotes, or null"
    return "write it in quotes, or as a plain number such as 12 or 0.5"
