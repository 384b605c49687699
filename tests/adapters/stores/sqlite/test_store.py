"""The SQLite store passes the contract, and keeps its promises to threads and files."""

import multiprocessing
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.stores.sqlite.forked import as_nobody

from guidepath import ConfigurationError, StoreError
from guidepath.adapters.stores.filelock import FileLock
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.ports import Change, Draft, Store
from guidepath.testing import StoreContract
from guidepath.testing.sample import happened, progress

NO_DATABASE = "not a database, but long enough to be looked at as one" * 9


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "guidepath.db")
    yield opened
    opened.close()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], Store]:
        numbers = count()
        return lambda: SqliteStore(tmp_path / f"{next(numbers)}.db", synchronous="NORMAL")


def test_what_was_saved_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "a.db")
    assert first.save(Change("acme", {"alice": Draft(progress(1), 0)}))
    first.close()
    again = SqliteStore(tmp_path / "a.db")
    assert again.load("acme", ["alice"]).users["alice"].progress == progress(1)
    again.close()


def test_a_store_that_was_closed_opens_the_file_again(store: SqliteStore) -> None:
    store.close()
    store.close()
    assert store.save(Change("acme", {}, [happened("e", 1)]))


def test_a_thread_that_ends_lets_go_of_its_connection(store: SqliteStore) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    def read() -> None:
        store.load("acme")

    before = descriptors()
    for _ in range(20):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert descriptors() <= before + 3


def test_more_ids_than_sqlite_takes_parameters_are_looked_up(store: SqliteStore) -> None:
    ids = [f"e{number}" for number in range(1200)]
    assert store.save(Change("acme", {}, [happened(one, 1) for one in ids]))
    assert len(store.load("acme", ids, ids).known) == 1200


