"""`guidepath report`: the time to value of a store, or of a log."""

from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

import typer

from guidepath.cli import option, output, source
from guidepath.cli.engines import Engine, Where
from guidepath.cli.warehouse import told
from guidepath.clock import moment
from guidepath.engine import Guidepath
from guidepath.errors import ConfigurationError
from guidepath.insight.report import By, Report
from guidepath.insight.report import report as measured
from guidepath.insight.text import text
from guidepath.playbook.playbook import Playbook

EXAMPLE = (
    "Example: `guidepath report guidepath.yaml --store sqlite:///guidepath.db --by role "
    "--format html --out report.html`\n\n"
    "By SQL: `guidepath report guidepath.yaml --events events.jsonl.gz --engine duckdb --by cohort`"
)

_NO_LOG = (
    "--engine reads a log: give --events FILE, and no --store, which keeps what was reached under "
    "earlier rules, too"
)


class _Question(NamedTuple):
    """What is asked of everybody."""

    until: datetime | None
    within: tuple[timedelta, ...] | None
    horizon: timedelta | None
    by: By | None

    def of(self, guide: Guidepath) -> Report:
        """The answer of a guide."""
        return guide.report(until=self.until, within=self.within, horizon=self.horizon, by=self.by)


def report(
    playbook: option.Playbook,
    *,
    store: option.SomeStore = None,
    events: option.SomeLog = None,
    engine: Annotated[
        Engine | None,
        typer.Option("--engine", help="With --events: reach the milestones by SQL, in there."),
    ] = None,
    warehouse: Annotated[
        str | None,
        typer.Option(
            "--warehouse",
            metavar="URL",
            help="With --engine postgres: postgresql://user@host/database; nothing stays there.",
        ),
    ] = None,
    until: option.Until = None,
    within: option.Within = None,
    horizon: option.Horizon = None,
    by: option.Groups = None,
    format: option.Form = "text",  # noqa: A002 - the option's standard name
    out: option.Out = None,
    quiet: option.Quiet = False,
) -> None:
    """Print how many reach each milestone, and how soon.

    With --engine, the rules become one SQL query over the log, which is loaded into DuckDB, Spark
    or ClickHouse in this process, or into a temporary table of PostgreSQL. The numbers are the
    same; what SQL cannot say exactly is refused.
    """
    output.promised(out)
    question = _Question(until, None if within is None else within.times, horizon, by)
    if engine is not None:
        if store is not None or events is None:
            raise ConfigurationError(_NO_LOG)
        where = Where(engine, warehouse)
        found, name = _by_sql(playbook, events, where, question, quiet=quiet)
    elif warehouse is not None:
        raise ConfigurationError("--warehouse goes with --engine postgres")
    else:
        with source.guide(playbook, store=store, events=events, quiet=quiet) as guide:
            found, name = question.of(guide), guide.playbook.name
    words = _written(found, format, name)
    output.answer(words, out, people=format == "text")


def _by_sql(
    file: str, events: str, where: Where, question: _Question, *, quiet: bool
) -> tuple[Report, str]:
    """The report of a log whose milestones are reached by SQL, and the playbook's name."""
    playbook = Playbook.load(file)
    known = told(playbook, file, events, where, question.until, quiet=quiet)
    with Guidepath(playbook) as nobody:  # whose report has all that is asked of everybody
        asked = question._replace(until=moment(known.until)).of(nobody)
    found = measured(
        known.standings,
        [one.milestone for one in asked.outcomes],
        until=known.until,
        messages=known.messages,
        within=asked.within,
        horizon=asked.horizon,
        by=asked.by,
        targets=asked.targets,
    )
    return found, playbook.name


def _written(report: Report, form: option.Written, name: str) -> str:
    match form:
        case "text":
            return text(report)
        case "json":
            return output.formatted(report.to_json())
        case "html":
            from guidepath.insight.page import page  # needs the extra `insight`

            return page(report, title=f"{name}: time to value").rstrip()
