"""The tables of the SQLite store, version by version.

Some tools run statements of the kind CREATE outside of a transaction, until a row is written. So in
each step what may be repeated comes first, then the version, then what may not.
"""

import sqlite3
from collections.abc import Sequence

from guidepath.adapters.stores.migration import Step

_VERSION = """INSERT INTO guidepath_meta (name, value) VALUES ('version', {0})
    ON CONFLICT (name) DO UPDATE SET value = {0}"""

STEPS = (
    Step(
        1,
        "progress, history, outbox and cursors",
        (
            """CREATE TABLE IF NOT EXISTS guidepath_subject (
                account TEXT NOT NULL, user TEXT NOT NULL,  -- user '' is the account itself
                version INTEGER NOT NULL, due INTEGER, progress BLOB NOT NULL,
                PRIMARY KEY (account, user)
            ) WITHOUT ROWID""",
            """CREATE INDEX IF NOT EXISTS guidepath_subject_due
                ON guidepath_subject (due) WHERE due IS NOT NULL""",
            """CREATE TABLE IF NOT EXISTS guidepath_history (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                account TEXT NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL,
                occurred_at INTEGER NOT NULL, digest TEXT NOT NULL, event BLOB NOT NULL,
                UNIQUE (account, id)
            )""",
            """CREATE INDEX IF NOT EXISTS guidepath_history_order
                ON guidepath_history (account, occurred_at, seq)""",
            """CREATE TABLE IF NOT EXISTS guidepath_outbox (
                position INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, user TEXT NOT NULL,
                envelope BLOB NOT NULL
            )""",
            """CREATE TABLE IF NOT EXISTS guidepath_cursor (
                sink TEXT PRIMARY KEY, position INTEGER NOT NULL, free_at INTEGER NOT NULL,
                failures INTEGER NOT NULL
            ) WITHOUT ROWID""",
        ),
    ),
    Step(
        2,
        "leases with a token, dead letters, and when a thing was said",
        (
            """CREATE TABLE IF NOT EXISTS guidepath_meta (
                name TEXT PRIMARY KEY, value BLOB NOT NULL
            )""",
            """CREATE TABLE IF NOT EXISTS guidepath_lease (
                sink TEXT PRIMARY KEY, lease TEXT NOT NULL, reason TEXT
            ) WITHOUT ROWID""",
            """CREATE TABLE IF NOT EXISTS guidepath_dead (
                number INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, id TEXT NOT NULL,
                account TEXT NOT NULL, user TEXT NOT NULL, envelope BLOB NOT NULL,
                reason TEXT NOT NULL, failed_at INTEGER NOT NULL,
                UNIQUE (sink, id)
            )""",
            """CREATE INDEX IF NOT EXISTS guidepath_dead_account
                ON guidepath_dead (account, user)""",
            """CREATE INDEX IF NOT EXISTS guidepath_outbox_account
                ON guidepath_outbox (account, user)""",
            _VERSION.format(2),
            "ALTER TABLE guidepath_outbox ADD COLUMN at INTEGER NOT NULL DEFAULT 0",
        ),
    ),
    Step(
        3,
        "marks of the erased",
        (
            """CREATE TABLE IF NOT EXISTS guidepath_erased (
                mark BLOB PRIMARY KEY, at INTEGER NOT NULL
            )""",
            """INSERT INTO guidepath_meta (name, value) VALUES ('key', randomblob(32))
                ON CONFLICT (name) DO NOTHING""",
            _VERSION.format(3),
        ),
    ),
)
NEWEST = STEPS[-1].version
FOUND = """SELECT name FROM sqlite_master
    WHERE type = 'table' AND name IN ('guidepath_subject', 'guidepath_meta')"""
OTHERS = r"""SELECT count(*) FROM sqlite_master WHERE type = 'table'
    AND name NOT LIKE 'guidepath\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'"""
VALUE = "SELECT value FROM guidepath_meta WHERE name = ?"


def version(rows: sqlite3.Cursor) -> int:
    """The version of the tables; 0 where there are none. The first version did not say it."""
    tables = {name for (name,) in rows.execute(FOUND)}
    if "guidepath_subject" not in tables:
        return 0
    found = None
    if "guidepath_meta" in tables:
        found = rows.execute(VALUE, ["version"]).fetchone()
    return 1 if found is None else int(found[0])


def key(rows: sqlite3.Cursor) -> bytes:
    """The key of the marks of the erased."""
    found: bytes = rows.execute(VALUE, ["key"]).fetchone()[0]
    return found


def shared(rows: sqlite3.Cursor) -> bool:
    """Whether somebody else has tables in the file, too."""
    others: int = rows.execute(OTHERS).fetchone()[0]
    return others > 0


def advance(rows: sqlite3.Cursor, steps: Sequence[Step]) -> None:
    """Take steps, inside of a transaction that is open."""
    for step in steps:
        for statement in step.statements:
            rows.execute(statement)
