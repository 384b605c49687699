"""A store for asyncio out of any store: each call runs in the one thread this wrapper owns."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from guidepath.event import Event
from guidepath.ports import Change, Parcel, Snapshot, Store, Totals
from guidepath.progress import Progress
from guidepath.subject import Subject

P = ParamSpec("P")
T = TypeVar("T")


class ThreadedStore:
    """The wrapped store, off the event loop. One thread: a file has one writer at a time anyway."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="guidepath-store")

    async def load(
        self, account: str, users: Sequence[str] = (), ids: Sequence[str] = ()
    ) -> Snapshot:
        """See ports.AsyncStore."""
        return await self._run(self._store.load, account, users, ids)

    async def save(self, change: Change) -> bool:
        """See ports.AsyncStore."""
        return await self._run(self._store.save, change)

    async def history(self, account: str, user: str | None = None) -> list[Event]:
        """See ports.AsyncStore."""
        return await self._run(self._store.history, account, user)

    async def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.AsyncStore."""
        return await self._run(self._store.subjects, after=after, due=due, most=most)

    async def totals(self) -> Totals:
        """See ports.AsyncStore."""
        return await self._run(self._store.totals)

    async def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.AsyncStore."""
        return await self._run(self._store.claim, sink, now=now, lease=lease, most=most)

    async def settle(self, parcel: Parcel, *, delivered: int, retry_at: int = 0) -> None:
        """See ports.AsyncStore."""
        await self._run(self._store.settle, parcel, delivered=delivered, retry_at=retry_at)

    async def erase(self, subject: Subject) -> None:
        """See ports.AsyncStore."""
        await self._run(self._store.erase, subject)

    async def close(self) -> None:
        """See ports.AsyncStore."""
        await self._run(self._store.close)
        self._thread.shutdown()

    async def _run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(call, *args, **kwargs))
