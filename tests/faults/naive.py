"""Stores as one writes them at first: each works alone, and none works with others.

What they know lies in one table of values by key and one list that only grows.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import redis
from msgspec.structs import replace

from guidepath.errors import StoreError
from guidepath.event import Envelope, Event
from guidepath.ports import Change, Draft, Row, Snapshot, Store
from guidepath.progress import Progress
from guidepath.subject import Subject

_encode = msgspec.msgpack.encode
_progress = msgspec.msgpack.Decoder(Progress).decode
_event = msgspec.msgpack.Decoder(Event).decode
_envelope = msgspec.msgpack.Decoder(Envelope).decode


class Overwriting:
    """Read, modify, write: a store whose versions nobody compares."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, method: str) -> Any:
        return getattr(self._store, method)

    def save(self, change: Change) -> bool:
        users = [user for user in change.drafts if user is not None]
        found = self._store.load(change.account, users)
        versions: dict[str | None, int] = {None: found.account.version}
        versions.update({user: row.version for user, row in found.users.items()})
        drafts = {
            user: Draft(draft.progress, versions[user]) for user, draft in change.drafts.items()
        }
        return self._store.save(replace(change, drafts=drafts))


class Naive:
    """What `ingest` needs of a store, and what the checker reads."""

    def load(
        self, account: str, users: Sequence[str] = (), ids: Sequence[str] = (), **_: bool
    ) -> Snapshot:
        self.begin()
        known = {one.id: one.digest for one in self.history(account)} if ids else {}
        rows = {user: self._row(account, user) for user in users}
        return Snapshot(self._row(account, ""), rows, known)

    def save(self, change: Change) -> bool:
        for user, draft in change.drafts.items():
            self.put(f"{change.account}/{user or ''}", _encode(draft.progress))
        for event in change.events:
            self.add("event", _encode(event))
        for envelope in change.envelopes:
            self.add("envelope", _encode(envelope))
        self.commit()
        return True

    def history(self, account: str, user: str | None = None) -> list[Event]:
        return [
            one
            for one in map(_event, self.all("event"))
            if one.account == account and user in (None, one.user)
        ]

    def subjects(self, *, after: Subject | None = None) -> list[tuple[Subject, Progress]]:
        if after is not None:
            return []
        places = (key.split("/") for key in sorted(self.keys()))
        found = [Subject(account, user or None) for account, user in places]
        return [
            (one, _progress(self.get(f"{one.account}/{one.user or ''}") or b"")) for one in found
        ]

    def said(self, account: str) -> list[Envelope]:
        return [one for one in map(_envelope, self.all("envelope")) if one.account == account]

    def release(self) -> None:
        pass

    def begin(self) -> None:
        """A transaction begins."""

    def commit(self) -> None:
        """It ends."""

    def get(self, key: str) -> bytes | None:
        raise NotImplementedError

    def put(self, key: str, value: bytes) -> None:
        raise NotImplementedError

    def keys(self) -> list[str]:
        raise NotImplementedError

    def add(self, kind: str, value: bytes) -> None:
        raise NotImplementedError

    def all(self, kind: str) -> list[bytes]:
        raise NotImplementedError

    def _row(self, account: str, user: str) -> Row:
        found = self.get(f"{account}/{user}")
        return Row(None, 0) if found is None else Row(_progress(found), 1)


class DeferredSqlite(Naive):
    """SQLite with its usual BEGIN: the lock for writing is taken when it is too late."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file, isolation_level=None, timeout=0)
        self._database.executescript(
            "PRAGMA journal_mode = WAL;"
            "CREATE TABLE IF NOT EXISTS v (key TEXT PRIMARY KEY, value BLOB);"
            "CREATE TABLE IF NOT EXISTS l (id INTEGER PRIMARY KEY, kind TEXT, value BLOB)"
        )

    def begin(self) -> None:
        self._run("BEGIN")

    def commit(self) -> None:
        self._run("COMMIT")

    def get(self, key: str) -> bytes | None:
        found = self._run("SELECT value FROM v WHERE key = ?", key)
        return found[0][0] if found else None

    def put(self, key: str, value: bytes) -> None:
        self._run("INSERT OR REPLACE INTO v VALUES (?, ?)", key, value)

    def keys(self) -> list[str]:
        return [key for (key,) in self._run("SELECT key FROM v")]

    def add(self, kind: str, value: bytes) -> None:
        self._run("INSERT INTO l (kind, value) VALUES (?, ?)", kind, value)

    def all(self, kind: str) -> list[bytes]:
        return [one for (one,) in self._run("SELECT value FROM l WHERE kind = ? ORDER BY id", kind)]

    def close(self) -> None:
        self._database.close()

    def _run(self, statement: str, *values: object) -> list[Any]:
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.OperationalError as problem:
            raise StoreError(str(problem)) from problem


class LockingPostgres(Naive):
    """PostgreSQL with SELECT … FOR UPDATE: what is not there yet cannot be locked."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SET client_min_messages = warning")
        self._connection.execute("CREATE TABLE IF NOT EXISTS v (key text PRIMARY KEY, value bytea)")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS l (id bigserial PRIMARY KEY, kind text, value bytea)"
        )

    def begin(self) -> None:
        self._run("BEGIN")

    def commit(self) -> None:
        self._run("COMMIT")

    def get(self, key: str) -> bytes | None:
        cursor = self._connection.execute("SELECT value FROM v WHERE key = %s FOR UPDATE", [key])
        found = cursor.fetchone()
        return found[0] if found else None

    def put(self, key: str, value: bytes) -> None:
        self._run(
            "INSERT INTO v VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            *(key, value),
        )

    def keys(self) -> list[str]:
        return [key for (key,) in self._connection.execute("SELECT key FROM v")]

    def add(self, kind: str, value: bytes) -> None:
        self._run("INSERT INTO l (kind, value) VALUES (%s, %s)", kind, value)

    def all(self, kind: str) -> list[bytes]:
        return [one for _, one in self.beyond(0, kind)]

    def beyond(self, cursor: int, kind: str = "envelope") -> list[tuple[int, bytes]]:
        """What stands behind a cursor that only moves forward."""
        return self._connection.execute(
            "SELECT id, value FROM l WHERE id > %s AND kind = %s ORDER BY id", [cursor, kind]
        ).fetchall()

    def take(self) -> bytes | None:
        """The first envelope that no other worker holds, held until this one commits."""
        self.begin()
        found = self._connection.execute(
            "SELECT id, value FROM l WHERE kind = 'envelope' ORDER BY id LIMIT 1"
            " FOR UPDATE SKIP LOCKED"
        ).fetchone()
        return found[1] if found else None

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: str, *values: object) -> None:
        self._connection.execute(statement.encode(), values)


class PlainRedis(Naive):
    """Redis with GET and SET."""

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(url)

    def get(self, key: str) -> bytes | None:
        found: bytes | None = self._client.get(f"v/{key}")
        return found

    def put(self, key: str, value: bytes) -> None:
        self._client.set(f"v/{key}", value)

    def keys(self) -> list[str]:
        return [one.decode().removeprefix("v/") for one in self._client.keys("v/*")]

    def add(self, kind: str, value: bytes) -> None:
        self._client.rpush(kind, value)

    def all(self, kind: str) -> list[bytes]:
        found: list[bytes] = self._client.lrange(kind, 0, -1)
        return found

    def close(self) -> None:
        self._client.close()
