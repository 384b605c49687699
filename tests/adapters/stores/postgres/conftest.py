"""A store in a database of the file's own, with nothing in it at the beginning of each test."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.servers.postgres import Postgres

from guidepath.adapters.stores.postgres import PostgresStore

TABLES = ("subject", "history", "outbox", "cursor", "dead", "erased")


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> str:
    """The URL of a database in which a store was opened."""
    url = postgres.database()
    PostgresStore.from_url(url).close()
    return url


@pytest.fixture
def url(database: str) -> str:
    empty(database)
    return database


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    store = PostgresStore.from_url(url)
    yield store
    store.close()


def empty(database: str) -> None:
    """Delete all that an earlier store has left."""
    with psycopg.connect(database, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM guidepath.{table}".encode())
        connection.execute("UPDATE guidepath.pruned SET messages = 0, newest = NULL")


def sessions(url: str, which: str) -> int:
    """How many sessions of the server are so, by a look of its own: one within a transaction sees
    the same as at its first.
    """
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE {which} AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(asked.encode()).fetchone()
    assert row is not None
    return int(row[0])
