"""The face for asyncio gives what the blocking one gives, over either kind of store."""

import asyncio
import inspect
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from tests.test_decision import HEAD, item

from guidepath import AsyncGuidepath, ConfigurationError, Guidepath, Playbook
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.ports import AsyncStore, Change, Snapshot
from guidepath.testing import FrozenClock

PLAYBOOK = Playbook.parse(HEAD + "guidance:\n" + item())


class Awaited:
    """A store that answers when it is awaited."""

    def __init__(self) -> None:
        self._store = MemoryStore()

    async def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        await asyncio.sleep(0)
        return self._store.load(account, users, ids)  # a turn belongs to a thread, not to a task

    async def save(self, change: Change) -> bool:
        await asyncio.sleep(0)
        return self._store.save(change)

    async def release(self) -> None:
        return None

    async def close(self) -> None:
        return None


def awaited() -> AsyncStore:
    """What these tests ask of a store for asyncio."""
    return cast("AsyncStore", Awaited())


def test_it_has_the_same_names_and_the_same_parameters() -> None:
    for name, method in inspect.getmembers(Guidepath, inspect.isfunction):
        if name.startswith("_"):
            continue
        twin = getattr(AsyncGuidepath, name)
        mine = inspect.signature(method).parameters
        assert list(inspect.signature(twin).parameters.values()) == list(mine.values()), name


@pytest.mark.parametrize("store", [MemoryStore, awaited])
def test_a_journey_is_the_same_awaited(store: Callable[[], Any]) -> None:
    async def journey() -> list[object]:
        async with AsyncGuidepath(PLAYBOOK, store(), clock=FrozenClock()) as guide:
            await guide.identify(user="u", role="owner", id="i")
            first = await guide.next(user="u")
            shown = await guide.respond(first.id, "shown", id="f")
            receipt = await guide.track("invoice.sent", user="u", id="e")
            after = await guide.next(user="u")
            return [first, shown, receipt, after]

    guide = Guidepath(PLAYBOOK, clock=FrozenClock())
    guide.identify(user="u", role="owner", id="i")
    first = guide.next(user="u")
    expected = [first, guide.respond(first.id, "shown", id="f")]
    expected += [guide.track("invoice.sent", user="u", id="e"), guide.next(user="u")]
    assert asyncio.run(journey()) == expected


def test_many_at_once_get_one_claim() -> None:
    async def crowd() -> set[str]:
        async with AsyncGuidepath(PLAYBOOK, awaited()) as guide:
            decisions = await asyncio.gather(*(guide.next(user="u") for _ in range(50)))
        return {one.id for one in decisions}

    assert len(asyncio.run(crowd())) == 1


def test_a_store_for_asyncio_takes_no_sinks_along() -> None:
    with pytest.raises(ConfigurationError, match="run `guidepath relay` beside it"):
        AsyncGuidepath(PLAYBOOK, awaited(), ["log:"])


def test_a_call_sees_that_the_relay_runs(tmp_path: Path) -> None:
    async def call() -> None:
        async with AsyncGuidepath(PLAYBOOK, sinks=[f"jsonl:{tmp_path / 'said.jsonl'}"]) as guide:
            await guide.track("invoice.sent", user="u")
            assert any(one.name == "guidepath-relay" for one in threading.enumerate())

    asyncio.run(call())
