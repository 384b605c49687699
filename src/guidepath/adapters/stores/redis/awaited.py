"""The store for asyncio: each call is awaited, and many share some connections."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, ResponseError

from guidepath.adapters.stores.redis import erasure, opening, outbox, progress
from guidepath.adapters.stores.redis.address import Address, address
from guidepath.adapters.stores.redis.batch import Batch, Steps
from guidepath.adapters.stores.redis.keys import Layout
from guidepath.adapters.stores.redis.replies import FAILURES, checked, options, unanswered, unknown
from guidepath.adapters.stores.redis.scripting import Command, spelled_out
from guidepath.adapters.stores.redis.turn import Turn, give_back
from guidepath.errors import ConfigurationError, StoreError
from guidepath.event import Envelope, Event
from guidepath.ports import Change, DeadLetter, Draft, Parcel, Problem, Queue, Snapshot, Totals
from guidepath.progress import Progress
from guidepath.subject import Subject

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 64  # calls under way, and as many that wait for a turn: more wait here


class AsyncRedisStore:
    """The same for asyncio. It connects with the first call; a turn belongs to the task.

    Each event loop has connections of its own. The first call of each raises what RedisStore does.

    Raises:
        ConfigurationError: the URL is wrong.
    """

    def __init__(self, url: str) -> None:
        self._address = address(url)
        self._rounds = outbox.Rounds()
        self._links: WeakKeyDictionary[asyncio.AbstractEventLoop, _Link] = WeakKeyDictionary()
        self._turns: WeakKeyDictionary[asyncio.Task[Any], Turn] = WeakKeyDictionary()

    @classmethod
    def from_url(cls, url: str) -> "AsyncRedisStore":
        """See address.address for what a URL may say.

        Raises:
            ConfigurationError: the URL is wrong.
        """
        return cls(url)

    async def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        """See ports.Store."""
        mine = self._turns.setdefault(_task(), Turn()) if turn else None
        timeout = self._address.timeout_s
        return await self._run(progress.load, mine, account, users, ids, timeout)

    async def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """See ports.Store."""
        return await self._run(progress.versions, account, user)

    async def release(self) -> None:
        """See ports.Store."""
        if turn := self._turns.pop(_task(), None):
            with suppress(StoreError):  # then it expires
                await self._run(give_back, turn)

    async def save(self, change: Change) -> bool:
        """See ports.Store. Also False while another has the turn."""
        return await self._run(progress.save, self._turn(), change)

    async def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """See ports.Store."""
        return await self._run(progress.history, account, user, until)

    async def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """See ports.Store."""
        return await self._run(progress.prune, account, users, until)

    async def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        return await self._run(progress.subjects, after, due, most)

    async def totals(self) -> Totals:
        """See ports.Store."""
        return await self._run(progress.totals)

    async def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        return await self._run(outbox.claim, self._rounds, sink, now, lease, most)

    async def settle(
        self,
        parcel: Parcel,
        *,
        now: int,
        done: int,
        dead: Sequence[Problem] = (),
        retry_at: int = 0,
        reason: str | None = None,
    ) -> bool:
        """See ports.Store."""
        return await self._run(outbox.settle, parcel, now, done, dead, retry_at, reason)

    async def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See ports.Store."""
        return await self._run(outbox.queues, sinks)

    async def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See ports.Store."""
        return await self._run(outbox.dead, sink, most)

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See ports.Store."""
        await self._run(outbox.bury, letters)

    async def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See ports.Store."""
        return await self._run(outbox.said, account, user)

    async def trim(self, *, before: int, most: int = 10_000) -> int:
        """See ports.Store."""
        return await self._run(outbox.trim, before, most)

    async def forget(self, sink: str) -> None:
        """See ports.Store."""
        await self._run(outbox.forget, sink)

    async def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store."""
        timeout = self._address.timeout_s
        return await self._run(erasure.erase, self._turn(), subject, at, account, timeout)

    async def close(self) -> None:
        """See ports.Store. A later call connects again."""
        if link := self._links.pop(asyncio.get_running_loop(), None):
            await link.client.aclose()

    def _turn(self) -> Turn:
        """The task's turn, which ends with this call; or none."""
        return self._turns.pop(_task(), None) or Turn()

    async def _run(
        self,
        asked: Callable[Concatenate[Layout, P], Steps[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        link = self._links.get(loop := asyncio.get_running_loop())
        if link is None:
            link = self._links[loop] = _Link(self._address)
        try:
            layout = link.layout or await link.begun()
            return await link.driven(asked(layout, *arguments, **named))
        except FAILURES as problem:
            self._turns.pop(_task(), None)  # it expires; to ask once more would only wait once more
            raise unanswered(self._address, problem) from problem


class _Link:
    """The connections of one event loop."""

    def __init__(self, address: Address) -> None:
        self.client = _client(address)
        self.layout: Layout | None = None
        self._address = address
        self._beginning = asyncio.Lock()
        self._calls = asyncio.Semaphore(AT_ONCE)
        self._waits = asyncio.Semaphore(AT_ONCE)  # apart: who has a turn waits for nobody

    async def begun(self) -> Layout:
        """What the store looks like; the first call finds out, others wait for it."""
        async with self._beginning:
            if self.layout is None:
                self.layout = await self.driven(opening.opened(self._address))
            return self.layout

    async def driven(self, steps: Steps[T]) -> T:
        """What the steps end with."""
        try:
            batch = next(steps)
            while True:
                async with asyncio.timeout(self._address.timeout_s):
                    async with self._waits if batch.waits else self._calls:
                        replies = await self._replies(batch)
                batch = steps.send(replies)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's value has no type here

    async def _replies(self, batch: Batch) -> list[Any]:
        if batch.everywhere:
            return await self._everywhere(batch.commands[0])
        try:
            replies = await self._sent(batch.commands)
        except ConnectionLost:
            if not batch.reads:
                raise  # it may have been done: the caller finds out
            replies = await self._sent(batch.commands)
        for at in unknown(replies):
            replies[at] = await self.client.execute_command(*spelled_out(batch.commands[at]))
        return replies

    async def _sent(self, commands: Sequence[Command]) -> list[Any]:
        if len(commands) == 1:
            try:
                return [await self.client.execute_command(*commands[0])]
            except NoScriptError as problem:
                return [problem]
        async with self.client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return checked(await pipeline.execute(raise_on_error=False))

    async def _everywhere(self, command: Command) -> list[Any]:
        if not isinstance(self.client, RedisCluster):
            return [await _told(self.client, command)]
        await self.client.initialize()
        nodes = self.client.get_primaries()
        return [await _told(self.client, command, target_nodes=node) for node in nodes]


async def _told(client: Any, command: Command, **where: Any) -> Any:
    """The reply of one node, also where it is that it does not say."""
    try:
        return await client.execute_command(*command, **where)
    except ResponseError as problem:
        return problem


def _client(address: Address) -> Any:
    kind = RedisCluster if address.cluster else Redis
    try:
        return kind.from_url(address.url, **options(address), retry=Retry(NoBackoff(), 0))
    except ValueError as problem:
        raise ConfigurationError(f"the store {address.shown}: {problem}") from problem


def _task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a call outside of a task")  # nobody can await there
    return task
