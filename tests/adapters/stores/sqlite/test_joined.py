"""What is tracked in a host's transaction is there if and only if the host commits."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.stores.sqlite.forked import told

from guidepath import ConfigurationError, Guidepath, Playbook, StoreError
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.ports import Change, Draft
from guidepath.testing.sample import happened, progress, spoken

PLAYBOOK = Playbook.parse("""
name: ledgerly
events: {sent: {}}
milestones:
  - {id: first, title: First, reached_when: did("sent"), first_value: true}
  - {id: third, title: Third, reached_when: count("sent") >= 3}
guidance:
  - {id: send, type: banner, moment: onboard, toward: first, title: Send one}
""")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "host.db")) as database:
        database.execute("CREATE TABLE invoice (number INTEGER)")
    return tmp_path / "host.db"


@pytest.fixture
def guide(file: Path) -> Iterator[Guidepath]:
    with Guidepath(PLAYBOOK, f"sqlite:///{file}?timeout=0.2") as opened:
        yield opened


@pytest.fixture
def host(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, timeout=0.2)) as database:
        yield database


def track(guide: Guidepath, connection: object, name: str) -> list[str]:
    """Track in the host's transaction; what was reached."""
    joined = guide.within(connection)
    receipt = joined.track("sent", user="ada", account="acme", id=name)
    assert receipt.stored
    return [one.milestone for one in receipt.reached]


def events(guide: Guidepath) -> list[str]:
    return [one.id for one in guide.store.history("acme")]


def said(guide: Guidepath) -> list[object]:
    """The milestones that the relay would carry."""
    return [
        one.data["milestone"] for one in guide.store.said("acme") if one.type == "milestone.reached"
    ]


def reached(guide: Guidepath) -> list[str]:
    found = guide.progress(user="ada", account="acme").milestones
    return [one.id for one in found if one.reached_at is not None]


