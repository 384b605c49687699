"""What the product analytics services have in common: names, properties, ids and requests."""

from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

import msgspec

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.posting import (
    TIMEOUT_S,
    Answer,
    Poster,
    compressed,
    counted,
    endpoint,
    fingerprint,
)
from guidepath.errors import DeliveryError
from guidepath.event import Envelope

GROUP = "account"
_IDS = UUID("c0f1b0f4-5f0e-5c8a-9d0b-6a5f5f1f7a3e")  # any will do, so long as it stays


class Limits(NamedTuple):
    """What one request of a service takes: events, their bytes, and the bytes of one event."""

    most: int
    largest: int
    largest_event: int


class AnalyticsSink(ABC):
    """Envelopes to a service, in as few requests as it takes.

    Args:
        key: the project's write key or token.
        home: where the service is, where it is not the usual place.
        group: what the service calls the group that an account is.
        insecure: whether `home` may be http.

    Raises:
        ConfigurationError: `home` is no address that can be used.
    """

    scheme: ClassVar[str]
    key_is: ClassVar[str]  # what the service calls the key
    usual_home: ClassVar[str]
    path: ClassVar[str]
    limits: ClassVar[Limits]
    zipped: ClassVar[bool] = True
    names_groups: ClassVar[bool] = True

    def __init__(
        self,
        key: str,
        *,
        home: str | None = None,
        group: str = GROUP,
        insecure: bool = False,
        timeout: float = TIMEOUT_S,
        name: str | None = None,
        carries: frozenset[str] = frozenset(),
    ) -> None:
        self._key = key
        self._to = endpoint(home or self.usual_home, insecure=insecure).at(self.path)
        self._group = group
        self.name = name or f"{self.scheme}:{self._to.authority}#{fingerprint(key)}"
        self.carries = carries
        self._poster = Poster(timeout=timeout, secrets=[key, basic_auth(key)])

    @classmethod
    def from_url(cls, url: str) -> Self:
        """The scheme, the key, and options; see docs/sinks.md."""
        address = Address(url)
        sink = cls(
            address.needed(cls.key_is),
            home=address.option("endpoint", cls.usual_home),
            group=address.option("group", GROUP) if cls.names_groups else GROUP,
            insecure=address.flag("insecure"),
            timeout=address.number("timeout", TIMEOUT_S),
            name=address.name(""),
            carries=address.carries,
        )
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        events = [msgspec.json.encode(self.event(one)) for one in envelopes]
        for batch in batches(events, self.limits):
            body = self.body(b",".join(batch.events))
            headers = {"Content-Type": "application/json", **self.headers()}
            if self.zipped:
                body = compressed(body)
                headers["Content-Encoding"] = "gzip"
            with counted(batch.start):
                answer = self._poster.post(self._to, body, headers)
                problem = self.judged(answer, len(batch.events))
                if problem is not None:
                    raise problem

    def close(self) -> None:
        """See ports.Sink."""
        self._poster.close()

    @abstractmethod
    def event(self, envelope: Envelope) -> dict[str, object]:
        """The envelope as the service's event."""

    @abstractmethod
    def body(self, events: bytes) -> bytes:
        """The request for some events, which are JSON with commas between."""

    def headers(self) -> dict[str, str]:
        """Those that the service asks for, besides the usual ones."""
        return {}

    def judged(self, answer: Answer, sent: int) -> DeliveryError | None:
        """The error that an answer to so many events is, None where it says that all are taken."""
        del sent
        return None if answer.taken and not answer.is_page else self.problem(answer)

    def problem(
        self, answer: Answer, *, refused: bool | None = None, mend: str | None = None
    ) -> DeliveryError:
        """See Poster.problem."""
        return self._poster.problem(self._to, answer, refused=refused, mend=mend)


class Batch(NamedTuple):
    """Events that go out in one request, and the place of the first among all."""

    start: int
    events: Sequence[bytes]


def batches(events: Sequence[bytes], limits: Limits) -> Iterator[Batch]:
    """Events divided so that each request keeps to the limits.

    Raises:
        DeliveryError: an event is too large for any request. All before it have been given then.
    """
    batch: list[bytes] = []
    size = 0
    for place, event in enumerate(events):
        too_large = len(event) > limits.largest_event
        full = len(batch) == limits.most or size + len(event) > limits.largest
        if batch and (too_large or full):
            yield Batch(place - len(batch), batch)
            batch, size = [], 0
        if too_large:
            raise DeliveryError(
                f"the event has {len(event):,} bytes; at most {limits.largest_event:,} are taken",
                delivered=place,
                refused=True,
            )
        batch.append(event)
        size += len(event) + 1
    if batch:
        yield Batch(len(events) - len(batch), batch)


def event_name(envelope: Envelope) -> str:
    """What an envelope is called there: `guidepath.milestone.reached`."""
    return f"guidepath.{envelope.type}"


def properties(envelope: Envelope) -> dict[str, object]:
    """An event's properties: its data, the attributes, and what tells where it comes from."""
    found: dict[str, object] = {**envelope.data, **envelope.attributes, **envelope.private}
    if envelope.role is not None:
        found["role"] = envelope.role
    found["guidepath.id"] = envelope.id
    found["guidepath.seq"] = envelope.seq
    found["guidepath.playbook"] = envelope.playbook
    return found


def traits(envelope: Envelope) -> dict[str, object]:
    """The user's attributes by their own names: `user.locale` as `locale`."""
    return {
        name.removeprefix("user."): value
        for name, value in {**envelope.attributes, **envelope.private}.items()
        if name.startswith("user.") and envelope.user is not None
    }


def unlinked_id(envelope: Envelope) -> str:
    """Who an account's event is from, where a service wants to know: nobody whom it could know."""
    return f"account:{envelope.account}"


def derived_uuid(envelope: Envelope) -> str:
    """The UUID that an envelope always has, where a service takes no other ids."""
    return str(uuid5(_IDS, envelope.id))


def milliseconds(envelope: Envelope) -> int:
    """When it occurred, as the services count."""
    return envelope.occurred_at // 1000


def basic_auth(key: str) -> str:
    """The key as the name of HTTP's basic authentication, with no password."""
    return "Basic " + b64encode(f"{key}:".encode()).decode()
