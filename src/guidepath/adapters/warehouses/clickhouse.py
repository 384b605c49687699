"""ClickHouse inside this process, by chdb."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from chdb.session import Session

from guidepath.adapters.warehouses.warehouse import Warehouse, quoted, typed_names
from guidepath.playbook.playbook import Playbook
from guidepath.rules.sql import Table


class ClickHouseWarehouse(Warehouse):
    """A ClickHouse database in a folder, or a temporary one. A process has one at a time.

    Args:
        database: a folder, a session that is open already, or nothing: a folder that is removed.
    """

    dialect = "clickhouse"

    def __init__(self, database: str | Path | Session | None = None) -> None:
        self._own = not isinstance(database, Session)
        opened: Any = Session  # it has no types
        self.session: Any = database if isinstance(database, Session) else opened(_folder(database))

    def close(self) -> None:
        """Close the session, where this object opened it."""
        if self._own:
            self.session.close()

    def _make(self, table: str, wanted: Table) -> None:
        columns = ", ".join(typed_names(wanted, self.dialect))
        name = quoted(table, self.dialect)
        self.session.query(f"DROP TABLE IF EXISTS {name}")
        self.session.query(f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY at")

    def _fill(self, table: str, wanted: Table, file: Path) -> None:
        structure = ", ".join(typed_names(wanted, self.dialect)).replace("'", "\\'")
        self.session.query(
            f"INSERT INTO {quoted(table, self.dialect)} "  # noqa: S608
            f"SELECT * FROM file('{file}', 'JSONEachRow', '{structure}')"
        )

    def _reached(self, playbook: Playbook, table: str, until: int) -> Iterable[Sequence[Any]]:
        return self._rows(self.sql(playbook, table, until=until))

    def _newest(self, table: str) -> int | None:
        name = quoted(table, self.dialect)
        (rows, newest) = self._rows(f"SELECT COUNT(*), MAX(at) FROM {name}")[0]  # noqa: S608
        return newest if rows else None

    def _rows(self, query: str) -> list[list[Any]]:
        answer = self.session.query(query, "JSONCompactEachRow")
        return [msgspec.json.decode(line) for line in answer.bytes().splitlines()]


def _folder(database: str | Path | None) -> str | None:
    return None if database is None else str(database)
