"""How PostgreSQL goes about it, where there is much: by its indexes, and no further than asked."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from guidepath.adapters.stores.postgres.address import read
from guidepath.adapters.stores.postgres.arrays import Blobs, Numbers, Texts
from guidepath.adapters.stores.postgres.connection import Line
from guidepath.adapters.stores.postgres.statements import statements
from guidepath.adapters.stores.postgres.work import _saved
from guidepath.ports import Change, Draft
from guidepath.testing.sample import happened, progress, spoken

SQL = statements("guidepath")
EVERYONE = Texts(("", "u7"))

# 100,000 subjects, half of them in one account; as many events; 20,000 envelopes
FILL = """
INSERT INTO guidepath.subject
SELECT CASE WHEN i % 2 = 0 THEN 'big' ELSE 'a' || i / 10 END, 'u' || i, 1,
    CASE WHEN i % 3 = 0 THEN i END, convert_to(repeat('x', 300), 'UTF8')
FROM generate_series(1, 100000) AS i;
INSERT INTO guidepath.history (account_id, id, user_id, kind, occurred_at, digest, event)
SELECT CASE WHEN i % 2 = 0 THEN 'big' ELSE 'a' || i / 10 END, 'e' || i, 'u' || i, 'track', i, '',
    convert_to(repeat('x', 200), 'UTF8')
FROM generate_series(1, 100000) AS i;
INSERT INTO guidepath.outbox (ticket, id, account_id, user_id, envelope, said_at)
SELECT CASE WHEN i < 19990 THEN i END, 'evt' || i, 'a' || i, '', '', i
FROM generate_series(1, 20000) AS i;
INSERT INTO guidepath.erased SELECT sha256(i::text::bytea), i FROM generate_series(1, 10000) AS i;
INSERT INTO guidepath.cursor (sink, reached, free_at, failures) VALUES ('s', 100, 0, 0);
ANALYZE guidepath.subject, guidepath.history, guidepath.outbox, guidepath.erased, guidepath.cursor;
"""
CHANGE = Change("big", {None: Draft(progress(1), 1), "u8": Draft(progress(1), 1)}, [])
HOT: dict[str, tuple[bytes, tuple[object, ...]]] = {
    "load": (SQL.load, ("big", EVERYONE)),
    "look up": (SQL.look_up, ("big", EVERYONE, "big", Texts(("e1",)), Blobs((b"m",)))),
    "versions": (SQL.versions, ("big", EVERYONE)),
    "lock": (SQL.lock, ("big", EVERYONE)),
    "save": (SQL.save, _saved(replace(CHANGE, events=[happened("e", 1)], envelopes=[spoken(1)]))),
}
OTHERS: dict[str, tuple[bytes, tuple[object, ...]]] = {
    "history": (SQL.history, ("a77", 9)),
    "history of a user": (SQL.history_of_user, ("big", "u8", 9)),
    "prune": (SQL.prune, ("big", Texts(("u8",)), 9)),
    "subjects": (SQL.subjects, ("a77", "u770", 500)),
    "due": (SQL.due, (9, "a77", "u770", 500)),
    "waiting": (SQL.waiting, ("s",)),
    "give tickets": (SQL.give_tickets, (1000, 19990)),
    "next": (SQL.next, (100, 200)),
    "die": (SQL.die, ("s", 1, Numbers((7, 8)), Texts(("no", "no")))),
    "said": (SQL.said, ("a77", "u770", "u770") * 2),
    "trim": (SQL.trim, (9, 1000)),
    "forget": (SQL.forget[1], ("a77", "u770", "u770")),
    "of account": (SQL.of_account[0], ("a77",)),
    "rename": (SQL.rename[0], (Numbers((7,)), Blobs((b"x",)))),
    "mark": (SQL.mark, (b"m", 1)),
}


@pytest.fixture(scope="module")
def full(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(FILL)
    return database


@pytest.fixture
def line(full: str) -> Iterator[Line]:
    """A connection as the store opens them."""
    line = Line.opened(read(full))
    yield line
    line.close()


def plan(line: Line, asked: tuple[bytes, tuple[object, ...]]) -> list[dict[str, Any]]:
    """All nodes of the plan, which is not carried out."""
    statement, parameters = asked
    cursor = psycopg.Cursor(line.connection)
    from guidepath.adapters.stores.postgres.connection import _adapt

    _adapt(cursor)
    [(found,)] = cursor.execute(b"EXPLAIN (FORMAT JSON) " + statement, parameters).fetchall()
    nodes = [found[0]["Plan"]]
    for node in nodes:
        nodes += node.get("Plans", [])
    return nodes


def scans(nodes: list[dict[str, Any]]) -> set[str]:
    """How tables are read; some tables have a row or a few, and their own way."""
    few = ("lane", "cursor", "pruned")
    tables = [one for one in nodes if one.get("Relation Name", "lane") not in few]
    return {str(one["Node Type"]) for one in tables if "Scan" in one["Node Type"]}


@pytest.mark.parametrize("name", HOT)
def test_what_is_asked_often_reads_by_index(line: Line, name: str) -> None:
    found = scans(plan(line, HOT[name]))
    assert found
    assert found <= {"Index Scan", "Index Only Scan"}


@pytest.mark.parametrize("name", HOT)
def test_it_does_so_on_a_hosts_connection_too(full: str, name: str) -> None:
    with psycopg.connect(full) as connection:
        found = scans(plan(Line(connection), HOT[name]))
    assert found <= {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_asked_now_and_then_reads_by_index_too(line: Line, name: str) -> None:
    found = scans(plan(line, OTHERS[name]))
    assert found <= {"Index Scan", "Index Only Scan"}


@pytest.mark.parametrize("name", ["load", "look up", "versions", "lock", "save"])
def test_in_an_account_of_many_only_those_asked_for_are_read(line: Line, name: str) -> None:
    nodes = plan(line, HOT[name])
    conditions = [one["Index Cond"] for one in nodes if one.get("Index Name") == "subject_pkey"]
    assert conditions
    assert all("user_id = " in one for one in conditions)  # the whole key


def test_the_due_are_found_among_those_that_wait(line: Line) -> None:
    [index] = [one for one in plan(line, OTHERS["due"]) if "Index Name" in one]
    assert index["Index Name"] == "subject_due"
    assert "due <=" in index["Index Cond"]
