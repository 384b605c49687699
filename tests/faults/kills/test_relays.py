"""Relays killed between send and mark: the next one sends again, with the same ids, in order.

Each sink gets its envelopes from another store. A dead relay's lease is not waited for: the next
relay's clock is ahead of it, or, where that is the command of a user, the lease is ended.
"""

import asyncio
import base64
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from random import Random
from threading import Event
from typing import TypeVar

import msgspec
import pytest
from nats.aio.client import Client
from nats.js.api import StreamConfig
from tests.acceptance.command import ROOT, guidepath
from tests.faults.checker import Delivered, look, violations
from tests.faults.journal import Calls
from tests.faults.kills.children import Carrier
from tests.faults.kills.nursery import Nursery
from tests.faults.product import PLAYBOOK, deck
from tests.faults.scale import times
from tests.servers.consumer import messages
from tests.servers.http import Answer, Http, Request
from tests.servers.kafka import Kafka
from tests.servers.nats import Nats
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

from guidepath import Guidepath
from guidepath.clock import micros, utc_now
from guidepath.event import Envelope
from guidepath.ports import Store
from guidepath.registry import open_sink, open_store
from guidepath.relay import LEASE
from guidepath.subject import Subject

T = TypeVar("T")
How = Mapping[str, float]  # fields of a Carrier
SEED = 20260821
BETWEEN = times(50)  # kills once a sink has taken a parcel, before that is marked
COMMANDS = times(10)  # kills of the command, which takes long to start
ANY_TIME = times(10)
MOMENTS = {"sqlite": 9, "postgresql": 7, "redis": 1}  # from there until the mark is on its way
LONGEST_S = 0.05
SOON_S = 0.002
TOPICS = 5
PARCEL = 6
WAITING = 4 * PARCEL  # envelopes when a relay starts
AHEAD_S = LEASE / 1_000_000 + 1
SECRET = "whsec_" + base64.b64encode(b"k" * 30).decode()

_envelope = msgspec.json.Decoder(Envelope).decode


class Place:
    """A store, what was tracked in it, and the sink that its envelopes go to."""

    def __init__(self, store: str, sink: str, sent: Path) -> None:
        self.hasty = False
        self.url = store
        self.sink_url = sink
        self.sent_file = sent
        self.calls = Calls()
        self.ahead = 0.0
        self.store: Store = open_store(store)
        sink_itself = open_sink(sink)
        self.sink = sink_itself.name
        sink_itself.close()
        self._guide = Guidepath(PLAYBOOK, self.store)
        self._numbers = count()

    @property
    def waiting(self) -> int:
        """How many envelopes wait for the sink."""
        [queue] = [one for one in self.store.queues([self.sink]) if one.sink == self.sink]
        return queue.waiting

    @property
    def sent(self) -> list[str]:
        """The ids that the sink has taken, each time that it has."""
        return self.sent_file.read_text().splitlines()

    def fill(self) -> None:
        """Track until enough waits: a few accounts at the same time, all the time new users."""
        while self.waiting < WAITING:
            for number in (next(self._numbers) for _ in range(PARCEL)):
                about = Subject(f"account {number % 4}", f"user {number // 12}")
                self.calls.invoked(about, f"e{number}")
                self._guide.track(
                    "sent", user=about.user or "", account=about.account, id=f"e{number}"
                )
                self.calls.ended(about, f"e{number}", "ok")

    def carrier(self, **how: float) -> Carrier:
        """The next relay, later than all that were before."""
        self.ahead += AHEAD_S
        return Carrier(
            store=self.url,
            sink=self.sink_url,
            sent=str(self.sent_file),
            ahead=self.ahead,
            parcel=PARCEL,
            hasty=self.hasty,
            **how,  # type: ignore[arg-type]  # which are whole numbers, the caller knows
        )


def killed(nursery: Nursery, places: Sequence[Place], deaths: Sequence[How]) -> None:
    """Relays that died so, one after the other in each place, and one in each that lived."""
    left = {place: list(deaths[number :: len(places)]) for number, place in enumerate(places)}
    while going := [place for place in places if left[place]]:
        for place in going:
            place.fill()
        codes = raised(nursery, {place: left[place][-1] for place in going})
        for place, code in zip(going, codes, strict=True):
            if code:  # else it had nothing left to do before its time had come
                assert code == -signal.SIGKILL
                left[place].pop()
    assert raised(nursery, {place: {} for place in places}) == [0] * len(places)


def raised(nursery: Nursery, hows: Mapping[Place, How]) -> list[int]:
    """How a relay in each of the places has ended, all of them at the same time."""
    groups = [[place.carrier(**how)] for place, how in hows.items()]
    return [code for [code] in nursery.raised(groups, at_once=len(groups))]


def deaths(kind: str) -> list[How]:
    """Most of them between send and mark."""
    chance = Random(f"{SEED} {kind}")
    ways: list[How] = [
        {"deliveries": chance.randint(1, 2), "moment": chance.randint(0, MOMENTS[kind])}
        for _ in range(BETWEEN)
    ]
    ways += [{"after": chance.uniform(0, LONGEST_S)} for _ in range(ANY_TIME)]
    chance.shuffle(ways)
    return ways


def kept_promises(place: Place, got: Sequence[Envelope]) -> None:
    """All of it came, each subject's in order, doubles as they were; nothing was given up."""
    assert broken(place, got) == []
    assert set(place.sent) <= {one.id for one in got}
    assert place.waiting == 0
    assert place.store.dead() == []
    place.store.close()


def broken(place: Place, got: Sequence[Envelope]) -> list[str]:
    """What is wrong with what a sink got."""
    accounts = sorted({one.account for one in place.calls})
    said = [one for account in accounts for one in place.store.said(account)]
    sinks = {place.sink: Delivered(got)}
    return violations(deck(), place.calls, look(place.store, (), said), sinks, calm=True)


