"""A file's text to the attributes that it gives to elements, whatever language it is in."""

import html
import re
from collections.abc import Iterator
from pathlib import PurePath

from guidepath.errors import Place
from guidepath.templates.anchor import Anchor, Anchors, Pieces
from guidepath.templates.comment import SCRIPTS, without
from guidepath.templates.expression import HOLE, outcomes, pieces, values
from guidepath.templates.look import Look

_RUBY = {".rb", ".erb", ".haml", ".slim"}
_SHORT = {".haml", ".slim", ".pug", ".jade"}  # there `a.button#import` tells class and id

# A text in quotes. What a template puts into it may hold quotes of its own.
_HOLES = r"\{\{.{0,999}?\}\}|\{%.{0,999}?%\}|<%.{0,999}?%>|<\?.{0,999}?\?>|[$#]\{[^{}]{0,999}\}"
_TEXTS = {
    quote: re.compile(rf"{quote}((?>{_HOLES}|\\.|[^{quote}\\]){{0,1999}}+){quote}", re.DOTALL)
    for quote in "\"'`"
} | {"\\": re.compile(r"""\\["']((?:(?!\\["']).){0,1999}?)\\["']""", re.DOTALL)}
_PREFIX = re.compile(r"(?:[fFrRbBuU]{1,2}(?=[\"']))?")  # of a text in Python
_WORD = re.compile(r"[^\s\"'`=<>{}()\[\];,]+")
_BRACES = re.compile(r"\"(?:\\.|[^\"\\])*+\"|'(?:\\.|[^'\\])*+'|`(?:\\.|[^`\\])*+`|[{}]", re.DOTALL)
_LONGEST = 2_000  # characters of an expression
_GOES_ON = re.compile(r"\s*(?:\+|%(?![>}])|\.\w)")  # the text is only the beginning of the value
_OR_ELSE = re.compile(r"\s+if\s[^\n]{1,200}?\selse\s+(?=[\"'])")  # as Python says it
_TERNARY = re.compile(r"[^;\n,?]{1,200}\?(?![.?])[^;\n,?:]{1,200}:[^;\n,?:]{1,200}")
_DATA = re.compile(r"(?:\bdata:|:data\s*=>)\s*\{[^{}]*\Z")  # in Ruby
_DATASET = re.compile(r"\bdataset[:,]\s*\{[^{}]*\Z")  # in scripts
_SHORTHAND = re.compile(r"^[ \t]*%?[\w-]*((?:[.#][\w-]+)+)", re.MULTILINE)
_NAME = re.compile(r"([.#])([\w-]+)")


def gather(anchors: Anchors, look: Look, text: str, file: str) -> None:
    """Add to `anchors` what one file has."""
    suffix = PurePath(file).suffix.lower()
    text = without(text, suffix)
    for name, value, index in _attributes(look, text, suffix):
        for one in _words(value) if name == "class" else (value,):
            plain = tuple(html.unescape(each) for each in one)
            if Anchor(name, plain) not in anchors:
                anchors.add(Anchor(name, plain), _place(text, index, file))
    if look.word is not None:
        for found in look.word.finditer(text):
            if found["word"] not in anchors.said:
                anchors.said[found["word"]] = _place(text, found.start("word"), file)
    if look.key is not None:
        anchors.given.update(found["word"] for found in look.key.finditer(text))


def _attributes(look: Look, text: str, suffix: str) -> Iterator[tuple[str, Pieces, int]]:
    nested = _DATA if suffix in _RUBY else _DATASET
    for found in look.head.finditer(text):
        name = _name(look, found, nested)
        if name is not None:
            for value in _values(found, name, script=suffix in SCRIPTS):
                yield name, value, found.start()
    if suffix in _SHORT:
        for line in _SHORTHAND.finditer(text):
            for one in _NAME.finditer(line[1]):
                name = "class" if one[1] == "." else "id"
                if name in look.names:
                    yield name, (one[2],), line.start(1) + one.start()


def _name(look: Look, found: re.Match[str], nested: re.Pattern[str]) -> str | None:
    """The attribute that is meant; None where the word is part of another, or of a selector."""
    text, start = found.string, found.start()
    before = text[start - 1 : start]
    if before.isalnum() or (before and before in "_-$#"):
        return None
    if before == "[" and not found["closing"]:
        return None
    if found["name"] in look.spelled:
        return look.spelled[found["name"]]
    inside = nested.search(text, max(0, start - 300), start)
    return look.nested[found["name"]] if inside else None


def _values(found: re.Match[str], name: str, *, script: bool) -> Iterator[Pieces]:
    """What the attribute is given here, if it is given anything."""
    text, start, end = found.string, found.start(), found.end()
    relation, closing = found["relation"], found["closing"]
    if relation is None:
        if not script and not closing and text[start - 1 : start].isspace():
            yield ("",)  # an attribute without a value
        return
    end = _PREFIX.match(text, end).end()  # type: ignore[union-attr]  # nothing fits, too
    opening = text[end : end + 1]
    if relation == "," and not closing:
        return
    if opening in _TEXTS:
        if quoted := _TEXTS[opening].match(text, end):
            yield from _text(found, quoted)
    elif relation == "=>":
        return
    elif relation == "=" and opening == "{":
        yield from outcomes(_braced(text, end))
    elif relation == "=" and not found["blank"] and not script and "dataset" not in found["name"]:
        if word := _WORD.match(text, end):
            yield pieces(word[0])
    elif script and (chosen := _TERNARY.match(text, end)):
        yield from outcomes(chosen[0].rstrip(" \t)}]"))
    elif name.startswith("data-"):
        yield HOLE


def _text(found: re.Match[str], quoted: re.Match[str]) -> Iterator[Pieces]:
    text, start, relation = found.string, found.start(), found["relation"]
    bound = text[start - 1 : start] == ":" or found["closing"] == "]"  # in Vue, in Angular
    if relation == "=" and bound:
        yield from outcomes(quoted[1])
    elif _GOES_ON.match(text, quoted.end()):
        yield (*pieces(quoted[1]), "")
    else:
        yield from values(quoted[1])
        other = _OR_ELSE.match(text, quoted.end())
        if other and (last := _TEXTS[text[other.end()]].match(text, other.end())):
            yield pieces(last[1])


def _braced(text: str, start: int) -> str:
    """What stands between this brace and its own closing one."""
    depth = 0
    for found in _BRACES.finditer(text, start, start + _LONGEST):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return text[start + 1 : found.start()]
    return text[start + 1 : start + _LONGEST]


def _words(value: Pieces) -> Iterator[Pieces]:
    """The classes of a value, each with the holes in it."""
    for word in "\0".join(value).split():
        yield tuple(word.split("\0"))


def _place(text: str, index: int, file: str) -> Place:
    return Place(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
