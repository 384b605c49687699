"""The Kafka sink passes the contract, and a real consumer reads back what it was given."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from confluent_kafka import Message
from msgspec.structs import replace
from tests.children import done_by_a_child
from tests.servers.consumer import messages
from tests.servers.kafka import Kafka

from guidepath.adapters.sinks.kafka import OPTIONS, KafkaSink
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.testing import SinkContract
from guidepath.testing.sample import spoken

numbers = count()


@pytest.fixture
def topic() -> str:
    return f"guidepath-{os.getpid()}-{next(numbers)}"


def content(message: Message) -> Any:
    return json.loads(message.value() or b"")


def headers(message: Message) -> dict[str, bytes]:
    pairs = message.headers()
    assert isinstance(pairs, list)
    return {name: value for name, value in pairs if isinstance(value, bytes)}


def ids(messages: Sequence[Message]) -> list[str]:
    return [content(one)["id"] for one in messages]


class TestKafkaSink(SinkContract):
    @pytest.fixture
    def sink(self, kafka: Kafka, topic: str) -> KafkaSink:
        return KafkaSink.from_url(f"kafka:{kafka.url}/{topic}")

    @pytest.fixture
    def delivered(self, kafka: Kafka, topic: str) -> Callable[[], list[str]]:
        return lambda: ids(messages(kafka, topic))


def test_an_account_is_the_key_and_lies_in_one_partition_in_order(kafka: Kafka, topic: str) -> None:
    sink = KafkaSink(kafka.url, topic)
    parcel = [spoken(number, account=f"a{number % 7}") for number in range(200)]
    sink.deliver(parcel)
    sink.close()
    found = messages(kafka, topic)
    assert len(found) == 200
    assert len({one.partition() for one in found}) > 1
    for account in {one.account for one in parcel}:
        own = [one for one in found if one.key() == account.encode()]
        assert len({one.partition() for one in own}) == 1
        assert ids(own) == [one.id for one in parcel if one.account == account]


def test_a_message_is_a_cloud_event_with_the_envelope_as_its_data(kafka: Kafka, topic: str) -> None:
    envelope = replace(
        spoken(1, user="ü/1", account="a b"),
        occurred_at=1_700_000_000_000_001,
        attributes={"account.size": 7},
        private={"user.email": "ada@example.org"},
    )
    sink = KafkaSink.from_url(f"kafka:{kafka.url}/{topic}?source=/shop")
    sink.deliver([envelope])
    sink.close()
    [message] = messages(kafka, topic)
    event = from_binary_event(KafkaMessage(headers(message), message.key(), message.value() or b""))
    assert event.get_id() == "evt_1"
    assert event.get_source() == "/shop"
    assert event.get_specversion() == "1.0"
    assert event.get_type() == "guidepath.milestone.reached"
    assert event.get_subject() == "a%20b/%C3%BC%2F1"
    assert event.get_time() == datetime(2023, 11, 14, 22, 13, 20, 1, UTC)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == {
        "id": "evt_1",
        "type": "milestone.reached",
        "occurredAt": 1_700_000_000_000_001,
        "account": "a b",
        "user": "ü/1",
        "data": {"milestone": "first"},
        "playbook": "p",
        "seq": 1,
        "attributes": {"account.size": 7},
        "private": {"user.email": "ada@example.org"},
    }


def test_a_message_that_is_too_large_is_refused_after_those_before_it(
    kafka: Kafka, topic: str
) -> None:
    sink = KafkaSink.from_url(f"kafka:{kafka.url}/{topic}?message.max.bytes=2000")
    large = replace(spoken(3), data={"text": "x" * 3000})
    with pytest.raises(DeliveryError, match="too large") as caught:
        sink.deliver([spoken(1), spoken(2), large, spoken(4)])
    assert (caught.value.delivered, caught.value.refused) == (2, True)
    assert ids(messages(kafka, topic)) == ["evt_1", "evt_2"]
    sink.deliver([spoken(4)])  # what a relay does next
    assert ids(messages(kafka, topic)) == ["evt_1", "evt_2", "evt_4"]
    sink.close()


def test_brokers_that_are_away_are_an_error_that_says_so() -> None:
    sink = KafkaSink.from_url("kafka:127.0.0.1:1/topic?timeout=1")
    with pytest.raises(
        DeliveryError, match=r"no answer within 1 s; .*Connection refused"
    ) as caught:
        sink.deliver([spoken(1)])
    assert (caught.value.delivered, caught.value.refused) == (0, False)
    sink.close()


def test_nothing_of_a_parcel_that_failed_is_sent_later() -> None:
    sink = KafkaSink.from_url("kafka:127.0.0.1:1/topic?timeout=0.5")
    producer = sink._ready()
    with pytest.raises(DeliveryError):
        sink.deliver([spoken(1), spoken(2)])
    assert producer.flush(1) == 0
    assert sink._ready() is not producer
    sink.close()


def test_a_sink_goes_on_after_its_brokers_were_away(kafka: Kafka, topic: str) -> None:
    with Kafka() as cluster:
        sink = KafkaSink(cluster.url, topic, timeout=2)
        sink.deliver([spoken(1)])
        cluster.pause()
        with pytest.raises(DeliveryError):
            sink.deliver([spoken(2)])
        cluster.resume()
        sink.deliver([spoken(2)])
        found = ids(messages(cluster, topic))
        sink.close()
    assert set(found) == {"evt_1", "evt_2"}


def test_a_child_after_a_fork_delivers_beside_its_parent(kafka: Kafka, topic: str) -> None:
    sink = KafkaSink(kafka.url, topic)
    sink.deliver([spoken(1)])

    def deliver() -> None:
        sink.deliver([spoken(2)])
        sink.close()

    done_by_a_child(deliver)
    sink.deliver([spoken(3)])
    assert ids(messages(kafka, topic)) == ["evt_1", "evt_2", "evt_3"]
    sink.close()


def test_librdkafka_is_told_what_the_address_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "a secret")
    sink = KafkaSink.from_url(
        "kafka:one:9092,two:9092/topic?security.protocol=SASL_SSL&sasl.mechanism=SCRAM-SHA-512"
        "&sasl.username=guidepath&sasl.password=$KAFKA_PASSWORD&carry=user.email"
    )
    assert sink.name == "kafka:one:9092,two:9092/topic"
    assert sink.carries == {"user.email"}
    assert {name: value for name, value in sink._settings.items() if name in OPTIONS} == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "guidepath",
        "sasl.password": "a secret",
    }


def test_an_option_that_librdkafka_does_not_take_is_told_at_the_first_parcel() -> None:
    sink = KafkaSink.from_url("kafka:127.0.0.1:1/topic?compression.type=rot13")
    with pytest.raises(DeliveryError, match=r"compression\.codec.*mend the options"):
        sink.deliver([spoken(1)])


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("kafka:", "names no topic"),
        ("kafka:host:9092", "names no topic"),
        ("kafka:host:9092/", "names no topic"),
        ("kafka:host:9092/a/b", "names no topic"),
        ("kafka:host/topic?acks=0", "no option 'acks'"),
        ("kafka:host/topic?enable.idempotence=false", "no option"),
        ("kafka:host/topic?timeout=soon", "no number"),
        ("kafka:host/topic?sasl.password=$NOBODY_SET_THIS", "not set in the environment"),
    ],
)
def test_a_wrong_address_is_told(url: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError, match=mistake):
        KafkaSink.from_url(url)
