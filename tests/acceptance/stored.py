"""What an SQLite store's file holds, read past the library: rows as they lie there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

Whose = tuple[str, str]  # account, user; user "" is the account itself
TABLES = ("subject", "history", "outbox", "cursor")


def rows(file: Path, table: str) -> list[tuple[Any, ...]]:
    """All rows of a table, byte for byte."""
    return _read(file, f"SELECT * FROM guidepath_{table} ORDER BY 1, 2")


def everything(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    return {table: rows(file, table) for table in TABLES}


def progress(file: Path) -> dict[Whose, dict[str, Any]]:
    """The decoded progress of each subject."""
    found = _read(file, "SELECT account, user, progress FROM guidepath_subject")
    return {(account, user): msgspec.msgpack.decode(blob) for account, user, blob in found}


def history(file: Path) -> list[tuple[str, str]]:
    """The id of each stored event and the digest of its content, in order of time."""
    return _read(file, "SELECT id, digest FROM guidepath_history ORDER BY occurred_at, id")


def envelopes(file: Path) -> list[dict[str, Any]]:
    """What waits in the outbox, oldest first."""
    found = _read(file, "SELECT envelope FROM guidepath_outbox ORDER BY position")
    return [msgspec.msgpack.decode(blob) for (blob,) in found]


def numbering(file: Path) -> Iterator[tuple[Whose, list[int]]]:
    """The numbers on each subject's envelopes, oldest first."""
    numbers: dict[Whose, list[int]] = {}
    for one in envelopes(file):
        numbers.setdefault((one["account"], one["user"] or ""), []).append(one["seq"])
    yield from numbers.items()


def _read(file: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()
