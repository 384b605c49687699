"""What the product says (Event), what guidepath says (Envelope), and the ids derived from content.

An event is known by its id within its account: the same id with the same content does nothing, with
other content it is refused. Ids of envelopes are derived, so that a replay repeats them.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from guidepath.clock import MINUTE
from guidepath.errors import EventError
from guidepath.subject import Subject, checked_id

EventKind = Literal["track", "identify", "group", "feedback"]
LARGEST_BODY = 32_768
DEEPEST_BODY = 32  # levels; what is nested deeper might be stored, and never read again
EARLIEST = -2_208_988_800_000_000  # 1900: an event before it has a broken clock
FUTURE = 5 * MINUTE  # how far a product's clock may run ahead of ours


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing the product reported. Times are microseconds, UTC.

    `name` is the event's name for track, what became of the item for feedback, else empty.
    `properties` are the event's, or the attributes of an identify or group. `seq` is the place in
    the account's order of arrival, given when the event is stored.
    """

    id: str
    kind: EventKind
    name: str
    account: str
    user: str | None
    occurred_at: int
    received_at: int
    properties: dict[str, object]
    role: str | None = None
    digest: str = ""
    timed: bool = True  # the product gave its time; else it is the time of receipt
    seq: int = 0

    @property
    def subject(self) -> Subject:
        """Whom it is about."""
        return Subject(self.account, self.user)

    def arrived(self, seq: int) -> "Event":
        """The event with its place in the order of arrival."""
        return msgspec.structs.replace(self, seq=seq)


class Envelope(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False
):
    """One thing guidepath says, as sinks receive it: the same id and time on every retry.

    `seq` numbers what is said of one subject, from 1. `attributes` are those of the account and of
    the user when it was said, as `account.size`, with `role`; those declared `pii: true` are in
    `private`, which a sink gets only where it is told to carry them.
    """

    id: str
    type: str
    occurred_at: int
    account: str
    user: str | None
    data: dict[str, object]
    playbook: str
    seq: int
    role: str | None = None
    attributes: dict[str, bool | int | float | str] = {}
    private: dict[str, bool | int | float | str] = {}


def unnamed(envelope: Envelope, user: str) -> Envelope:
    """The envelope without the name of a user who was erased."""
    if envelope.data.get("by") != user:
        return envelope
    data = {name: value for name, value in envelope.data.items() if name != "by"}
    return msgspec.structs.replace(envelope, data=data)


def event(
    kind: EventKind,
    name: str,
    *,
    subject: Subject,
    id: str,  # noqa: A002 - the field's standard name
    now: int,
    at: int | None = None,
    properties: Mapping[str, object] | None = None,
    role: str | None = None,
) -> Event:
    """A checked event: the one way in which what a host says becomes an Event.

    Without `at` it happened `now`. A time in the future is taken as five minutes from now at most.

    Raises:
        EventError: the id, the name, the time or the properties cannot be stored.
    """
    if kind == "track":
        checked_id(name, "event")
    if role is not None:
        checked_id(role, "role")
    if at is not None and at < EARLIEST:
        raise EventError(f"the event {name or kind!r} is dated before 1900; times are UTC")
    body = dict(properties or {})
    content = _canonical([kind, name, subject.account, subject.user, at, role, body])
    return Event(
        id=checked_id(id, "event id"),
        kind=kind,
        name=name,
        account=subject.account,
        user=subject.user,
        occurred_at=now if at is None else min(at, now + FUTURE),
        received_at=now,
        properties=_stored(body) if body else body,
        role=role,
        timed=at is not None,
        digest=hashlib.sha256(content).hexdigest()[:32],
    )


def derive_id(prefix: str, *parts: str | int | None) -> str:
    """The id that these parts always have.

    >>> derive_id("evt", "a1", None, "first_invoice")
    'evt_d7ui2xxnt4xc3feohvlr6r5taq'
    """
    digest = hashlib.sha256(msgspec.msgpack.encode(parts)).digest()[:16]
    return f"{prefix}_{base64.b32encode(digest).decode().rstrip('=').lower()}"


_in_one_order = msgspec.json.Encoder(order="deterministic").encode


def _canonical(content: object) -> bytes:
    try:
        encoded = _in_one_order(content)
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise EventError(f"the properties cannot be stored: {problem}") from None
    if len(encoded) > LARGEST_BODY:
        raise EventError(
            f"the event has {len(encoded):,} bytes; at most {LARGEST_BODY:,} are stored"
        )
    return encoded


def _stored(body: dict[str, object]) -> dict[str, object]:
    """The body as it reads back from the store, so that a fold and a refold see the same."""
    if all(type(name) is str and _is_plain(value) for name, value in body.items()):
        return body  # as most are; that its text can be written was seen before
    try:
        stored = msgspec.json.decode(_canonical(body), type=dict[str, object])
        msgspec.msgpack.encode(stored)  # as stores write it: JSON has larger integers
    except (OverflowError, RecursionError) as problem:
        raise EventError(f"the properties cannot be stored: {problem}") from None
    level: list[object] = [stored]
    for _ in range(DEEPEST_BODY):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return stored
    raise EventError(f"the properties are nested deeper than {DEEPEST_BODY} levels")


def _is_plain(value: object) -> bool:
    """A value that JSON and msgpack hold alike; numbers beyond 64 bits and fractions may not be."""
    return type(value) in (str, bool) or (type(value) is int and -(2**63) <= value < 2**63)


def _inside(value: object) -> Iterable[object]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
    return ()
