"""The tables of the SQLite store, version by version."""

import secrets
import sqlite3

from guidepath.adapters.stores.migration import Step, pending, refuse_older

STEPS = (
    Step(
        1,
        "progress, history, outbox and cursors",
        (
            """CREATE TABLE guidepath_subject (
                account TEXT NOT NULL, user TEXT NOT NULL,  -- user '' is the account itself
                version INTEGER NOT NULL, due INTEGER, progress BLOB NOT NULL,
                PRIMARY KEY (account, user)
            ) WITHOUT ROWID""",
            "CREATE INDEX guidepath_subject_due ON guidepath_subject (due) WHERE due IS NOT NULL",
            """CREATE TABLE guidepath_history (
                seq INTEGER PRIMARY KEY AUTOINCREMENT,
                account TEXT NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL,
                occurred_at INTEGER NOT NULL, digest TEXT NOT NULL, event BLOB NOT NULL,
                UNIQUE (account, id)
            )""",
            "CREATE INDEX guidepath_history_order ON guidepath_history (account, occurred_at, seq)",
            """CREATE TABLE guidepath_outbox (
                position INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, user TEXT NOT NULL,
                envelope BLOB NOT NULL
            )""",
            """CREATE TABLE guidepath_cursor (
                sink TEXT PRIMARY KEY, position INTEGER NOT NULL, free_at INTEGER NOT NULL,
                failures INTEGER NOT NULL
            ) WITHOUT ROWID""",
        ),
    ),
    Step(
        2,
        "leases with a token, dead letters, marks of the erased",
        (
            "ALTER TABLE guidepath_outbox ADD COLUMN at INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX guidepath_outbox_account ON guidepath_outbox (account, user)",
            """CREATE TABLE guidepath_lease (
                sink TEXT PRIMARY KEY, lease TEXT NOT NULL, reason TEXT
            ) WITHOUT ROWID""",
            """CREATE TABLE guidepath_dead (
                number INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, id TEXT NOT NULL,
                account TEXT NOT NULL, user TEXT NOT NULL, envelope BLOB NOT NULL,
                reason TEXT NOT NULL, failed_at INTEGER NOT NULL,
                UNIQUE (sink, id)
            )""",
            "CREATE INDEX guidepath_dead_account ON guidepath_dead (account, user)",
            "CREATE TABLE guidepath_erased (mark BLOB PRIMARY KEY, at INTEGER NOT NULL)",
            "CREATE TABLE guidepath_meta (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
        ),
    ),
)
FOUND = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'guidepath_%'"
VALUE = "SELECT value FROM guidepath_meta WHERE name = ?"
KEEP = "INSERT INTO guidepath_meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = ?"


def version(database: sqlite3.Connection) -> int:
    """The version of the tables; 0 where there are none. The first version did not say it."""
    tables = {name for (name,) in database.execute(FOUND)}
    if "guidepath_meta" not in tables:
        return 1 if tables else 0
    found = database.execute(VALUE, ["version"]).fetchone()
    return int(found[0])


def advance(database: sqlite3.Connection, step: Step) -> None:
    """Take one step in one transaction, with its version."""
    database.execute("BEGIN IMMEDIATE")
    try:
        for statement in step.statements:
            database.execute(statement)
        if step.version > 1:
            database.execute(KEEP, ["version", step.version, step.version])
        if step.version == 2:
            key = secrets.token_bytes(32)
            database.execute(KEEP, ["key", key, key])
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def ready(database: sqlite3.Connection, where: str) -> bytes:
    """See that the tables are there, making them in an empty file; the key of the marks.

    Raises:
        SchemaError: they are of an older version.
    """
    found = version(database)
    if found == 0:
        for step in pending(STEPS, 0):
            advance(database, step)
        found = STEPS[-1].version
    refuse_older(where, found, STEPS)
    key: bytes = database.execute(VALUE, ["key"]).fetchone()[0]
    return key
