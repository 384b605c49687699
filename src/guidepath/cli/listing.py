"""Mistakes for people: each with its line of the playbook, and a caret under the place."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from guidepath.cli import output
from guidepath.errors import Diagnostic, Severity
from guidepath.insight.wording import count

_STYLES = {"error": "bold red", "warning": "bold yellow"}
_BEFORE = 60  # characters of a long line that are shown before the place, and after it


def listing(found: Sequence[Diagnostic], lines: Sequence[str], file: str) -> None:
    """Print them on stdout, and how many there are; in colour on a terminal."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for one in found:
        console.print(_headline(one))
        for line in _source(one, lines):
            console.print(line)
        for other in one.related:
            console.print(Text(f"  {other.place}: {other.message}"))
    if not found:
        console.print(Text(f"{file}: no mistakes"))
        return
    console.print(Text(f"{_number(found, 'error')}, {_number(found, 'warning')}"))


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
    """The line with the place, cut around it where it is long, and the caret."""
    place = one.place
    if not 1 <= place.line <= len(lines) or not lines[place.line - 1].strip():
        return []
    line = lines[place.line - 1].replace("\t", " ")
    start = max(0, place.column - 1 - _BEFORE)
    before = output.plain(line[start : place.column - 1])
    after = output.plain(line[place.column - 1 : place.column - 1 + _BEFORE])
    margin = f"{place.line:>6} | "
    caret = " " * (cell_len(margin + before)) + "^"
    return [Text.assemble((margin, "dim"), before + after), Text(caret, _STYLES[one.severity])]
