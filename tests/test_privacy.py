"""What is left of somebody who was erased, what an export has, and what leaves through sinks."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
import redis as redis_client
from tests.adapters.sinks.receivers import OPEN, pleased
from tests.servers.http import Http
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

from guidepath import DeliveryError, EventError, Guidepath, Playbook
from guidepath.adapters.sinks.jsonl import JsonlSink
from guidepath.adapters.sinks.log import LogSink
from guidepath.adapters.stores import packing
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.stores.postgres import PostgresStore
from guidepath.adapters.stores.redis import RedisStore
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.batch import ERASED
from guidepath.clock import MINUTE
from guidepath.deck import Deck
from guidepath.event import Envelope
from guidepath.ports import Sink, Store
from guidepath.progress import Progress
from guidepath.relay import Relay
from guidepath.subject import Subject
from guidepath.testing import FrozenClock

PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner, member]
attributes:
  user:
    first_name: {type: string, pii: true, optional: true}
    email: {type: string, pii: true, optional: true}
    locale: {type: string, optional: true}
  account:
    size: {type: integer, optional: true}
    phone: {type: string, pii: true, optional: true}
events: {invoice.sent: {properties: {note: string}}, contact.imported: {}}
milestones:
  - {id: first, title: First, reached_when: did("invoice.sent"), first_value: true}
  - {id: begun, title: Begun, scope: account, reached_when: did("invoice.sent")}
  - id: team
    title: Team
    scope: account
    reached_when: account.users("invoice.sent" within 30d) >= 2
  - {id: mate, title: Mate, reached_when: reached(team) and did("contact.imported")}
guidance:
  - id: hello
    type: banner
    moment: onboard
    toward: mate
    title: Hello {{ user.first_name | default("you") }}
limits: {cool_off: null}
""")
ADA: dict[str, Any] = {"user": "ada-4711", "account": "acme"}
MARKS = ("ada-4711", "Adelheid", "adelheid@example.com", "fr-CH", "Rosebud", "evt-of-hers")


class Kept(NamedTuple):
    """A store, and all bytes it keeps anywhere."""

    store: Store
    bytes: Callable[[], bytes]


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    packing.forget()  # what other tests left
    found = _OPEN[request.param](request, tmp_path)
    yield found
    found.store.close()


def _memory(_request: pytest.FixtureRequest, _folder: Path) -> Kept:
    store = MemoryStore()
    return Kept(store, lambda: repr({**vars(store), "_cursors": None}).encode())


def _sqlite(_request: pytest.FixtureRequest, folder: Path) -> Kept:
    store = SqliteStore(folder / "guidepath.db")
    return Kept(store, lambda: b"".join(one.read_bytes() for one in folder.iterdir()))


def _postgres(request: pytest.FixtureRequest, _folder: Path) -> Kept:
    server: Postgres = request.getfixturevalue("postgres")
    url = server.database()

    def everything() -> bytes:
        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'guidepath'"
            ).fetchall()
            assert len(tables) > 5
            rows = [
                connection.execute(f'SELECT * FROM guidepath."{one}"'.encode()).fetchall()
                for (one,) in tables
            ]
        return repr(rows).encode()

    return Kept(PostgresStore.from_url(url), everything)


def _redis(request: pytest.FixtureRequest, _folder: Path) -> Kept:
    server: Redis = request.getfixturevalue("redis")
    url = server.database()

    def everything() -> bytes:
        client = redis_client.Redis.from_url(url)
        read: dict[Any, Callable[[bytes], Any]] = {
            b"hash": client.hgetall,
            b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
            b"list": lambda key: client.lrange(key, 0, -1),
            b"set": client.smembers,
            b"string": client.get,
        }
        with client:
            keys = list(client.scan_iter())
            assert len(keys) > 2
            return repr([(key, read[client.type(key)](key)) for key in keys]).encode()

    return Kept(RedisStore(url), everything)


_OPEN = {"memory": _memory, "sqlite": _sqlite, "postgres": _postgres, "redis": _redis}


