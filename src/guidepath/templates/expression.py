"""What a value in a template or a script can become: its plain letters, and the holes in it."""

import re
from collections.abc import Iterator

from guidepath.templates.anchor import Pieces

HOLE: Pieces = ("", "")  # nothing of it is known

# What template languages and scripts put into a text while they run.
_HOLE = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\{!!.*?!!\}|<%.*?%>|<\?.*?\?>|[$#@]?\{[^{}]*\}|%(?:\([^)]*\))?[sdr]",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)"""  # a text in quotes
    r"|(\?\?|\|\||&&|\?(?!\.)|:)|[^\"'`?|&:]+|.",
    re.DOTALL,
)
_TEXT = re.compile(r"""(["'`])((?:\\.|(?!\1)[^\\])*)\1""", re.DOTALL)


def pieces(value: str) -> Pieces:
    """The plain letters of a value between its holes.

    >>> pieces("nav-{{ page }}"), pieces("import")
    (('nav-', ''), ('import',))
    """
    return tuple(_HOLE.split(value))


def outcomes(expression: str) -> Iterator[Pieces]:
    """What an expression can become, if it chooses between texts; else a hole.

    >>> list(outcomes("open ? 'close' : `open-${kind}`"))
    [('close',), ('open-', '')]
    >>> list(outcomes("names[kind]"))
    [('', '')]
    """
    for branch in _branches(expression):
        text = _TEXT.fullmatch(_bare(branch))
        yield pieces(text[2]) if text else HOLE


def _branches(expression: str) -> Iterator[str]:
    """The parts between which it chooses, without the conditions."""
    part = ""
    for token in _TOKEN.finditer(expression):
        operator = token[2]
        if operator is None:
            part += token[0]
            continue
        if operator not in ("?", "&&"):  # before these stands a condition
            yield part
        part = ""
    yield part


def _bare(branch: str) -> str:
    branch = branch.strip()
    while branch.startswith("(") and branch.endswith(")"):
        branch = branch[1:-1].strip()
    return branch
