"""The engines of `guidepath report --engine`, each open for one report and leaving nothing behind.

duckdb, clickhouse, spark    in this process
postgres                     at an address: a temporary table, in a transaction that is undone
"""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from shutil import which
from typing import Any, Literal, NamedTuple

from guidepath.adapters.warehouses.opening import open_warehouse
from guidepath.cli.mistake import Mistake
from guidepath.errors import ConfigurationError

Engine = Literal["duckdb", "postgres", "spark", "clickhouse"]


class Where(NamedTuple):
    """An engine, and the address of one that has one."""

    engine: Engine
    address: str | None = None


class _About(NamedTuple):
    """How people write an engine, and the errors of its own, each with its module."""

    name: str
    errors: tuple[tuple[str, str], ...]


_ENGINES = {
    "duckdb": _About("DuckDB", (("duckdb", "Error"),)),
    "postgres": _About("PostgreSQL", (("psycopg", "Error"),)),
    "spark": _About(
        "Spark", (("pyspark.errors", "PySparkException"), ("py4j.protocol", "Py4JError"))
    ),
    "clickhouse": _About("ClickHouse", (("chdb", "ChdbError"),)),
}
_POSTGRESQL = "postgresql://user@host/database"
_LONGEST = 400  # of what an engine says; some repeat the whole query


def name_of(engine: Engine) -> str:
    """The engine as people write it."""
    return _ENGINES[engine].name


@contextmanager
def opened(where: Where) -> Iterator[Any]:  # a Warehouse, which needs the extra
    """The warehouse of an engine. What the engine refuses while the block runs is a mistake.

    Raises:
        ConfigurationError: its extra is missing, or its address is missing, wrong or not needed.
        Mistake: the engine does not start or answer, or cannot do what it is asked.
    """
    try:
        with _opened(where) as warehouse:
            yield warehouse
    except _errors(*_ENGINES[where.engine].errors) as problem:
        said = " ".join(str(problem).split())
        raise Mistake(f"{name_of(where.engine)}: {said[:_LONGEST]}") from None


@contextmanager
def _opened(where: Where) -> Iterator[Any]:
    engine, address = where
    if engine == "postgres":
        with closing(_postgres(address)) as warehouse:
            yield warehouse
        return
    if address is not None:
        raise ConfigurationError(
            f"{name_of(engine)} runs in this process and has no address; leave out --warehouse"
        )
    if engine == "spark":
        _need_java()
    with open_warehouse(engine) as warehouse:
        yield warehouse


def _postgres(address: str | None) -> Any:
    """A warehouse that sees no table that is there: what it makes is its own, and temporary."""
    if address is None:
        raise ConfigurationError(f"--engine postgres needs --warehouse {_POSTGRESQL}")
    wrong = f"--warehouse is no address of PostgreSQL; write {_POSTGRESQL}"
    if not address.startswith(("postgresql://", "postgres://")):
        raise ConfigurationError(wrong)
    try:
        warehouse = open_warehouse("postgres", address)
    except _errors(("psycopg", "ProgrammingError")):  # its words may hold the password
        raise ConfigurationError(wrong) from None
    warehouse.connection.execute("SET search_path TO pg_temp")
    return warehouse


def _need_java() -> None:
    if find_spec("pyspark") is None:
        return  # that is told first
    if not os.environ.get("JAVA_HOME") and which("java") is None:
        raise Mistake("Spark needs Java 17; install it, or say in JAVA_HOME where it is")


def _errors(*names: tuple[str, str]) -> tuple[type[Exception], ...]:
    """The classes of errors, of those modules that are loaded."""
    found = ((sys.modules.get(module), name) for module, name in names)
    return tuple(getattr(module, name) for module, name in found if module is not None)
