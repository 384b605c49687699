"""The host's transaction, for asyncio."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from guidepath import AsyncGuidepath, ConfigurationError, Playbook, StoreError

PLAYBOOK = Playbook.parse("""
name: ledgerly
events: {sent: {}}
milestones:
  - {id: first, title: Send one, reached_when: did("sent"), first_value: true}
""")

Run = Callable[[Callable[[AsyncGuidepath], Awaitable[None]]], None]


@pytest.fixture
def run(url: str) -> Run:
    """Runs a coroutine with a guide, on an event loop of its own."""

    def go(work: Callable[[AsyncGuidepath], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with AsyncGuidepath(PLAYBOOK, url) as guide:
                await work(guide)

        asyncio.run(whole())

    return go


async def tracked(guide: AsyncGuidepath) -> list[str]:
    known = await guide.export(user="u1", account="a1")
    history = known["history"]
    assert isinstance(history, list)
    return [one["id"] for one in history]


def track(guide: AsyncGuidepath, name: str) -> Coroutine[Any, Any, object]:
    return guide.track("sent", user="u1", account="a1", id=name)


def test_what_the_host_commits_is_there_and_the_rest_is_not(run: Run, database: str) -> None:
    async def work(guide: AsyncGuidepath) -> None:
        async with await psycopg.AsyncConnection.connect(database) as host:
            await track(guide.within(host), "e1")
            assert await tracked(guide) == []
            await host.commit()
            await track(guide.within(host), "e2")
            await host.rollback()
        assert await tracked(guide) == ["e1"]

    run(work)


def test_hosts_at_once_on_one_user_lose_nothing(run: Run, database: str) -> None:
    async def work(guide: AsyncGuidepath) -> None:
        async def one(name: str) -> None:
            async with await psycopg.AsyncConnection.connect(database) as host:
                await track(guide.within(host), name)

        await asyncio.gather(*(one(f"e{number}") for number in range(16)))
        assert len(await tracked(guide)) == 16

    run(work)


@asynccontextmanager
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    yield made
    await made.dispose()


def test_sqlalchemys_connection_and_session_are_joined(run: Run, database: str) -> None:
    async def work(guide: AsyncGuidepath) -> None:
        async with engine(database) as made:
            async with made.begin() as connection:
                await track(guide.within(connection), "e1")
                assert await tracked(guide) == []
            async with made.connect() as connection:
                await track(guide.within(connection), "e2")
                await connection.commit()
            async with AsyncSession(made) as session:
                await track(guide.within(await session.connection()), "e3")
                await session.commit()
            async with AsyncSession(made) as session:
                await track(guide.within(await session.connection()), "e4")
                await session.rollback()
        assert await tracked(guide) == ["e1", "e2", "e3"]

    run(work)


def test_a_session_that_would_have_to_wait_is_refused(run: Run, database: str) -> None:
    async def work(guide: AsyncGuidepath) -> None:
        async with engine(database) as made, AsyncSession(made) as session:
            with pytest.raises(ConfigurationError, match=r"await session\.connection\(\)"):
                guide.within(session)

    run(work)


def test_a_connection_that_blocks_is_refused(run: Run, database: str) -> None:
    async def work(guide: AsyncGuidepath) -> None:
        with (
            psycopg.connect(database) as host,
            pytest.raises(ConfigurationError, match="is not psycopg 3's AsyncConnection"),
        ):
            guide.within(host)

    run(work)


def test_another_database_is_refused_by_the_first_call(run: Run, database: str) -> None:
    async def work(guide: AsyncGuidepath) -> None:
        elsewhere = database.rpartition("/")[0] + "/template1"
        async with await psycopg.AsyncConnection.connect(elsewhere) as host:
            with pytest.raises(ConfigurationError, match="not to the store's database"):
                await track(guide.within(host), "e1")

    run(work)


def test_a_host_that_isolates_more_is_told_to_begin_again(run: Run, database: str) -> None:
    async def work(guide: AsyncGuidepath) -> None:
        async with await psycopg.AsyncConnection.connect(database) as host:
            await host.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
            inside = guide.within(host)
            await host.execute("SELECT 1 FROM guidepath.subject")
            await track(guide, "e1")
            with pytest.raises(StoreError, match="roll it back"):
                await track(inside, "e2")

    run(work)
