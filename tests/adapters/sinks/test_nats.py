"""The NATS sink passes the contract on a real server with JetStream."""

import asyncio
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from tests.servers.nats import Nats
from tests.servers.proxy import Delay, Proxy, Reset

from guidepath.adapters.sinks.nats import NatsSink
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope
from guidepath.testing import SinkContract
from guidepath.testing.sample import spoken

numbers = count()


def on(server: Nats, work: Callable[[JetStreamContext], Any]) -> Any:
    """What a client of the server finds."""

    async def ask() -> Any:
        client = Client()
        await client.connect(server.url)
        try:
            return await work(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(ask())


@pytest.fixture
def subject(nats: Nats) -> str:
    """What a stream of its own takes."""
    name = f"s{os.getpid()}-{next(numbers)}"
    on(nats, lambda stream: stream.add_stream(StreamConfig(name=name, subjects=[f"{name}.>"])))
    return name


def address(nats: Nats, rest: str) -> str:
    return f"{nats.url}/{rest}"


def messages(nats: Nats, subject: str) -> list[Msg]:
    """All that the stream keeps, in its order."""

    async def read(stream: JetStreamContext) -> list[Msg]:
        kept = (await stream.stream_info(subject)).state.messages
        if not kept:
            return []
        reader = await stream.subscribe(f"{subject}.>", ordered_consumer=True)
        return [await reader.next_msg(timeout=10) for _ in range(kept)]

    found: list[Msg] = on(nats, read)
    return found


def ids(messages: list[Msg]) -> list[str]:
    return [json.loads(one.data)["id"] for one in messages]


class TestNatsSink(SinkContract):
    @pytest.fixture
    def sink(self, nats: Nats, subject: str) -> NatsSink:
        return NatsSink.from_url(address(nats, subject))

    @pytest.fixture
    def delivered(self, nats: Nats, subject: str) -> Callable[[], list[str]]:
        return lambda: ids(messages(nats, subject))


def test_a_retry_is_kept_once(nats: Nats, subject: str) -> None:
    sink = NatsSink.from_url(address(nats, subject))
    parcel = [spoken(1), spoken(2)]
    sink.deliver(parcel)
    sink.deliver([*parcel, spoken(3)])
    assert ids(messages(nats, subject)) == ["evt_1", "evt_2", "evt_3"]


def test_what_is_said_in_an_account_keeps_its_order(nats: Nats, subject: str) -> None:
    parcel = [spoken(number, account=f"a{number % 7}") for number in range(200)]
    NatsSink.from_url(address(nats, subject)).deliver(parcel)
    found = [json.loads(one.data) for one in messages(nats, subject)]
    assert len(found) == 200
    for account in {one.account for one in parcel}:
        own = [one["id"] for one in found if one["account"] == account]
        assert own == [one.id for one in parcel if one.account == account]


def test_a_message_says_what_it_is_in_subject_and_headers(nats: Nats, subject: str) -> None:
    envelope = replace(spoken(1), private={"user.email": "ada@example.org"})
    NatsSink.from_url(address(nats, f"{subject}?source=/shop")).deliver([envelope])
    [message] = messages(nats, subject)
    assert message.subject == f"{subject}.milestone.reached"
    assert message.headers is not None
    said = {name: message.headers[name] for name in message.headers if name.startswith("ce-")}
    assert said == {
        "ce-specversion": "1.0",
        "ce-id": "evt_1",
        "ce-source": "/shop",
        "ce-type": "guidepath.milestone.reached",
        "ce-subject": "acme/alice",
        "ce-time": "1970-01-01T00:00:00.000001Z",
    }
    assert message.headers["Content-Type"] == "application/json"
    assert message.headers["Nats-Msg-Id"] == "evt_1"
    assert json.loads(message.data)["private"] == {"user.email": "ada@example.org"}


def test_without_a_stream_the_error_says_which_is_missing(nats: Nats) -> None:
    with pytest.raises(DeliveryError, match=r"no JetStream stream takes nowhere\.>") as caught:
        NatsSink.from_url(address(nats, "nowhere")).deliver([spoken(1)])
    assert (caught.value.delivered, caught.value.refused) == (0, False)


# the second is just too large, its headers counted; the server would hang up on it
@pytest.mark.parametrize("size", [2_000_000, 1_048_576 - 300])
def test_a_message_that_is_too_large_for_the_server_is_refused(
    nats: Nats, subject: str, size: int
) -> None:
    large = replace(spoken(2), data={"text": "x" * size})
    sink = NatsSink.from_url(address(nats, subject))
    with pytest.raises(DeliveryError, match="maximum payload") as caught:
        sink.deliver([spoken(1), large, spoken(3), spoken(4, account="b")])
    assert (caught.value.delivered, caught.value.refused) == (1, True)
    assert sorted(ids(messages(nats, subject))) == ["evt_1", "evt_4"]


def taken(sink: NatsSink, envelope: Envelope) -> bool:
    """Whether it was; else it was refused."""
    try:
        sink.deliver([envelope])
    except DeliveryError as problem:
        if not problem.refused:
            raise
        return False
    return True


def test_a_message_that_is_as_large_as_can_be_is_taken(nats: Nats, subject: str) -> None:
    sink = NatsSink.from_url(address(nats, subject))
    low, high = 1_048_576 - 2000, 1_048_576
    while high - low > 1:
        middle = (low + high) // 2
        if taken(sink, replace(spoken(middle), data={"text": "x" * middle})):
            low = middle
        else:
            high = middle
    assert low > 1_048_576 - 1000


def test_a_message_that_is_too_large_for_the_stream_is_refused(nats: Nats) -> None:
    name = f"small{os.getpid()}"
    small = StreamConfig(name=name, subjects=[f"{name}.>"], max_msg_size=1000)
    on(nats, lambda stream: stream.add_stream(small))
    with pytest.raises(DeliveryError, match="exceeds maximum") as caught:
        NatsSink.from_url(address(nats, name)).deliver(
            [spoken(1), replace(spoken(2), data={"text": "x" * 1000}), spoken(3)]
        )
    assert (caught.value.delivered, caught.value.refused) == (1, True)
    assert ids(messages(nats, name)) == ["evt_1"]


@pytest.mark.parametrize("first", ["no stream takes it", "it is too large"])
def test_of_two_accounts_that_fail_the_first_says_why(nats: Nats, first: str) -> None:
    name = f"two{os.getpid()}{first[0]}"
    config = StreamConfig(name=name, subjects=[f"{name}.milestone.>"])
    on(nats, lambda stream: stream.add_stream(config))
    homeless = replace(spoken(2, account="b"), type="subject.started")
    large = replace(spoken(3, account="c"), data={"text": "x" * 2_000_000})
    pair = [homeless, large] if first == "no stream takes it" else [large, homeless]
    with pytest.raises(DeliveryError) as caught:
        NatsSink.from_url(address(nats, name)).deliver([spoken(1, account="a"), *pair])
    assert (caught.value.delivered, caught.value.refused) == (1, first == "it is too large")


def test_a_parcel_that_takes_too_long_is_counted_as_far_as_it_came(
    nats: Nats, subject: str
) -> None:
    with Proxy(nats.port) as proxy:
        proxy.fault = Delay(0.1)
        sink = NatsSink.from_url(f"nats:127.0.0.1:{proxy.port}/{subject}?timeout=2")
        with pytest.raises(DeliveryError, match="no answer within 2 s") as caught:
            sink.deliver([spoken(number) for number in range(50)])
    assert not caught.value.refused
    found = ids(messages(nats, subject))
    assert found[: caught.value.delivered] == [f"evt_{n}" for n in range(caught.value.delivered)]
    assert len(found) < 50


def test_a_connection_that_breaks_is_not_waited_for(nats: Nats, subject: str) -> None:
    with Proxy(nats.port) as proxy:
        proxy.fault = Reset(after=4000, way="request")
        sink = NatsSink.from_url(f"nats:127.0.0.1:{proxy.port}/{subject}?timeout=5")
        with pytest.raises(DeliveryError, match="the connection was lost") as caught:
            sink.deliver([spoken(number) for number in range(50)])
    assert 0 < caught.value.delivered < 50
    assert not caught.value.refused


def test_a_full_stream_is_no_refusal(nats: Nats) -> None:
    name = f"full{os.getpid()}"
    config = StreamConfig(name=name, subjects=[f"{name}.>"], max_msgs=1, discard="new")  # type: ignore[arg-type]
    on(nats, lambda stream: stream.add_stream(config))
    with pytest.raises(DeliveryError, match="maximum messages exceeded") as caught:
        NatsSink.from_url(address(nats, name)).deliver([spoken(1), spoken(2)])
    assert (caught.value.delivered, caught.value.refused) == (1, False)


def test_a_server_that_is_away_is_an_error_that_says_so() -> None:
    with pytest.raises(DeliveryError, match="Connect call failed") as caught:
        NatsSink.from_url("nats:127.0.0.1:1/guidepath").deliver([spoken(1)])
    assert (caught.value.delivered, caught.value.refused) == (0, False)


@contextmanager
def silent() -> Iterator[int]:
    """A port that accepts, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_says_nothing_is_given_up() -> None:
    with silent() as port:
        sink = NatsSink.from_url(f"nats:127.0.0.1:{port}/guidepath?timeout=1")
        with pytest.raises(DeliveryError, match=r"no answer within 1 s|timeout"):
            sink.deliver([spoken(1)])


def test_the_next_server_is_asked_where_the_first_is_away(nats: Nats, subject: str) -> None:
    sink = NatsSink.from_url(f"nats:127.0.0.1:1,127.0.0.1:{nats.port}/{subject}")
    sink.deliver([spoken(1)])
    assert ids(messages(nats, subject)) == ["evt_1"]


def test_a_server_that_stops_answering_is_given_up_and_found_again(subject: str) -> None:
    with Nats() as server:
        config = StreamConfig(name="own", subjects=["own.>"])
        on(server, lambda stream: stream.add_stream(config))
        sink = NatsSink.from_url(address(server, "own?timeout=1"))
        sink.deliver([spoken(1)])
        server.pause()
        with pytest.raises(DeliveryError) as caught:
            sink.deliver([spoken(2)])
        assert not caught.value.refused
        server.resume()
        server.kill()
        with pytest.raises(DeliveryError):
            sink.deliver([spoken(2)])
        server.restart()
        sink.deliver([spoken(2)])
        assert set(ids(messages(server, "own"))) >= {"evt_1", "evt_2"}


def test_a_caller_with_an_event_loop_of_its_own_can_deliver(nats: Nats, subject: str) -> None:
    sink = NatsSink.from_url(address(nats, subject))

    async def host() -> None:
        sink.deliver([spoken(1)])

    asyncio.run(host())
    assert ids(messages(nats, subject)) == ["evt_1"]


def test_a_child_after_a_fork_delivers_beside_its_parent(nats: Nats, subject: str) -> None:
    sink = NatsSink.from_url(address(nats, subject))
    sink.deliver([spoken(1)])
    child = os.fork()
    if child == 0:
        try:
            sink.deliver([spoken(2)])
        except BaseException:  # noqa: BLE001 - a child must not run the parent's tests on
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    sink.deliver([spoken(3)])
    assert ids(messages(nats, subject)) == ["evt_1", "evt_2", "evt_3"]


def test_names_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_PASSWORD", "a secret")
    sink = NatsSink.from_url(
        "nats:one:4222,two:4222?user=u&password=$NATS_PASSWORD&carry=user.email"
    )
    assert sink.name == "nats:one:4222,two:4222/guidepath"
    assert sink._login == {"user": "u", "password": "a secret"}
    assert sink.carries == {"user.email"}


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("nats:", "write nats:host:4222/subject"),
        ("nats://user:secret@host:4222/x", "as options"),
        ("nats:host/a.*", "no subject to publish on"),
        ("nats:host/a..b", "no subject to publish on"),
        ("nats:host/a b", "no subject to publish on"),
        ("nats:host/a?tls=perhaps", "neither yes nor no"),
        ("nats:host/a?stream=x", "no option"),
    ],
)
def test_a_wrong_address_is_told(url: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError, match=mistake):
        NatsSink.from_url(url)
