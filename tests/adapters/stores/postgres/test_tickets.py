"""What is said gets its ticket once it is committed: no cursor passes what is still to come."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import msgspec
import psycopg
import pytest
from tests.adapters.stores.postgres.conftest import sessions

from guidepath.adapters.stores.postgres import PostgresStore
from guidepath.event import Envelope
from guidepath.ports import Change, Draft
from guidepath.testing.sample import progress, spoken

WRITERS = 6
EACH = 30


@pytest.fixture
def other(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def said(store: PostgresStore, number: int, account: str = "acme") -> None:
    assert store.save(Change(account, {}, [], [spoken(number, account=account)]))


def carried(store: PostgresStore, now: int) -> list[str]:
    parcel = store.claim("s", now=now, lease=1, most=5)
    if parcel is None:
        return []
    assert store.settle(parcel, now=now, done=len(parcel.envelopes))
    return [one.id for one in parcel.envelopes]


def test_what_commits_late_is_carried_late_and_not_skipped(store: PostgresStore, url: str) -> None:
    with psycopg.connect(url) as host:
        said_in_host = store.within(host)
        assert said_in_host.save(Change("slow", {}, [], [spoken(1, account="slow")]))
        said(store, 2)
        assert carried(store, 1) == ["evt_2"]
        assert carried(store, 2) == []
        assert said_in_host.save(Change("slow", {}, [], [spoken(3, account="slow")]))
        host.commit()
        said(store, 4)
    assert carried(store, 3) == ["evt_1", "evt_3", "evt_4"]


def test_a_long_transaction_elsewhere_holds_nothing_up(
    store: PostgresStore, other: psycopg.Connection
) -> None:
    with other.transaction():
        other.execute("CREATE TABLE busy ()")  # has its number, and keeps it open
        said(store, 1)
        assert carried(store, 1) == ["evt_1"]


def test_an_idle_look_takes_no_lock(store: PostgresStore, other: psycopg.Connection) -> None:
    said(store, 1)
    assert carried(store, 1) == ["evt_1"]
    with other.transaction():
        other.execute("SELECT 1 FROM guidepath.lane FOR UPDATE")
        other.execute("SELECT 1 FROM guidepath.cursor FOR UPDATE")
        assert carried(store, 2) == []


def test_two_relays_that_come_at_once_give_each_ticket_once(
    store: PostgresStore, other: psycopg.Connection
) -> None:
    for number in range(100):
        said(store, number)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: store.claim(name, now=0, lease=1, most=9), "abcdefgh"))
    found = other.execute("SELECT ticket FROM guidepath.outbox ORDER BY position").fetchall()
    assert len({ticket for (ticket,) in found}) == 100
    assert found == sorted(found)


def test_who_gives_tickets_waits_for_who_is_giving_them(
    store: PostgresStore, url: str, other: psycopg.Connection
) -> None:
    """Else what has its ticket would get another, behind a cursor that is past it."""
    with (
        psycopg.connect(url) as late,
        psycopg.connect(url) as giving,
        ThreadPoolExecutor(1) as threads,
    ):
        assert store.within(late).save(Change("late", {}, [], [spoken(1, account="late")]))
        said(store, 2)
        assert store.within(giving).claim("s", now=0, lease=1, most=9) is not None
        late.commit()
        second = threads.submit(store.claim, "t", now=0, lease=1, most=9)
        while not sessions(url, "wait_event_type = 'Lock'"):
            assert not second.done()
        giving.commit()
        parcel = second.result(30)
    assert parcel is not None
    assert [one.id for one in parcel.envelopes] == ["evt_2", "evt_1"]
    assert carried(store, 9) == ["evt_2", "evt_1"]


class Naive(PostgresStore):
    """A cursor over positions, which are given before a commit: it must skip what commits late."""

    reached = 0

    def carried(self, connection: psycopg.Connection) -> list[Envelope]:
        rows = connection.execute(
            "SELECT position, envelope FROM guidepath.outbox WHERE position > %s ORDER BY 1",
            [self.reached],
        ).fetchall()
        self.reached = max((position for position, _ in rows), default=self.reached)
        return [msgspec.msgpack.decode(blob, type=Envelope) for _, blob in rows]


def test_with_transactions_that_end_in_any_order_all_is_carried_in_order(
    store: PostgresStore, url: str
) -> None:
    def ours(now: int) -> list[Envelope]:
        parcel = store.claim("s", now=now, lease=1, most=50)
        if parcel is None:
            return []
        assert store.settle(parcel, now=now, done=len(parcel.envelopes))
        return list(parcel.envelopes)

    found = jumble(store, url, ours)
    assert all(numbers == list(range(EACH)) for numbers in found.values())
    assert len(found) == WRITERS


def test_a_cursor_over_positions_would_have_been_caught(store: PostgresStore, url: str) -> None:
    naive = Naive.from_url(url)
    with psycopg.connect(url, autocommit=True) as connection:
        found = jumble(store, url, lambda _: naive.carried(connection))
    naive.close()
    assert any(numbers != list(range(EACH)) for numbers in found.values())


def jumble(
    store: PostgresStore, url: str, carry: Callable[[int], list[Envelope]]
) -> dict[str, list[int]]:
    """The numbers that were carried of each account, each written in a host's transactions.

    A transaction stays open until the carrier has looked once more.
    """
    looks = threading.Semaphore(0)
    over = threading.Event()

    def write(account: str) -> None:
        chance = random.Random(account)
        version = 0
        with psycopg.connect(url) as host:
            inside = store.within(host)
            for number in range(EACH):
                envelope = spoken(number, user=None, account=account)
                draft = Draft(progress(number), version)
                assert inside.save(Change(account, {None: draft}, [], [envelope]))
                version = inside.load(account).account.version
                if chance.random() < 0.5:
                    looks.acquire(timeout=1)
                host.commit()

    found: dict[str, list[int]] = defaultdict(list)
    with ThreadPoolExecutor(WRITERS) as threads:
        writers = [threads.submit(write, f"a{number}") for number in range(WRITERS)]
        watch = threading.Thread(target=finished, args=(writers, over))
        watch.start()
        now, last = 0, False
        while not last:
            last = over.is_set()
            now += 2
            for envelope in carry(now):
                found[envelope.account].append(envelope.seq)
            looks.release(WRITERS)
        watch.join()
        for one in writers:
            one.result()
    while rest := carry(now := now + 2):
        for envelope in rest:
            found[envelope.account].append(envelope.seq)
    return found


def finished(writers: list[Future[None]], over: threading.Event) -> None:
    """Say when all have come to their end, well or not."""
    wait(writers)
    over.set()
