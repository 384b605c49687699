"""`guidepath migrate`: brings a store's tables to the version that this guidepath needs."""

from contextlib import closing
from typing import Annotated

import typer

from guidepath.adapters.stores.migration import Migrator, pending, script
from guidepath.cli import option, output
from guidepath.cli.mistake import FAILED, Mistake
from guidepath.registry import migrator

EXAMPLE = (
    "Example: `guidepath migrate --store sqlite:///guidepath.db`, or, where you run the SQL "
    "yourself, `guidepath migrate --store postgresql://db/app --sql --from 1 > guidepath.sql`"
)


def migrate(
    *,
    store: option.Store,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; exit with 1 where there is something to do."),
    ] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="Change nothing; print the SQL that would be run.")
    ] = False,
    since: Annotated[
        int | None,
        typer.Option(
            "--from",
            metavar="VERSION",
            min=0,
            help="With --sql: the version the tables have (0: none); then nothing is connected to.",
        ),
    ] = None,
) -> None:
    """Bring a store's tables to the version that this guidepath needs.

    Run it once for each upgrade, before the new code starts. The code of the version before runs on
    the new tables, too. Started twice, or again after it was killed, it does what is left to do.
    """
    if check and sql:
        raise typer.BadParameter("--check and --sql both change nothing; give one of them")
    if since is not None and not sql:
        raise typer.BadParameter("--from goes with --sql")
    with closing(migrator(store)) as there:
        if sql:
            _printed(there, since)
        elif check:
            _checked(there)
        else:
            _migrated(there)


def _printed(there: Migrator, since: int | None) -> None:
    newest = there.steps[-1].version
    if since is None:
        since = there.version()
    elif since > newest:
        raise Mistake(f"there is no version {since}; the newest is {newest}")
    steps = pending(there.steps, since)
    if not steps:
        output.note(_nothing(since, newest))
    for line in script(steps):
        output.text(line)


def _checked(there: Migrator) -> None:
    version, newest = there.version(), there.steps[-1].version
    steps = pending(there.steps, version)
    if not steps:
        output.text(_nothing(version, newest))
        return
    for step in steps:
        output.text(f"to do: version {step.version}, {step.title}")
    raise typer.Exit(FAILED)


def _migrated(there: Migrator) -> None:
    done = there.migrate()
    for step in done:
        output.text(f"done: version {step.version}, {step.title}")
    if not done:
        output.text(_nothing(there.version(), there.steps[-1].version))


def _nothing(version: int, newest: int) -> str:
    if version > newest:
        return f"nothing to do: the tables are of version {version}, newer than this guidepath"
    return f"nothing to do: the tables are of version {version}, the newest"
