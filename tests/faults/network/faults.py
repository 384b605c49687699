"""What can be wrong with a network, drawn by a seed; and callers that nothing may hold for ever."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TypeVar

from tests.servers.proxy import Cut, Delay, Fault, Proxy, Reset, Slow, Stall

from guidepath.errors import StoreError

T = TypeVar("T")

TIMEOUT_S = 0.3  # what stores and sinks are told to wait at most
BOUND_S = 20.0  # what nothing here may take, on a machine that has other work too
TRIES = 20  # of a call that must work: where all is well, a busy machine may still be late

_DRAWN: dict[str, Callable[[random.Random], Fault]] = {
    "reset before the request": lambda _: Reset(),
    "reset in the request": lambda chance: Reset(chance.randrange(1, 400), "request"),
    "reset after the request": lambda _: Reset(0),
    "reset in the answer": lambda chance: Reset(chance.randrange(1, 60)),
    "closed after the request": lambda _: Cut(0),
    "half-open before the request": lambda _: Stall(),
    "half-open in the request": lambda chance: Stall(chance.randrange(1, 400), "request"),
    "half-open in the answer": lambda chance: Stall(chance.randrange(60)),
    "late": lambda chance: Delay(chance.uniform(0.01, 2 * TIMEOUT_S)),
    "slow": lambda chance: Slow(chance.randrange(500, 50_000)),
}


def faults(count: int) -> Iterator[tuple[str, Fault]]:
    """So many, each kind as often as the others, with a name that reproduces it."""
    kinds = list(_DRAWN)
    for seed in range(count):
        kind = kinds[seed % len(kinds)]
        yield f"{kind}, seed {seed}", _DRAWN[kind](random.Random(seed))


@contextmanager
def broken(proxy: Proxy, fault: Fault) -> Iterator[None]:
    """The network is so meanwhile, and well afterwards."""
    proxy.fault = fault
    try:
        yield
    finally:
        proxy.fault = None


def answered(call: Callable[[], T]) -> T:
    """What a call gives where all is well."""
    for _ in range(TRIES - 1):
        with suppress(StoreError):
            return call()
    return call()


def together(*calls: Callable[[], None]) -> None:
    """Make these calls at once; what one raises goes on.

    Raises:
        TimeoutError: one hangs.
    """
    raised: list[BaseException] = []
    threads = [Thread(target=_told, args=(one, raised), daemon=True) for one in calls]
    for one in threads:
        one.start()
    until = time.monotonic() + BOUND_S
    for one in threads:
        one.join(max(0.0, until - time.monotonic()))
    if any(one.is_alive() for one in threads):
        raise TimeoutError(f"a call lasts for more than {BOUND_S:g} s")
    for problem in raised:
        raise problem


def _told(call: Callable[[], None], raised: list[BaseException]) -> None:
    try:
        call()
    except BaseException as problem:  # noqa: BLE001 - raised again by whoever waits for it
        raised.append(problem)
