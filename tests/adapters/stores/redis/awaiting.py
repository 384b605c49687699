"""An asyncio store for those who wait: each thread has one task, as a turn belongs to the task."""

import asyncio
import threading
from concurrent.futures import Future
from typing import Any, cast

from guidepath.adapters.stores.redis import AsyncRedisStore
from guidepath.ports import Store

_Asked = tuple[str, tuple[Any, ...], dict[str, Any], Future[Any]]


class _Waiting:
    """Any method of an asyncio store, waited for in a loop of its own."""

    def __init__(self, url: str) -> None:
        self._store = AsyncRedisStore.from_url(url)
        self._loop = asyncio.new_event_loop()
        self._mine = threading.local()
        self._tasks: list[asyncio.Task[None]] = []
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def __getattr__(self, method: str) -> Any:
        def call(*arguments: object, **named: object) -> Any:
            if not hasattr(self._mine, "asked"):
                begun = asyncio.run_coroutine_threadsafe(self._begin(), self._loop)
                self._mine.asked = begun.result()
            told: Future[Any] = Future()
            asked = (method, arguments, named, told)
            self._loop.call_soon_threadsafe(self._mine.asked.put_nowait, asked)
            return told.result(60)

        return call

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _begin(self) -> asyncio.Queue[_Asked]:
        asked: asyncio.Queue[_Asked] = asyncio.Queue()
        self._tasks.append(asyncio.create_task(self._serve(asked)))
        return asked

    async def _serve(self, asked: asyncio.Queue[_Asked]) -> None:
        while True:
            method, arguments, named, told = await asked.get()
            try:
                told.set_result(await getattr(self._store, method)(*arguments, **named))
            except Exception as problem:  # noqa: BLE001 - told to the one who waits
                told.set_exception(problem)

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._store.close()


def waiting(url: str) -> Store:
    """The asyncio store of a URL as one that blocks."""
    return cast("Store", _Waiting(url))
