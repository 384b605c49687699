"""One value, in the simplest way that reads the same: plain, in quotes, or as a block."""

import json
import re
from collections.abc import Iterator

from guidepath.playbook.reading import is_ambiguous
from guidepath.rules.problem import RuleSyntaxError
from guidepath.rules.scanner import scan

_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=")
_BRACES = re.compile(r"[,\[\]{}]")
_ENDS = re.compile(r":(\s|$)|\s#|[^\S ]")  # what ends a plain text, or is no blank in one
_ESCAPED = re.compile(r"[\x00-\x1f\x7f-\xa0]")


def one_line(value: str, *, braces: bool) -> str:
    """The value on one line; within braces, they and commas would end a plain one."""
    if _plain(value) and not (braces and _BRACES.search(value)):
        return value
    if ('"' in value or "\\" in value) and not _ESCAPED.search(value):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def _plain(value: str) -> bool:
    return not (
        value == ""
        or value[0] in _FIRST
        or value != value.strip()
        or value.startswith(("...", "<<"))
        or _ENDS.search(value)
        or is_ambiguous(value)
    )


def literal(value: str) -> list[str]:
    """The lines of a text that has several, after how it ends; none where a block cannot be."""
    first = value.lstrip("\n")
    lines = value.removesuffix("\n").split("\n")
    odd = any(one and not one.strip() for one in lines) or "\r" in value
    if "\n" not in value or odd or first[:1].isspace() or not first or lines[-1] == "":
        return []
    return ["|" if value.endswith("\n") else "|-", *lines]


def folded(value: str, width: int) -> list[str]:
    """The lines of a long text that has one; none where it cannot be folded."""
    lines = [""]
    for number, word in enumerate(re.split(r"(?<=\S) (?=\S)", value)):
        if number and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if number else word
    if "\n" in value or "\r" in value or value != value.strip() or len(lines) == 1:
        return []
    return [">-", *lines]


def rule(text: str) -> list[str]:
    """A long rule with each of its outermost conditions on a line; none where it has but one."""
    joints = list(_joints(text))
    outermost = min((depth for depth, _ in joints), default=0)
    starts = [0, *(start for depth, start in joints if depth == outermost)]
    if len(starts) == 1:
        return []
    ends = [*starts[1:], len(text)]
    return ["|", *(text[start:end].strip() for start, end in zip(starts, ends, strict=True))]


def _joints(text: str) -> Iterator[tuple[int, int]]:
    """Where each `and` and `or` stands, and in how many brackets."""
    depth = 0
    try:
        for token in scan(text):
            if token.kind == "sign":
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(str(token.value), 0)
            elif token.kind == "word" and token.value in ("and", "or"):
                yield depth, token.start
    except RuleSyntaxError:
        return
