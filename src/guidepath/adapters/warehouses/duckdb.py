"""DuckDB: the warehouse that needs no server, in memory or in one file."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from guidepath.adapters.warehouses.warehouse import Warehouse, declared, quoted, typed_names
from guidepath.playbook.playbook import Playbook
from guidepath.rules.sql import Table

_COMPARING = frozenset({"common_subplan", "cte_filter_pusher"})


class DuckDbWarehouse(Warehouse):
    """A DuckDB database.

    Args:
        database: a file, a connection that is open already, or nothing: in memory.
    """

    dialect = "duckdb"

    def __init__(self, database: str | Path | duckdb.DuckDBPyConnection = ":memory:") -> None:
        self._own = isinstance(database, str | Path)
        self.connection = (
            duckdb.connect(str(database)) if isinstance(database, str | Path) else database
        )

    def close(self) -> None:
        """Close the connection, where this object opened it."""
        if self._own:
            self.connection.close()

    def _make(self, table: str, wanted: Table) -> None:
        columns = ", ".join(typed_names(wanted, self.dialect))
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {quoted(table, self.dialect)} ({columns})"
        )

    def _fill(self, table: str, wanted: Table, file: Path) -> None:
        if not file.stat().st_size:
            return
        columns = ", ".join(
            f"{quoted(name, self.dialect)}: '{exp.DataType.build(kind).sql(self.dialect)}'"
            for name, kind, _ in declared(wanted)
        )
        self.connection.execute(
            f"INSERT INTO {quoted(table, self.dialect)} SELECT * FROM read_json("  # noqa: S608
            f"$1, format = 'newline_delimited', columns = {{{columns}}})",
            [str(file)],
        )

    def _reached(self, playbook: Playbook, table: str, until: int) -> Iterable[Sequence[Any]]:
        with self.planning():
            return self.connection.execute(self.sql(playbook, table, until=until)).fetchall()

    @contextmanager
    def planning(self) -> Iterator[None]:
        """Without the optimizers that compare all parts of a plan: of a large deck, for minutes."""
        known = {one for (one,) in self.connection.execute("FROM duckdb_optimizers()").fetchall()}
        asked = self.connection.execute("SELECT current_setting('disabled_optimizers')").fetchone()
        before = asked[0] if asked else ""
        self._disable(",".join(filter(None, (before, *sorted(known & _COMPARING)))))
        try:
            yield
        finally:
            self._disable(before)

    def _disable(self, optimizers: str) -> None:
        self.connection.execute(f"SET disabled_optimizers = '{optimizers}'")

    def _newest(self, table: str) -> int | None:
        asked = f'SELECT MAX("at") FROM {quoted(table, self.dialect)}'  # noqa: S608 - it is quoted
        found = self.connection.execute(asked).fetchone()
        return None if found is None else found[0]
