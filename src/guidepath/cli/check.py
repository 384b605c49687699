"""`guidepath check`: every mistake of a playbook, with its place."""

from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from guidepath.cli import option, output
from guidepath.cli.listing import listing
from guidepath.errors import Diagnostic, Place, PlaybookError
from guidepath.playbook.loading import contents
from guidepath.playbook.playbook import Playbook

EXAMPLE = "Example: `guidepath check guidepath.yaml`"


def check(
    playbook: option.Playbook,
    *,
    format: Annotated[  # noqa: A002 - the option's standard name
        Literal["text", "json", "github"],
        typer.Option("--format", help="For people, for programs, or as notes on a pull request."),
    ] = "text",
) -> None:
    """Tell every mistake in a playbook, with file, line and column.

    Exits with 1 where there are errors, with 0 where there are warnings only.
    """
    text, found = _diagnosed(playbook)
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


def _diagnosed(playbook: str) -> tuple[str, Sequence[Diagnostic]]:
    try:
        text = contents(playbook)
    except PlaybookError as unreadable:
        return "", unreadable.diagnostics
    return text, Playbook.diagnose(text, playbook)[1]


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
    return f"::{one.severity} {where},title={_property(one.code)}::{_escaped(one.message)}"


def _property(words: str) -> str:
    return _escaped(words).replace(":", "%3A").replace(",", "%2C")


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