def doubles(place: Place) -> int:
    """How many envelopes the sink has taken that it had before."""
    return len(place.sent) - len(set(place.sent))


@pytest.fixture
def hook(http: Http, tmp_path: Path) -> Place:
    """A webhook, and a store in a file."""
    sink = f"webhook:{http.url}/hook?secret={SECRET}&insecure=yes&allow=127.0.0.0/8"
    return Place(f"sqlite:///{tmp_path / 'guidepath.db'}", sink, tmp_path / "sent")


def test_webhooks_are_posted_again_and_none_is_lost(
    nursery: Nursery, hook: Place, http: Http
) -> None:
    killed(nursery, [hook], deaths("sqlite"))
    requests = _whole(http)
    kept_promises(hook, [msgspec.convert(one.json()["data"], Envelope) for one in requests])
    assert doubles(hook) >= BETWEEN  # at least one for each relay that died before the mark
    seen = defaultdict(set)
    for one in requests:
        event = one.json()
        seen[event["id"]].add((one.headers["webhook-id"], event["time"], event["data"]["id"]))
    assert [which for which, all in seen.items() if len(all) > 1] == []
    assert all(header == which == inside for which, [(header, _, inside)] in seen.items())


def test_the_command_that_carries_is_killed_between_send_and_mark(hook: Place, http: Http) -> None:
    hook.fill()
    waiting = hook.waiting
    chance = Random(f"{SEED} command")
    for _ in range(COMMANDS):
        kill_the_command(hook, http, chance.randint(1, waiting))
    http.answer = lambda _: Answer()
    done = guidepath("relay", "--store", hook.url, "--sink", hook.sink_url, "--once")
    assert done.stdout == f"{hook.sink}: {waiting} events delivered\n"
    requests = _whole(http)
    hook.sent_file.write_text("".join(f"{one.json()['id']}\n" for one in requests))
    kept_promises(hook, [msgspec.convert(one.json()["data"], Envelope) for one in requests])
    assert doubles(hook) >= COMMANDS  # what was taken before a kill was sent again
    bodies = {(one.json()["id"], one.body) for one in requests}
    assert max(Counter(which for which, _ in bodies).values()) == 1


def kill_the_command(place: Place, http: Http, taken: int) -> None:
    """Run `guidepath relay`, and kill it once so many requests were taken; free what it leased."""
    begun, seen = Event(), count(1)

    def answer(_request: Request) -> Answer:
        begun.wait()
        if next(seen) == taken:
            process.kill()
        return Answer()

    http.answer = answer
    asked = ("relay", "--store", place.url, "--sink", place.sink_url)
    process = subprocess.Popen(
        [sys.executable, "-m", "guidepath", *asked], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    begun.set()
    assert process.wait(60) == -signal.SIGKILL
    later = micros(utc_now()) + LEASE
    parcel = place.store.claim(place.sink, now=later, lease=1, most=1)
    assert parcel is not None
    assert place.store.settle(parcel, now=later, done=0)


def test_a_jetstream_stream_has_each_message_once(
    nursery: Nursery, nats: Nats, postgres: Postgres, tmp_path: Path
) -> None:
    async def prepare(client: Client) -> None:
        stream = StreamConfig(name="kills", subjects=["kills.>"], duplicate_window=3600)
        await client.jetstream().add_stream(stream)

    async def read(client: Client) -> list[Envelope]:
        stream = client.jetstream()
        kept = (await stream.stream_info("kills")).state.messages
        reader = await stream.subscribe("kills.>", ordered_consumer=True)
        return [_envelope((await reader.next_msg(timeout=10)).data) for _ in range(kept)]

    _on(nats, prepare)
    place = Place(postgres.database(), f"{nats.url}/kills", tmp_path / "sent")
    killed(nursery, [place], deaths("postgresql"))
    got = _on(nats, read)
    kept_promises(place, got)
    assert doubles(place) >= BETWEEN
    assert len({one.id for one in got}) == len(got)  # the server knows a double by its id


def test_kafka_topics_lose_nothing(
    nursery: Nursery, kafka: Kafka, redis: Redis, tmp_path: Path
) -> None:
    """Several at a time: a producer needs half a second before it sends anything."""
    topics = [f"kills-{number}" for number in range(TOPICS)]
    places = [Place(redis.database(), f"kafka:{kafka.url}/{one}", tmp_path / one) for one in topics]
    killed(nursery, places, deaths("redis"))
    assert sum(doubles(one) for one in places) >= BETWEEN
    for place, topic in zip(places, topics, strict=True):
        kept_promises(place, _messages(kafka, topic))


def test_a_relay_that_settles_before_it_sends_is_found_out(
    nursery: Nursery, hook: Place, http: Http
) -> None:
    hows: list[How] = [{"after": SOON_S * number} for number in range(1, 30)]
    hook.hasty = True
    killed(nursery, [hook], hows)
    got = [msgspec.convert(one.json()["data"], Envelope) for one in _whole(http)]
    assert any("never got" in one for one in broken(hook, got))
    hook.store.close()


def _whole(http: Http) -> list[Request]:
    """The requests that came whole: of one whose sender dies, a receiver gets a part."""
    return [one for one in http.requests if len(one.body) == int(one.headers["Content-Length"])]


def _on(nats: Nats, work: Callable[[Client], Awaitable[T]]) -> T:
    """What a client of the server does."""

    async def connected() -> T:
        client = Client()
        await client.connect(nats.url)
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(connected())


def _messages(kafka: Kafka, topic: str) -> list[Envelope]:
    """All of a topic's; an account lies in one partition."""
    return [_envelope(one.value() or b"") for one in messages(kafka, topic)]