class Seen:
    """A sink that keeps what it gets, and refuses what is of certain types."""

    def __init__(self, *refused: str, carries: Sequence[str] = ()) -> None:
        self.name = f"seen-{len(refused)}"
        self.carries = frozenset(carries)
        self.envelopes: list[Envelope] = []
        self._refused = refused

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        for number, one in enumerate(envelopes):
            if one.type in self._refused:
                raise DeliveryError("too blue", delivered=number, refused=True)
            self.envelopes.append(one)

    def close(self) -> None:
        pass


def lived(store: Store, clock: FrozenClock) -> Guidepath:
    """A guide over an account in which Ada left all that can be left."""
    guide = Guidepath(PLAYBOOK, store, clock=clock)
    name = {"first_name": "Adelheid", "email": "adelheid@example.com", "locale": "fr-CH"}
    guide.identify(**ADA, role="owner", attributes=name, id="evt-of-hers-1")
    guide.track("invoice.sent", user="bob", account="acme", id="b1")
    guide.track("contact.imported", user="bob", account="acme", id="b2")
    clock.tick(minutes=1)
    decision = guide.next(**ADA)
    assert decision.item is not None
    assert decision.item.steps[0].title == "Hello Adelheid"
    guide.respond(decision.id, "shown", id="evt-of-hers-2")
    note = {"note": "Rosebud"}
    guide.track("invoice.sent", **ADA, properties=note, id="evt-of-hers-3")
    Relay(store, [Seen("milestone.reached"), Seen()], clock=clock).drain()
    guide.track("contact.imported", user="bob", account="acme", id="b3")
    guide.track("contact.imported", **ADA, id="evt-of-hers-4")
    return guide


def row(store: Store, user: str | None) -> Progress | None:
    return dict(store.subjects()).get(Subject("acme", user))


def left(kept: Kept) -> list[str]:
    """The marks that can still be read anywhere, in what stores keep of this process too."""
    everything = kept.bytes() + repr(packing._lately).encode()
    return [one for one in MARKS if one.encode() in everything]


def test_of_an_erased_user_no_byte_is_left_anywhere(kept: Kept) -> None:
    guide = lived(kept.store, FrozenClock())
    assert left(kept) == list(MARKS)
    assert kept.store.dead()
    guide.erase(**ADA)
    assert left(kept) == []
    assert b"bob" in kept.bytes()
    assert [one.envelope.user for one in kept.store.dead()]  # of the account, and of Bob
    assert guide.progress(user="bob", account="acme").reached == ("first", "begun", "team", "mate")


def test_of_an_erased_account_no_byte_is_left_anywhere(kept: Kept) -> None:
    guide = lived(kept.store, FrozenClock())
    guide.group(account="acme", attributes={"phone": "555-0100"})
    guide.track("invoice.sent", user="zoe", account="zeta")
    guide.erase(account="acme")
    everything = kept.bytes()
    assert left(kept) == []
    assert b"acme" not in everything
    assert b"555-0100" not in everything
    assert b"zeta" in everything


def test_a_user_who_is_her_own_account_goes_with_it(kept: Kept) -> None:
    guide = Guidepath(PLAYBOOK, kept.store)
    guide.track("invoice.sent", user="ada-4711", properties={"note": "Rosebud"})
    guide.erase(user="ada-4711")
    assert left(kept) == []
    assert kept.store.subjects() == []


def test_an_account_named_as_one_of_its_users_stays_for_the_others() -> None:
    guide = Guidepath(PLAYBOOK)
    guide.track("invoice.sent", user="acme", account="acme")
    guide.track("invoice.sent", user="bob", account="acme")
    guide.erase(user="acme")
    assert [subject.user for subject, _ in guide.store.subjects()] == [None, "bob"]


def test_a_colleague_does_not_remember_who_made_her_milestone_true() -> None:
    clock, store = FrozenClock(), MemoryStore()
    guide = Guidepath(PLAYBOOK, store, clock=clock)
    for name, user in (("contact.imported", "bob"), ("invoice.sent", "cyd")):
        guide.track(name, user=user, account="acme")
    clock.tick(minutes=1)
    guide.track("invoice.sent", **ADA)
    assert "mate" in guide.progress(user="bob", account="acme").reached
    of_bob = row(store, "bob")
    assert of_bob is not None
    assert "mate" not in of_bob.reached_by
    [said] = [one for one in store.said("acme", "bob") if one.data.get("milestone") == "mate"]
    assert "by" not in said.data


