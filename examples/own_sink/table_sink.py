"""A sink of one's own: envelopes as rows of a table, each once, whatever is sent again."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

import msgspec

from guidepath import DeliveryError
from guidepath.event import Envelope

TABLE = "CREATE TABLE IF NOT EXISTS said (id TEXT PRIMARY KEY, type TEXT, envelope TEXT)"
INSERT = "INSERT INTO said VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


class TableSink:
    """`table:FILE`."""

    def __init__(self, file: str) -> None:
        self.name = f"table:{file}"
        self.carries: frozenset[str] = frozenset()  # nothing that is declared `pii: true`
        self._file = file

    @classmethod
    def from_url(cls, url: str) -> "TableSink":
        """What guidepath calls for `sinks=["table:said.db"]`."""
        return cls(url.partition(":")[2])

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """All of them in one transaction; the relay comes again where it fails."""
        rows = [(one.id, one.type, msgspec.json.encode(one).decode()) for one in envelopes]
        try:
            with closing(sqlite3.connect(self._file)) as database, database:
                database.execute(TABLE)
                database.executemany(INSERT, rows)
        except sqlite3.Error as problem:
            raise DeliveryError(f"the table is away: {problem}") from problem

    def close(self) -> None:
        """Nothing stays open."""
