"""Spark: events in a data lake, asked by Spark SQL."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from sqlglot import exp

from guidepath.adapters.warehouses.warehouse import Warehouse, declared, quoted
from guidepath.playbook.playbook import Playbook
from guidepath.rules.sql import Table

_LOCAL: dict[str, bool | float | int | str | None] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",  # its page would be open to the whole network
    "spark.ui.showConsoleProgress": "false",
}


class SparkWarehouse(Warehouse):
    """Tables and views of a Spark session; `load` makes a temporary view, held in memory.

    Args:
        session: one that is there; without it a local one is started, which nobody else can reach.
    """

    dialect = "spark"

    def __init__(self, session: SparkSession | None = None) -> None:
        self._own = session is None
        self.session = session or _local()

    def close(self) -> None:
        """Stop the session, where this object started it."""
        if self._own:
            self.session.stop()

    def _make(self, table: str, wanted: Table) -> None:
        columns = [f"{one} {kind}" for one, kind in self._kinds(wanted)]
        self.session.createDataFrame([], ", ".join(columns)).createOrReplaceTempView(table)

    def _fill(self, table: str, wanted: Table, file: Path) -> None:
        kinds = self._kinds(wanted)
        # decimals stand as strings in the file, which Spark takes for no decimals
        raw = [f"{one} {'STRING' if kind.startswith('DECIMAL') else kind}" for one, kind in kinds]
        read = self.session.read.schema(", ".join(raw)).json(str(file), mode="FAILFAST")
        made = read.selectExpr(*(f"CAST({one} AS {kind}) AS {one}" for one, kind in kinds))
        rows = made.collect()  # the file is gone when a lazy view would read it
        schema = ", ".join(f"{one} {kind}" for one, kind in kinds)
        self.session.createDataFrame(rows, schema).createOrReplaceTempView(table)

    def _kinds(self, wanted: Table) -> list[tuple[str, str]]:
        return [
            (quoted(name, self.dialect), exp.DataType.build(kind).sql(self.dialect))
            for name, kind, _ in declared(wanted)
        ]

    def _reached(self, playbook: Playbook, table: str, until: int) -> Iterable[Sequence[Any]]:
        return self.session.sql(self.sql(playbook, table, until=until)).collect()

    def _newest(self, table: str) -> int | None:
        name = quoted(table, self.dialect)
        newest: int | None = self.session.sql(f"SELECT MAX(at) FROM {name}").collect()[0][0]  # noqa: S608
        return newest


def _local() -> SparkSession:
    # else its workers are whatever `python3` means here, of another version perhaps
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    building = SparkSession.builder.master("local[*]").appName("guidepath")
    return building.config(map=_LOCAL).getOrCreate()
