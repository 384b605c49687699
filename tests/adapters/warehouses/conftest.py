"""The four engines, each started when a test first asks for it."""

import os
import sys
from collections.abc import Iterator

import pytest
from tests.servers.postgres import Postgres

from guidepath.adapters.warehouses.warehouse import Warehouse


@pytest.fixture(scope="session")
def duckdb() -> Iterator[Warehouse]:
    from guidepath.adapters.warehouses.duckdb import DuckDbWarehouse

    with DuckDbWarehouse() as warehouse:
        yield warehouse


@pytest.fixture(scope="module")
def postgresql(postgres: Postgres) -> Iterator[Warehouse]:
    """A connection of this file's own: others restart the server that they share."""
    from guidepath.adapters.warehouses.postgres import PostgresWarehouse

    with PostgresWarehouse(postgres.database()) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[Warehouse]:
    from guidepath.adapters.warehouses.clickhouse import ClickHouseWarehouse

    with ClickHouseWarehouse() as warehouse:
        warehouse.session.query("SET max_threads = 1")  # a few rows; planning for more takes longer
        yield warehouse


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Tuned for a few rows: what it plans and compiles takes far longer than they do."""
    from pyspark.sql import SparkSession

    from guidepath.adapters.warehouses.spark import SparkWarehouse

    # it lives a minute: compiled once and quickly, not again and better by half of its threads
    java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    few: dict[str, bool | float | int | str | None] = {
        "spark.default.parallelism": "1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": java,
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "ERROR",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("spark")),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.master("local[1]").config(map=few).getOrCreate()
    yield SparkWarehouse(session)
    session.stop()
