"""The stores for asyncio behind a broken network, and what a task leaves that is cancelled."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.faults.checker import look, violations
from tests.faults.journal import Journal, read
from tests.faults.network.conftest import Line
from tests.faults.network.faults import BOUND_S, TRIES, faults
from tests.faults.product import PLAYBOOK, deck
from tests.faults.scale import times
from tests.servers.proxy import Cut, Delay, Fault, Proxy, Reset, Stall

from guidepath import AsyncGuidepath, Guidepath
from guidepath.errors import StoreError
from guidepath.registry import open_store
from guidepath.subject import Subject

T = TypeVar("T")

LATE = Delay(0.1)
TASKS = 6  # at once, more than there are connections


@asynccontextmanager
async def broken(proxy: Proxy, fault: Fault) -> AsyncIterator[None]:
    """The network is so meanwhile, and well afterwards."""
    await asyncio.to_thread(setattr, proxy, "fault", fault)
    try:
        yield
    finally:
        await asyncio.to_thread(setattr, proxy, "fault", None)


async def answered(call: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a call gives where all is well."""
    for _ in range(TRIES - 1):
        with suppress(StoreError):
            return await call()
    return await call()


async def in_time(*calls: Awaitable[Any]) -> list[Any]:
    """What these calls give, made at once; TimeoutError where one hangs."""
    async with asyncio.timeout(BOUND_S):
        return await asyncio.gather(*calls)


class Callers:
    """They track and ask, and know what they were answered."""

    def __init__(self, guide: AsyncGuidepath, journal: Journal) -> None:
        self.unknown: list[tuple[Subject, str]] = []
        self.errors = 0
        self._guide = guide
        self._journal = journal

    async def say(self, subject: Subject, event: str) -> None:
        """It is stored, or nobody knows."""
        try:
            with self._journal.call(subject, event):
                await self._guide.track(
                    "sent", user=str(subject.user), account=subject.account, id=event
                )
        except (StoreError, asyncio.CancelledError) as problem:
            self.unknown.append((subject, event))
            self.errors += 1
            if isinstance(problem, asyncio.CancelledError):
                raise

    async def ask(self, user: str, account: str) -> None:
        """An answer, or an error of ours."""
        with suppress(StoreError):
            await self._guide.next(user=user, account=account)

    async def repeat(self) -> None:
        """Say again, with the same ids, what nobody knows of."""
        for _ in range(TRIES):
            before, self.unknown = self.unknown, []
            for subject, event in before:
                await self.say(subject, event)


def intact(line: Line, journal: Path) -> None:
    """What was promised of the store was kept."""
    store = open_store(line.direct)
    assert violations(deck(), read([journal]), look(store)) == []
    store.close()


def test_a_fault_costs_an_error_in_time_and_the_same_guide_goes_on_after_it(
    line: Line, tmp_path: Path
) -> None:
    async def calls() -> None:
        async with AsyncGuidepath(PLAYBOOK, line.url) as guide:
            callers = Callers(guide, journal)
            for number, (name, fault) in enumerate(faults(times(20))):
                account, user = f"account {number % 2}", f"user {number % 5}"
                others = [(Subject(account, user), f"e{number} {one}") for one in range(2)]
                await callers.say(Subject(account, user), f"e{number}")
                async with broken(line.proxy, fault):
                    work = (callers.say(*one) for one in others)
                    await in_time(*work, callers.ask(user, account))
                    assert line.proxy.struck, name
                await in_time(callers.repeat())
                assert callers.unknown == [], name
            assert callers.errors > times(20) / 2

    with Journal(tmp_path / "journal") as journal:
        asyncio.run(calls())
    intact(line, tmp_path / "journal")


def test_cancelled_tasks_leave_no_connection_that_others_would_suffer_from(
    line: Line, tmp_path: Path
) -> None:
    async def calls() -> None:
        async with AsyncGuidepath(PLAYBOOK, line.url) as guide:
            callers, cancelled = Callers(guide, journal), 0
            for seed in range(times(20)):
                chance = random.Random(seed)
                people = [Subject(f"account {one}", f"user {one % 3}") for one in range(TASKS)]
                await in_time(*(callers.say(one, f"{seed}-{one.account}") for one in people))
                await in_time(callers.repeat())
                possible: list[Fault] = [Stall(chance.randrange(200), "request"), Stall(0), LATE]
                fault = chance.choice(possible)
                async with broken(line.proxy, fault):
                    said = [callers.say(one, f"{seed} {one.account}") for one in people]
                    asked = [callers.ask(str(one.user), one.account) for one in people]
                    tasks = [asyncio.create_task(one) for one in [*said, *asked]]
                    await asyncio.to_thread(line.proxy.wait_struck)
                    for _ in range(chance.randrange(8)):
                        await asyncio.sleep(0)
                    for one in tasks:
                        one.cancel()
                    await asyncio.wait(tasks, timeout=BOUND_S)
                    assert all(one.done() for one in tasks), f"seed {seed}"
                    cancelled += sum(one.cancelled() for one in tasks)
                told = await in_time(*(own(guide, one) for one in people))
                assert told == people, f"seed {seed}: answers were mixed up"
                await in_time(callers.repeat())
                assert callers.unknown == [], f"seed {seed}"
            assert cancelled > TASKS * times(20)

    with Journal(tmp_path / "journal") as journal:
        asyncio.run(calls())
    intact(line, tmp_path / "journal")
    with Guidepath(PLAYBOOK, line.direct) as elsewhere:  # no lock is left: it would wait for ever
        for one in range(TASKS):
            elsewhere.track("sent", user="new", account=f"account {one}")


async def own(guide: AsyncGuidepath, person: Subject) -> Subject:
    """Whose the history is that is exported for a person."""
    export = partial(guide.export, user=person.user, account=person.account)
    known: Any = await answered(export)
    (owner,) = {Subject(one["account"], one["user"]) for one in known["history"]}
    return owner


@pytest.mark.parametrize("fault", [Reset(), Reset(0), Cut(0), Stall()], ids=str)
def test_next_is_an_error_while_the_store_is_away_never_what_was_right_before(
    line: Line, fault: Reset | Cut | Stall
) -> None:
    async def calls() -> None:
        async with AsyncGuidepath(PLAYBOOK, line.url) as guide:

            async def ask() -> str | None:
                return (await guide.next(user="ada", account="acme")).guidance

            assert [await answered(ask) for _ in range(3)] == ["send"] * 3  # remembered by now
            async with broken(line.proxy, fault):
                failed = await in_time(*(failing(ask()) for _ in range(3)))
                assert failed == [True] * 3
                await guide_elsewhere()
                assert await in_time(failing(ask())) == [True]
            assert await answered(ask) == "party"

    async def guide_elsewhere() -> None:
        async with AsyncGuidepath(PLAYBOOK, line.direct) as elsewhere:
            for number in range(3):
                await elsewhere.track("sent", user="ada", account="acme", id=f"e{number}")

    asyncio.run(calls())


async def failing(call: Coroutine[Any, Any, object]) -> bool:
    """Whether it ends in an error of the store's."""
    try:
        await call
    except StoreError:
        return True
    return False
