"""The store for asyncio: connections that break, tasks that are cancelled, loops that end."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Protocol

import psycopg
import pytest
from tests.adapters.stores.postgres.conftest import sessions
from tests.servers.postgres import Postgres

from guidepath import ConfigurationError, StoreError
from guidepath.adapters.stores.postgres import AsyncPostgresStore, PostgresStore
from guidepath.adapters.stores.postgres.connection import Session
from guidepath.ports import Change, Draft
from guidepath.testing.sample import happened, progress

Work = Callable[[AsyncPostgresStore], Awaitable[None]]


class Run(Protocol):
    def __call__(self, work: Work, *, timeout: float = 10) -> None: ...


@pytest.fixture
def run(url: str) -> Run:
    """Runs a coroutine with a store of four connections, on an event loop of its own."""

    def go(work: Work, *, timeout: float = 10) -> None:
        async def whole() -> None:
            store = AsyncPostgresStore.from_url(f"{url}?timeout={timeout}&pool=4")
            try:
                await work(store)
            finally:
                await store.close()

        asyncio.run(whole())

    return go


async def saved(store: AsyncPostgresStore, name: str) -> bool:
    return await store.save(Change("acme", {}, [happened(name, 1)]))


async def ids(store: AsyncPostgresStore) -> list[str]:
    return [one.id for one in await store.history("acme")]


def test_a_server_that_was_restarted_between_calls_is_no_error(
    run: Run, postgres: Postgres
) -> None:
    async def work(store: AsyncPostgresStore) -> None:
        for name in ("e1", "e2", "e3"):
            assert await saved(store, name)
            postgres.restart()  # from the thread that started it
        assert await ids(store) == ["e1", "e2", "e3"]

    run(work)


def test_a_server_that_stands_still_is_an_error_within_the_time_out(
    run: Run, postgres: Postgres
) -> None:
    async def work(store: AsyncPostgresStore) -> None:
        assert await saved(store, "e1")
        postgres.pause()
        try:
            for call in (store.load("acme"), saved(store, "e2"), store.load("acme", turn=True)):
                with pytest.raises(StoreError, match="did not answer"):
                    await call
        finally:
            postgres.resume()
        assert (await ids(store))[0] == "e1"

    run(work, timeout=0.5)


def test_a_task_that_is_cancelled_leaves_nothing_behind(run: Run, url: str) -> None:
    async def work(store: AsyncPostgresStore) -> None:
        assert await store.save(Change("acme", {"alice": Draft(progress(1), 0)}))
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other:
            async with other.transaction():
                await other.execute("SELECT 1 FROM guidepath.subject FOR UPDATE")
                waiting = [
                    asyncio.create_task(store.load("acme", ["alice"], turn=True)) for _ in range(3)
                ]
                await until(url, "wait_event_type = 'Lock'", 3)
                for task in waiting:
                    task.cancel()
                ended = await asyncio.gather(*waiting, return_exceptions=True)
                assert all(isinstance(one, asyncio.CancelledError) for one in ended)
            await until(url, "state LIKE 'idle in%'", 0)
        found = await store.load("acme", ["alice"], turn=True)
        draft = Draft(progress(2), found.users["alice"].version)
        assert await store.save(Change("acme", {"alice": draft}))
        assert all(await asyncio.gather(*(saved(store, f"e{number}") for number in range(40))))

    run(work)


async def until(url: str, which: str, number: int) -> None:
    """Wait until so many sessions are so."""
    while await asyncio.to_thread(sessions, url, which) != number:
        pass


def test_a_turn_is_a_tasks(run: Run) -> None:
    async def work(store: AsyncPostgresStore) -> None:
        assert await store.save(Change("acme", {"alice": Draft(progress(0), 0)}))

        async def count(_: int) -> None:
            found = await store.load("acme", ["alice"], turn=True)
            row = found.users["alice"]
            assert row.progress is not None
            draft = Draft(progress(row.progress.clock + 1), row.version)
            assert await store.save(Change("acme", {"alice": draft}))
            await store.release()

        await asyncio.gather(*map(count, range(30)))
        assert (await store.load("acme", ["alice"])).users["alice"].progress == progress(30)

    run(work)


def test_who_gets_no_connection_is_told_so(run: Run) -> None:
    async def work(store: AsyncPostgresStore) -> None:
        gate = asyncio.Event()

        async def hold(account: str) -> None:
            await store.load(account, turn=True)
            held.release()
            await gate.wait()
            await store.release()

        held = asyncio.Semaphore(0)
        holders = [asyncio.create_task(hold(f"a{number}")) for number in range(4)]
        for _ in holders:
            await held.acquire()
        with pytest.raises(StoreError, match="all 4 connections of this process were in use"):
            await saved(store, "e1")
        gate.set()
        await asyncio.gather(*holders)
        assert await saved(store, "e1")

    run(work, timeout=0.5)


def test_one_store_serves_several_loops_one_after_the_other(url: str) -> None:
    store = AsyncPostgresStore.from_url(url)

    async def once(name: str) -> list[str]:
        assert await saved(store, name)
        found = await ids(store)
        await store.close()
        return found

    assert asyncio.run(once("e1")) == ["e1"]
    assert asyncio.run(once("e2")) == ["e1", "e2"]


def test_a_forked_child_has_connections_of_its_own(url: str) -> None:
    """Also where it goes on with the loop that its parent made."""
    store = AsyncPostgresStore.from_url(url)
    loop = asyncio.new_event_loop()

    async def session(name: str) -> int:
        assert await saved(store, name)
        async with store._pool().lent() as line:
            return int(line.connection.info.backend_pid)

    before = loop.run_until_complete(session("e1"))
    child = os.fork()
    if child == 0:
        os._exit(loop.run_until_complete(session("child")) == before)
    assert os.waitpid(child, 0)[1] == 0
    assert loop.run_until_complete(session("e2")) == before
    assert loop.run_until_complete(ids(store)) == ["e1", "child", "e2"]
    loop.run_until_complete(store.close())
    loop.close()


def test_what_is_read_on_connections_that_die_is_read_on_another(
    run: Run, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(store: AsyncPostgresStore) -> None:
        assert await saved(store, "e1")
        async with store._pool().lent(), store._pool().lent():
            pass  # now there are two
        postgres.restart()
        monkeypatch.setattr(Session, "silent", True)  # as if they died only now
        assert await ids(store) == ["e1"]

    run(work)


def test_what_is_wrong_with_the_server_is_said_by_the_first_call(postgres: Postgres) -> None:
    database = postgres.database()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin_too ENCODING 'LATIN1' TEMPLATE template0")
    url = database.rpartition("/")[0] + "/latin_too"

    async def first() -> None:
        store = AsyncPostgresStore.from_url(url)
        with pytest.raises(ConfigurationError, match="has the encoding LATIN1"):
            await store.load("acme")
        await store.close()

    asyncio.run(first())


def test_both_stores_keep_the_same(url: str) -> None:
    blocking = PostgresStore.from_url(url)
    assert blocking.save(Change("acme", {}, [happened("e1", 1)]))
    blocking.close()

    async def rest() -> list[str]:
        store = AsyncPostgresStore.from_url(url)
        found = await ids(store)
        await store.close()
        return found

    assert asyncio.run(rest()) == ["e1"]
