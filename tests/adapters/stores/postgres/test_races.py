"""Calls that meet in the middle: what one has not committed yet, the other must not pass over."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest
from msgspec.structs import replace
from tests.adapters.stores.postgres.conftest import sessions
from tests.servers.postgres import Postgres

from guidepath.adapters.stores.postgres import PostgresStore
from guidepath.adapters.stores.postgres.statements import CONFLICT
from guidepath.ports import Change, Draft, Parcel, Problem, Row
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken

ALICE = Subject("acme", "alice")


@pytest.fixture
def host(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as connection:
        yield connection


def waits(url: str, call: Callable[[], object], threads: ThreadPoolExecutor) -> Future[object]:
    """Make the call, which must come to wait for a lock."""
    made = threads.submit(call)
    while not sessions(url, "wait_event_type = 'Lock'"):
        assert not made.done()
    return made


def leased(store: PostgresStore) -> Parcel:
    parcel = store.claim("s", now=0, lease=9, most=9)
    assert parcel is not None
    return parcel


def test_of_relays_that_come_at_once_one_gets_the_parcel(store: PostgresStore) -> None:
    """Also where the sink has never been here."""
    assert store.save(Change("acme", {}, [], [spoken(1)]))

    def claim(now: int) -> Parcel | None:
        return store.claim("s", now=now, lease=9, most=9)

    with ThreadPoolExecutor(8) as threads:
        for now in (0, 10, 20):
            got = [one for one in threads.map(claim, [now] * 8) if one is not None]
            assert len(got) == 1


def test_a_relay_waits_for_one_that_leases_and_then_finds_it_leased(
    store: PostgresStore, url: str, host: psycopg.Connection
) -> None:
    assert store.save(Change("acme", {}, [], [spoken(1)]))
    parcel = leased(store)
    assert store.settle(parcel, now=0, done=0)
    assert store.within(host).claim("s", now=1, lease=9, most=9) is not None
    with ThreadPoolExecutor(1) as threads:
        second = waits(url, lambda: store.claim("s", now=2, lease=9, most=9), threads)
        host.commit()
        assert second.result(30) is None


def test_an_erasure_takes_along_what_is_just_dying(
    store: PostgresStore, url: str, host: psycopg.Connection
) -> None:
    assert store.save(Change("acme", {}, [], [spoken(1)]))
    settling = store.within(host)
    assert settling.settle(leased(store), now=1, done=1, dead=[Problem(0, "no")])
    with ThreadPoolExecutor(1) as threads:
        erased = waits(url, lambda: store.erase(ALICE, at=9), threads)
        host.commit()
        assert erased.result(30)
    assert store.dead() == []
    assert store.said("acme") == []


def test_what_was_erased_meanwhile_does_not_die(
    store: PostgresStore, url: str, host: psycopg.Connection
) -> None:
    assert store.save(Change("acme", {}, [], [spoken(1)]))
    parcel = leased(store)
    assert store.within(host).erase(ALICE, at=9)
    with ThreadPoolExecutor(1) as threads:
        call = lambda: store.settle(parcel, now=1, done=1, dead=[Problem(0, "no")])  # noqa: E731
        settled = waits(url, call, threads)
        host.commit()
        assert settled.result(30)
    assert store.dead() == []


def test_an_erasure_takes_along_what_is_just_being_saved(
    store: PostgresStore, url: str, host: psycopg.Connection
) -> None:
    assert store.save(Change("acme", {"alice": Draft(progress(1), 0)}))
    version = store.load("acme", ["alice"]).users["alice"].version
    change = Change(
        "acme", {"alice": Draft(progress(2), version)}, [happened("e1", 1)], [spoken(1)]
    )
    assert store.within(host).save(change)
    with ThreadPoolExecutor(1) as threads:
        erased = waits(url, lambda: store.erase(ALICE, at=9), threads)
        host.commit()
        assert erased.result(30)
    assert store.history("acme") == []
    assert store.said("acme") == []
    assert store.load("acme", ["alice"]).users["alice"] == Row(None, 0)


def test_what_was_decided_before_an_erasure_is_not_saved_after_it(
    store: PostgresStore, url: str, host: psycopg.Connection
) -> None:
    assert store.save(Change("acme", {"alice": Draft(progress(1), 0)}))
    version = store.load("acme", ["alice"]).users["alice"].version
    assert store.within(host).erase(ALICE, at=9)
    late = Change("acme", {"alice": Draft(progress(2), version)}, [happened("e1", 1)])
    with ThreadPoolExecutor(1) as threads:
        saved = waits(url, lambda: store.save(late), threads)
        host.commit()
        assert saved.result(30) is False
    assert store.history("acme") == []


def test_a_part_of_a_change_that_could_be_written_is_taken_back(store: PostgresStore) -> None:
    """One user is current, one is not, and an event is known: in every mixture nothing is left."""
    assert store.save(Change("acme", {"bob": Draft(progress(1), 0)}, [happened("known", 1)]))
    bob = store.load("acme", ["bob"]).users["bob"].version
    good: dict[str | None, Draft] = {"alice": Draft(progress(2), 0), "bob": Draft(progress(2), bob)}
    stale = [{**good, "bob": Draft(progress(2), bob + 1)}, {**good, "bob": Draft(progress(2), 0)}]
    for drafts in (*stale, {**good, "carol": Draft(progress(2), 5)}):
        assert not store.save(Change("acme", drafts, [happened("new", 1)], [spoken(1)]))
    events = [happened("new", 1), happened("known", 1)]
    assert not store.save(Change("acme", good, events, [spoken(1)]))
    found = store.load("acme", ["alice", "bob", "carol"], ["new"])
    assert [row.version for row in found.users.values()] == [0, bob, 0]
    assert found.known == {}
    assert store.said("acme") == []
    assert store.save(Change("acme", good, [happened("new", 1)], [spoken(1)]))


def test_totals_go_on_counting_what_is_pruned(store: PostgresStore) -> None:
    feedback = replace(happened("shown", 4), kind="feedback")
    events = [happened("old", 3), happened("bobs", 3, user="bob"), feedback, happened("new", 5)]
    assert store.save(Change("acme", {}, events))
    assert store.prune("acme", ["alice", None], until=4) == 2
    assert [one.id for one in store.history("acme")] == ["bobs", "new"]
    assert [one.id for one in store.history("acme", until=4)] == ["bobs"]
    assert store.totals().messages == 3


def test_a_usual_conflict_is_no_error_in_the_servers_log(
    store: PostgresStore, postgres: Postgres
) -> None:
    """Only where a part was written must the server take it back."""
    assert store.save(Change("acme", {"alice": Draft(progress(1), 0)}))
    before = postgres.log.count(CONFLICT)
    change = Change("acme", {"alice": Draft(progress(2), 7)}, [happened("e1", 1)], [spoken(1)])
    assert not store.save(change)
    assert not store.save(replace(change, drafts={"alice": Draft(progress(2), 0)}))
    assert postgres.log.count(CONFLICT) == before
