"""Markdown to harmless HTML: a short list of tags, and links that `link.kind` lets through.

Two walls. markdown-it builds no HTML of its own accord (`html` is off) and makes no link that may
not be followed; nh3 then drops whatever is not on the list.
"""

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from guidepath.content import link

_TAGS = frozenset(
    "a blockquote br code em h1 h2 h3 h4 h5 h6 hr li ol p pre strong ul".split()  # noqa: SIM905 - reads as a list
)
_ATTRIBUTES = {"a": {"href", "title", "rel"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_SPACE = re.compile(r"\s+")


def render(markdown: str, *, images: bool = False) -> str:
    """The Markdown (CommonMark) as HTML that can do nothing; pictures only where asked for.

    >>> print(render("A **CSV** is [enough](/contacts)."), end="")
    <p>A <strong>CSV</strong> is <a href="/contacts">enough</a>.</p>
    >>> print(render("[x](javascript:alert(1)) <b>"), end="")
    <p>[x](javascript:alert(1)) &lt;b&gt;</p>
    """
    parser = MarkdownIt("commonmark", {"html": False})
    if not images:
        parser.disable("image")
    parser.validateLink = lambda url: link.kind(url) is not None  # type: ignore[method-assign]  # markdown-it's own way to say which links exist
    tokens = parser.parse(markdown)
    _mark_external(tokens)
    return nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=set(_TAGS | {"img"}) if images else set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed,
        url_schemes={"https", "mailto"},
        link_rel=None,
    )


def escape(text: str) -> str:
    r"""The text so that Markdown shows it as it was typed, on one line and without blanks around.

    >>> escape("**Ada** [x](y)")
    '\\*\\*Ada\\*\\* \\[x\\]\\(y\\)'
    """
    return _PUNCTUATION.sub(r"\\\g<0>", _SPACE.sub(" ", text.strip()))


def _mark_external(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.type == "link_open" and link.kind(str(token.attrGet("href"))) == "https":
            token.attrSet("rel", "noopener noreferrer nofollow")
        _mark_external(token.children or ())


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("a", "href"):
        return value if link.kind(value) else None
    if (tag, attribute) == ("img", "src"):
        return value if link.kind(value) in ("https", "path") else None
    return value
