"""Many lanes: each sink's turns, pauses and dead letters, and what is dropped."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from guidepath.adapters.stores.redis import RedisStore
from guidepath.adapters.stores.redis.progress import HISTORIES
from guidepath.event import Envelope
from guidepath.ports import Change, Draft, Parcel, Problem
from guidepath.subject import Subject
from guidepath.testing.sample import happened, progress, spoken

ACCOUNTS = [f"account{number}" for number in range(64)]


def say(store: RedisStore, accounts: Sequence[str], *numbers: int) -> None:
    """The envelopes with these numbers of each account, in this order; else one."""
    for account in accounts:
        said = [
            replace(spoken(number, account=account), id=f"{account}-{number}")
            for number in numbers or [1]
        ]
        assert store.save(Change(account, {}, [], said, at=5))


def claimed(store: RedisStore, most: int = 9, now: int = 10) -> Parcel:
    parcel = store.claim("s", now=now, lease=100, most=most)
    assert parcel is not None
    return parcel


def commands(server: Any) -> int:
    told: dict[str, dict[str, int]] = server.info("commandstats")
    return sum(one["calls"] for name, one in told.items() if name.startswith("cmdstat_eval"))


def test_all_lanes_are_carried_each_in_order(store: RedisStore) -> None:
    say(store, ACCOUNTS, *range(5))
    had: dict[str, list[str]] = {account: [] for account in ACCOUNTS}
    lanes = set()
    while (parcel := store.claim("s", now=10, lease=100, most=7)) is not None:
        for one in parcel.envelopes:
            had[one.account].append(one.id)
        lanes.add(parcel.lane)
        assert store.settle(parcel, now=10, done=len(parcel.envelopes))
    assert lanes == set(range(16))
    assert had == {one: [f"{one}-{number}" for number in range(5)] for one in ACCOUNTS}


def test_a_busy_lane_holds_up_no_other(store: RedisStore) -> None:
    say(store, ["busy"], *range(1000))
    say(store, ACCOUNTS)
    served = []
    for _ in range(32):
        parcel = claimed(store, most=2)
        served.append(parcel.lane)
        assert store.settle(parcel, now=10, done=len(parcel.envelopes))
    assert set(served[:16]) == set(served[16:]) == set(range(16))


def test_several_relays_carry_several_lanes_at_once(store: RedisStore) -> None:
    say(store, ACCOUNTS)
    parcels = [claimed(store) for _ in range(16)]
    assert len({one.lane for one in parcels}) == 16
    assert store.claim("s", now=10, lease=100, most=9) is None


def test_a_lane_that_another_relay_was_quicker_to_lease_is_left_to_it(
    store: RedisStore, url: str
) -> None:
    say(store, ACCOUNTS)
    claimed(store)  # and has seen the others
    other = RedisStore(url)
    for _ in range(15):
        claimed(other)
    assert store.claim("s", now=10, lease=100, most=9) is None
    other.close()


def test_while_something_waits_a_parcel_costs_one_call_to_claim(
    store: RedisStore, server: Any
) -> None:
    say(store, ACCOUNTS)
    assert store.settle(claimed(store), now=10, done=1)
    before = commands(server)
    claimed(store)
    assert commands(server) == before + 1


def test_a_sink_that_fails_pauses_in_all_lanes_until_one_goes_well(store: RedisStore) -> None:
    say(store, ACCOUNTS)
    first, second = claimed(store), claimed(store)
    assert store.settle(first, now=10, done=0, retry_at=50, reason="away")
    assert store.claim("s", now=49, lease=9, most=9) is None
    (queue,) = store.queues([])
    assert (queue.failures, queue.retry_at, queue.reason) == (1, 50, "away")
    assert store.settle(second, now=49, done=1)
    (queue,) = store.queues([])
    assert (queue.failures, queue.retry_at, queue.reason) == (0, None, None)
    assert claimed(store, now=49).failures == 0


def test_failures_are_counted_over_all_lanes(store: RedisStore) -> None:
    say(store, ACCOUNTS)
    for failures in range(5):
        parcel = claimed(store, now=failures)
        assert parcel.failures == failures
        assert store.settle(parcel, now=failures, done=0, retry_at=failures + 1, reason="away")


def test_one_sink_pauses_and_another_does_not(store: RedisStore) -> None:
    say(store, ["acme"])
    assert store.settle(claimed(store), now=10, done=0, retry_at=50, reason="away")
    assert store.claim("t", now=10, lease=9, most=9) is not None


def test_dead_letters_of_all_lanes_come_oldest_first(store: RedisStore) -> None:
    say(store, ACCOUNTS[:20])
    at = 100
    while (parcel := store.claim("s", now=at, lease=9, most=1)) is not None:
        assert store.settle(parcel, now=at, done=1, dead=[Problem(0, f"no:{at}")])
        at -= 1
    letters = store.dead()
    assert [one.failed_at for one in letters] == sorted(one.failed_at for one in letters)
    assert [one.reason for one in letters] == [f"no:{one.failed_at}" for one in letters]
    assert len(letters) == 20
    assert store.dead("s", most=3) == letters[:3]
    store.bury(letters[1:])
    assert store.dead() == letters[:1]
    assert store.queues([])[0].dead == 1


def test_a_letter_that_dies_after_an_erasure_does_not_name_her_either(store: RedisStore) -> None:
    named = replace(spoken(1, user=None), data={"milestone": "m", "by": "alice"})
    assert store.save(Change("acme", {}, [], [named, spoken(2), spoken(3, user="bob")]))
    parcel = claimed(store)
    assert store.erase(Subject("acme", "alice"), at=9)
    problems = [Problem(number, "no") for number in range(3)]
    assert store.settle(parcel, now=10, done=3, dead=problems)
    assert [one.envelope.data for one in store.dead()] == [
        {"milestone": "m"},
        {"milestone": "first"},
    ]
    assert [one.user for one in store.said("acme")] == [None, "bob"]


def test_an_erasure_keeps_place_and_time_of_what_it_renames(store: RedisStore) -> None:
    named = replace(spoken(1, user=None), data={"milestone": "m", "by": "alice"})
    assert store.save(Change("acme", {}, [], [named], at=7))
    assert store.save(Change("acme", {}, [], [spoken(2, user="bob")], at=8))
    assert store.erase(Subject("acme", "alice"), at=9)
    assert store.queues(["s"])[0].oldest == 7
    assert [one.id for one in claimed(store).envelopes] == ["evt_1", "evt_2"]


def test_much_is_trimmed_in_all_lanes_and_no_more_than_asked(
    store: RedisStore, server: Any
) -> None:
    say(store, ACCOUNTS[:8], 1, 2, 3)
    say(store, ["busy"], *range(1203))
    while (parcel := store.claim("s", now=10, lease=100, most=500)) is not None:
        assert store.settle(parcel, now=10, done=len(parcel.envelopes))
    assert store.trim(before=6, most=1000) == 1000
    assert store.trim(before=6) == 227
    assert store.trim(before=6) == 0
    assert not any(server.exists(one.outbox, one.said) for one in store._layout.lanes)


def test_a_sink_that_was_in_one_lane_only_is_waited_for_in_all(store: RedisStore) -> None:
    say(store, ACCOUNTS[:8])
    assert store.claim("slow", now=10, lease=100, most=1) is not None
    while (parcel := store.claim("s", now=10, lease=100, most=9)) is not None:
        assert store.settle(parcel, now=10, done=len(parcel.envelopes))
    assert store.trim(before=6) == 0
    store.forget("slow")
    assert store.trim(before=6) == 8


def test_of_a_sink_that_is_let_go_of_nothing_is_left(store: RedisStore, server: Any) -> None:
    say(store, ACCOUNTS)
    for sink in ("s", "t"):
        while (parcel := store.claim(sink, now=10, lease=100, most=9)) is not None:
            dead = [Problem(0, "no")] if sink == "t" else []
            assert store.settle(parcel, now=10, done=len(parcel.envelopes), dead=dead)
    assert store.trim(before=6) == len(ACCOUNTS)
    assert len(store.dead()) == len({store._layout.lane(one) for one in ACCOUNTS})
    store.forget("t")
    assert store.dead() == []
    assert not any(server.exists(one.said) for one in store._layout.lanes)
    assert [one.sink for one in store.queues([])] == ["s"]


@pytest.mark.parametrize("reason", ["", "12:34", "grün", "x" * 5000])
def test_whatever_the_reason_it_is_told(store: RedisStore, reason: str) -> None:
    say(store, ["acme"], 1, 2)
    parcel = claimed(store)
    assert store.settle(
        parcel, now=10, done=1, dead=[Problem(0, reason)], retry_at=20, reason=reason
    )
    assert store.dead()[0].reason == reason
    assert store.queues([])[0].reason == (reason or None)


def test_more_than_a_script_takes_at_once_is_kept_and_forgotten(store: RedisStore) -> None:
    """Lua bounds how many values a call may have: nothing here depends on it."""
    count = 9000
    users = [f"u{number}" for number in range(3 * HISTORIES // 2)]
    events = [happened(f"e{number}", 1, user=users[number % len(users)]) for number in range(count)]
    envelopes = [spoken(number, user=users[number % len(users)]) for number in range(count)]
    drafts: dict[str | None, Draft] = {user: Draft(progress(1), 0) for user in users}
    assert store.save(Change("acme", drafts, events, envelopes))
    ids = [one.id for one in events]
    assert store.load("acme", users, ids).known == {one.id: one.digest for one in events}
    assert [one.id for one in store.history("acme")] == ids
    assert store.totals().messages == count
    problems = [Problem(number, "no") for number in range(count)]
    parcel = claimed(store, most=count)
    assert store.settle(parcel, now=10, done=count, dead=problems)
    assert store.erase(Subject("acme"), at=9)
    assert (store.history("acme"), store.said("acme"), store.dead()) == ([], [], [])
    assert store.totals() == (0, None)


def test_nothing_of_an_erased_account_is_left_but_its_mark(store: RedisStore, server: Any) -> None:
    whom = {None: Draft(progress(1, due=3), 0), "alice": Draft(progress(1, due=3), 0)}
    said: list[Envelope] = [spoken(1), spoken(2, user=None)]
    prefix = store._layout.lane("acme")._before.partition(b":")[0].decode()

    def keys() -> dict[str, str]:
        found = [one.decode() for one in server.scan_iter(match=f"{prefix}:*")]
        server.delete(*(one for one in found if ":turn:" in one or ":baton:" in one), "none")
        return {one.rpartition("}:")[2]: one for one in found if "{" in one}

    assert store.save(Change("acme", whom, [happened("e", 1)], said))
    parcel = claimed(store)
    assert store.settle(parcel, now=10, done=1, dead=[Problem(0, "no")])
    assert store.erase(Subject("acme"), at=9)
    assert set(keys()) == {"lane", "sinks", "cursor:s", "erased"}
    for kept in server.hgetall(keys()["erased"]):
        assert b"acme" not in kept


def test_nothing_of_an_erased_user_who_was_alone_is_left_but_her_mark(
    store: RedisStore, server: Any
) -> None:
    prefix = store._layout.lane("u1")._before.partition(b":")[0].decode()
    draft: dict[str | None, Draft] = {"u1": Draft(progress(1), 0)}
    assert store.save(Change("u1", draft, [happened("e", 1, user="u1", account="u1")]))
    assert store.erase(Subject("u1", "u1"), at=9)
    assert not list(server.scan_iter(match=f"{prefix}:*u1"))
