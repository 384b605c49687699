"""Stores as one writes them at first: the checker tells what each of them loses.

Nothing is left to chance: the callers meet where it hurts. The stores that are shipped, met in the
same way, lose nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
from tests.faults.checker import Delivered, look, violations
from tests.faults.journal import Calls
from tests.faults.naive import DeferredSqlite, LockingPostgres, Naive, Overwriting, PlainRedis
from tests.faults.product import PLAYBOOK, deck
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

from guidepath import Guidepath
from guidepath.driver import Flow, run
from guidepath.errors import StoreError
from guidepath.event import Envelope, event
from guidepath.flow import Receipt, ingest
from guidepath.ports import Store
from guidepath.registry import open_store
from guidepath.subject import Subject

ADA = Subject("acme", "ada")
_envelope = msgspec.msgpack.Decoder(Envelope).decode


def sent(number: int) -> Flow[Receipt]:
    said = event("track", "sent", subject=ADA, id=f"e{number}", now=1_000_000 * number)
    return ingest(deck(), [said])


def together(stores: Sequence[Store | Naive | Overwriting], first: int = 0) -> Calls:
    """Each tracks one event: all make their first call, then all their second, and so on."""
    calls = Calls()
    flows = {number: sent(number) for number in range(first, first + len(stores))}
    answers: dict[int, Any] = dict.fromkeys(flows)
    for number in flows:
        calls.invoked(ADA, f"e{number}")
    while flows:
        for number, flow in list(flows.items()):
            try:
                call = flow.send(answers[number])
                named = {**call.named, "turn": False} if call.method == "load" else call.named
                answers[number] = getattr(stores[number - first], call.method)(*call.args, **named)
            except StopIteration:
                calls.ended(ADA, f"e{number}", "ok")
                del flows[number]
            except StoreError:
                calls.ended(ADA, f"e{number}", "unknown")
                del flows[number]
    return calls


def found(calls: Calls, store: Store | Naive, *got: Envelope) -> list[str]:
    sinks = {"sink": Delivered(got)} if got else {}
    said = store.said("acme") if isinstance(store, Naive) else None
    kept = look(cast("Store", store), ["acme"], said)
    return violations(deck(), calls, kept, sinks, calm=True)


def test_two_who_meet_in_a_shipped_store_lose_nothing(store: Store) -> None:
    assert found(together([store, store]), store) == []


def test_read_modify_write_loses_an_update_in_every_store(store: Store) -> None:
    calls = together([store])
    one = Overwriting(store)
    for key, call in together([one, one], first=1).items():
        calls[key] = call
    lost = [one for one in found(calls, store) if one.startswith("ada of acme has memory")]
    assert len(lost) == 1
    assert "counters=(2,)" in lost[0].partition("the history tells")[0]
    assert "counters=(3,)" in lost[0].partition("the history tells")[2]


def test_a_deferred_begin_of_sqlite_turns_callers_away(tmp_path: Path) -> None:
    stores = [DeferredSqlite(tmp_path / "naive.db") for _ in range(3)]
    told = found(together(stores), stores[0])
    assert told == [
        f"e{number} of acme was not acknowledged, and no fault excuses it" for number in (1, 2)
    ]
    for one in stores:
        one.close()


def test_select_for_update_alone_loses_the_race_of_the_first_insert(postgres: Postgres) -> None:
    url = postgres.database()
    stores = [LockingPostgres(url) for _ in range(2)]
    told = found(together(stores), stores[0])
    assert any("ada of acme has memory" in each for each in told)
    assert "what is said of ada of acme is numbered [1, 2, 3, 1, 2, 3]" in told
    for one in stores:
        one.close()


def test_a_cursor_that_only_moves_forward_skips_what_commits_late(postgres: Postgres) -> None:
    url = postgres.database()
    late, quick, relay = (LockingPostgres(url) for _ in range(3))
    run(sent(1), cast("Store", quick))
    got = [(0, b"")]
    got += relay.beyond(0)
    late.begin()
    (first, second) = _two_more(quick)
    late.add("envelope", first)
    quick.add("envelope", second)
    got += relay.beyond(got[-1][0])
    late.commit()
    got += relay.beyond(got[-1][0])
    calls = Calls()
    calls.invoked(ADA, "e1")
    calls.ended(ADA, "e1", "ok")
    told = found(calls, quick, *(_envelope(one) for _, one in got[1:]))
    assert any("sink never got milestone.reached 4" in each for each in told)
    for one in (late, quick, relay):
        one.close()


def test_skip_locked_alone_breaks_the_order_of_a_user(postgres: Postgres) -> None:
    url = postgres.database()
    store = LockingPostgres(url)
    run(sent(1), cast("Store", store))
    calls = Calls()
    calls.invoked(ADA, "e1")
    calls.ended(ADA, "e1", "ok")
    workers = [LockingPostgres(url) for _ in range(4)]
    held = [one.take() for one in workers]
    got = [_envelope(one) for one in reversed(held) if one]  # the last is the first to be done
    assert len(got) == 4
    told = found(calls, store, *got)
    assert any("sink got first_value.reached 3 of ada of acme before 1" in each for each in told)
    for one in (store, *workers):
        one.close()


def test_get_and_set_of_redis_lose_an_update(redis: Redis) -> None:
    stores = [PlainRedis(redis.database())] * 2
    told = found(together(stores), stores[0])
    assert any("ada of acme has memory" in each for each in told)
    stores[0].close()


def killed(server: Redis, options: str) -> list[str]:
    """What is lost of a few events that were acknowledged before the server was killed."""
    calls = Calls()
    with Guidepath(PLAYBOOK, server.url + options) as guide:
        for number in range(5):
            calls.invoked(ADA, f"e{number}")
            guide.track("sent", user="ada", account="acme", id=f"e{number}")
            calls.ended(ADA, f"e{number}", "ok")
    server.kill()
    server.restart()
    store = open_store(server.url + options)
    told = found(calls, store)
    store.close()
    return told


def test_redis_without_its_file_loses_everything_when_it_is_killed() -> None:
    with Redis(appendfsync=None) as server:
        assert killed(server, "?durable=no") == [
            f"e{number} of acme was acknowledged, and is lost" for number in range(5)
        ]


def test_redis_with_its_file_loses_nothing_when_it_is_killed() -> None:
    with Redis() as server:
        assert killed(server, "") == []


def _two_more(store: LockingPostgres) -> tuple[bytes, bytes]:
    """The envelopes that come next for the user: her fourth and fifth."""
    told = [one for one in store.said("acme") if one.user == "ada"]
    template = next(one for one in told if one.type == "milestone.reached")
    texts = [msgspec.structs.replace(template, id=f"evt_{n}", seq=n) for n in (4, 5)]
    return msgspec.msgpack.encode(texts[0]), msgspec.msgpack.encode(texts[1])
