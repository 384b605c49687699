"""Old events go in pieces, wherever they lie in the order of arrival."""

from typing import Any

import pytest
from msgspec.structs import replace

from guidepath.adapters.stores.redis import RedisStore, progress
from guidepath.adapters.stores.redis.scripting import PRUNE
from guidepath.ports import Change
from guidepath.subject import Subject
from guidepath.testing.sample import happened


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PRUNED_AT_ONCE", 3)


TIMES = [5, 1, 9, 1, 2, 8, 3, 9, 9, 1, 4]


def lived(store: RedisStore) -> None:
    for user in ("alice", "bob"):
        events = [happened(f"{user}{n}", at, user=user) for n, at in enumerate(TIMES)]
        assert store.save(Change("acme", {}, events))
    company = replace(happened("g", 2), user=None)
    assert store.save(Change("acme", {}, [company, replace(happened("f", 1), kind="feedback")]))


def test_what_is_old_goes_and_the_rest_stays_in_order(store: RedisStore) -> None:
    lived(store)
    before = store.history("acme")
    assert store.prune("acme", ["alice"], until=4) == 7
    left = [one for one in before if one.user != "alice" or one.occurred_at > 4]
    assert store.history("acme") == left
    assert store.prune("acme", ["alice"], until=4) == 0
    assert store.prune("acme", ["alice", "bob", None], until=4) == 7
    assert [one.occurred_at for one in store.history("acme")] == [5, 5, 8, 8, *[9] * 6]
    assert store.prune("acme", ["alice", "bob", "nobody", None], until=9) == 10
    assert store.history("acme") == []


def test_its_id_is_forgotten_and_its_number_is_not_given_again(store: RedisStore) -> None:
    lived(store)
    newest = max(one.seq for one in store.history("acme"))
    assert store.prune("acme", ["alice"], until=9) == 12
    assert store.load("acme", ["alice"], ["alice0", "bob0"]).known.keys() == {"bob0"}
    assert store.save(Change("acme", {}, [happened("alice0", 5)]))
    assert store.history("acme", "alice")[0].seq == newest + 1


def test_totals_count_on_what_was_pruned(store: RedisStore) -> None:
    lived(store)
    assert store.totals() == (23, 9)
    store.prune("acme", ["alice", "bob", None], until=8)
    assert store.totals() == (23, 9)
    store.prune("acme", ["alice", "bob", None], until=9)
    assert store.totals() == (23, 9)
    assert store.save(Change("acme", {}, [happened("new", 4)]))
    assert store.totals() == (24, 9)
    assert store.erase(Subject("acme"), at=9)
    assert store.totals() == (23, 9)


def test_an_account_of_which_all_was_pruned_can_be_erased(store: RedisStore) -> None:
    lived(store)
    assert store.prune("acme", ["alice", "bob", None], until=9) == 24
    assert store.erase(Subject("acme"), at=9)
    assert store.totals() == (23, 9)


def test_two_who_prune_at_once_drop_each_event_once(store: RedisStore, url: str) -> None:
    lived(store)
    other = RedisStore(url)
    execute = store._client.execute_command
    met: list[int] = []

    def interrupted(*command: Any, **named: Any) -> Any:
        if PRUNE.sha in command and not met:
            met.append(other.prune("acme", ["alice"], until=4))
        return execute(*command, **named)

    store._client.execute_command = interrupted
    assert store.prune("acme", ["alice"], until=4) == 0
    assert met == [7]
    assert [one.occurred_at for one in store.history("acme", "alice")] == [5, 8, 9, 9, 9]
    other.close()


def test_an_account_that_is_erased_meanwhile_is_left_alone(store: RedisStore, url: str) -> None:
    lived(store)
    other = RedisStore(url)
    execute = store._client.execute_command

    def interrupted(*command: Any, **named: Any) -> Any:
        if PRUNE.sha in command:
            assert other.erase(Subject("acme"), at=9)
        return execute(*command, **named)

    store._client.execute_command = interrupted
    assert store.prune("acme", ["alice", "bob"], until=4) == 0
    assert (store.history("acme"), store.totals()) == ([], (0, None))
    other.close()
