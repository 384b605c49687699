"""Arrays arrive as they were, whatever is in them and whatever the connection speaks."""

import psycopg
import pytest

from guidepath.adapters.stores.postgres.arrays import DUMPERS, Blobs, Numbers, Texts


@pytest.mark.parametrize("encoding", ["utf8", "latin1", "sql_ascii"])
@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text[]", Texts()),
        ("text[]", Texts(["", "NULL", "a,b", '"{}\\', "é"])),
        ("bytea[]", Blobs()),
        ("bytea[]", Blobs([b"", b"\0\xff\\", b"x" * 70_000])),
        ("bigint[]", Numbers()),
        ("bigint[]", Numbers([0, -1, 2**63 - 1, -(2**63), None])),
    ],
)
def test_what_is_sent_comes_back(
    database: str, encoding: str, kind: str, given: tuple[object, ...]
) -> None:
    with psycopg.connect(database, client_encoding=encoding) as connection:
        for python, dumper in DUMPERS.items():
            connection.adapters.register_dumper(python, dumper)
        if encoding == "sql_ascii":
            connection.execute("SET client_encoding = sql_ascii")
        asked = f"SELECT %s, %s::{kind} IS NOT DISTINCT FROM %s".encode()
        row = connection.execute(asked, [given, given, given], binary=True).fetchone()
    assert row is not None
    found, same = row
    assert same
    assert [one.encode() if isinstance(one, str) else one for one in found] == [
        one.encode() if isinstance(one, str) else one for one in given
    ]


def test_it_has_one_type_whatever_is_in_it(database: str) -> None:
    """Else a statement would be prepared for each."""
    with psycopg.connect(database) as connection:
        for python, dumper in DUMPERS.items():
            connection.adapters.register_dumper(python, dumper)
        for given in (Numbers(), Numbers([1]), Numbers([2**40]), Numbers([None])):
            cursor = connection.execute("SELECT pg_typeof(%s)::text", [given])
            assert cursor.fetchone() == ("bigint[]",)
