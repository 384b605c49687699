"""`guidepath replay`: a real event log through the engine, then the report."""

from pathlib import Path
from typing import Annotated

import typer

from guidepath.cli import option, outcome, output
from guidepath.cli.source import take_in
from guidepath.deck import Deck
from guidepath.engine import Guidepath
from guidepath.insight.report import Report
from guidepath.insight.text import text
from guidepath.playbook.playbook import Playbook

EXAMPLE = (
    "Example: `guidepath replay guidepath.yaml events.jsonl.gz --store sqlite:///guidepath.db "
    "--milestones reached.jsonl`"
)


def replay(
    playbook: option.Playbook,
    events: Annotated[
        str,
        typer.Argument(
            metavar="EVENTS", help="Segment messages, one JSON object a line; gzip too; - is stdin."
        ),
    ],
    *,
    store: Annotated[
        str, typer.Option("--store", metavar="URL", help="Where it is kept; memory: forgets it.")
    ] = "memory:",
    until: option.Until = None,
    within: option.Within = None,
    horizon: option.Horizon = None,
    by: option.Groups = None,
    milestones: Annotated[
        Path | None,
        typer.Option("--milestones", metavar="OUT", help="Who reached what and when, as lines."),
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option("--decisions", metavar="OUT", help="Each user's decision at the end."),
    ] = None,
    format: option.TextOrJson = "text",  # noqa: A002 - the option's standard name
    quiet: option.Quiet = False,
) -> None:
    """Run an event log through the engine and print the time to value.

    Repeating it into the same store changes nothing; after an interruption it goes on. Lines that
    are no Segment message are counted on stderr and left out.
    """
    output.promised(milestones)
    output.promised(decisions)
    with Guidepath(Playbook.load(playbook), store) as guide:
        take_in(guide, events, quiet=quiet)
        times = None if within is None else within.times
        found = guide.report(until=until, within=times, horizon=horizon, by=by)
        _write(guide, found, milestones, decisions)
    if format == "json":
        output.json(found.to_json())
    else:
        output.text(text(found))


def _write(
    guide: Guidepath, report: Report, milestones: Path | None, decisions: Path | None
) -> None:
    deck = Deck(guide.playbook)
    if milestones is not None:
        output.lines(milestones, outcome.milestones(deck, guide.store, report.until))
    if decisions is not None:
        output.lines(decisions, outcome.decisions(deck, guide.store, report.until))
