"""Connections break, stand still, are inherited and run out; nothing is lost, nothing hangs."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from tests.adapters.stores.postgres.conftest import sessions
from tests.servers.postgres import Postgres
from tests.servers.proxy import Cut, Proxy, Reset, Stall

from guidepath import ConfigurationError, StoreError
from guidepath.adapters.stores.postgres import PostgresStore
from guidepath.adapters.stores.postgres.connection import Session
from guidepath.ports import Change, Draft, Problem
from guidepath.testing.sample import happened, progress, spoken

ROOT = Path(__file__).parents[4]
OURS = "application_name = 'guidepath'"


def saved(store: PostgresStore, name: str, user: str = "alice") -> bool:
    return store.save(Change("acme", {}, [happened(name, 1, user=user)], [spoken(1)]))


def ids(store: PostgresStore) -> list[str]:
    return [one.id for one in store.history("acme")]


@pytest.fixture
def brief(url: str) -> Iterator[PostgresStore]:
    """A store that waits half a second and no longer."""
    store = PostgresStore.from_url(f"{url}?timeout=0.5")
    yield store
    store.close()


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_a_server_that_was_restarted_between_calls_is_no_error(
    store: PostgresStore, postgres: Postgres
) -> None:
    assert saved(store, "e1")
    postgres.restart()
    assert saved(store, "e2")
    postgres.restart()
    assert ids(store) == ["e1", "e2"]
    postgres.restart()
    assert store.claim("s", now=0, lease=1, most=9) is not None


def test_a_session_that_was_ended_between_calls_is_no_error(
    store: PostgresStore, url: str, other: psycopg.Connection
) -> None:
    for number in range(5):
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}"
        other.execute(ended.encode()).fetchall()
        wait_until_gone(url)
        assert saved(store, f"e{number}")


def wait_until_gone(url: str) -> None:
    while sessions(url, OURS):
        pass


def test_what_is_read_on_connections_that_die_is_read_on_another(
    store: PostgresStore, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved(store, "e1")
    with store._pool().lent(), store._pool().lent():
        pass  # now there are two
    postgres.restart()
    monkeypatch.setattr(Session, "silent", True)  # as if they died only now
    assert ids(store) == ["e1"]


def test_what_is_written_on_a_connection_that_dies_may_be_repeated(
    store: PostgresStore, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved(store, "e1")
    postgres.restart()
    monkeypatch.setattr(Session, "silent", True)
    with pytest.raises(StoreError, match="did not answer"):
        saved(store, "e2")
    assert saved(store, "e2")
    assert ids(store) == ["e1", "e2"]


@pytest.mark.parametrize("fault", [Reset(after=0), Cut(after=0), Stall(after=0)])
def test_a_save_whose_answer_is_lost_may_have_been_made(
    url: str, postgres: Postgres, fault: Reset | Cut | Stall
) -> None:
    with Proxy(postgres.port) as proxy:
        store = PostgresStore.from_url(f"{proxy.through(url)}?timeout=0.5")
        assert saved(store, "e1")
        proxy.fault = fault
        with pytest.raises(StoreError, match="did not answer"):
            saved(store, "e2")
        proxy.fault = None
        if not store.load("acme", [], ["e2"]).known:
            assert saved(store, "e2")
        assert ids(store) == ["e1", "e2"]
        store.close()


def test_a_server_that_stands_still_is_an_error_within_the_time_out(
    brief: PostgresStore, postgres: Postgres
) -> None:
    assert saved(brief, "e1")
    postgres.pause()
    try:
        for call in (
            lambda: brief.load("acme"),
            lambda: saved(brief, "e2"),
            lambda: brief.claim("s", now=0, lease=1, most=9),
            lambda: brief.load("acme", turn=True),
        ):
            with pytest.raises(StoreError, match="did not answer"):
                call()
    finally:
        postgres.resume()
    assert ids(brief)[0] == "e1"


def test_who_waits_for_a_row_too_long_gets_an_error_and_no_more(
    brief: PostgresStore, other: psycopg.Connection
) -> None:
    assert brief.save(Change("acme", {"alice": Draft(progress(1), 0)}))
    version = brief.load("acme", ["alice"]).users["alice"].version
    with other.transaction():
        other.execute("SELECT 1 FROM guidepath.subject FOR UPDATE")
        with pytest.raises(StoreError, match="timeout"):
            brief.save(Change("acme", {"alice": Draft(progress(2), version)}))
        with pytest.raises(StoreError, match="timeout"):
            brief.load("acme", ["alice"], turn=True)
    assert brief.save(Change("acme", {"alice": Draft(progress(2), version)}))


def test_a_turn_whose_holder_stands_still_is_ended(
    brief: PostgresStore, store: PostgresStore
) -> None:
    assert brief.save(Change("acme", {"alice": Draft(progress(1), 0)}))
    version = brief.load("acme", ["alice"], turn=True).users["alice"].version
    # another's turn comes, though nobody gives the first one back
    assert store.load("acme", ["alice"], turn=True).users["alice"].version == version
    assert store.save(Change("acme", {"alice": Draft(progress(2), version)}))
    with pytest.raises(StoreError, match="did not answer"):
        brief.save(Change("acme", {"alice": Draft(progress(3), version)}))
    assert brief.load("acme", ["alice"]).users["alice"].progress == progress(2)


def test_a_turn_keeps_others_out_until_it_is_given_back(
    store: PostgresStore, brief: PostgresStore
) -> None:
    assert store.save(Change("acme", {"alice": Draft(progress(1), 0)}))
    for end in (
        store.release,
        lambda: store.save(Change("acme", {"alice": Draft(progress(2), -1)})),
    ):
        version = store.load("acme", ["alice"], turn=True).users["alice"].version
        with pytest.raises(StoreError, match="timeout"):
            brief.save(Change("acme", {"alice": Draft(progress(3), version)}))
        end()
        assert brief.save(Change("acme", {"alice": Draft(progress(3), version)}))


def test_two_that_lock_crosswise_both_come_to_their_end(
    store: PostgresStore, url: str, other: psycopg.Connection
) -> None:
    """The server undoes one; a store that was undone takes its turn again."""
    assert store.save(Change("acme", {one: Draft(progress(1), 0) for one in ("alice", "bob")}))
    lock = "SELECT 1 FROM guidepath.subject WHERE user_id = %s FOR UPDATE"
    with ThreadPoolExecutor(1) as threads, other.transaction():
        other.execute(
            "SET LOCAL deadlock_timeout = '1h'"
        )  # so that it is the store's that is undone
        other.execute(lock, ["bob"])
        turn = threads.submit(take_turn, store)
        while sessions(url, "wait_event_type = 'Lock'") != 1:
            pass
        other.execute(lock, ["alice"])
    assert turn.result(30)


def take_turn(store: PostgresStore) -> bool:
    found = store.load("acme", ["alice", "bob"], turn=True)
    version = found.users["alice"].version
    return store.save(Change("acme", {"alice": Draft(progress(2), version)}))


def test_no_more_connections_are_opened_than_the_pool_has(url: str) -> None:
    store = PostgresStore.from_url(f"{url}?pool=3")
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(lambda number: saved(store, f"e{number}"), range(200)))
    assert 1 <= sessions(url, OURS) <= 3
    store.close()
    wait_until_gone(url)


def test_who_gets_no_connection_is_told_so(url: str) -> None:
    store = PostgresStore.from_url(f"{url}?pool=1&timeout=0.5")
    store.load("acme", turn=True)
    with ThreadPoolExecutor(1) as threads, pytest.raises(StoreError, match="say pool=… for more"):
        threads.submit(saved, store, "e1").result()
    store.release()
    assert saved(store, "e1")
    store.close()


def test_one_call_at_a_time_uses_one_connection(store: PostgresStore, url: str) -> None:
    for number in range(20):
        assert saved(store, f"e{number}")
    assert sessions(url, OURS) == 1


def test_a_store_that_was_closed_connects_again(store: PostgresStore) -> None:
    assert saved(store, "e1")
    store.close()
    assert saved(store, "e2")


def test_a_forked_child_has_connections_of_its_own(store: PostgresStore) -> None:
    """Also where its parent has its turn, and whatever the child does."""
    assert saved(store, "e1")
    version = store.load("acme", ["bob"], turn=True).users["bob"].version
    children = [os.fork() for _ in range(2)]
    if 0 in children:
        done = saved(store, f"child-{len(children)}-{os.getpid()}")
        store.release()
        store.close()
        os._exit(0 if done else 1)
    assert [os.waitpid(one, 0)[1] for one in children] == [0, 0]
    assert store.save(Change("acme", {"bob": Draft(progress(1), version)}))
    assert len(ids(store)) == 4 - children.count(0)


def test_a_thread_of_a_child_may_use_what_its_parents_threads_had(store: PostgresStore) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(lambda number: saved(store, f"p{number}"), range(20)))
        child = os.fork()
        if child == 0:
            done: list[bool] = []
            workers = [
                threading.Thread(target=lambda n=n: done.append(saved(store, f"c{n}")))
                for n in range(8)
            ]
            for one in workers:
                one.start()
            for one in workers:
                one.join()
            os._exit(0 if done == [True] * 8 else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert all(threads.map(lambda number: saved(store, f"q{number}"), range(20)))
    assert len(ids(store)) == 48


def test_greenlets_go_on_while_one_waits(url: str, other: psycopg.Connection) -> None:
    script = f"""
