"""Segment's messages, as its SDKs and pipelines write them, read as events.

`userId` is the user, `context.groupId` the account, `messageId` the event's id, `timestamp` (else
`originalTimestamp`) its time, `traits.role` of an identify the role in that account.

A sender whose clock is wrong is corrected by when it says that it sent: what is told of one clock
is moved to ours. What the message says stays its content, so that a message which is sent again,
later, is the same event.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from guidepath.clock import MINUTE, micros
from guidepath.errors import EventError
from guidepath.event import EARLIEST, FUTURE, Event, event
from guidepath.subject import Subject, checked_id, subject

Message = Mapping[str, object]

UNKEPT = frozenset({"page", "screen", "alias"})  # Segment's other messages: no rule asks for them
ON_THE_WAY = MINUTE  # how long a request may take; a larger difference is a wrong clock


def read(message: object, *, now: int, sent: int | None = None) -> Event:
    """The event of one message.

    Args:
        message: as Segment's SDKs write it.
        now: when it was received.
        sent: when it was sent by the clock of its sender, where it was received right after that.

    Raises:
        EventError: it is none that can be taken in; the sentence says why.
    """
    if not isinstance(message, Mapping):
        raise EventError("a message is a JSON object")
    match message.get("type"):
        case "track":
            kind, name, body = "track", _text(message, "event"), _mapping(message, "properties")
        case "identify":
            kind, name, body = "identify", "", _mapping(message, "traits")
        case "group":
            kind, name, body = "group", "", _mapping(message, "traits")
        case other:
            raise EventError(f"type {str(other)[:40]!a} is none of track, identify, group")
    role = body.pop("role", None) if kind == "identify" else None
    at = _time(message)
    said = event(
        kind,  # type: ignore[arg-type]  # one of the three above
        name,
        subject=_subject(message, kind),
        id=checked_id(message.get("messageId"), "messageId"),
        now=now,
        at=at,
        properties=body,
        role=role if isinstance(role, str) and role else None,
    )
    if at is None or sent is None or _corrected(message):
        return said
    return replace(said, occurred_at=_ours(at, sent, now))


def sent_at(message: Message) -> int | None:
    """When it was sent, in microseconds, by the clock of its sender; None where that is no time."""
    try:
        return _instant(message.get("sentAt"))
    except ValueError:
        return None


def _ours(at: int, sent: int, now: int) -> int:
    """The time by our clock of what happened at `at` by the sender's."""
    wrong = abs(now - sent) > ON_THE_WAY and at <= sent  # who sends before it happened has no clock
    return max(EARLIEST, min(at + (now - sent) * wrong, now + FUTURE))


def _corrected(message: Message) -> bool:
    """Whether a pipeline before us has done it: then it keeps the time of the sender beside."""
    return None not in (message.get("timestamp"), message.get("originalTimestamp"))


def _subject(message: Message, kind: str) -> Subject:
    user = message.get("userId")
    if kind == "group":
        return Subject(checked_id(message.get("groupId"), "groupId"))
    if user is None and message.get("anonymousId") is not None:
        raise EventError("anonymousId alone names no user")
    group = _mapping(message, "context").get("groupId")
    return subject(
        checked_id(user, "userId"), None if group is None else checked_id(group, "context.groupId")
    )


def _time(message: Message) -> int | None:
    for key in ("timestamp", "originalTimestamp"):
        value = message.get(key)
        try:
            at = _instant(value)
        except ValueError:
            raise EventError(f"{key} {str(value)[:40]!a} is not ISO 8601") from None
        if at is not None:
            return at
    return None


def _instant(value: object) -> int | None:
    if value is None:
        return None
    at = datetime.fromisoformat(str(value))
    return micros(at if at.tzinfo else at.replace(tzinfo=UTC))


def _text(message: Message, key: str) -> str:
    return checked_id(message.get(key), key)


def _mapping(message: Message, key: str) -> dict[str, object]:
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise EventError(f"{key} is not a JSON object")
    return dict(value)
