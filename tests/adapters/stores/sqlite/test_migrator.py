"""A file of the first version is brought up to date whole, whoever else is there and dies."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.adapters.stores.sqlite import version_one as old

from guidepath import ConfigurationError, Guidepath, StoreError
from guidepath.adapters.stores.migration import statements
from guidepath.adapters.stores.sqlite import SqliteMigrator, SqliteStore, schema
from guidepath.errors import SchemaError
from guidepath.ports import Change, Draft
from guidepath.testing import FrozenClock
from guidepath.testing.sample import happened, progress, spoken

NEWEST = schema.NEWEST
KILLS = 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    old.write(tmp_path / "a.db")
    return tmp_path / "a.db"


def migrated(file: Path) -> list[int]:
    return [step.version for step in SqliteMigrator(file).migrate()]


def in_child(work: Callable[[], object]) -> int:
    """Run in a child that is forked; its exit code, negative where a signal ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_each_step_is_taken_once(file: Path) -> None:
    assert SqliteMigrator(file).version() == 1
    assert migrated(file) == [2, 3]
    assert SqliteMigrator(file).version() == NEWEST == 3
    assert migrated(file) == []


def test_everything_is_there_afterwards(file: Path) -> None:
    migrated(file)
    assert old.read(file) == old.ROWS


def test_people_go_on_where_they_were(file: Path) -> None:
    migrated(file)
    clock = FrozenClock(datetime(2026, 3, 2, 11, tzinfo=UTC))
    with Guidepath(old.PLAYBOOK, f"sqlite:///{file}", clock=clock) as guide:
        ada = guide.progress(user="ada", account="acme")
        assert [one.id for one in ada.milestones if one.reached_at] == ["first", "team"]
        assert not guide.track("invoice.sent", user="bob", account="acme", id="e2").stored
        assert guide.track("invoice.sent", user="bob", account="acme", id="e4").reached == ()
        assert guide.next(user="bob", account="acme").item is not None


def test_the_sinks_go_on_where_they_were(file: Path) -> None:
    migrated(file)
    with closing(SqliteStore(file)) as store:
        waiting = [row["id"] for row in old.ROWS["outbox"]]
        first = store.claim("jsonl:a", now=200, lease=10, most=500)
        assert first is not None
        assert [one.id for one in first.envelopes] == waiting[2:]
        second = store.claim("log", now=200, lease=10, most=500)
        assert second is not None
        assert [one.id for one in second.envelopes] == waiting[1:]
        assert second.failures == 1
        assert [one.oldest for one in store.queues([])] == [None, None]  # nobody wrote it down


def test_a_file_without_our_tables_gets_them(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "host.db")) as database:
        database.execute("CREATE TABLE invoice (number INTEGER)")
    assert SqliteMigrator(tmp_path / "host.db").version() == 0
    assert migrated(tmp_path / "host.db") == [1, 2, 3]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for call in (
        SqliteMigrator(tmp_path / "a.db").version,
        SqliteMigrator(tmp_path / "a.db").migrate,
    ):
        with pytest.raises(ConfigurationError, match="there is no store at"):
            call()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_stays_as_it_is(tmp_path: Path) -> None:
    text = "not a database, but long enough to be looked at as one" * 9
    (tmp_path / "a.db").write_text(text)
    for call in (
        SqliteMigrator(tmp_path / "a.db").version,
        SqliteMigrator(tmp_path / "a.db").migrate,
    ):
        with pytest.raises(StoreError, match="is the path right"):
            call()
    assert [one.read_text() for one in tmp_path.iterdir()] == [text]


def test_an_older_file_is_refused_with_the_mend(file: Path) -> None:
    with pytest.raises(
        SchemaError, match=r"version 1, this guidepath needs 3; run `guidepath migr"
    ):
        SqliteStore(file)
    assert old.read(file) == old.ROWS