from gevent import monkey; monkey.patch_all()
import gevent
from guidepath.adapters.stores.postgres import PostgresStore
from guidepath.ports import Change, Draft
from guidepath.testing.sample import happened, progress
store = PostgresStore.from_url({url!r} + "?pool=4")
def save(number):
    return store.save(Change("acme", {{}}, [happened(f"e{{number}}", 1)]))
waiting = gevent.spawn(lambda: store.load("acme", ["alice"], turn=True))
done = [gevent.spawn(save, number) for number in range(100)]
gevent.joinall(done)
print([one.value for one in done].count(True), waiting.ready())
input()
waiting.join()
print(waiting.successful())
"""
    other.execute("INSERT INTO guidepath.subject VALUES ('acme', 'alice', 1, NULL, '\\x80')")
    with other.transaction():
        other.execute("SELECT 1 FROM guidepath.subject FOR UPDATE")
        child = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "100 False\n"
    out, _ = child.communicate("\n", timeout=60)
    assert child.returncode == 0
    assert out == "False\n"  # the row is no progress: it was read, once the lock was free


def test_what_a_session_is_set_to_is_not_the_roles_to_say(
    store: PostgresStore, url: str, other: psycopg.Connection
) -> None:
    other.execute("ALTER ROLE postgres SET synchronous_commit = off")
    other.execute("ALTER ROLE postgres SET default_transaction_isolation = 'serializable'")
    try:
        assert shown(url, "synchronous_commit") == "on"
        assert shown(f"{url}?durable=no", "synchronous_commit") == "off"
        assert shown(url, "default_transaction_isolation") == "read committed"
    finally:
        other.execute("ALTER ROLE postgres RESET ALL")


def shown(url: str, setting: str) -> str:
    store = PostgresStore.from_url(url)
    with store._pool().lent() as line:
        [found] = line.connection.execute(f"SHOW {setting}".encode()).fetchall()
    store.close()
    return str(found[0])


def test_a_server_that_does_not_wait_for_its_disk_is_refused() -> None:
    with Postgres(fsync=False) as server:
        with pytest.raises(ConfigurationError, match="fsync=off and may lose what it confirmed"):
            PostgresStore.from_url(server.url)
        PostgresStore.from_url(f"{server.url}?durable=no").close()


def test_a_database_that_cannot_hold_every_name_is_refused(
    postgres: Postgres, other: psycopg.Connection
) -> None:
    other.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    url = postgres.url.removesuffix("/postgres") + "/latin"
    with pytest.raises(ConfigurationError, match="has the encoding LATIN1"):
        PostgresStore.from_url(url)


def test_a_server_that_is_not_there_is_named_and_its_password_is_not(postgres: Postgres) -> None:
    url = postgres.url.replace("postgres@", "postgres:pa55word@").replace(str(postgres.port), "1")
    with pytest.raises(StoreError, match=r"postgres on 127\.0\.0\.1:1 did not answer") as refused:
        PostgresStore.from_url(url)
    assert "pa55word" not in str(refused.value)


def test_a_reason_with_what_postgresql_cannot_keep_is_kept_without_it(store: PostgresStore) -> None:
    assert saved(store, "e1")
    parcel = store.claim("s", now=0, lease=1, most=9)
    assert parcel is not None
    bad = "no\0t \ud800 this"
    assert store.settle(parcel, now=0, done=1, dead=[Problem(0, bad)], retry_at=9, reason=bad)
    assert store.dead()[0].reason == store.queues([])[0].reason == "no�t ? this"
