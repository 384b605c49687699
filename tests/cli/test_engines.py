import sys
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from tests.cli.ledgerly import Run
from tests.servers.postgres import Postgres

from guidepath.adapters.warehouses.opening import ENGINES
from guidepath.cli.engines import Engine, Where, opened
from guidepath.cli.mistake import Mistake

SECRET = "geheim"


def test_each_engine_that_there_is_can_be_asked_for() -> None:
    assert get_args(Engine) == tuple(ENGINES)


def test_a_report_leaves_the_tables_of_postgresql_as_they_were(
    run: Run, playbook: Path, events: Path, postgres: Postgres
) -> None:
    url = postgres.database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE events AS SELECT 'mine' AS whose")
        done = run("report", playbook, "--events", events, "--engine", "postgres", *at(url))
        kept = connection.execute("SELECT * FROM events").fetchall()
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'events'")
        assert (done.code, kept, tables.fetchall()) == (0, [("mine",)], [(1,)])


def test_what_the_engine_refuses_is_told_in_one_line() -> None:
    with (
        pytest.raises(Mistake, match=r"^DuckDB: Binder Error: .* LINE 1: SELECT nonsense \^"),
        opened(Where("duckdb")) as warehouse,
    ):
        warehouse.connection.execute("SELECT nonsense")


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("duckdp",), 2, "'duckdp' is not one of 'duckdb', 'postgres', 'spark', 'clickhouse'"),
        (("postgres",), 2, "--engine postgres needs --warehouse postgresql://user@host/database"),
        (("postgres", "nonsense"), 2, "--warehouse is no address of PostgreSQL; write postgresql:"),
        (("postgres", f"postgresql://u:{SECRET}%zz@h/x"), 2, "--warehouse is no address"),
        (("postgres", "postgresql:///x?nonsense=1"), 2, "--warehouse is no address"),
        (("postgres", f"postgresql://u:{SECRET}@127.0.0.1:1/x"), 1, "PostgreSQL: connection fail"),
        (("duckdb", "events.duckdb"), 2, "DuckDB runs in this process and has no address; leave"),
    ],
)
def test_a_wrong_engine_or_address_is_told_in_a_sentence(
    run: Run, playbook: Path, events: Path, given: tuple[str, ...], code: int, said: str
) -> None:
    done = run("report", playbook, "--events", events, "--engine", given[0], *at(*given[1:]))
    assert (done.code, done.out) == (code, "")
    assert said in " ".join(done.err.replace("│", " ").split())
    assert SECRET not in done.err


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_extra_is_named(
    run: Run, playbook: Path, events: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for needed in ("duckdb", "psycopg", "pyspark", "pyspark.sql", "chdb", "chdb.session"):
        monkeypatch.setitem(sys.modules, needed, None)
    monkeypatch.delitem(sys.modules, f"guidepath.adapters.warehouses.{engine}", raising=False)
    address = at("postgresql://127.0.0.1:1/x") if engine == "postgres" else ()
    done = run("report", playbook, "--events", events, "--engine", engine, *address)
    extra = "postgres,sql" if engine == "postgres" else engine
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"guidepath: the engine {engine}: needs ")
    assert done.err.endswith(f"; pip install 'guidepath[{extra}]'\n")


def test_spark_without_java_is_told_how_to_get_it(
    run: Run, playbook: Path, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    done = run("report", playbook, "--events", events, "--engine", "spark")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "guidepath: Spark needs Java 17; install it, or say in JAVA_HOME where it is\n"
    )


def at(*address: str) -> tuple[str, ...]:
    return ("--warehouse", *address) if address else ()
