"""Versions of a store's tables: steps that only add, so that old code runs on what is newer."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from guidepath.errors import SchemaError


class Step(NamedTuple):
    """What brings the tables from the version before to this one."""

    version: int
    title: str
    statements: Sequence[str]


class Migrator(Protocol):
    """What `guidepath migrate` needs of a store; its class gives one by `migrator(url)`."""

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
