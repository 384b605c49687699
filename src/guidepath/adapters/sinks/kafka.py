"""Envelopes as messages of a Kafka topic, by confluent-kafka (librdkafka).

The key is the account, so that all that is said in one account lies in one partition, in order.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.cloudevent import SOURCE, context
from guidepath.adapters.sinks.excerpt import excerpt
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope

TIMEOUT_S = 10.0

# what a URL may say to librdkafka; what keeps messages safe and in order is not among it
OPTIONS = (
    "broker.address.family",
    "client.id",
    "compression.type",
    "connections.max.idle.ms",
    "enable.metrics.push",
    "linger.ms",
    "message.max.bytes",
    "partitioner",
    "sasl.mechanism",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "socket.keepalive.enable",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.key.password",
)

_REFUSED = (
    KafkaError.MSG_SIZE_TOO_LARGE,
    KafkaError.RECORD_LIST_TOO_LARGE,
    KafkaError.INVALID_RECORD,
)

_log = logging.getLogger("guidepath.kafka")
_Answered = Callable[[KafkaError | None, Message], None]
_inherited: list[Producer] = []  # a parent's, whose threads a fork left behind: never to be ended


class KafkaSink:
    """One message an envelope, confirmed by all replicas in sync before `deliver` returns.

    Args:
        brokers: host:port of some of them, separated by commas.
        topic: where the messages go; it must be there, or the broker make it.
        options: of librdkafka, by name; see OPTIONS.
        source: what CloudEvents headers name as the source.
        timeout: seconds in which a parcel must be confirmed.
    """

    def __init__(
        self,
        brokers: str,
        topic: str,
        *,
        options: Mapping[str, str] | None = None,
        source: str = SOURCE,
        timeout: float = TIMEOUT_S,
        carries: frozenset[str] = frozenset(),
        name: str | None = None,
    ) -> None:
        self.name = name or f"kafka:{brokers}/{topic}"
        self.carries = carries
        self._topic = topic
        self._source = source
        self._timeout = timeout
        self._settings: dict[str, object] = {
            **(options or {}),
            "bootstrap.servers": brokers,
            "acks": "all",
            "enable.idempotence": True,
            # a message that ran out of time while a later one did not would leave a gap: instead
            # `deliver` gives all of them up together
            "message.timeout.ms": 0,
            "topic.metadata.propagation.max.ms": int(timeout * 500),
            "error_cb": self._hear,
        }
        self._producer: Producer | None = None
        self._pid = 0
        self._trouble = ""

    @classmethod
    def from_url(cls, url: str) -> "KafkaSink":
        """`kafka:host:9092,host2:9092/topic?sasl.password=$KAFKA_PASSWORD&…`.

        Raises:
            ConfigurationError: brokers or topic are missing, or an option is none of OPTIONS.
        """
        address = Address(url)
        brokers, _, topic = address.rest.removeprefix("//").partition("/")
        if not brokers or not topic or "/" in topic:
            raise ConfigurationError("kafka: names no topic; write kafka:host:9092/topic")
        given = {name: address.option(name, "") for name in OPTIONS}
        sink = cls(
            brokers,
            topic,
            options={name: value for name, value in given.items() if value},
            source=address.option("source", SOURCE),
            timeout=address.number("timeout", TIMEOUT_S),
            carries=address.carries,
            name=address.name(f"kafka:{brokers}/{topic}"),
        )
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        producer = self._ready()
        answers: dict[int, KafkaError | None] = {}
        for index, envelope in enumerate(envelopes):
            try:
                self._send(producer, envelope, partial(_answered, answers, index))
            except KafkaException as problem:
                answers[index] = problem.args[0]
                break  # what comes after it must not overtake it
            except BufferError:
                break
        producer.flush(self._timeout)
        taken = 0
        while taken in answers and answers[taken] is None:
            taken += 1
        if taken < len(envelopes):
            failure = self._failure(answers.get(taken), taken)
            self._discard()
            raise failure

    def close(self) -> None:
        """See ports.Sink."""
        if self._producer is not None and self._pid == os.getpid():
            self._discard()

    def _ready(self) -> Producer:
        if self._producer is not None and self._pid == os.getpid():
            return self._producer
        if self._producer is not None:
            _inherited.append(self._producer)
        try:
            self._producer = Producer(self._settings, logger=_log)
        except KafkaException as problem:
            said = excerpt(problem.args[0].str())
            raise DeliveryError(f"{self.name}: {said}; mend the options") from None
        self._pid = os.getpid()
        return self._producer

    def _send(self, producer: Producer, envelope: Envelope, answered: _Answered) -> None:
        headers = {f"ce_{name}": value for name, value in context(envelope, self._source).items()}
        headers["content-type"] = "application/json"
        producer.produce(
            self._topic,
            msgspec.json.encode(envelope),
            envelope.account.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
            on_delivery=answered,
        )

    def _failure(self, error: KafkaError | None, taken: int) -> DeliveryError:
        if error is None:
            said = f"no answer within {self._timeout:g} s"
            said += f"; {self._trouble}" if self._trouble else ""
        else:
            said = excerpt(error.str())
        refused = error is not None and error.code() in _REFUSED
        return DeliveryError(f"{self.name}: {said}", delivered=taken, refused=refused)

    def _hear(self, error: KafkaError) -> None:
        self._trouble = excerpt(error.str())

    def _discard(self) -> None:
        """Nothing of a parcel that failed is sent later, behind the relay's back."""
        if self._producer is not None:
            self._producer.purge()
            self._producer = None
        self._trouble = ""


def _answered(
    answers: dict[int, KafkaError | None], index: int, error: KafkaError | None, _: Message
) -> None:
    answers[index] = error
