"""For hosts that block: one Site answers them, too, in the thread that asks and with no event loop.

Nothing that the site awaits ever waits: the guide below has done what was asked when it returns.
"""

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar, cast

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


class Readable(Protocol):
    """The body as a server hands it on."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""


def taken(body: Readable, largest: int, *, let: tuple[type[Exception], ...] = ()) -> bytes:
    """A body, cut where it is longer than the largest that is taken in.

    It is none where it cannot be read: its sender is gone, or its chunks are none. Each server
    raises something of its own then, which is nobody's mistake but the sender's; what to `let`
    pass is the framework's answer.
    """
    whole = bytearray()
    try:
        while len(whole) <= largest and (part := body.read(largest + 1 - len(whole))):
            whole += part
    except let:
        raise
    except Exception:  # noqa: BLE001 - see above
        return b""
    return bytes(whole)
