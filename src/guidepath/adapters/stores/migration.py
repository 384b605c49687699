"""Versions of a store's tables: steps that only add, so that old code runs on what is newer."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from guidepath.errors import ConfigurationError, SchemaError
from guidepath.registry import migrator


class Step(NamedTuple):
    """What brings the tables from the version before to this one.

    Each statement stands alone, without a semicolon. Together they also write the new version down,
    so that whoever runs them by other means needs to do nothing more.
    """

    version: int
    title: str
    statements: Sequence[str]


class Migrator(Protocol):
    """What `guidepath migrate` needs of a store; its class gives one by `migrator(url)`.

    It connects when it is asked for the version, not before: `steps` needs no database.
    """

    steps: Sequence[Step]

    def version(self) -> int:
        """The version of the tables that are there; 0 where there are none."""
        ...

    def migrate(self) -> list[Step]:
        """Bring the tables to the newest version; what was done.

        Only one process does it at a time. Each step commits whole, with its version: killed at any
        point, it goes on where it was.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def statements(url: str, *, since: int, to: int | None = None) -> list[str]:
    """What brings a store's tables from one version to another, for a migration tool to run.

    Nothing is connected to. Run them in one transaction.

    Args:
        url: of the store; only what names its tables matters.
        since: the version the tables have; 0 where there are none.
        to: the version they get; default: the newest. Give it in a revision that is kept, so that
            the revision means the same for ever.

    Raises:
        ConfigurationError: no store has this scheme, it has no tables, or no such versions.

    >>> statements("sqlite:///guidepath.db", since=3, to=3)
    []
    """
    steps: Sequence[Step] = migrator(url).steps
    newest = steps[-1].version
    last = newest if to is None else to
    if not 0 <= since <= last <= newest:
        raise ConfigurationError(
            f"there is no way from version {since} to {last}; versions are 0 (no tables) "
            f"to {newest}"
        )
    return [
        statement
        for step in pending(steps, since)
        if step.version <= last
        for statement in step.statements
    ]


def script(steps: Sequence[Step]) -> Iterator[str]:
    """The lines of an SQL script that takes these steps, each in a transaction of its own."""
    for step in steps:
        yield f"-- version {step.version}: {step.title}"
        yield "BEGIN;"
        yield from (f"{statement};" for statement in step.statements)
        yield "COMMIT;"


def pending(steps: Sequence[Step], version: int) -> list[Step]:
    """The steps that are still to be done."""
    return [step for step in steps if step.version > version]


def refuse_older(where: str, version: int, steps: Sequence[Step]) -> None:
    """See that nobody works on tables that lack what this code needs; newer ones are well.

    Raises:
        SchemaError: they are older.
    """
    newest = steps[-1].version
    if version < newest:
        raise SchemaError(
            f"the tables of {where} are of version {version}, this guidepath needs {newest}; "
            "run `guidepath migrate --store URL` first"
        )
