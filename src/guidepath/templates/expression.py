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
# What may choose between texts: the tags of templates, and Blade's words.
_TAG = re.compile(
    r"(\{%.*?%\}|<%.*?%>|<\?.*?\?>|\{\{.*?\}\}|@(?:if|elseif|unless)\s*\([^()]*\)|@(?:else|end\w+))",
    re.DOTALL,
)
_MARKS = " \t\r\n{}%<>?@$#!=~+-;:"
_IF = re.compile(r"(?:if|unless)\b")
_ELSE = re.compile(r"else|(?:else|elif|elsif|elseif)\b")
_END = re.compile(r"|end|endif|endunless|/if|/unless")
_MOST = 64  # ways in which a value can come out; of more, nothing is known
_PYTHON = re.compile(r"(.+?)\sif\s.+?\selse\s(.+)", re.DOTALL)
_HELPER = re.compile(r"(?:if|unless)\s+\S+\s+(\S+)(?:\s+(\S+))?")  # of Handlebars
_DEFAULT = re.compile(r"""\|\s*default(?:_if_none)?\s*[:(]\s*((["'])[^"'\\]*\2)\s*\)?""")
_TEXT = re.compile(r"""(["'`])((?:\\.|(?!\1)[^\\])*)\1""", re.DOTALL)


def pieces(value: str) -> Pieces:
    """The plain letters of a value between its holes.

    >>> pieces("nav-{{ page }}"), pieces("import")
    (('nav-', ''), ('import',))
    """
    return tuple(_HOLE.split(value))


def values(text: str) -> Iterator[Pieces]:
    """What the text of an attribute can become, where a template may choose between texts.

    >>> list(values("{% if old %}nav{% else %}nav-{{ page }}{% endif %}"))
    [('nav',), ('nav-', '')]
    >>> list(values("{{ 'open' if closed else 'close' }}"))
    [('open',), ('close',)]
    """
    ways = dict.fromkeys(_ways(text))
    for one in ways:
        if one.strip() or len(ways) == 1:
            found = pieces(one)
            yield from _chosen(_bare_tag(one)) if found == HOLE else (found,)


def _ways(text: str) -> list[str]:
    """The text once for each way through its conditions; as it is where these do not fit."""
    so_far = [""]
    around: list[tuple[list[str], list[str], bool]] = []  # before a condition; its ways; all told?
    for number, part in enumerate(_TAG.split(text)):
        tag = _bare_tag(part) if number % 2 else None
        if tag is not None and _IF.match(tag):
            around.append((so_far, [], False))
            so_far = [""]
        elif tag is not None and around and _ELSE.match(tag):
            before, told, _ = around.pop()
            around.append((before, told + so_far, _ELSE.fullmatch(tag) is not None))
            so_far = [""]
        elif tag is not None and around and _END.fullmatch(tag):
            before, told, whole = around.pop()
            ends = told + so_far + ([] if whole else [""])
            so_far = [one + end for one in before for end in ends]
        else:
            so_far = [one + part for one in so_far]
        if len(so_far) > _MOST:
            return ["{}"]
    return [text] if around else so_far


def _bare_tag(tag: str) -> str:
    """What stands between the marks of a template language."""
    bare = tag.strip(_MARKS)
    return re.sub(r"^(?:php\b\s*)?(?:echo\b\s*)?", "", bare).strip(_MARKS)


def _chosen(expression: str) -> Iterator[Pieces]:
    """What a template puts into a value that holds nothing else."""
    if found := _PYTHON.fullmatch(expression):
        yield from outcomes(found[1])
        yield from _chosen(found[2])
    elif found := _HELPER.fullmatch(expression):
        for one in found.groups():
            yield from outcomes(one) if one else ()
    elif found := _DEFAULT.search(expression):
        yield HOLE
        yield from outcomes(found[1])
    elif "?" in expression or "||" in expression or _TEXT.fullmatch(expression):
        yield from outcomes(expression)
    else:
        yield HOLE


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
