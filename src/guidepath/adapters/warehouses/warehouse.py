"""What all warehouses share: load events, ask when milestones were reached.

A warehouse has the events in a table of the columns that `columns` names; `load` makes one from
guidepath's events. Whoever has a table of her own makes a view with these columns over it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Self

from sqlglot import exp

from guidepath.adapters.warehouses.loading import write
from guidepath.event import Event
from guidepath.playbook.playbook import Playbook
from guidepath.rules.sql import Column, MilestoneRule, Table, compile_sql, table_for, written
from guidepath.rules.sql.table import FIXED, NEEDED

EVENTS = "events"


class Reached(NamedTuple):
    """A milestone that was reached; `user` is None for an account's, `at` is microseconds."""

    account: str
    user: str | None
    milestone: str
    at: int


class Warehouse(ABC):
    """One engine that holds tables of events. Each way of it tells the same."""

    dialect: str  # as sqlglot calls it

    def load(self, playbook: Playbook, events: Iterable[Event], table: str = EVENTS) -> int:
        """Make the table anew from events in the order in which they arrived; how many they were.

        Raises:
            EventConflict: an id is repeated with other content.
            SqlError: a value cannot be held exactly; the sentence names the event.
        """
        wanted = table_of(playbook)
        with TemporaryDirectory(prefix="guidepath-") as folder:
            file = Path(folder, "events.jsonl")
            written = write(playbook, wanted, events, file)
            self._make(table, wanted)
            self._fill(table, wanted, file)
        return written

    def reached(
        self, playbook: Playbook, table: str = EVENTS, until: int | None = None
    ) -> list[Reached]:
        """What every subject had reached by `until`, else by its newest event, and when.

        By account, then user (accounts first), then time, then milestone.

        Raises:
            SqlError: a rule says what SQL cannot say exactly; the sentence names it.
        """
        newest = self._newest(table) if until is None else until
        if newest is None:
            return []
        found = [Reached(*one) for one in self._reached(playbook, table, newest)]
        return sorted(found, key=lambda one: (one.account, one.user or "", one.at, one.milestone))

    def sql(self, playbook: Playbook, table: str = EVENTS, *, until: int) -> str:
        """The query as text, in the words of this engine."""
        asked = compile_sql(
            milestones_of(playbook),
            table_of(playbook),
            events=table,
            until=until,
            dialect=self.dialect,
        )
        return written(asked, self.dialect)

    @abstractmethod
    def close(self) -> None:
        """Let go of what this object opened."""

    @abstractmethod
    def _make(self, table: str, wanted: Table) -> None:
        """Make the empty table, in place of one that is there."""

    @abstractmethod
    def _fill(self, table: str, wanted: Table, file: Path) -> None:
        """Put the JSON lines of a file into the table."""

    @abstractmethod
    def _reached(self, playbook: Playbook, table: str, until: int) -> Iterable[Sequence[Any]]:
        """The rows of the query."""

    @abstractmethod
    def _newest(self, table: str) -> int | None:
        """The time of the newest event."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def table_of(playbook: Playbook) -> Table:
    """What the milestones of a playbook read of the events."""
    return table_for(playbook.milestone_rules.values(), playbook.vocabulary)


def milestones_of(playbook: Playbook) -> list[MilestoneRule]:
    """The milestones with their rules, in playbook order."""
    rules = playbook.milestone_rules
    return [MilestoneRule(one.id, one.scope, rules[one.id]) for one in playbook.milestones]


def columns(playbook: Playbook) -> tuple[Column, ...]:
    """The columns that the table needs beside the fixed ones, each with what it holds."""
    return table_of(playbook).columns


def declared(wanted: Table) -> list[tuple[str, str, bool]]:
    """The name and type of each column, and whether it is never NULL."""
    fixed = [(name, kind, name in NEEDED) for name, kind in FIXED.items()]
    return [*fixed, *((one.name, one.type, False) for one in wanted.columns)]


def typed_names(wanted: Table, dialect: str) -> list[str]:
    """Each column as a CREATE TABLE of the dialect has it."""
    return [
        f"{quoted(name, dialect)} {exp.DataType.build(kind, nullable=not needed).sql(dialect)}"
        for name, kind, needed in declared(wanted)
    ]


def quoted(name: str, dialect: str) -> str:
    """A name as the dialect quotes it."""
    return exp.Identifier(this=name, quoted=True).sql(dialect)
