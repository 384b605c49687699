"""The SQLite store passes the contract, and keeps its promises to threads, forks and files."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from guidepath import ConfigurationError, StoreError
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.ports import Change, Draft, Store
from guidepath.testing import StoreContract
from guidepath.testing.sample import happened, progress


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


def test_a_forked_child_writes_on_a_connection_of_its_own(store: SqliteStore) -> None:
    assert store.save(Change("acme", {}, [happened("parent", 1)]))
    child = os.fork()
    if child == 0:
        saved = store.save(Change("acme", {}, [happened("child", 2)]))
        os._exit(0 if saved else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.save(Change("acme", {}, [happened("after", 3)]))
    assert [one.id for one in store.history("acme")] == ["parent", "child", "after"]


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


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("not a database, but long enough to be looked at as one" * 9)
    with pytest.raises(StoreError, match=r"a\.db did not answer: file is not a database"):
        SqliteStore(tmp_path / "a.db")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"the folder of .*none/a\.db does not exist"):
        SqliteStore(tmp_path / "none" / "a.db")


@pytest.mark.parametrize("url", ["sqlite:", "sqlite://", "sqlite:///:memory:", "sqlite://host/a"])
def test_an_address_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="names no file"):
        SqliteStore.from_url(url)


def test_synchronous_is_full_or_normal(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="it is full or normal"):
        SqliteStore.from_url(f"sqlite:///{tmp_path}/a.db?synchronous=off")
    store = SqliteStore.from_url(f"sqlite:///{tmp_path}/a.db?synchronous=normal")
    store.close()


def test_its_tables_stay_apart_from_the_hosts(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "a.db").close()
    with sqlite3.connect(tmp_path / "a.db") as database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    database.close()
    names = {name for (name,) in rows if not name.startswith("sqlite_")}
    assert names
    assert all(name.startswith("guidepath_") for name in names)

