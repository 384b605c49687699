"""PostgreSQL: the events lie beside the product's own tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier

from guidepath.adapters.warehouses.warehouse import Warehouse, declared, typed_names
from guidepath.playbook.playbook import Playbook
from guidepath.rules.sql import SqlError, Table

# compiling a plan costs more than it saves here; and without statistics of what stands in a query,
# the planner takes loops within loops for cheap
_SETTINGS = "SET LOCAL jit = off; SET LOCAL enable_nestloop = off"


class PostgresWarehouse(Warehouse):
    """A PostgreSQL database.

    Args:
        database: its URL, or a psycopg connection that is open already.
    """

    dialect = "postgres"

    def __init__(self, database: str | psycopg.Connection[Any]) -> None:
        self._own = isinstance(database, str)
        self.connection = psycopg.connect(database) if isinstance(database, str) else database

    def close(self) -> None:
        """Close the connection, where this object opened it."""
        if self._own:
            self.connection.close()

    def _make(self, table: str, wanted: Table) -> None:
        columns = ", ".join(typed_names(wanted, self.dialect))
        with self.connection.transaction():
            self.connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(table)))
            made = SQL("CREATE TABLE {} ({})").format(Identifier(table), SQL(columns))
            self.connection.execute(made)

    def _fill(self, table: str, wanted: Table, file: Path) -> None:
        names = [name for name, _, _ in declared(wanted)]
        into = SQL("COPY {} FROM STDIN").format(Identifier(table))
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        with self.connection.transaction(), file.open("rb") as lines:
            try:
                with self.connection.cursor().copy(into) as copy:
                    for line in lines:
                        row = decode(line)
                        copy.write_row([row.get(one) for one in names])
            except psycopg.DataError as problem:  # text with a null character, for one
                raise SqlError(f"PostgreSQL cannot hold a value: {problem}") from None
            self.connection.execute(SQL("ANALYZE {}").format(Identifier(table)))

    def _reached(self, playbook: Playbook, table: str, until: int) -> Iterable[Sequence[Any]]:
        query = self.sql(playbook, table, until=until)
        with self.connection.transaction():
            self.connection.execute(_SETTINGS)
            return self.connection.execute(query.encode()).fetchall()

    def _newest(self, table: str) -> int | None:
        with self.connection.transaction():
            asked = SQL("SELECT MAX(at) FROM {}").format(Identifier(table))
            found = self.connection.execute(asked).fetchone()
        return None if found is None else found[0]
