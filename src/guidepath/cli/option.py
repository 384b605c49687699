"""The options that several commands share, and how their words are read."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer

from guidepath.insight.report import By
from guidepath.playbook import duration


class Marks(NamedTuple):
    """The times of `--within`."""

    times: tuple[timedelta, ...]


def instant(text: str) -> datetime:
    """The aware datetime of ISO 8601; a date alone is its midnight, and no zone is UTC.

    Raises:
        typer.BadParameter: it is no time.

    >>> instant("2026-03-01").isoformat(), instant("2026-03-01T09:30+02:00").isoformat()
    ('2026-03-01T00:00:00+00:00', '2026-03-01T07:30:00+00:00')
    """
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        today = date(2026, 3, 1).isoformat()
        raise typer.BadParameter(
            f"{text[:40]!a} is no time; write ISO 8601, such as {today} or {today}T09:00:00Z"
        ) from None


def span(text: str) -> timedelta:
    """The length of time.

    Raises:
        typer.BadParameter: it is none.

    >>> span("7d")
    datetime.timedelta(days=7)
    """
    try:
        return duration.read(text.strip())
    except ValueError as problem:
        raise typer.BadParameter(f"{text[:40]!a}: {problem}") from None


def marks(text: str) -> Marks:
    """The lengths of time between commas, each once.

    >>> marks("7d,30d").times
    (datetime.timedelta(days=7), datetime.timedelta(days=30))
    """
    return Marks(tuple(dict.fromkeys(span(one) for one in text.split(","))))


Playbook = Annotated[str, typer.Argument(metavar="PLAYBOOK", help="The playbook's YAML file.")]
Store = Annotated[
    str, typer.Option("--store", metavar="URL", help="Where progress lives: sqlite:///guidepath.db")
]
SomeStore = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="A store, such as sqlite:///guidepath.db"),
]
SomeLog = Annotated[
    str | None,
    typer.Option(
        "--events", metavar="FILE", help="A log of Segment messages, in place of a store."
    ),
]
User = Annotated[str | None, typer.Option("--user", metavar="ID", help="The user.")]
Account = Annotated[
    str | None,
    typer.Option("--account", metavar="ID", help="Her account; without, she is her own."),
]
Until = Annotated[
    datetime | None,
    typer.Option(
        "--until",
        metavar="TIME",
        parser=instant,
        help="What was known by then; default: the newest time in the data.",
        show_default=False,
    ),
]
Within = Annotated[
    Marks | None,
    typer.Option(
        "--within",
        metavar="7d,30d,90d",
        parser=marks,
        help="The marks of “reached within”.",
        show_default=False,
    ),
]
Horizon = Annotated[
    timedelta | None,
    typer.Option(
        "--horizon",
        metavar="90d",
        parser=span,
        help="Waits count this long at most in the mean.",
        show_default=False,
    ),
]
Groups = Annotated[
    By | None,
    typer.Option("--by", help="Numbers of each group, too; cohort is the month of the start."),
]
TextOrJson = Annotated[
    Literal["text", "json"], typer.Option("--format", help="For people, or for programs.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no summary on stderr.")]

Written = Literal["text", "json", "html"]

Form = Annotated[
    Written,
    typer.Option("--format", help="For people, for programs, or a page with the curves."),
]

Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="A file in place of stdout.")
]
