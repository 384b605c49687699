"""A store for asyncio as one that blocks, so that it passes the same contract."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, cast

from guidepath.ports import AsyncStore, Store

Call = tuple[Callable[..., Coroutine[Any, Any, Any]], tuple[Any, ...], dict[str, Any], Future[Any]]
PATIENCE = 60.0


class Awaited:
    """Each thread that calls has a task of its own on one event loop, since a turn is a task's."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._mine = threading.local()
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def blocking(cls, store: AsyncStore) -> Store:
        """The store, as far as a type checker can tell."""
        return cast("Store", cls(store))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._store, name)

        def call(*args: object, **named: object) -> Any:
            return self._ask(method, *args, **named)

        return call

    def close(self) -> None:
        """Close the store, and end the loop that it ran on."""
        self._ask(self._store.close)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _ask(self, method: Callable[..., Any], *args: object, **named: object) -> Any:
        if not hasattr(self._mine, "calls"):
            made = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
            self._mine.calls = made.result(PATIENCE)
        answer: Future[Any] = Future()
        call = (method, args, named, answer)
        self._loop.call_soon_threadsafe(self._mine.calls.put_nowait, call)
        return answer.result(PATIENCE)

    async def _start(self) -> asyncio.Queue[Call]:
        calls: asyncio.Queue[Call] = asyncio.Queue()
        self._tasks.append(asyncio.create_task(_serve(calls)))
        return calls

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _serve(calls: asyncio.Queue[Call]) -> None:
    while True:
        method, args, named, answer = await calls.get()
        try:
            answer.set_result(await method(*args, **named))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the caller's
            answer.set_exception(problem)
