"""Tables are made once, brought up to date whole, and never worked on when they are too old."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import psycopg
import pytest
from msgspec import msgpack
from tests.servers.postgres import Postgres

from guidepath import StoreError
from guidepath.adapters.stores.migration import script
from guidepath.adapters.stores.postgres import PostgresStore
from guidepath.adapters.stores.postgres.asking import Ask
from guidepath.adapters.stores.postgres.connection import Line
from guidepath.adapters.stores.postgres.schema import steps
from guidepath.errors import SchemaError
from guidepath.ports import Change, Draft, Row
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken

NEWEST = 3
KILLS = 7  # from each version


@pytest.fixture
def other(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def make(database: str, other: psycopg.Connection) -> Iterator[Callable[[int], str]]:
    """The URL of a schema with the tables of a version; 0 has nothing, not even the schema."""
    numbers = count()
    made = []

    def make(version: int) -> str:
        schema = f"v{version}_{next(numbers)}"
        made.append(schema)
        for step in steps(schema)[:version]:
            for statement in step.statements:
                other.execute(statement.encode())
        return f"{database}?schema={schema}"

    yield make
    for schema in made:
        other.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())


def version(url: str) -> int:
    migrator = PostgresStore.migrator(url)
    try:
        return migrator.version()
    finally:
        migrator.close()


def migrated(url: str) -> list[int]:
    migrator = PostgresStore.migrator(url)
    try:
        return [step.version for step in migrator.migrate()]
    finally:
        migrator.close()


def columns(other: psycopg.Connection, url: str) -> list[tuple[object, ...]]:
    asked = """SELECT table_name, column_name, data_type, is_nullable
        FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2"""
    return other.execute(asked, [url.rpartition("=")[2]]).fetchall()


def works(url: str) -> bool:
    store = PostgresStore.from_url(url)
    saved = store.save(Change("acme", {None: Draft(progress(1), 0)}, [happened("new", 1)]))
    erased = store.erase(Subject("acme", "alice"), at=1)
    store.close()
    return saved and erased


def test_who_opens_an_empty_database_first_sets_it_up(make: Callable[[int], str]) -> None:
    url = make(0)
    with ThreadPoolExecutor(8) as threads:
        for store in threads.map(PostgresStore.from_url, [url] * 8):
            store.close()
    assert version(url) == NEWEST
    assert works(url)


@pytest.mark.parametrize("old", range(1, NEWEST))
def test_older_tables_are_refused_until_they_are_migrated(
    make: Callable[[int], str], old: int
) -> None:
    url = make(old)
    with pytest.raises(SchemaError, match=f"are of version {old}.* run `guidepath migrate"):
        PostgresStore.from_url(url)
    assert version(url) == old
    assert migrated(url) == list(range(old + 1, NEWEST + 1))
    assert migrated(url) == []
    assert works(url)


def test_newer_tables_are_worked_on(make: Callable[[int], str], other: psycopg.Connection) -> None:
    url = make(NEWEST)
    schema = url.rpartition("=")[2]
    other.execute(f"UPDATE {schema}.meta SET value = '99' WHERE name = 'version'".encode())
    other.execute(f"ALTER TABLE {schema}.subject ADD COLUMN colour text".encode())
    other.execute(f"ALTER TABLE {schema}.history ADD COLUMN colour text DEFAULT 'red'".encode())
    assert works(url)


def test_what_the_first_tables_held_is_there_after_all_steps(
    make: Callable[[int], str], other: psycopg.Connection
) -> None:
    """Rows as the first version wrote them, also into the newest tables: old code runs on."""
    newest, first = make(NEWEST), make(1)
    for url in (newest, first):
        write_old(other, url.rpartition("=")[2])
    assert migrated(first) == [2, 3]
    still_there(newest)
    still_there(first)


def still_there(url: str) -> None:
    """See that a store finds what `write_old` wrote."""
    store = PostgresStore.from_url(url)
    assert store.load("acme", ["alice"]).users["alice"] == Row(progress(1), 7)
    assert [one.id for one in store.history("acme")] == ["e1"]
    parcel = store.claim("s", now=9, lease=1, most=9)
    assert parcel is not None
    assert [one.id for one in parcel.envelopes] == ["evt_2"]
    assert parcel.failures == 4
    store.close()


def write_old(other: psycopg.Connection, schema: str) -> None:
    """One of each row: an envelope that the sink has, and one that it has not."""

    def run(statement: str, *values: object) -> None:
        other.execute(statement.replace("INTO ", f"INTO {schema}.").encode(), values)

    run(
        "INSERT INTO subject (account_id, user_id, version, progress) VALUES (%s, %s, 7, %s)",
        *("acme", "alice", msgpack.encode(progress(1))),
    )
    run(
        """INSERT INTO history (account_id, id, user_id, kind, occurred_at, digest, event)
            VALUES ('acme', 'e1', 'alice', 'track', 5, 'd', %s)""",
        msgpack.encode(happened("e1", 5)),
    )
    for number, ticket in ((1, 1), (2, None)):
        run(
            """INSERT INTO outbox (ticket, id, account_id, user_id, envelope, said_at)
                VALUES (%s, %s, 'acme', 'alice', %s, 5)""",
            *(ticket, f"evt_{number}", msgpack.encode(spoken(number))),
        )
    other.execute(f"UPDATE {schema}.lane SET ticket = 1".encode())
    run("INSERT INTO cursor (sink, reached, free_at, failures) VALUES ('s', 1, 9, 4)")


def test_the_statements_do_it_all_when_others_run_them(
    make: Callable[[int], str], other: psycopg.Connection
) -> None:
    """As `guidepath migrate --sql` prints them."""
    url = make(0)
    lines = "\n".join(script(PostgresStore.migrator(url).steps))
    other.execute(lines.encode())
    assert version(url) == NEWEST
    assert works(url)
    assert columns(other, url) == columns(other, made_by_a_store(make))


def made_by_a_store(make: Callable[[int], str]) -> str:
    url = make(0)
    PostgresStore.from_url(url).close()
    return url


@pytest.mark.parametrize("old", range(NEWEST))
def test_one_that_is_killed_goes_on_where_it_was(
    make: Callable[[int], str], other: psycopg.Connection, old: int
) -> None:
    """From each earlier version, at points all over the way; whole versions only are left."""
    whole = [columns(other, make(one)) for one in range(NEWEST + 1)]
    last = statements(make(old))
    left = set()
    for number in range(KILLS):
        url = make(old)
        if old:
            write_old(other, url.rpartition("=")[2])
        assert killed_at(url, last - number * (last - 1) // (KILLS - 1)) == -signal.SIGKILL
        there = version(url)
        left.add(there)
        assert columns(other, url) == whole[there]
        assert migrated(url) == list(range(there + 1, NEWEST + 1))
        assert columns(other, url) == whole[NEWEST]
        if old:
            still_there(url)
    assert left == set(range(old, NEWEST))
    assert works(url)


def statements(url: str) -> int:
    """How many a migration sends, the last commit among them."""
    answer, asked = Line._answer, count()

    def counted(self: Line, ask: Ask) -> list[Any]:
        next(asked)
        return answer(self, ask)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Line, "_answer", counted)
        migrated(url)
    return next(asked)


def killed_at(url: str, point: int) -> int:
    """Migrate in a child that kills itself before its statement of that number."""
    child = os.fork()
    if child == 0:
        answer, asked = Line._answer, count(1)

        def mortal(self: Line, ask: Ask) -> list[Any]:
            if next(asked) == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer(self, ask)

        Line._answer = mortal  # type: ignore[method-assign]
        migrated(url)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_of_those_who_migrate_at_once_each_step_is_one_s(make: Callable[[int], str]) -> None:
    url = make(1)
    with ThreadPoolExecutor(6) as threads:
        done = [one for found in threads.map(migrated, [url] * 6) for one in found]
    assert sorted(done) == [2, 3]
    assert works(url)


def test_a_role_that_may_make_no_schema_uses_the_one_that_was_made_for_it(
    postgres: Postgres,
) -> None:
    url = postgres.database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS modest")
        connection.execute("CREATE ROLE modest LOGIN")
        connection.execute("CREATE SCHEMA guidepath AUTHORIZATION modest")
    modest = url.replace("postgres@", "modest@")
    assert works(modest)
    with pytest.raises(StoreError, match="permission denied"):
        PostgresStore.from_url(f"{modest}?schema=another")
