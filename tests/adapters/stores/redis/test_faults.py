"""Servers that die, forget scripts, fill up or fall silent; calls given up; slots that move."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from queue import Queue
from typing import Any

import pytest
from redis import Redis as Client
from redis import RedisCluster as ClusterClient
from tests.acceptance.crowd import PLAYBOOK
from tests.servers.proxy import Cut, Delay, Proxy, Reset, Stall
from tests.servers.redis import Redis

from guidepath import Guidepath, StoreError
from guidepath.adapters.stores.redis import AsyncRedisStore, RedisStore
from guidepath.adapters.stores.redis.keys import SLOTS
from guidepath.ports import Change, Draft, Problem, Row
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken

Drafts = dict[str | None, Draft]


def change(number: int, account: str = "acme") -> Change:
    return Change(account, {}, [happened(f"e{number}", number, account=account)])


@pytest.fixture
def proxy(redis: Redis) -> Iterator[Proxy]:
    with Proxy(redis.port) as between:
        yield between


def test_what_was_confirmed_outlives_a_server_that_is_killed() -> None:
    """Some calls fail while it is away; who repeats them loses and doubles nothing."""
    with Redis() as server:
        guide = Guidepath(PLAYBOOK, server.url)
        confirmed: list[str] = []
        some: Queue[str] = Queue()
        failed, back = threading.Event(), threading.Event()
        enough = threading.Event()

        def track() -> None:
            number = 0
            while not enough.is_set():
                try:
                    guide.track("clicked", user="ada", account="acme", id=f"e{number}")
                except StoreError:
                    failed.set()
                    back.wait()
                else:
                    confirmed.append(f"e{number}")
                    some.put(f"e{number}")
                    number += 1

        writer = threading.Thread(target=track)
        writer.start()
        for _ in range(5):
            for _ in range(20):
                some.get(timeout=60)
            failed.clear()
            back.clear()
            server.kill()
            failed.wait()
            server.start()
            back.set()
        enough.set()
        writer.join()
        stored = [one.id for one in guide.store.history("acme")]
        assert len(set(stored)) == len(stored)
        assert set(confirmed) <= set(stored) <= {*confirmed, f"e{len(confirmed)}"}
        said = guide.store.said("acme")
        assert len({one.id for one in said}) == len(said)
        guide.close()


def test_a_server_that_comes_back_between_two_calls_is_not_noticed() -> None:
    with Redis() as server:
        store = RedisStore(server.url)
        assert store.save(change(1))
        server.kill()
        server.start()
        assert store.save(change(2))
        server.restart()
        assert [one.id for one in store.history("acme")] == ["e1", "e2"]
        store.close()


def test_a_server_that_forgot_its_scripts_is_told_them_again(
    store: RedisStore, server: Any
) -> None:
    def forgetful() -> RedisStore:
        server.script_flush()
        return store

    forgetful().load("acme", turn=True)
    forgetful().release()
    draft: Drafts = {"alice": Draft(progress(1, due=1), 0)}
    assert forgetful().save(Change("acme", draft, [happened("e", 1)], [spoken(1), spoken(2)]))
    assert set(forgetful().load("acme", ["alice"], ["e"]).known) == {"e"}
    assert len(forgetful().subjects(due=1)) == 1
    parcel = forgetful().claim("s", now=1, lease=9, most=2)
    assert parcel is not None
    assert forgetful().settle(parcel, now=1, done=2, dead=[Problem(1, "no")])
    assert forgetful().queues([])[0].dead == 1
    assert forgetful().trim(before=9) == 2
    forgetful().bury(store.dead())
    assert store.dead() == []
    forgetful().forget("s")
    assert store.queues([]) == []
    assert forgetful().erase(Subject("acme"), at=1)
    assert store.history("acme") == []


def test_the_asyncio_store_tells_them_again_too(url: str, server: Any) -> None:
    async def journey() -> None:
        store = AsyncRedisStore(url)
        await store.load("acme")
        server.script_flush()
        assert await store.save(Change("acme", {}, [happened("e", 1)], [spoken(1)]))
        server.script_flush()
        assert await store.claim("s", now=1, lease=9, most=2) is not None
        await store.close()

    asyncio.run(journey())


@pytest.mark.parametrize("fault", [Reset(after=0), Cut(after=0), Stall(after=0)])
def test_a_save_whose_answer_is_lost_may_be_repeated(url: str, proxy: Proxy, fault: Any) -> None:
    guide = Guidepath(PLAYBOOK, proxy.through(url) + "&timeout=2")
    guide.store.load("acme", ["ada"], ["e"])  # so that the server knows the scripts
    save = guide.store.save

    def faulty(change: Change) -> bool:
        proxy.fault = fault
        return save(change)

    guide.store.save = faulty  # type: ignore[method-assign]  # the fault strikes just there
    with pytest.raises(StoreError, match=r"the store redis://127.0.0.1:\d+/0 did not answer: "):
        guide.track("clicked", user="ada", account="acme", id="e")
    assert proxy.struck == 1
    proxy.fault = None
    guide.store.save = save  # type: ignore[method-assign]
    assert guide.track("clicked", user="ada", account="acme", id="e").stored in (0, 1)
    assert [one.id for one in guide.store.history("acme")] == ["e"]
    assert guide.progress(user="ada", account="acme")
    said = [one.type for one in guide.store.said("acme", "ada")]
    assert said == ["subject.started", "milestone.reached", "first_value.reached"]
    guide.close()


@pytest.mark.parametrize("fault", [Reset(after=0), Cut(after=0)])
def test_a_read_is_asked_again_where_the_connection_breaks(
    url: str, proxy: Proxy, fault: Any
) -> None:
    store = RedisStore(proxy.through(url) + "&timeout=5")
    assert store.save(change(1))

    def mend() -> None:
        proxy.wait_struck()
        proxy.fault = None

    mending = threading.Thread(target=mend)
    proxy.fault = fault
    mending.start()
    with suppress(StoreError):  # where the second try came before the mend
        store.history("acme")
    mending.join()
    assert [one.id for one in store.history("acme")] == ["e1"]
    store.close()


def test_who_gets_no_answer_hears_so_in_time(url: str, proxy: Proxy) -> None:
    through = proxy.through(url) + "&timeout=1"
    store = RedisStore(through)
    store.load("acme", turn=True)
    proxy.fault = Stall()
    with pytest.raises(StoreError, match="did not answer"):
        store.save(change(1))
    assert not store._turn().token  # so a release has nothing more to wait for
    with pytest.raises(StoreError, match="did not answer"):
        RedisStore(through)

    async def awaited() -> None:
        slow = AsyncRedisStore(through)
        for _ in range(2):
            with pytest.raises(StoreError, match="did not answer"):
                await slow.load("acme")
        proxy.fault = None
        await slow.load("acme")
        proxy.fault = Stall()
        with pytest.raises(StoreError, match="did not answer"):
            await slow.history("bolt")
        proxy.fault = None
        assert await slow.history("bolt") == []
        await slow.close()

    asyncio.run(awaited())
    store.close()


def test_a_call_that_is_given_up_leaves_no_answer_to_the_next(url: str, proxy: Proxy) -> None:
    async def impatient() -> None:
        store = AsyncRedisStore(proxy.through(url))
        for account, clock in (("acme", 1), ("bolt", 2)):
            assert await store.save(Change(account, {"ada": Draft(progress(clock), 0)}))
        proxy.fault = Delay(0.05)
        for _ in range(5):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(store.load("acme", ["ada"]), 0.06)
            found = (await store.load("bolt", ["ada"])).users["ada"].progress
            assert found == progress(2)
        proxy.fault = None
        await store.close()

    asyncio.run(impatient())


def test_one_store_serves_one_event_loop_after_another(url: str) -> None:
    store = AsyncRedisStore(url)

    async def visit(number: int) -> int:
        assert await store.save(change(number))
        found = len(await store.history("acme"))
        await store.close()
        return found

    assert [asyncio.run(visit(number)) for number in range(3)] == [1, 2, 3]


def test_a_forked_child_has_connections_of_its_own(store: RedisStore) -> None:
    assert store.save(change(1))
    child = os.fork()
    if child == 0:
        saved = all(store.save(change(number)) for number in range(2, 20))
        os._exit(0 if saved else 1)
    for number in range(20, 40):
        assert store.save(change(number))
    assert os.waitpid(child, 0)[1] == 0
    assert len(store.history("acme")) == 39


def test_a_server_without_room_takes_all_of_a_save_or_nothing() -> None:
    with Redis() as server, Client.from_url(server.url, protocol=2) as client:
        store = RedisStore(server.url)
        draft: Drafts = {"ada": Draft(progress(1), 0)}
        client.config_set("maxmemory", "1mb")
        with pytest.raises(StoreError, match="maxmemory"):
            store.save(Change("acme", draft, [happened("e", 1)], [spoken(1)]))
        assert store.load("acme", ["ada"], ["e"]).users["ada"] == Row(None, 0)
        assert (store.history("acme"), store.said("acme"), store.totals()) == ([], [], (0, None))
        client.config_set("maxmemory", "0")
        assert store.save(Change("acme", draft, [happened("e", 1)], [spoken(1)]))
        store.close()


def test_a_slot_that_moves_to_another_node_takes_its_accounts_along(cluster_url: str) -> None:
    """The clients learn it from the node that was asked."""
    sync, awaited = RedisStore(cluster_url), AsyncRedisStore(cluster_url)
    other: Any = ClusterClient.from_url(cluster_url.partition("?")[0], protocol=2)
    key = sync._layout.lane("acme").rows("acme").decode()
    slot = other.cluster_keyslot(key)
    source = other.get_node_from_key(key)
    target = next(node for node in other.get_primaries() if node != source)

    async def journey() -> None:
        assert await awaited.save(change(1))
        move(slot, source, target, other)
        assert await awaited.save(change(2))
        assert len(await awaited.history("acme")) == 3
        await awaited.close()

    try:
        assert sync.save(change(0))
        asyncio.run(journey())
        assert sync.save(change(3))
        assert sync.claim("s", now=1, lease=9, most=9) is None
        assert sorted(one.id for one in sync.history("acme")) == ["e0", "e1", "e2", "e3"]
        assert sync.totals().messages == 4
    finally:
        move(slot, target, source, other)
    sync.close()
    other.close()


def move(slot: int, source: Any, target: Any, cluster: Any) -> None:
    """All keys of a slot, and then the slot, as an operator does it."""
    assert 0 <= slot < SLOTS
    ids = {
        (node.host, node.port): node.redis_connection.execute_command("CLUSTER", "MYID").decode()
        for node in cluster.get_primaries()
    }
    from_id, to_id = ids[source.host, source.port], ids[target.host, target.port]
    giving, taking = source.redis_connection, target.redis_connection
    taking.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", from_id)
    giving.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", to_id)
    while keys := giving.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
        giving.execute_command("MIGRATE", target.host, target.port, "", 0, 5000, "KEYS", *keys)
    for node in cluster.get_primaries():
        node.redis_connection.execute_command("CLUSTER", "SETSLOT", slot, "NODE", to_id)
