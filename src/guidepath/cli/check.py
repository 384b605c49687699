"""`guidepath check`: every mistake of a playbook, with its place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from guidepath.cli import option, output
from guidepath.cli.listing import listing
from guidepath.cli.mistake import Mistake
from guidepath.cli.watch import bars
from guidepath.errors import Diagnostic, Place, PlaybookError
from guidepath.insight.wording import count
from guidepath.playbook.loading import contents
from guidepath.playbook.playbook import Playbook
from guidepath.templates import folder
from guidepath.templates.check import check as selectors

EXAMPLE = "Example: `guidepath check guidepath.yaml --templates templates --templates frontend/src`"


def check(
    playbook: option.Playbook,
    *,
    templates: Annotated[
        list[Path] | None,
        typer.Option(
            "--templates",
            metavar="DIR",
            exists=True,
            help="Your templates and sources: are the targets in them? May be repeated.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's standard name
        Literal["text", "json", "github"],
        typer.Option("--format", help="For people, for programs, or as notes on a pull request."),
    ] = "text",
    quiet: option.Quiet = False,
) -> None:
    """Tell every mistake in a playbook, with file, line and column.

    Exits with 1 where there are errors, with 0 where there are warnings and remarks only.
    """
    files = _files(templates)
    text, found = _diagnosed(playbook, files, quiet=quiet)
    match format:
        case "text":
            listing(found, text, playbook)
        case "json":
            output.json([_json(one) for one in found])
        case "github":
            for one in found:
                output.text(_annotation(one))
    if any(one.severity == "error" for one in found):
        raise typer.Exit(1)


def _files(folders: Sequence[Path] | None) -> list[Path]:
    """The files of the folders.

    Raises:
        Mistake: there is none, so that nothing could be told from them.
    """
    found = folder.files(folders or ())
    if folders and not found:
        named = ", ".join(str(one) for one in folders)
        raise Mistake(f"{named}: no template or source file is there; name their folder")
    return found


def _diagnosed(
    playbook: str, files: Sequence[Path], *, quiet: bool
) -> tuple[str, Sequence[Diagnostic]]:
    try:
        text = contents(playbook)
    except PlaybookError as unreadable:
        return "", unreadable.diagnostics
    declared, found = Playbook.diagnose(text, playbook)
    if declared is None or not files:
        return text, found
    with bars(quiet=quiet) as watched:
        reading = watched.bar("reading templates")
        asked = selectors(declared, text, playbook, files, reading)
    if not quiet:
        output.note(f"{count(len(files), 'file')} read")
    return text, (*found, *asked)


def _json(one: Diagnostic) -> dict[str, object]:
    return {
        "severity": one.severity,
        "code": one.code,
        "message": one.message,
        **_place(one.place),
        "related": [{**_place(other.place), "message": other.message} for other in one.related],
    }


def _place(place: Place) -> dict[str, object]:
    return {"file": place.file, "line": place.line, "column": place.column}


def _annotation(one: Diagnostic) -> str:
    place = one.place
    where = f"file={_property(place.file)},line={place.line},col={place.column}"
    kind = "notice" if one.severity == "info" else one.severity
    return f"::{kind} {where},title={_property(one.code)}::{_escaped(one.message)}"


def _property(words: str) -> str:
    return _escaped(words).replace(":", "%3A").replace(",", "%2C")


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
