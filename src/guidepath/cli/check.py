"""`guidepath check`: every mistake of a playbook, with its place."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from guidepath.cli import option, output
from guidepath.cli.annotation import annotation
from guidepath.cli.compare import compared
from guidepath.cli.listing import listing
from guidepath.cli.mistake import Mistake
from guidepath.cli.proven import proven
from guidepath.cli.watch import bars
from guidepath.errors import Diagnostic, Place, PlaybookError
from guidepath.insight.wording import count
from guidepath.playbook.lint.advice import advice, in_order
from guidepath.playbook.loading import contents
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.silence import Check, heard
from guidepath.templates import folder
from guidepath.templates.check import check as selectors

EXAMPLE = (
    "Example: `guidepath check guidepath.yaml --templates templates --templates frontend/src "
    "--events events.jsonl.gz`"
)


class Looking(NamedTuple):
    """What else is looked for and into."""

    files: Sequence[Path]
    events: str | None
    prove: bool
    time_limit: timedelta | None


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
    events: Annotated[
        str | None,
        typer.Option(
            "--events",
            metavar="FILE",
            help="A log of Segment messages, gzip too: does it have what the playbook asks for?",
        ),
    ] = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove",
            help="Prove what can never be shown, reached or true, and what always comes second.",
        ),
    ] = False,
    time_limit: Annotated[
        timedelta | None,
        typer.Option(
            "--time-limit",
            metavar="DURATION",
            parser=option.span,
            help="How long the proof of one rule or item may take. Default: 10s.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's standard name
        Literal["text", "json", "github"],
        typer.Option("--format", help="For people, for programs, or as notes on a pull request."),
    ] = "text",
    quiet: option.Quiet = False,
) -> None:
    """Tell every mistake in a playbook, with file, line and column, and what it could do better.

    A warning or remark is silenced by `# guidepath: allow CODE because REASON` on its line.

    Exits with 1 where there are errors, with 0 where there are warnings and remarks only.
    """
    looking = Looking(_files(templates), events, prove, time_limit)
    text, told, asked = _diagnosed(playbook, looking, quiet=quiet)
    found, silenced = heard(text, playbook, told, asked)
    match format:
        case "text":
            listing(found, text, playbook, silenced)
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
    playbook: str, looking: Looking, *, quiet: bool
) -> tuple[str, Sequence[Diagnostic], Sequence[Check]]:
    """The text of the playbook, all that was found, and what was looked for."""
    try:
        text = contents(playbook)
    except PlaybookError as unreadable:
        return "", unreadable.diagnostics, ()
    declared, diagnostics = Playbook.diagnose(text, playbook)
    if declared is None:
        return text, diagnostics, ()
    asked: list[Check] = ["always"]
    found = in_order(diagnostics, advice(declared, text, playbook))
    if looking.prove:
        asked.append("prove")
        told = {(one.code, one.place) for one in found}
        proofs = proven(declared, text, playbook, looking.time_limit, quiet=quiet)
        found = in_order(found, (one for one in proofs if (one.code, one.place) not in told))
    if looking.events is not None:
        asked.append("events")
        found = in_order(found, compared(declared, text, playbook, looking.events, quiet=quiet))
    if looking.files:
        asked.append("templates")
        found += _targets(declared, text, playbook, looking.files, quiet=quiet)
    return text, found, asked


def _targets(
    declared: Playbook, text: str, playbook: str, files: Sequence[Path], *, quiet: bool
) -> list[Diagnostic]:
    with bars(quiet=quiet) as watched:
        reading = watched.bar("reading templates")
        found = selectors(declared, text, playbook, files, reading)
    if not quiet:
        output.note(f"{count(len(files), 'file')} read")
    return found


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
    kind = "notice" if one.severity == "info" else one.severity
    return annotation(kind, one.place, one.code, one.message)
