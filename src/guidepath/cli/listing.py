"""Mistakes for people: each with its line of the playbook, and a caret under the place."""

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from guidepath.cli import output
from guidepath.errors import Diagnostic, Severity
from guidepath.insight.wording import count

_BREAK = re.compile(r"\r\n|\r|\n")
_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold cyan"}
_AROUND = 80  # characters of a long line that are shown before the place, and after it


def listing(found: Sequence[Diagnostic], text: str, file: str, silenced: int = 0) -> None:
    """Print them on stdout, how many there are and were silenced; in colour on a terminal.

    Those that stand in `file` come with their line of its `text`.
    """
    lines = _BREAK.split(text.removeprefix("\ufeff"))  # lines and columns as they were counted
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for one in found:
        console.print(_headline(one))
        if one.place.file == file:
            for line in _source(one, lines):
                console.print(line)
        for other in one.related:
            console.print(Text(f"  {other.place}: {other.message}"))
    hidden = [f"{silenced:,} silenced"] if silenced else []
    if not found:
        console.print(Text(", ".join((f"{file}: no mistakes", *hidden))))
        return
    numbers = [_number(found, "error"), _number(found, "warning")]
    if any(one.severity == "info" for one in found):
        numbers.append(count(sum(one.severity == "info" for one in found), "remark"))
    console.print(Text(", ".join((*numbers, *hidden))))


def _number(found: Sequence[Diagnostic], severity: Severity) -> str:
    return count(sum(one.severity == severity for one in found), severity)


def _headline(one: Diagnostic) -> Text:
    return Text.assemble(
        (f"{one.place}: ", "bold"),
        (f"{one.severity}: ", _STYLES[one.severity]),
        output.plain(one.message),
        (f" [{one.code}]", "dim"),
    )


def _source(one: Diagnostic, lines: Sequence[str]) -> list[Text]:
    """The line of the place, cut around it where it is long, and the caret."""
    place = one.place
    if not 1 <= place.line <= len(lines) or not lines[place.line - 1].strip():
        return []
    line = lines[place.line - 1].replace("\t", " ")
    at = place.column - 1
    before = ("…" if at > _AROUND else "") + output.plain(line[max(0, at - _AROUND) : at])
    after = output.plain(line[at : at + _AROUND]) + ("…" if len(line) > at + _AROUND else "")
    margin = f"{place.line:>6} | "
    caret = " " * cell_len(margin + before) + "^"
    return [Text.assemble((margin, "dim"), before + after), Text(caret, _STYLES[one.severity])]
