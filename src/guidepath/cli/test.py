"""`guidepath test`: made-up users live through the playbook, and must get what they must get."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from guidepath.cli import option, output
from guidepath.cli.annotation import annotation
from guidepath.cli.golden import Golden
from guidepath.cli.junit import junit
from guidepath.cli.listing import listing
from guidepath.cli.mistake import Mistake
from guidepath.cli.verdict import numbers, verdict
from guidepath.cli.watch import bars
from guidepath.clock import now_by, utc_now
from guidepath.errors import ConfigurationError, PlaybookError
from guidepath.insight.wording import count
from guidepath.playbook.loading import contents
from guidepath.playbook.personas import FILE, Personas
from guidepath.playbook.personas_writing import text
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.schema import modeline
from guidepath.rehearsal import Outcome, rehearse, starter

EXAMPLE = "Example: `guidepath test guidepath.yaml personas.yaml --junit report.xml`"
_HEAD = f"""\
{modeline(FILE)}
# Made-up users, and what the playbook gives each of them now. Make them your own: give them names,
# leave out what does not matter, and write down what they must get, and must never get.

"""
_Told = Mapping[str, Sequence[Outcome]]  # by persona


def command(
    playbook: option.Playbook,
    personas: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PERSONAS]",
            help="Their YAML file; default: personas.yaml beside the playbook.",
            show_default=False,
        ),
    ] = None,
    *,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", "-k", metavar="WORD", help="Only expectations or personas with it in them."
        ),
    ] = None,
    golden: Annotated[
        Path | None,
        typer.Option(
            "--golden",
            metavar="FILE.json|DIR",
            help="Decisions that were kept: compare each with what she gets.",
        ),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Show what differs from --golden, and keep it.")
    ] = False,
    init: Annotated[
        bool,
        typer.Option(
            "--init",
            help="Write a first file, with its schema: for each item somebody who gets it.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --init: replace the file that is there.")
    ] = False,
    format: Annotated[  # noqa: A002 - the option's standard name
        Literal["text", "json", "junit", "github"],
        typer.Option("--format", help="For people, programs, build servers or pull requests."),
    ] = "text",
    report: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write JUnit XML into a file, too."),
    ] = None,
    quiet: option.Quiet = False,
) -> None:
    """Let made-up users live through the playbook, and see that they get what they must get.

    Exits with 1 where one of them does not, with 0 where all do.
    """
    file = personas or Path(playbook).with_name("personas.yaml")
    loaded = Playbook.load(playbook)
    if init:
        _init(loaded, file, force=force, quiet=quiet)
        return
    if accept and golden is None:
        raise ConfigurationError("--accept keeps decisions; say with --golden where")
    output.promised(report)
    kept = None if golden is None else Golden(golden)
    people, every = _rehearsed(loaded, file, carets=format == "text", quiet=quiet)
    outcomes = _only(every, only)
    if kept is not None:
        compared = kept.compared(outcomes, whole=only is None)
        if accept:
            kept.accept(outcomes, whole=only is None)
            _accepted(compared)
        else:
            outcomes += compared
    told = _by_persona(outcomes)
    about = {one.id: one.about for one in people.personas if one.about is not None}
    _print(told, about, format, loaded.name)
    if report is not None:
        output.document(report, junit(loaded.name, told, now_by(utc_now)))
    if not all(one.passed for one in outcomes):
        raise typer.Exit(1)


def _rehearsed(
    playbook: Playbook, file: Path, *, carets: bool, quiet: bool
) -> tuple[Personas, list[Outcome]]:
    """The personas and what became of them; the mistakes in their file end the command."""
    try:
        people = Personas.load(file)
        with bars(quiet=quiet) as watched:
            return people, rehearse(playbook, people, progress=watched.bar("rehearsing"))
    except PlaybookError as wrong:
        if carets and wrong.diagnostics[0].code != "unreadable":
            listing(wrong.diagnostics, contents(file), str(file))
        else:
            for one in wrong.diagnostics:
                output.note(str(one))
        raise typer.Exit(1) from None


def _only(outcomes: list[Outcome], word: str | None) -> list[Outcome]:
    if word is None:
        return outcomes
    found = [one for one in outcomes if word.lower() in f"{one.persona} {one.sentence}".lower()]
    if not found:
        there = f"{outcomes[0].persona} {outcomes[0].sentence}"
        raise Mistake(f"nothing is called {word!a} here; there is for example {there!a}")
    return found


def _by_persona(outcomes: Sequence[Outcome]) -> _Told:
    told: dict[str, list[Outcome]] = {}
    for one in outcomes:
        told.setdefault(one.persona, []).append(one)
    return told


def _accepted(compared: Sequence[Outcome]) -> None:
    """Say on stderr what is kept from now on that was another before."""
    new = [one for one in compared if not one.passed]
    for one in new:
        for line in str(one).splitlines():
            output.note(output.plain(line))
    output.note(f"{count(len(new), 'decision')} accepted, {len(compared) - len(new):,} as before")


def _print(told: _Told, about: Mapping[str, str], format: str, name: str) -> None:  # noqa: A002
    match format:
        case "text":
            verdict(told, about)
        case "json":
            output.json(_json(told))
        case "junit":
            output.utf8(junit(name, told, now_by(utc_now)))
        case "github":
            for one in (one for some in told.values() for one in some if not one.passed):
                output.text(annotation("error", one.place, f"persona {one.persona}", str(one)))
            output.note(numbers(told))


def _json(told: _Told) -> dict[str, object]:
    outcomes = [one for some in told.values() for one in some]
    passed = sum(one.passed for one in outcomes)
    return {
        "passed": passed,
        "failed": len(outcomes) - passed,
        "outcomes": [
            {
                "persona": one.persona,
                "expectation": one.sentence,
                "passed": one.passed,
                "got": one.got,
                "why": one.why,
                "file": one.place.file if one.place else None,
                "line": one.place.line if one.place else None,
                "column": one.place.column if one.place else None,
            }
            for one in outcomes
        ],
    }


def _init(playbook: Playbook, file: Path, *, force: bool, quiet: bool) -> None:
    """Write a first file.

    Raises:
        Mistake: there is one already.
        ConfigurationError: the extra that makes users up is not installed.
    """
    if file.exists() and not force:
        raise Mistake(f"{file} is there already; --force replaces it")
    output.promised(file)
    from guidepath.proofs import witnesses

    with bars(quiet=quiet) as watched:
        watched.bar("making users up")(0, None)
        people = witnesses(playbook)
        if not people:
            raise Mistake("the playbook shows nothing to anybody, so there is nobody to make up")
        found = starter(playbook, people, progress=watched.bar("asking them"))
    output.document(file, _HEAD + text(found).rstrip("\n"))
    output.document(file.with_name(FILE), output.formatted(Personas.schema()))
    output.note(f"wrote {file}: {count(len(found.personas), 'persona')}; make them your own")
