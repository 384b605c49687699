"""`guidepath report`: the time to value of a store, or of a log."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from guidepath.cli import option, output, source
from guidepath.insight.report import Report
from guidepath.insight.text import text

Form = Literal["text", "json", "html"]

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
        Form,
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
    words = _written(found, format, name)
    if out is not None:
        output.document(out, words)
    elif format == "text":
        output.text(words)
    else:
        output.utf8(words)


def _written(report: Report, form: Form, name: str) -> str:
    match form:
        case "text":
            return text(report)
        case "json":
            return output.formatted(report.to_json())
        case "html":
            from guidepath.insight.page import page  # needs the extra `insight`

            return page(report, title=f"{name}: time to value").rstrip()
