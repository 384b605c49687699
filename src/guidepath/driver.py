"""Flows and their two drivers: orchestration is a generator that yields calls to the store.

What is asked is written once; whether the store blocks or is awaited is the driver's business.
"""

from collections.abc import Generator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from guidepath.ports import AsyncStore, Store

T = TypeVar("T")


class Call(msgspec.Struct, frozen=True, gc=False):
    """A call to the store, to be made by a driver."""

    method: str
    args: tuple[object, ...] = ()
    named: Mapping[str, object] = MappingProxyType({})


# a driver sends what the store answered; its type is the store's business
Flow = Generator[Call, Any, T]


def run(flow: Flow[T], store: Store) -> T:
    """Drive a flow against a store; a turn that it took and no write has ended is given back."""
    turned = False
    try:
        call = next(flow)
        while True:
            method, named = getattr(store, call.method), call.named
            if named:
                turned = turned or bool(named.get("turn"))
                call = flow.send(method(*call.args, **named))
            else:  # as most are
                call = flow.send(method(*call.args))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's value has no type here
    finally:
        if turned:
            store.release()


async def run_async(flow: Flow[T], store: AsyncStore) -> T:
    """Drive a flow against a store for asyncio."""
    turned = False
    try:
        call = next(flow)
        while True:
            turned = turned or bool(call.named.get("turn"))
            call = flow.send(await getattr(store, call.method)(*call.args, **call.named))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's value has no type here
    finally:
        if turned:
            await store.release()
