"""`guidepath fmt`: playbooks in their canonical form."""

import difflib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from guidepath.cli import option, output
from guidepath.errors import Diagnostic, PlaybookError
from guidepath.insight.wording import count
from guidepath.playbook.canonical.form import canonical
from guidepath.playbook.loading import contents
from guidepath.playbook.reading import decode

EXAMPLE = "Example: `guidepath fmt guidepath.yaml`, or `guidepath fmt --check *.yaml` in CI"
_STDIN = "<stdin>"


def fmt(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…", help="Playbooks.", show_default=False)
    ] = None,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; name the files that would change, exit 1."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change.")
    ] = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read one playbook from stdin, print it on stdout.")
    ] = False,
    quiet: option.Quiet = False,
) -> None:
    """Write playbooks in their one canonical form, comments kept.

    What a playbook says never changes. A file with mistakes is left alone, and they are told.
    Exits with 1 where a file has mistakes, and with --check where one would change.
    """
    if stdin is bool(files):
        raise typer.BadParameter("name files, or ask for --stdin")
    done = [_formed(one) for one in files or [_STDIN]]
    wrong = [one for one in done if one.mistakes]
    changed = [one for one in done if not one.mistakes and one.form != one.text]
    for one in wrong:
        for mistake in one.mistakes:
            output.note(str(mistake))
    if diff:
        for one in changed:
            output.utf8("\n".join(_difference(one)))
    if check:
        for one in changed if not diff else ():
            output.text(one.file)
    elif not diff:
        _written(changed, done, stdin=stdin)
    if not quiet and not stdin:
        output.note(_summary(len(changed), len(done), len(wrong), kept=check or diff))
    if wrong or (check and changed):
        raise typer.Exit(1)


class _Formed:
    """A file, its text, and its form or its mistakes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.text = self.form = ""
        self.mistakes: Sequence[Diagnostic] = ()


def _formed(file: str) -> _Formed:
    found = _Formed(file)
    try:
        found.text = _read() if file == _STDIN else contents(file)
        found.form = canonical(found.text, file)
    except PlaybookError as problem:
        found.mistakes = problem.diagnostics
    return found


def _read() -> str:
    text = decode(sys.stdin.buffer.read(), _STDIN)
    if isinstance(text, Diagnostic):
        raise PlaybookError([text])
    return text


def _written(changed: Sequence[_Formed], done: Sequence[_Formed], *, stdin: bool) -> None:
    if stdin:
        for one in done:
            if not one.mistakes:
                output.utf8(one.form.removesuffix("\n"))
        return
    for one in changed:
        output.document(Path(one.file), one.form.removesuffix("\n"))


def _difference(one: _Formed) -> Iterator[str]:
    before, after = one.text.splitlines(), one.form.splitlines()
    return difflib.unified_diff(before, after, one.file, one.file, lineterm="")


def _summary(changed: int, total: int, wrong: int, *, kept: bool) -> str:
    told = [f"{count(changed, 'file')} {'would change' if kept else 'changed'}"]
    told.append(f"{total - changed - wrong} in form already")
    if wrong:
        told.append(f"{wrong} left alone, with mistakes")
    return ", ".join(told)
