"""`guidepath report`: the time to value of a store, or of a log."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from guidepath.cli import option, output, source
from guidepath.insight.report import Report
from guidepath.insight.text import text

EXAMPLE = (
    "Example: `guidepath report guidepath.yaml --store sqlite:///guidepath.db --by role "
    "--format html --out report.html`"
)


def report(
    playbook: option.Playbook,
    *,
    store: option.SomeStore = None,
    events: option.SomeLog = None,
    until: option.Until = None,
    within: option.Within = None,
    horizon: option.Horizon = None,
    by: option.Groups = None,
    format: Annotated[  # noqa: A002 - the option's standard name
        Literal["text", "json", "html"],
        typer.Option("--format", help="For people, for programs, or a page with the curves."),
    ] = "text",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A file in place of stdout.")
    ] = None,
    quiet: option.Quiet = False,
) -> None:
    """Print how many reach each milestone, and how soon."""
    output.promised(out)
    with source.guide(playbook, store=store, events=events, quiet=quiet) as guide:
        times = None if within is None else within.times
        found = guide.report(until=until, within=times, horizon=horizon, by=by)
        name = guide.playbook.name
    match format:
        case "text":
            output.document(out, text(found) + "\n")
        case "json":
            output.document(out, output.formatted(found.to_json()) + "\n")
        case "html":
            output.document(out, _page(found, name))


def _page(report: Report, name: str) -> str:
    from guidepath.insight.page import page  # needs the extra `insight`

    return page(report, title=f"{name}: time to value")