def test_a_late_event_does_not_bring_her_back_and_is_counted(kept: Kept) -> None:
    clock = FrozenClock()
    guide = lived(kept.store, clock)
    before = clock()
    clock.tick(hours=1)
    guide.erase(**ADA)
    clock.tick(hours=1)
    assert not guide.track("invoice.sent", **ADA, at=before, id="evt-of-hers-9").stored
    message = {
        "type": "track",
        "messageId": "evt-of-hers-3",
        "userId": "ada-4711",
        "context": {"groupId": "acme"},
        "timestamp": before.isoformat(),
        "event": "invoice.sent",
        "properties": {"note": "Rosebud"},
    }
    imported = guide.ingest([message])
    assert (imported.stored, imported.repeated, imported.forgotten) == (0, 0, 1)
    assert guide.ignored == {ERASED: 2}
    assert left(kept) == []


def test_an_event_ahead_of_our_clock_does_not_bring_her_back_either(kept: Kept) -> None:
    clock = FrozenClock()
    guide = Guidepath(PLAYBOOK, kept.store, clock=clock)
    ahead = clock() + timedelta(minutes=3)
    guide.track("invoice.sent", **ADA, id="e", at=ahead)
    guide.erase(**ADA)
    assert not guide.track("invoice.sent", **ADA, id="e", at=ahead).stored
    guide.erase(account="acme")
    clock.tick(minutes=4)
    assert guide.track("invoice.sent", **ADA, id="e").stored


def test_what_happens_after_it_begins_a_new_life(kept: Kept) -> None:
    clock = FrozenClock()
    guide = lived(kept.store, clock)
    guide.erase(**ADA)
    clock.tick(days=1)
    receipt = guide.track("invoice.sent", **ADA, id="evt-of-hers-3")
    assert [one.milestone for one in receipt.reached] == ["first"]
    exported = guide.export(**ADA)
    assert len(exported["history"]) == 1  # type: ignore[arg-type]
    progress = row(kept.store, "ada-4711")
    assert progress is not None
    assert progress.start == int(clock().timestamp() * 1_000_000)
    assert progress.attributes == {}
    decision = guide.next(**ADA)
    assert decision.item is not None
    assert decision.item.steps[0].title == "Hello you"


def test_erasing_twice_or_somebody_unknown_leaves_the_mark_alone(kept: Kept) -> None:
    clock = FrozenClock()
    guide = lived(kept.store, clock)
    before = clock()
    for _ in range(2):
        clock.tick(minutes=1)
        guide.erase(**ADA)
        guide.erase(user="stranger", account="acme")
        guide.erase(user="stranger", account="nowhere")
    assert kept.store.load("acme", ["ada-4711"], ["e"]).erased.keys() == {"ada-4711"}
    for account in ("acme", "nowhere"):
        assert not guide.track("invoice.sent", user="stranger", account=account, at=before).stored
    assert b"stranger" not in kept.bytes()
    assert left(kept) == []


def test_what_the_account_has_counted_stays_without_telling_whom(kept: Kept) -> None:
    clock = FrozenClock()
    guide = Guidepath(PLAYBOOK, kept.store, clock=clock)
    guide.track("invoice.sent", **ADA)
    clock.tick(minutes=1)
    guide.erase(**ADA)
    clock.tick(minutes=1)
    receipt = guide.track("invoice.sent", user="bob", account="acme")
    assert "team" in [one.milestone for one in receipt.reached]
    assert left(kept) == []


