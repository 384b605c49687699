"""Which commands there are. A foreseen mistake anywhere below ends as lines and an exit code."""

import io
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from guidepath.cli import (
    backfill,
    check,
    compact,
    demo,
    diff,
    erase,
    explain,
    export,
    fmt,
    init,
    migrate,
    relay,
    replay,
    report,
    schema,
    serve,
    test,
)
from guidepath.cli.mistake import told


class Commands(TyperGroup):
    """All commands; none of them ends in a traceback for what a user got wrong."""

    def invoke(self, ctx: Any) -> object:
        """Run the command that was asked for."""
        with told():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=check.EXAMPLE,
)


@app.callback()
def guidepath(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=lambda asked: _version(asked=asked)),
    ] = False,
) -> None:
    """Guide the users of your product to value, and measure how long it takes."""
    del version  # it was answered before


for _name, _command, _example in (
    ("init", init.init, init.EXAMPLE),
    ("check", check.check, check.EXAMPLE),
    ("test", test.command, test.EXAMPLE),
    ("fmt", fmt.fmt, fmt.EXAMPLE),
    ("schema", schema.schema, schema.EXAMPLE),
    ("replay", replay.replay, replay.EXAMPLE),
    ("explain", explain.explain, explain.EXAMPLE),
    ("report", report.report, report.EXAMPLE),
    ("diff", diff.diff, diff.EXAMPLE),
    ("serve", serve.serve, serve.EXAMPLE),
    ("relay", relay.relay, relay.EXAMPLE),
    ("migrate", migrate.migrate, migrate.EXAMPLE),
    ("backfill", backfill.backfill, backfill.EXAMPLE),
    ("compact", compact.compact, compact.EXAMPLE),
    ("export", export.export, export.EXAMPLE),
    ("erase", erase.erase, erase.EXAMPLE),
    ("demo", demo.demo, demo.EXAMPLE),
):
    app.command(_name, epilog=_example)(_command)


def run() -> None:
    """Run the command line of this process, and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a narrow terminal is no reason to fail
    app(prog_name="guidepath")


def _version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"guidepath {version('guidepath')}")
        raise typer.Exit