def invoices(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        found: int = database.execute("SELECT count(*) FROM invoice").fetchone()[0]
        return found


def test_what_the_host_commits_is_there(
    guide: Guidepath, host: sqlite3.Connection, file: Path
) -> None:
    host.execute("INSERT INTO invoice VALUES (1)")
    assert track(guide, host, "e1") == ["first"]
    assert events(guide) == []  # nobody else sees it yet
    host.commit()
    assert (events(guide), said(guide), reached(guide)) == (["e1"], ["first"], ["first"])
    assert invoices(file) == 1


def test_of_what_the_host_takes_back_there_is_nothing(
    guide: Guidepath, host: sqlite3.Connection, file: Path
) -> None:
    host.execute("INSERT INTO invoice VALUES (1)")
    track(guide, host, "e1")
    host.rollback()
    assert (events(guide), said(guide), reached(guide)) == ([], [], [])
    assert track(guide, host, "e1") == ["first"]  # the milestone comes when it is true
    host.commit()
    assert said(guide) == ["first"]


def fail_after_tracking(guide: Guidepath, host: sqlite3.Connection) -> None:
    with host:
        track(guide, host, "e2")
        raise ZeroDivisionError


def test_with_the_hosts_context_manager(guide: Guidepath, host: sqlite3.Connection) -> None:
    with host:
        track(guide, host, "e1")
    with pytest.raises(ZeroDivisionError):
        fail_after_tracking(guide, host)
    assert events(guide) == ["e1"]


def test_a_savepoint_of_the_hosts_takes_back_what_came_after_it(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    track(guide, host, "e1")
    host.execute("SAVEPOINT mine")
    track(guide, host, "e2")
    host.execute("ROLLBACK TO mine")
    track(guide, host, "e3")
    host.commit()
    assert events(guide) == ["e1", "e3"]


def test_several_calls_of_one_transaction_see_each_other(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    joined = guide.within(host)
    shown = joined.next(user="ada", account="acme")
    assert shown.item is not None
    assert joined.respond(shown.id, "completed")
    assert [track(guide, host, f"e{number}") for number in range(3)] == [["first"], [], ["third"]]
    assert not joined.track("sent", user="ada", account="acme", id="e1").stored
    host.commit()
    assert guide.next(user="ada", account="acme").item is None
    assert said(guide) == ["first", "third"]


def test_erase_and_export_join_too(guide: Guidepath, host: sqlite3.Connection) -> None:
    guide.track("sent", user="ada", account="acme")
    joined = guide.within(host)
    joined.erase(user="ada", account="acme")
    assert joined.export(user="ada", account="acme")["history"] == []
    host.rollback()
    assert len(events(guide)) == 1


def test_what_it_returned_can_be_used_in_the_next_transaction(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    joined = guide.within(host)
    for number in range(3):
        joined.track("sent", user="ada", account="acme", id=f"e{number}")
        host.commit()
    joined.close()
    assert events(guide) == ["e0", "e1", "e2"]
    host.execute("SELECT 1")  # it is the host's to close


# what hosts do to their connections


def test_the_hosts_row_and_text_factories_do_not_disturb(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    def row(_cursor: sqlite3.Cursor, _values: tuple[Any, ...]) -> str:
        return "nonsense"

    host.row_factory = row
    host.text_factory = bytes
    track(guide, host, "e1")
    assert track(guide, host, "e2") == []
    host.commit()
    assert events(guide) == ["e1", "e2"]
    assert host.row_factory is row
    assert host.text_factory is bytes


def test_a_conflict_leaves_the_hosts_transaction_as_it_was(
    guide: Guidepath, host: sqlite3.Connection, file: Path
) -> None:
    host.execute("INSERT INTO invoice VALUES (1)")
    store = SqliteStore(file)
    joined = store.within(host)
    assert not joined.save(
        Change("acme", {"u": Draft(progress(1), 0), "v": Draft(progress(1), 7)}, [happened("e", 1)])
    )
    assert joined.save(Change("acme", {"u": Draft(progress(1), 0)}, [], [spoken(1)]))
    host.commit()
    store.close()
    assert invoices(file) == 1
    assert guide.store.load("acme", ["u"]).users["u"].progress == progress(1)
    assert events(guide) == []


def test_without_a_transaction_there_is_none_to_join(guide: Guidepath, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as host:
        with pytest.raises(
            ConfigurationError, match="has no transaction open, and commits each statement"
        ):
            track(guide, host, "e1")
        host.execute("BEGIN")
        track(guide, host, "e1")
        host.execute("COMMIT")
    assert events(guide) == ["e1"]


def test_a_connection_to_something_else_is_refused(guide: Guidepath, tmp_path: Path) -> None:
    for name in (":memory:", str(tmp_path / "other.db")):
        with (
            closing(sqlite3.connect(name)) as other,
            pytest.raises(ConfigurationError, match="both must be one file"),
        ):
            guide.within(other)
    with pytest.raises(ConfigurationError, match="str is no connection of sqlite3"):
        guide.within("sqlite:///host.db")
    with pytest.raises(ConfigurationError, match="MemoryStore joins no transaction"):
        Guidepath(PLAYBOOK).within(object())


def test_the_same_file_by_another_name_is_the_same(guide: Guidepath, file: Path) -> None:
    file.with_name("link.db").symlink_to(file)
    with closing(sqlite3.connect(file.with_name("link.db"))) as host:
        track(guide, host, "e1")
        host.commit()
    assert events(guide) == ["e1"]


def test_a_connection_of_another_thread_is_refused(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    joined = guide.within(host)
    caught: list[str] = []

    def elsewhere() -> None:
        with pytest.raises(StoreError) as problem:
            joined.track("sent", user="ada", account="acme")
        caught.append(str(problem.value))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "created in a thread can only be used in that same thread" in caught[0]


def test_a_connection_of_before_a_fork_is_refused(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    joined = guide.within(host)
    said = told(lambda: joined.track("sent", user="ada", account="acme"))
    assert "opened before this process was forked" in said


# others


def test_who_holds_a_transaction_makes_others_wait_but_not_for_ever(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    """No file lock is held by a host: nobody waits for somebody who waits for him."""
    track(guide, host, "e1")
    with pytest.raises(StoreError, match="another program keeps it locked"):
        guide.track("sent", user="ada", account="acme", id="e2")
    host.commit()
    guide.track("sent", user="ada", account="acme", id="e2")
    assert events(guide) == ["e1", "e2"]


def test_a_host_that_has_read_before_others_wrote_is_told_to_repeat(
    guide: Guidepath, file: Path
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0.2)) as host:
        host.execute("BEGIN")
        host.execute("SELECT * FROM invoice").fetchall()
        guide.track("sent", user="ada", account="acme", id="e1")
        with pytest.raises(StoreError, match="repeat it, or begin it with BEGIN IMMEDIATE"):
            track(guide, host, "e2")
        host.execute("ROLLBACK")
        host.execute("BEGIN IMMEDIATE")
        assert track(guide, host, "e2") == []
        host.execute("COMMIT")
    assert events(guide) == ["e1", "e2"]


def test_what_it_decides_on_is_what_others_have_saved(
    guide: Guidepath, host: sqlite3.Connection
) -> None:
    guide.track("sent", user="ada", account="acme", id="e1")
    assert track(guide, host, "e2") == []
    host.rollback()
    guide.track("sent", user="ada", account="acme", id="e3")
    assert track(guide, host, "e4") == ["third"]
    host.commit()
    assert said(guide) == ["first", "third"]


HOSTS = 4
EACH = 25


def crowd(work: Callable[[str], object]) -> None:
    children = []
    for number in range(HOSTS):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                for each in range(EACH):
                    work(f"p{number}-{each}")
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(one, 0)[1] for one in children] == [0] * HOSTS


def test_hosts_and_guides_on_one_user_lose_nothing(file: Path) -> None:
    """Each process tracks in a transaction of its own, and beside it without one."""
    with Guidepath(PLAYBOOK, f"sqlite:///{file}") as guide:

        def work(name: str) -> None:
            with closing(sqlite3.connect(file, timeout=30)) as host, host:
                host.execute("BEGIN IMMEDIATE")
                host.execute("INSERT INTO invoice VALUES (1)")
                guide.within(host).track("sent", user="ada", account="acme", id=f"in-{name}")
            guide.track("sent", user="ada", account="acme", id=f"out-{name}")

        crowd(work)
        expected = {
            f"{how}-p{p}-{n}" for how in ("in", "out") for p in range(HOSTS) for n in range(EACH)
        }
        assert set(events(guide)) == expected
        assert len(events(guide)) == len(expected)
        assert said(guide) == ["first", "third"]
        assert invoices(file) == HOSTS * EACH


def test_a_host_that_dies_before_it_commits_leaves_nothing(guide: Guidepath, file: Path) -> None:
    def dies() -> None:
        host = sqlite3.connect(file)
        host.execute("INSERT INTO invoice VALUES (1)")
        guide.within(host).track("sent", user="ada", account="acme", id="e1")
        os.kill(os.getpid(), signal.SIGKILL)

    assert told(dies) == ""
    assert (events(guide), said(guide), invoices(file)) == ([], [], 0)
    assert guide.track("sent", user="ada", account="acme", id="e1").stored
