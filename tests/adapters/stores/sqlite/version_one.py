"""A file as version 1 wrote it: its tables, its statements, and rows from a run of it.

The rows stand in version-1.json with what was msgpack in plain sight.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from guidepath import Playbook

PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner]
attributes: {user: {locale: {type: string, optional: true}}}
events: {invoice.sent: {properties: {total: number}}, invoice.paid: {}}
milestones:
  - {id: first, title: First, reached_when: did("invoice.sent"), first_value: true}
  - {id: settled, title: Settled, reached_when: did("invoice.sent") and since(start) > 30d}
  - id: team
    title: Team
    scope: account
    reached_when: account.users("invoice.sent" within 30d) >= 2
guidance:
  - {id: paid, type: banner, moment: nurture, toward: settled, title: Paid, when: reached(first)}
""")

SCHEMA = """
CREATE TABLE IF NOT EXISTS guidepath_subject (
    account TEXT NOT NULL, user TEXT NOT NULL,  -- user '' is the account itself
    version INTEGER NOT NULL, due INTEGER, progress BLOB NOT NULL,
    PRIMARY KEY (account, user)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS guidepath_subject_due ON guidepath_subject (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS guidepath_history (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL,
    occurred_at INTEGER NOT NULL, digest TEXT NOT NULL, event BLOB NOT NULL,
    UNIQUE (account, id)
);
CREATE INDEX IF NOT EXISTS guidepath_history_order ON guidepath_history (account, occurred_at, seq);
CREATE TABLE IF NOT EXISTS guidepath_outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, user TEXT NOT NULL, envelope BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS guidepath_cursor (
    sink TEXT PRIMARY KEY, position INTEGER NOT NULL, free_at INTEGER NOT NULL,
    failures INTEGER NOT NULL
) WITHOUT ROWID;
"""
LOAD = "SELECT user, version, progress FROM guidepath_subject WHERE account = ? AND user IN ({})"
KNOWN = "SELECT id, digest FROM guidepath_history WHERE account = ? AND id IN ({})"
INSERT = """INSERT INTO guidepath_subject (version, due, progress, account, user)
    VALUES (1, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
UPDATE = """UPDATE guidepath_subject SET version = version + 1, due = ?, progress = ?
    WHERE account = ? AND user = ? AND version = ?"""
RECORD = """INSERT INTO guidepath_history (account, id, user, kind, occurred_at, digest, event)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
POST = "INSERT INTO guidepath_outbox (id, account, user, envelope) VALUES (?, ?, ?, ?)"
HISTORY = "SELECT event, seq FROM guidepath_history WHERE account = ? ORDER BY occurred_at, seq"
SUBJECTS = """SELECT account, user, progress FROM guidepath_subject
    WHERE (account, user) > (?, ?) ORDER BY account, user LIMIT ?"""
TOTALS = "SELECT count(*), max(occurred_at) FROM guidepath_history WHERE kind <> 'feedback'"
CURSOR = "SELECT position, free_at, failures FROM guidepath_cursor WHERE sink = ?"
WAITING = "SELECT position, envelope FROM guidepath_outbox WHERE position > ? ORDER BY 1 LIMIT ?"
LEASE = """INSERT INTO guidepath_cursor VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET free_at = excluded.free_at"""
SETTLE = """UPDATE guidepath_cursor SET position = ?, free_at = ?, failures = ?
    WHERE sink = ? AND position = ?"""
ERASE = "DELETE FROM guidepath_{} WHERE account = ? AND user = ?"

ROWS: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("version-1.json").read_text("utf-8")
)
BLOBS = {"subject": "progress", "history": "event", "outbox": "envelope"}


def write(file: Path) -> None:
    """Make the file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(SCHEMA)
        for table, rows in ROWS.items():
            for row in rows:
                database.execute(
                    f"INSERT INTO guidepath_{table} ({', '.join(row)}) "
                    f"VALUES ({', '.join('?' * len(row))})",
                    [
                        msgspec.msgpack.encode(value) if name == BLOBS.get(table) else value
                        for name, value in row.items()
                    ],
                )


def read(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows as the first version knew them."""
    found: dict[str, list[dict[str, Any]]] = {}
    with closing(sqlite3.connect(file)) as database:
        for table, rows in ROWS.items():
            names = list(rows[0])
            found[table] = [
                {
                    name: msgspec.msgpack.decode(value) if name == BLOBS.get(table) else value
                    for name, value in zip(names, row, strict=True)
                }
                for row in database.execute(f"SELECT {', '.join(names)} FROM guidepath_{table}")
            ]
    return found
