"""A forked child has connections and a place in the queue of its own, and harms nobody's."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from tests.adapters.stores.sqlite.forked import told

from guidepath.adapters.stores.filelock import FileLock
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.lock import whole
from guidepath.ports import Change
from guidepath.testing.sample import happened

FORKS = 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "a.db")
    yield opened
    opened.close()


def saved(store: SqliteStore, name: str) -> bool:
    return store.save(Change("acme", {}, [happened(name, 1)]))


def is_free(file: Path) -> bool:
    """Whether a stranger gets the lock at once."""
    script = "import fcntl, sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    asked = subprocess.run(
        [sys.executable, "-c", script, f"{file}-lock"], stderr=subprocess.PIPE, check=False
    )
    return asked.returncode == 0


def test_a_forked_child_writes_on_a_connection_of_its_own(store: SqliteStore) -> None:
    assert saved(store, "parent")
    assert told(lambda: saved(store, "child")) == "True"
    assert saved(store, "after")
    assert [one.id for one in store.history("acme")] == ["parent", "child", "after"]


@pytest.mark.parametrize("ending", ["closes", "ends"])
def test_a_child_that_closes_or_ends_leaves_its_parents_turn_alone(
    store: SqliteStore, tmp_path: Path, ending: str
) -> None:
    go, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(go, 1)
        if ending == "closes":
            store.close()
        os._exit(0)
    store.load("acme", turn=True)
    os.write(tell, b".")
    os.waitpid(child, 0)
    assert not is_free(tmp_path / "a.db")
    assert saved(store, "mine")
    assert is_free(tmp_path / "a.db")


def test_a_thread_that_forks_in_its_turn_loses_the_turn_and_nothing_else(
    store: SqliteStore, tmp_path: Path
) -> None:
    store.load("acme", turn=True)
    assert told(lambda: saved(store, "child")) == "True"
    assert is_free(tmp_path / "a.db")
    assert saved(store, "parent")
    assert [one.id for one in store.history("acme")] == ["child", "parent"]


def test_a_thread_that_forks_in_its_turn_does_not_wait_for_those_who_wait_for_it(
    store: SqliteStore,
) -> None:
    store.load("acme", turn=True)
    threads = [threading.Thread(target=saved, args=(store, f"thread{one}")) for one in range(4)]
    for one in threads:
        one.start()
        one.join(0.05)  # it waits for its turn by now
    assert told(lambda: saved(store, "child")) == "True"
    for one in threads:
        one.join()
    assert store.totals().messages == 5


def test_a_fork_waits_for_the_turns_of_other_threads(store: SqliteStore) -> None:
    """A child that inherited an open transaction could never write."""
    begun, forked, order = threading.Event(), threading.Event(), list[str]()

    def write() -> None:
        store.load("acme", turn=True)
        begun.set()
        forked.wait(0.2)  # it cannot be: the fork waits
        if whole.acquire(timeout=10):  # as who decides in a turn does: not what the fork waits for
            whole.release()
            order.append("decided")
        order.append("saved" if saved(store, "thread") else "lost")

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait()
    assert told(lambda: saved(store, "child")) == "True"
    order.append("forked")
    forked.set()
    thread.join()
    assert order == ["decided", "saved", "forked"]


PARENT = """
import os, signal, sys
from guidepath.adapters.stores.sqlite import SqliteStore
store = SqliteStore(sys.argv[1])
if os.fork() == 0:
    sys.stdin.read()
    os._exit(0)
store.load("acme", turn=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_parent_that_dies_in_its_turn_leaves_nothing_locked_while_its_child_lives(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path / "a.db"], stdin=subprocess.PIPE
    ) as parent:
        parent.wait()
        assert is_free(tmp_path / "a.db")  # the child still waits for the end of its input
        with closing(SqliteStore(tmp_path / "a.db", timeout=1)) as store:
            assert saved(store, "stranger")


def test_forks_while_other_threads_write_and_fork_neither_hang_nor_lose(
    store: SqliteStore,
) -> None:
    stop = threading.Event()
    mine: list[str] = []

    def write(name: str) -> None:
        for number in range(100_000):
            if stop.is_set():
                return
            store.load("acme", turn=True)
            assert saved(store, f"{name}{number}")
            mine.append(f"{name}{number}")

    def fork(name: str) -> None:
        names = [f"{name}{number}" for number in range(FORKS // 2)]
        mine.extend(one for one in names if told(partial(saved, store, one)) == "True")

    writing = [threading.Thread(target=write, args=(name,)) for name in "xy"]
    forking = [threading.Thread(target=fork, args=(name,)) for name in ("child", "heir")]
    for one in (*writing, *forking):
        one.start()
    for one in forking:
        one.join()
    stop.set()
    for one in writing:
        one.join()
    assert {one.id for one in store.history("acme")} == {*mine}
    forked = {f"{name}{number}" for name in ("child", "heir") for number in range(FORKS // 2)}
    assert forked <= {*mine}


HEIR = """
import os, signal, sys
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.lock import whole
from guidepath.ports import Change
from guidepath.testing.sample import happened

def save(store, name):
    assert store.save(Change("acme", {}, [happened(name, 1)]))

file = sys.argv[1]
store = SqliteStore(file)
save(store, "before")
go, tell = os.pipe()
if os.fork() == 0:
    os.close(tell)
    os.read(go, 1)
    sys.exit()  # as a worker ends: Python takes everything down
store.close()  # the last one: the WAL is gone
if os.fork() == 0:
    save(SqliteStore(file), "acknowledged")
    os.kill(os.getpid(), signal.SIGKILL)  # and there is a new one, with what was saved
os.wait()
os.write(tell, b".")
os.wait()
"""


def test_a_child_that_ends_takes_away_nothing_that_others_saved(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", HEIR, tmp_path / "a.db"], check=True)
    with closing(SqliteStore(tmp_path / "a.db")) as store:
        assert [one.id for one in store.history("acme")] == ["before", "acknowledged"]
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


WORKER = """
import os, signal, sys
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.lock import whole
from guidepath.ports import Change
from guidepath.testing.sample import happened

store = SqliteStore(sys.argv[1])
assert store.save(Change("acme", {}, [happened("before", 1)]))
if os.fork():
    os._exit(0)  # as a daemon does: the one that opened the file is gone
store.load("acme")
print("ready", flush=True)
sys.stdin.readline()
assert store.save(Change("acme", {}, [happened("acknowledged", 2)]))
print("saved", flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_worker_saves_is_there_though_another_program_came_and_went(tmp_path: Path) -> None:
    """Whoever closes the last connection takes the WAL away: the worker's must count."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, tmp_path / "a.db"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdin
        assert worker.stdout
        assert worker.stdout.readline() == b"ready\n"
        visit = "from sys import argv; from guidepath.adapters.stores.sqlite import SqliteStore;"
        visit += "SqliteStore(argv[1]).close()"
        subprocess.run([sys.executable, "-c", visit, tmp_path / "a.db"], check=True)
        worker.stdin.write(b"\n")
        worker.stdin.flush()
        assert worker.stdout.readline() == b"saved\n"
        with closing(SqliteStore(tmp_path / "a.db")) as store:
            assert [one.id for one in store.history("acme")] == ["before", "acknowledged"]
        worker.stdin.write(b"\n")


def test_a_lock_that_is_closed_twice_closes_nothing_else(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.close()
    other = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)  # gets the number that is free
    lock.close()
    os.fstat(other)
    os.close(other)
