"""A turn keeps others out, goes to who waited longest, and expires."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from guidepath.adapters.stores.redis import AsyncRedisStore, RedisStore
from guidepath.adapters.stores.redis import turn as turns
from guidepath.adapters.stores.redis.scripting import GIVE, TAKE
from guidepath.ports import Change, Draft, Row, Snapshot
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    """Threads that have no turn."""
    with ThreadPoolExecutor(8) as threads:
        yield threads


def blocked(server: Any, how_many: int) -> None:
    """Returns once so many connections wait for something."""
    while server.info("clients")["blocked_clients"] != how_many:
        pass


def change(number: int, account: str = "acme") -> Change:
    return Change(account, {}, [happened(f"e{number}", number, account=account)])


def test_nobody_else_saves_during_a_turn(store: RedisStore, others: ThreadPoolExecutor) -> None:
    store.load("acme", turn=True)
    assert not others.submit(store.save, change(1)).result()
    assert others.submit(store.save, change(1, "bolt")).result()
    assert store.save(change(2))
    assert others.submit(store.save, change(3)).result()


def test_an_erasure_waits_for_the_turn_of_another(
    store: RedisStore, server: Any, others: ThreadPoolExecutor
) -> None:
    store.load("acme", turn=True)
    erasing = others.submit(store.erase, Subject("acme", "alice"), at=1)
    blocked(server, 1)
    assert store.save(change(1))
    assert erasing.result()
    assert store.history("acme") == []
    assert others.submit(store.save, change(2)).result()


@pytest.mark.parametrize("how", ["saved", "refused", "doubled", "released", "erased", "elsewhere"])
def test_a_turn_ends_with_the_next_save_or_release(
    store: RedisStore, others: ThreadPoolExecutor, how: str
) -> None:
    store.load("acme", turn=True)
    store.load("acme", ["alice"], turn=True)  # it is hers already
    assert not others.submit(store.save, change(1)).result()
    match how:
        case "saved":
            assert store.save(change(2))
        case "refused":
            assert not store.save(Change("acme", {None: Draft(progress(1), 7)}))
        case "doubled":
            assert not store.save(Change("acme", {}, [happened("e", 1), happened("e", 1)]))
        case "released":
            store.release()
        case "erased":
            assert store.erase(Subject("acme", "bob"), at=1)
        case _:
            assert store.save(change(2, "bolt"))
    assert others.submit(store.save, change(1)).result()


def test_a_turn_in_another_account_ends_the_one_before(
    store: RedisStore, others: ThreadPoolExecutor
) -> None:
    store.load("acme", turn=True)
    store.load("bolt", turn=True)
    assert others.submit(store.save, change(1)).result()
    assert not others.submit(store.save, change(1, "bolt")).result()
    store.release()


def test_those_who_wait_are_served_in_the_order_in_which_they_came(
    store: RedisStore, server: Any, others: ThreadPoolExecutor
) -> None:
    served: list[int] = []

    def wait(number: int) -> None:
        store.load("acme", turn=True)
        served.append(number)
        assert store.save(change(number))

    store.load("acme", turn=True)
    waiting = []
    for number in range(6):
        waiting.append(others.submit(wait, number))
        blocked(server, number + 1)
    assert store.save(change(99))
    store.load("acme", turn=True)  # who comes now comes last
    served.append(99)
    store.release()
    for one in waiting:
        one.result()
    assert served == [0, 1, 2, 3, 4, 5, 99]


def test_a_turn_is_handed_over_even_where_a_newcomer_is_quicker(
    store: RedisStore, server: Any, others: ThreadPoolExecutor
) -> None:
    """Between the release and the one who was woken there is a moment: nobody slips in."""
    lane = store._layout.lane("acme")
    keys = [lane.turn("acme"), lane.baton("acme")]
    store.load("acme", turn=True)
    server.execute_command(*GIVE(keys, "nobody"))
    assert server.get(keys[0]) != b"next"
    store.release()
    assert server.lpop(keys[1]) == b"1"  # the one who was woken has it, and has not come yet
    assert not server.execute_command(*TAKE(keys, "newcomer", 100, 0))
    assert not others.submit(store.save, change(1)).result()
    assert server.execute_command(*TAKE(keys, "woken", 100, 1))


def test_a_turn_that_nobody_gives_back_expires(
    store: RedisStore, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "KEPT_MS", 50)
    monkeypatch.setattr(turns, "WAIT_S", 0.05)
    store.load("acme", turn=True)
    waited: Future[Snapshot] = others.submit(store.load, "acme", turn=True)
    assert waited.result().account == Row(None, 0)
    assert others.submit(store.release).result() is None


def test_who_comes_too_late_to_a_turn_of_hers_saves_by_version(
    store: RedisStore, server: Any, others: ThreadPoolExecutor
) -> None:
    first = store.load("acme", turn=True).account.version
    server.delete(store._layout.lane("acme").turn("acme"))  # as when it expires
    assert others.submit(store.save, Change("acme", {None: Draft(progress(1), first)})).result()
    assert not store.save(Change("acme", {None: Draft(progress(2), first)}))


def test_who_waits_too_long_loads_without_a_turn(
    store: RedisStore, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "KEPT_MS", 60_000)
    monkeypatch.setattr(turns, "WAIT_S", 0.01)
    store.load("acme", turn=True)
    monkeypatch.setattr(turns, "monotonic", count(0, 6).__next__)  # each look is six seconds later
    assert others.submit(store.load, "acme", turn=True).result().account == Row(None, 0)
    assert not others.submit(store.save, change(1)).result()
    assert store.save(change(2))


def test_whatever_becomes_of_a_turn_its_keys_expire(store: RedisStore, server: Any) -> None:
    lane = store._layout.lane("acme")
    store.load("acme", turn=True)
    assert 0 < server.pttl(lane.turn("acme")) <= turns.KEPT_MS
    store.release()
    for key in (lane.turn("acme"), lane.baton("acme")):
        assert server.pttl(key) != -1  # which would be: never


def test_a_release_without_a_turn_asks_nothing(store: RedisStore, server: Any) -> None:
    asked = server.info("stats")["total_commands_processed"]
    for _ in range(9):
        store.release()
    assert server.info("stats")["total_commands_processed"] == asked + 1


def test_a_turn_belongs_to_the_task(url: str) -> None:
    async def tasks() -> None:
        store = AsyncRedisStore(url)
        await store.load("acme", turn=True)
        assert not await asyncio.create_task(store.save(change(1)))
        await asyncio.create_task(store.release())
        assert not await asyncio.create_task(store.save(change(1)))
        waiting = asyncio.create_task(store.load("acme", turn=True))
        assert await store.save(change(2))
        assert (await waiting).account == Row(None, 0)
        await store.close()

    asyncio.run(tasks())


def test_many_tasks_that_wait_leave_room_for_the_one_who_has_the_turn(url: str) -> None:
    async def task(store: AsyncRedisStore, number: int) -> None:
        await store.load("acme", turn=True)
        while not await store.save(change(number)):  # on a busy machine a turn may expire
            await store.load("acme", turn=True)

    async def crowd() -> int:
        store = AsyncRedisStore(url)
        await asyncio.gather(*(task(store, number) for number in range(300)))
        found = len(await store.history("acme"))
        await store.close()
        return found

    assert asyncio.run(crowd()) == 300