def test_a_recalled_decision_is_not_shown_after_it(kept: Kept) -> None:
    clock = FrozenClock()
    guide = lived(kept.store, clock)
    other = Guidepath(PLAYBOOK, kept.store, clock=clock)  # another process, which hears of nothing
    carol: dict[str, Any] = {"user": "carol", "account": "acme"}
    for one in (guide, other):
        one.identify(**carol, attributes={"first_name": "Carol"}, id="c")
        told = [one.next(**carol) for _ in range(3)]
        assert told[-1].item is not None
        assert told[-1].item.steps[0].title == "Hello Carol"
    guide.erase(**carol)
    for one in (guide, other):
        item = one.next(**carol).item
        assert item is not None
        assert item.steps[0].title == "Hello you"


def test_what_is_recalled_in_this_process_is_let_go(kept: Kept) -> None:
    guide = Guidepath(PLAYBOOK, kept.store)
    for user in ("ada-4711", "bob"):
        guide.identify(user=user, account="acme", attributes={"first_name": f"{user}'s name"})
        for _ in range(3):
            guide.next(user=user, account="acme")
    assert "ada-4711's name" in repr(guide._calls._recall._kept)
    guide.erase(**ADA)
    assert "ada-4711" not in repr(guide._calls._recall._kept)
    assert "bob's name" in repr(guide._calls._recall._kept)
    guide.erase(account="acme")
    assert not guide._calls._recall._kept


def test_while_others_track_she_goes_and_they_lose_nothing(kept: Kept) -> None:
    guide = lived(kept.store, FrozenClock())
    now = guide.clock()
    late = now - timedelta(seconds=1)
    users = ["bob", "cyd", "ada-4711"]

    def track(number: int) -> bool:
        user = users[number % 3]
        what = {"note": "Rosebud"} if user == "ada-4711" else None
        return guide.track(
            "invoice.sent", user=user, account="acme", id=f"n{number}", at=late, properties=what
        ).stored

    with ThreadPoolExecutor(4) as threads:
        tracked = [threads.submit(track, number) for number in range(45)]
        erased = threads.submit(guide.erase, **ADA)
        stored = [one.result(60) for one in tracked]
        erased.result(60)
    assert all(done for number, done in enumerate(stored) if number % 3 != 2)
    assert left(kept) == []
    assert len(kept.store.history("acme")) == 3 + 30


def test_an_envelope_on_its_way_becomes_no_dead_letter_of_hers(kept: Kept) -> None:
    clock = FrozenClock()
    guide = lived(kept.store, clock)

    class Refusing(Seen):
        def deliver(self, envelopes: Sequence[Envelope]) -> None:
            if any(one.user == "ada-4711" for one in envelopes):
                guide.erase(**ADA)
            super().deliver(envelopes)

    Relay(kept.store, [Refusing("milestone.reached", "subject.started")], clock=clock).drain()
    assert left(kept) == []


def test_an_export_has_all_that_is_known_of_her(kept: Kept) -> None:
    guide = lived(kept.store, FrozenClock())
    exported = json.loads(json.dumps(guide.export(**ADA)))
    assert exported["progress"]["attributes"]["first_name"] == "Adelheid"
    assert exported["progress"]["attention"]["items"]["hello"][:2] == [1, 1_767_225_660_000_000]
    assert [one["id"] for one in exported["history"]] == [f"evt-of-hers-{n}" for n in range(1, 5)]
    assert exported["history"][2]["properties"] == {"note": "Rosebud"}
    assert {one["user"] for one in exported["said"]} == {"ada-4711"}
    ids = {one["id"] for one in exported["said"]}
    [letter] = exported["dead"]
    assert (letter["sink"], letter["reason"]) == ("seen-1", "too blue")
    assert letter["envelope"] in ids


def test_an_export_of_an_account_has_its_users(kept: Kept) -> None:
    guide = lived(kept.store, FrozenClock())
    exported = json.loads(json.dumps(guide.export(account="acme")))
    assert exported["users"]["ada-4711"]["attributes"]["email"] == "adelheid@example.com"
    assert set(exported["users"]) == {"ada-4711", "bob"}
    assert len(exported["history"]) == 7
    assert {one["user"] for one in exported["said"]} == {None, "ada-4711", "bob"}
    assert len(exported["dead"]) == len(kept.store.dead())