def test_processes_that_open_a_new_file_at_once_all_succeed(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    together = context.Barrier(6)

    def work(number: int) -> None:
        together.wait()
        opened = SqliteStore(tmp_path / "a.db")
        assert opened.save(Change("acme", {}, [happened(f"e{number}", number)]))
        opened.close()

    processes = [context.Process(target=work, args=(number,)) for number in range(6)]
    for one in processes:
        one.start()
    for one in processes:
        one.join()
    assert [one.exitcode for one in processes] == [0] * 6
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        assert store.totals().messages == 6


# what is not as it should be


def test_a_file_that_is_no_database_is_a_clear_error_and_stays_alone(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text(NO_DATABASE)
    with pytest.raises(
        StoreError, match=r"a\.db did not answer: file is not a database; is the path right"
    ):
        SqliteStore(tmp_path / "a.db")
    assert [one.name for one in tmp_path.iterdir()] == ["a.db"]
    assert (tmp_path / "a.db").read_text() == NO_DATABASE


def test_a_file_that_is_no_database_is_let_go_of_while_its_error_lives(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text(NO_DATABASE)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(StoreError) as refused:
        SqliteStore(tmp_path / "a.db")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert refused.value.__traceback__ is not None  # its frames keep the connection


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"the folder of .*none/a\.db does not exist"):
        SqliteStore(tmp_path / "none" / "a.db")


def test_a_folder_in_place_of_a_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open database file"):
        SqliteStore(tmp_path)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody may look into, and only its owner may write to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


def test_a_folder_that_cannot_be_written_to_is_told(public: Path) -> None:
    public.chmod(0o555)
    told = as_nobody(lambda: SqliteStore(public / "a.db"))
    assert told.startswith("StoreError: the store")
    assert "must be able to write to the file and to its folder" in told


@pytest.mark.parametrize("writable", ["folder", "nothing"])
def test_a_file_that_cannot_be_written_to_is_told(public: Path, writable: str) -> None:
    SqliteStore(public / "a.db").close()
    for one in public.iterdir():
        one.chmod(0o444)
    public.chmod(0o777 if writable == "folder" else 0o555)
    told = as_nobody(lambda: SqliteStore(public / "a.db"))
    assert told.startswith("StoreError: the store")
    assert "must be able to write to the file and to its folder" in told


def test_another_program_that_keeps_the_file_locked_is_an_error_in_time(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db", timeout=0.05)
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program keeps it locked"):
            store.save(Change("acme", {}, [happened("e", 1)]))
        assert store.load("acme").known == {}  # who reads does not wait
        other.execute("ROLLBACK")
    assert store.save(Change("acme", {}, [happened("e", 1)]))
    store.close()


def test_who_waits_for_another_program_lets_others_into_the_queue(tmp_path: Path) -> None:
    """Else ten that each wait as long as they may would wait for each other, too."""
    store = SqliteStore(tmp_path / "a.db", timeout=30)
    lock = FileLock(tmp_path / "a.db-lock")
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(
            target=lambda: store.save(Change("acme", {}, [happened("e", 1)]))
        )
        waiting.start()
        for _ in range(5):
            queuing = threading.Thread(target=lock.acquire, daemon=True)
            queuing.start()
            queuing.join(10)
            assert not queuing.is_alive()
            lock.release()
        other.execute("ROLLBACK")
        waiting.join()
    lock.close()
    assert store.totals().messages == 1
    store.close()


# what the disk refuses


def test_after_a_commit_that_failed_the_store_goes_on(store: SqliteStore) -> None:
    """The disk is full for a while."""
    filled = [happened(f"e{number}", number) for number in range(200)]
    (pages,) = store.look("PRAGMA page_count", ())[0]
    store.look(f"PRAGMA max_page_count = {pages}", ())
    with pytest.raises(StoreError, match="full; make room on the disk"):
        store.save(Change("acme", {}, filled))
    assert store.totals().messages == 0
    store.look("PRAGMA max_page_count = 1000000", ())
    assert store.save(Change("acme", {}, filled))
    assert store.totals().messages == 200


# addresses


@pytest.mark.parametrize("url", ["sqlite:", "sqlite://", "sqlite:///:memory:", "sqlite://host/a"])
def test_an_address_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="names no file"):
        SqliteStore.from_url(url)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("synchronous=off", "it is full or normal"),
        ("synchronous=", "it is full or normal"),
        ("timeout=long", "it is seconds"),
        ("timeout=-1", "it is seconds"),
        ("timeout=nan", "it is seconds"),
        ("sync=normal", "no option 'sync'"),
    ],
)
def test_an_option_that_there_is_not_is_refused(tmp_path: Path, option: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        SqliteStore.from_url(f"sqlite:///{tmp_path}/a.db?{option}")
    assert list(tmp_path.iterdir()) == []


def test_the_options_of_an_address_are_used(tmp_path: Path) -> None:
    store = SqliteStore.from_url(f"sqlite:///{tmp_path}/a%20b.db?synchronous=normal&timeout=0.05")
    assert store.look("PRAGMA synchronous", ()) == [(1,)]
    with closing(sqlite3.connect(tmp_path / "a b.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            store.save(Change("acme", {}))
    store.close()


def test_a_commit_is_durable_unless_asked_otherwise(store: SqliteStore) -> None:
    assert store.look("PRAGMA synchronous", ()) == [(2,)]
    assert store.look("PRAGMA journal_mode", ()) == [("wal",)]


# the file


def test_its_tables_stay_apart_from_the_hosts(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "a.db").close()
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    names = {name for (name,) in rows if not name.startswith("sqlite_")}
    assert names
    assert all(name.startswith("guidepath_") for name in names)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every commit is followed by a checkpoint."""
    connect = sqlite3.connect

    def checkpointing(*args: Any, **named: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*args, **named)
        database.execute("PRAGMA wal_autocheckpoint = 1").fetchone()
        return database

    monkeypatch.setattr(sqlite3, "connect", checkpointing)


def written(file: Path) -> tuple[int, int]:
    found = file.stat()  # to open and close it would let go of SQLite's locks
    return found.st_size, found.st_mtime_ns


@pytest.mark.usefixtures("often")
def test_the_file_is_checkpointed_only_while_the_lock_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.db"
    released: list[tuple[int, int]] = []

    class Seen(FileLock):
        held = False

        def acquire(self) -> None:
            super().acquire()
            self.held = True

        def release(self) -> None:
            if self.held:
                released.append(written(file))
            self.held = False
            super().release()

    monkeypatch.setattr("guidepath.adapters.stores.sqlite.connection.FileLock", Seen)
    store = SqliteStore(file)
    for number in range(20):
        before = written(file)
        body = [happened(f"e{number}-{one}", one) for one in range(20)]
        assert store.save(Change("acme", {}, body))
        assert written(file) == released[-1] != before
    store.close()


def test_one_that_closes_beside_others_does_not_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    first, second = SqliteStore(file), SqliteStore(file)
    assert first.save(Change("acme", {}, [happened(f"e{one}", one) for one in range(50)]))
    before = written(file)
    first.close()
    assert written(file) == before
    second.close()
    assert written(file) != before
    assert not file.with_name("a.db-wal").exists()
