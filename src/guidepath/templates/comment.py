"""A file's text without its comments: what is commented out is on no page."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_SUFFIXES = ".cjs .cs .cts .dart .ex .exs .go .java .js .kt .mjs .mts .py .rb .rs .scala .ts"
SCRIPTS = frozenset(_SUFFIXES.split())


class _Comment(NamedTuple):
    opening: re.Pattern[str]
    closing: re.Pattern[str]


def _comment(opening: str, closing: str) -> _Comment:
    return _Comment(re.compile(opening, re.MULTILINE), re.compile(closing, re.MULTILINE))


_HTML = _comment("<!--", "-->")
_ERB = _comment("<%--", "--%>")
_HANDLEBARS = _comment(r"\{\{!--", r"--\}\}")
_DJANGO = _comment(r"\{%-?\s*comment\b", r"\{%-?\s*endcomment\s*-?%\}")
_JINJA = _comment(r"\{#(?<!\{\{#)", r"#\}")
_STARS = _comment(r"/\*(?<![\w\"'`/*.:-]/\*)", r"\*/")  # not the /* of a pattern of paths
_SLASHES = _comment(r"(?:^[ \t]*|(?<=[;,{})>])[ \t]+)//", "$")  # not those of an address
_HASHES = _comment(r"^[ \t]*#", "$")


def without(text: str, suffix: str) -> str:
    """The text with blanks in place of comments: every character keeps its place.

    >>> without("a <!-- b --> c", ".html")
    'a            c'
    """
    for one in _comments(suffix):
        text = _without(text, one)
    return text


def _comments(suffix: str) -> Iterator[_Comment]:
    yield from (_HTML, _ERB, _HANDLEBARS, _DJANGO, _JINJA, _STARS)
    if suffix in (".py", ".rb", ".ex", ".exs"):
        yield _HASHES
    elif suffix in SCRIPTS or suffix in (".jsx", ".tsx", ".vue", ".svelte", ".astro"):
        yield _SLASHES


def _without(text: str, comment: _Comment) -> str:
    parts: list[str] = []
    at = 0
    while opening := comment.opening.search(text, at):
        closing = comment.closing.search(text, opening.end())
        if closing is None:
            break  # what is not closed is no comment
        parts += (text[at : opening.start()], _blank(text[opening.start() : closing.end()]))
        at = closing.end()
    return "".join((*parts, text[at:])) if parts else text


def _blank(comment: str) -> str:
    return "\n".join(" " * len(line) for line in comment.split("\n"))
