"""For hosts that block: one Site answers them, too, in the thread that asks and with no event loop.

Nothing that the site awaits ever waits: the guide below has done what was asked when it returns.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar, cast

from guidepath.asyncio import AsyncGuidepath
from guidepath.driver import Flow, run
from guidepath.ports import Store

T = TypeVar("T")


class AtOnce(AsyncGuidepath):
    """The face of asyncio over a guide that blocks; made with `beside`."""

    async def _run(self, asked: Flow[T]) -> T:
        answer = run(asked, cast("Store", self.store))
        self._wake()
        return answer


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that waits for nothing.

    Raises:
        RuntimeError: it does wait.
    """
    try:
        work.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    work.close()
    raise RuntimeError("this waits for an event loop, and there is none")
