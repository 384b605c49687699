"""Segment's messages, as its SDKs and pipelines write them, read as events.

`userId` is the user, `context.groupId` the account, `messageId` the event's id, `timestamp` its
time, `traits.role` of an identify the role in that account.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from guidepath.clock import micros
from guidepath.errors import EventError
from guidepath.event import Event, event
from guidepath.subject import Subject, checked_id, subject

Message = Mapping[str, object]


def read(message: object, *, now: int) -> Event:
    """The event of one message.

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
            raise EventError(f"type {other!a} is none of track, identify, group")
    role = body.pop("role", None) if kind == "identify" else None
    return event(
        kind,  # type: ignore[arg-type]  # one of the three above
        name,
        subject=_subject(message, kind),
        id=checked_id(message.get("messageId"), "messageId"),
        now=now,
        at=_time(message),
        properties=body,
        role=role if isinstance(role, str) and role else None,
    )


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
    value = message.get("timestamp")
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise EventError(f"timestamp {str(value)[:40]!a} is not ISO 8601") from None
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
