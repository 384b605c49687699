"""An erasure that something comes between begins again, and leaves nothing out."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from guidepath.adapters.stores.redis import RedisStore
from guidepath.adapters.stores.redis.scripting import ERASE
from guidepath.ports import Change, Draft, Problem
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken


def between(store: RedisStore, act: Callable[[], object]) -> list[int]:
    """Act once, just before the script of an erasure runs; how often it ran."""
    execute = store._client.execute_command
    runs: list[int] = []

    def interrupted(*command: Any, **named: Any) -> Any:
        if ERASE.sha in command:
            runs.append(len(runs))
            if len(runs) == 1:
                act()
        return execute(*command, **named)

    store._client.execute_command = interrupted
    return runs


@pytest.mark.parametrize("subject", [Subject("acme"), Subject("acme", "alice")])
def test_what_is_saved_meanwhile_goes_too(store: RedisStore, url: str, subject: Subject) -> None:
    other = RedisStore(url)
    assert store.save(Change("acme", {}, [happened("e1", 1)], [spoken(1)]))
    late = Change("acme", {"alice": Draft(progress(1), 0)}, [happened("e2", 2)], [spoken(2)])
    runs = between(store, lambda: other.save(late))
    assert store.erase(subject, at=9)
    assert len(runs) == 2
    assert (store.history("acme"), store.said("acme"), store.subjects()) == ([], [], [])
    assert store.totals() == (0, None)
    assert store.load("acme", ["alice"], ["e1", "e2"]).known == {}
    other.close()


def test_a_letter_that_dies_meanwhile_does_not_name_her(store: RedisStore, url: str) -> None:
    other = RedisStore(url)
    named = replace(spoken(1, user=None), data={"milestone": "m", "by": "alice"})
    assert store.save(Change("acme", {}, [], [named]))
    parcel = other.claim("s", now=1, lease=9, most=9)
    assert parcel
    runs = between(store, lambda: other.settle(parcel, now=2, done=1, dead=[Problem(0, "no")]))
    assert store.erase(Subject("acme", "alice"), at=9)
    assert len(runs) == 2
    assert [one.envelope.data for one in store.dead()] == [{"milestone": "m"}]
    other.close()


def test_others_and_their_counts_stay(store: RedisStore) -> None:
    feedback = replace(happened("f", 9), kind="feedback")
    bobs = happened("e3", 3, user="bob")
    assert store.save(Change("acme", {}, [happened("e1", 1), happened("e2", 2), feedback, bobs]))
    assert store.totals() == (3, 3)
    assert store.erase(Subject("acme", "alice"), at=9)
    assert store.totals() == (1, 3)
    assert store.save(Change("acme", {}, [happened("e4", 2, user="bob")]))
    assert [(one.id, one.seq) for one in store.history("acme")] == [("e4", 5), ("e3", 4)]
    assert store.erase(Subject("acme"), at=9)
    assert store.totals() == (0, None)