def test_a_newer_file_is_worked_on(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "a.db").close()
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as database:
        database.execute("UPDATE guidepath_meta SET value = 9 WHERE name = 'version'")
        for table in ("subject", "history", "outbox", "cursor", "lease", "dead", "erased"):
            database.execute(f"ALTER TABLE guidepath_{table} ADD COLUMN more TEXT DEFAULT 'x'")
    assert SqliteMigrator(tmp_path / "a.db").version() == 9
    assert migrated(tmp_path / "a.db") == []
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        assert store.save(
            Change("acme", {"u": Draft(progress(1), 0)}, [happened("e", 1)], [spoken(1)])
        )
        parcel = store.claim("s", now=1, lease=1, most=9)
        assert parcel is not None
        assert store.settle(parcel, now=1, done=1)


def test_two_at_once_do_each_step_once(file: Path) -> None:
    done: list[list[int]] = []
    threads = [threading.Thread(target=lambda: done.append(migrated(file))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(step for steps in done for step in steps) == [2, 3]
    assert old.read(file) == old.ROWS


def test_it_waits_for_another_process_that_is_at_it(file: Path) -> None:
    """The other one holds the lock, and has done its first step when this one comes to look."""
    begun, go = os.pipe(), os.pipe()

    def other() -> None:
        connection = SqliteStore.migrator(f"sqlite:///{file}")
        advance = schema.advance

        def slowly(*given: Any) -> None:
            os.write(begun[1], b".")
            os.read(go[0], 1)
            advance(*given)

        vars(schema)["advance"] = slowly
        done.extend(step.version for step in connection.migrate())

    done: list[int] = []
    child = os.fork()
    if child == 0:
        try:
            other()
        finally:
            os._exit(sum(done))
    os.read(begun[0], 1)
    mine: list[list[int]] = []
    waiting = threading.Thread(target=lambda: mine.append(migrated(file)))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    os.write(go[1], b"." * 9)
    theirs = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    waiting.join()
    assert (theirs, mine) in ((2 + 3, [[]]), (2, [[3]]))  # each step is a turn of its own


def dying(number: int) -> Callable[..., sqlite3.Connection]:
    """sqlite3.connect, for a process that dies before its Nth statement."""
    statement = count(1)

    def die_in_time(_text: str) -> None:
        if next(statement) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    connect = sqlite3.connect

    def mortal(*args: Any, **named: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*args, **named)
        database.set_trace_callback(die_in_time)
        return database

    return mortal


def killed_before(file: Path, number: int) -> bool:
    """Migrate in a child that is killed before a statement; whether it came so far."""

    def work() -> None:
        vars(sqlite3)["connect"] = dying(number)
        SqliteMigrator(file).migrate()

    return in_child(work) == -signal.SIGKILL


@pytest.mark.parametrize("number", range(1, KILLS + 1))
def test_one_that_is_killed_goes_on_where_it_was(file: Path, number: int) -> None:
    assert killed_before(file, number)
    there = SqliteMigrator(file).version()
    assert migrated(file) == list(range(there + 1, NEWEST + 1))
    assert old.read(file) == old.ROWS
    with closing(SqliteStore(file)) as store, closing(sqlite3.connect(file)) as database:
        assert store.totals().messages == 4
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_the_kills_reach_over_the_whole_way(tmp_path: Path) -> None:
    """In the middle of both steps, between them, and before the last commit."""
    seen = set()
    for number in count(1):
        file = tmp_path / f"{number}.db"
        old.write(file)
        if not killed_before(file, number):
            break
        seen.add(SqliteMigrator(file).version())
    assert seen == {1, 2, 3}
    assert KILLS + 1 <= number <= KILLS + 5


def test_a_first_start_that_is_killed_leaves_nothing_to_migrate(tmp_path: Path) -> None:
    def work() -> None:
        vars(sqlite3)["connect"] = dying(12)
        SqliteStore(tmp_path / "a.db")

    assert in_child(work) == -signal.SIGKILL
    SqliteStore(tmp_path / "a.db").close()


def test_statements_run_one_by_one_do_the_same(tmp_path: Path) -> None:
    """Also where each is committed by itself, and where they are run again after an end midway."""

    def tables(file: Path) -> list[Any]:
        with closing(sqlite3.connect(file)) as database:
            return sorted(database.execute("SELECT name, sql FROM sqlite_master").fetchall())

    for name in ("by-hand.db", "ours.db"):
        old.write(tmp_path / name)
    migrated(tmp_path / "ours.db")
    todo = statements("sqlite:///any.db", since=1)
    with closing(sqlite3.connect(tmp_path / "by-hand.db")) as database:  # begins before rows only
        for end in range(1, 6):
            for statement in todo[:end]:
                database.execute(statement)
            database.rollback()
        for statement in todo:
            database.execute(statement)
        database.commit()
    assert tables(tmp_path / "by-hand.db") == tables(tmp_path / "ours.db")
    assert migrated(tmp_path / "by-hand.db") == []


@pytest.mark.parametrize(("since", "to"), [(-1, 2), (2, 1), (0, 99)])
def test_versions_that_there_are_not_are_refused(since: int, to: int) -> None:
    with pytest.raises(ConfigurationError, match=f"no way from version {since} to {to}"):
        statements("sqlite:///a.db", since=since, to=to)


class OldCode:
    """What the first version did, statement by statement, on whatever tables there are."""

    def __init__(self, file: Path) -> None:
        self.database = sqlite3.connect(file, isolation_level=None)

    def track(self, user: str, name: str) -> None:
        rows = self.database.execute(old.LOAD.format("?,?"), ["acme", "", user]).fetchall()
        found = {who: (version, blob) for who, version, blob in rows}
        assert self.database.execute(old.KNOWN.format("?"), ["acme", name]).fetchall() == []
        self.database.execute("BEGIN IMMEDIATE")
        if user in found:
            version, blob = found[user]
            self._one(old.UPDATE, [None, blob, "acme", user, version])
        else:
            self._one(old.INSERT, [None, found[""][1], "acme", user])
        event = happened(name, 1772445600000001, user=user)
        row = ["acme", name, user, "track", event.occurred_at, event.digest]
        self._one(old.RECORD, [*row, msgspec.msgpack.encode(event)])
        said = msgspec.msgpack.encode(spoken(1, user=user))
        self._one(old.POST, [f"evt_{name}", "acme", user, said])
        self.database.execute("COMMIT")

    def relay(self, sink: str) -> int:
        position, _, failures = self.database.execute(old.CURSOR, [sink]).fetchone()
        rows = self.database.execute(old.WAITING, [position, 500]).fetchall()
        self._one(old.LEASE, [sink, position, 100, failures])
        self._one(old.SETTLE, [rows[-1][0], 0, 0, sink, position])
        return len(rows)

    def read(self) -> tuple[int, int, int]:
        messages, _ = self.database.execute(old.TOTALS).fetchone()
        subjects = self.database.execute(old.SUBJECTS, ["", "", 500]).fetchall()
        return messages, len(subjects), len(self.database.execute(old.HISTORY, ["acme"]).fetchall())

    def erase(self, user: str) -> None:
        for table in ("subject", "history", "outbox"):
            self.database.execute(old.ERASE.format(table), ["acme", user])

    def _one(self, statement: str, values: list[Any]) -> None:
        assert self.database.execute(statement, values).rowcount == 1


@pytest.fixture
def old_code(file: Path) -> Iterator[OldCode]:
    """It has had the file open since before the tables were changed."""
    running = OldCode(file)
    running.track("ada", "before")
    yield running
    running.database.close()


def test_old_code_runs_on_new_tables(file: Path, old_code: OldCode) -> None:
    migrated(file)
    old_code.track("ada", "again")
    old_code.track("dan", "new")
    assert old_code.relay("jsonl:a") == len(old.ROWS["outbox"]) - 2 + 3
    assert old_code.read() == (4 + 3, 6, 5 + 3)
    old_code.erase("dan")
    with closing(SqliteStore(file)) as store:
        assert [one.id for one in store.history("acme", "ada")][-2:] == ["before", "again"]
        assert store.claim("jsonl:a", now=0, lease=10, most=9) is None
        parcel = store.claim("log", now=200, lease=10, most=500)
        assert parcel is not None
        assert parcel.envelopes[-1] == spoken(1, user="ada")
        assert store.settle(parcel, now=200, done=len(parcel.envelopes))
    old_code.track("ada", "once more")
    assert old_code.relay("log") == 1