def test_personal_attributes_leave_only_with_a_sink_that_is_told_to_carry_them(
    tmp_path: Path, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    clock, store = FrozenClock(), MemoryStore()
    http.answer = pleased("webhook")
    sinks: list[Sink] = [
        OPEN["webhook"](http.url),
        JsonlSink(tmp_path / "plain.jsonl"),
        LogSink(),
        carrying := JsonlSink.from_url(f"jsonl:{tmp_path / 'carried.jsonl'}?carry=user.email"),
    ]
    guide = lived(store, clock)
    guide.group(account="acme", attributes={"size": 7, "phone": "555-0100"})
    guide.track("invoice.sent", user="cyd", account="acme")
    private = [one.private for one in store.said("acme")]
    assert {"user.first_name", "user.email", "account.phone"} <= {
        key for one in private for key in one
    }
    with caplog.at_level(logging.DEBUG):
        Relay(store, sinks, deck=Deck(PLAYBOOK), clock=clock).drain()
    for sink in sinks:
        sink.close()
    sent = b"".join(one.body for one in http.requests)
    assert b'"user.locale":"fr-CH"' in sent
    plain = (tmp_path / "plain.jsonl").read_bytes()
    assert plain.count(b"\n") == len(http.requests) > 5
    for got in (sent, plain, caplog.text.encode()):
        assert b"milestone.reached" in got
        for secret in (b"Adelheid", b"adelheid@example.com", b"555-0100", b"Rosebud"):
            assert secret not in got
    assert carrying.carries == {"user.email"}
    carried = (tmp_path / "carried.jsonl").read_bytes()
    assert b'"private":{"user.email":"adelheid@example.com"}' in carried
    for secret in (b"Adelheid", b"555-0100", b"Rosebud"):
        assert secret not in carried


def test_what_goes_wrong_is_told_without_what_is_personal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guide = lived(MemoryStore(), FrozenClock())
    told: list[str] = []
    wrong: list[dict[str, object]] = [
        {"email": object(), "first_name": "Adelheid"},
        {"email": "adelheid@example.com\ud800"},
        {"email": 2**70, "first_name": "Adelheid"},
        {"email": ["adelheid@example.com"], "first_name": {"Adelheid": 1}, "locale": 3},
        {"email": "adelheid@example.com" * 2000},
    ]
    with caplog.at_level(logging.DEBUG):
        for attributes in wrong:
            try:
                guide.identify(**ADA, attributes=attributes)
            except EventError as problem:
                told.append(str(problem))
        with pytest.raises(EventError) as conflict:
            guide.identify(**ADA, attributes={"email": "adelheid@example.com"}, id="evt-of-hers-1")
        told.append(str(conflict.value))
    told += [*guide.ignored, caplog.text]
    assert len(told) > 5
    assert not [one for one in told if "delheid" in one]


def test_a_receivers_words_are_kept_for_as_long_as_it_fails_only() -> None:
    clock, store = FrozenClock(), MemoryStore()
    guide = lived(store, clock)

    class Echo(Seen):
        away = True

        def deliver(self, envelopes: Sequence[Envelope]) -> None:
            if self.away:
                raise DeliveryError("no such person: ada-4711")
            super().deliver(envelopes)

    echo = Echo()
    echo.name = "echo"
    Relay(store, [echo], clock=clock).drain()
    guide.erase(**ADA)
    assert store.queues(["echo"])[0].reason == "no such person: ada-4711"
    echo.away = False
    clock.tick(minutes=MINUTE)
    Relay(store, [echo], clock=clock).drain()
    assert store.queues(["echo"])[0].reason is None


def test_what_was_late_is_told_to_whoever_asks(kept: Kept) -> None:
    """Twice the same sentence is one line with a count."""
    clock = FrozenClock()
    guide = Guidepath(PLAYBOOK, kept.store, clock=clock)
    guide.erase(account="acme")
    early: datetime = clock() - timedelta(days=1)
    for number in range(3):
        guide.track("invoice.sent", user=f"u{number}", account="acme", at=early)
    assert guide.ignored == {ERASED: 3}
    assert kept.store.subjects() == []
