"""Segment's HTTP tracking API, so that its SDKs and pipelines can be pointed here unchanged.

    unpack -> read as JSON -> the write key -> each message read as an event -> stored -> 200

An SDK repeats a request that was answered with 5xx, and forgets it after 200 or 400. So 200 says
that all that can be stored is stored, 400 that nothing of the request can be read, and a message
that cannot be taken in costs only itself: the SDK could do nothing about it.
"""

import json
import logging
import math
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from uuid import uuid4

from guidepath import segment
from guidepath.adapters.web import wire
from guidepath.adapters.web.exchange import PRIVATE, Refusal, Request, Response
from guidepath.adapters.web.exchange import json as answer
from guidepath.adapters.web.keys import WriteKeys, carried
from guidepath.asyncio import AsyncGuidepath
from guidepath.clock import micros
from guidepath.errors import EventConflict, EventError
from guidepath.event import Event
from guidepath.segment import Message
from guidepath.subject import checked_id

LARGEST = 512_000  # bytes of a request, packed or not; SDKs fill a batch up to this
TOLD = 20  # refused messages that an answer names
CALLS: Mapping[str, str | None] = {  # the type that a path gives its message; None is many messages
    "v1/track": "track",
    "v1/identify": "identify",
    "v1/group": "group",
    "v1/page": "page",
    "v1/screen": "screen",
    "v1/alias": "alias",
    "v1/batch": None,
    "v1/import": None,  # as older SDKs call it
}

_log = logging.getLogger("guidepath.ingestion")


async def take_in(guide: AsyncGuidepath, request: Request, keys: WriteKeys) -> Response:
    """POST of one message or of many: all that can be stored is stored before the answer.

    Raises:
        Refusal: there is no write key, or the body cannot be read.
        StoreError: the store does not answer; what was stored before is known when it comes again.
    """
    call = _opened(request, keys)
    now = micros(guide.clock())
    told = _read(call, CALLS[request.path], now)
    received = await guide.receive(told.events)
    for one in received.refused:
        told.refused.append(wire.WireRefused(message_id=one, reason=str(EventConflict(one))))
    if told.refused:
        _tell(told.refused)
    said = wire.WireTaken(
        stored=received.stored,
        repeated=received.repeated,
        ignored=told.ignored + received.forgotten,
        refused=len(told.refused),
        reasons=tuple(told.refused[:TOLD]),
    )
    return answer(said, headers=PRIVATE)


class _Told(NamedTuple):
    """What a request says: events, messages of which nothing is kept, and those refused."""

    events: list[Event]
    ignored: int
    refused: list[wire.WireRefused]


def _read(call: Message, kind: str | None, now: int) -> _Told:
    events: list[Event] = []
    refused: list[wire.WireRefused] = []
    ignored = 0
    sent = segment.sent_at(call)
    for message in _messages(call, kind):
        if isinstance(message, Mapping) and str(message.get("type")) in segment.UNKEPT:
            ignored += 1
            continue
        try:
            events.append(_event(message, now, sent))
        except EventError as problem:
            refused.append(wire.WireRefused(message_id=_named(message), reason=str(problem)))
    return _Told(events, ignored, refused)


def _event(message: object, now: int, sent: int | None) -> Event:
    if not isinstance(message, Mapping):
        return segment.read(message, now=now)
    if message.get("messageId") is None:
        message = {**message, "messageId": f"gen_{uuid4().hex}"}
    return segment.read(message, now=now, sent=segment.sent_at(message) if sent is None else sent)


def _messages(call: Message, kind: str | None) -> Iterator[object]:
    """The messages of a call, each with the context of the whole."""
    if kind is not None:
        yield {**call, "type": kind}
        return
    messages = call.get("batch")
    if not isinstance(messages, list):
        raise Refusal(400, "malformed", "batch is a list of messages")
    shared = call.get("context")
    for message in messages:
        if isinstance(message, dict) and isinstance(shared, dict):
            own = message.get("context")
            if own is None or isinstance(own, dict):
                yield {**message, "context": {**shared, **(own or {})}}
                continue
        yield message


def _opened(request: Request, keys: WriteKeys) -> Message:
    """What the body says, where its sender has a key: in the header, or else in the body.

    Who has none is not told what is wrong with the body.
    """
    known = keys.open(carried(request.headers))
    try:
        call = _parsed(_unpacked(request))
    except Refusal:
        if known:
            raise
        call = {}
    if not known and not keys.open(call.get("writeKey")):
        raise Refusal(401, "unauthenticated", "a write key is needed, as the user of Basic")
    return call


def _unpacked(request: Request) -> bytes:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    body = request.body
    if coding not in ("identity", "gzip"):
        raise Refusal(415, "not_json", "send it plain or as gzip")
    if coding == "gzip" and len(body) <= LARGEST:
        unpacking = zlib.decompressobj(wbits=31)
        try:
            body = unpacking.decompress(body, LARGEST + 1)
        except zlib.error as problem:
            raise Refusal(400, "malformed", f"the body is no gzip: {problem}") from None
        if len(body) <= LARGEST and not unpacking.eof:
            raise Refusal(400, "malformed", "the body is cut short")
    if len(body) > LARGEST:  # SDKs know that 400 is final; some send anything else again
        raise Refusal(400, "too_large", f"a request has at most {LARGEST:,} bytes, unpacked too")
    return body


def _parsed(body: bytes) -> Message:
    """The object that the body is.

    SDKs write what their language calls JSON. A number that is none, or half a character, is the
    trouble of the message it stands in, not of the whole batch.
    """
    try:
        call = json.loads(body.decode(), parse_int=_integer)
    except (ValueError, RecursionError) as problem:
        raise Refusal(
            400, "malformed", f"the body cannot be read as JSON: {str(problem)[:200]}"
        ) from None
    if not isinstance(call, dict):
        raise Refusal(400, "malformed", "the body is a JSON object")
    return call


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 300 else math.inf


def _named(message: object) -> str | None:
    try:
        return checked_id(message.get("messageId") if isinstance(message, Mapping) else None, "")
    except EventError:
        return None


def _tell(refused: list[wire.WireRefused]) -> None:
    for one in refused[:TOLD]:
        _log.warning("refused message %s: %s", one.message_id, one.reason)
    if len(refused) > TOLD:
        _log.warning("refused %d more of the same request", len(refused) - TOLD)
