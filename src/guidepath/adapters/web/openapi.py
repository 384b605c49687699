"""The OpenAPI description of the paths; its schemas are made from the types on the wire."""

from collections.abc import Mapping
from typing import Any

import msgspec

from guidepath.adapters.web import ingestion, wire
from guidepath.adapters.web.exchange import Response, WireError, json

_KINDS = (
    wire.WireDecision,
    wire.WireOverview,
    wire.WireFeedback,
    wire.WireHeard,
    wire.WireTrack,
    wire.WireTracked,
    wire.WireTaken,
    wire.WireHealth,
    WireError,
)
_REF = "#/components/schemas/{name}"
Json = dict[str, Any]  # a JSON Schema has no narrower type


def response() -> Response:
    """GET openapi.json."""
    return json(description(), headers={"cache-control": "no-cache"})


def description() -> Json:
    """The description, OpenAPI 3.1."""
    _, schemas = msgspec.json.schema_components(_KINDS, schema_hook=_anything, ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "guidepath",
            "version": "1",
            "description": "What a browser asks and says, where the host knows who asks; and what "
            "the host's servers say and ask, with a write key, as Segment's SDKs do.",
        },
        "servers": [{"url": "."}],
        "paths": _paths(),
        "components": {
            "schemas": {**schemas, "Message": _message(), "Batch": _batch()},
            "securitySchemes": {
                "writeKey": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A write key as the user, and no password.",
                }
            },
        },
    }


def _anything(kind: type) -> Json:
    if kind is object:
        return {"description": "Any JSON."}
    raise TypeError(kind)


def _paths() -> Json:
    return {
        "/v1/next": _get(
            "next",
            "What to show now: one item, or none and the reason.",
            wire.WireDecision,
            _query("page", "The path where the person is; 2,048 characters count."),
            _LOCALE,
            _query("device", "What she holds.", enum=["desktop", "tablet", "mobile"]),
        ),
        "/v1/progress": _get(
            "progress", "Milestones and checklists of the person.", wire.WireOverview, _LOCALE
        ),
        "/v1/feedback": _post("feedback", wire.WireFeedback, wire.WireHeard),
        "/v1/track": _both(),
        **{
            f"/{path}": {"post": _ingestion(path.rpartition("/")[2], kind)}
            for path, kind in ingestion.CALLS.items()
            if path != "v1/track"
        },
        "/client/{file}": {"get": _client()},
        "/healthz": {
            "get": {
                "operationId": "health",
                "summary": "Whether the store answers.",
                "responses": _answers(200, wire.WireHealth, 503),
            }
        },
        "/openapi.json": {
            "get": {
                "operationId": "description",
                "summary": "This description.",
                "responses": {"200": _content("OpenAPI 3.1.", {"type": "object"})},
            }
        },
    }


def _get(name: str, summary: str, answer: type, *parameters: Json) -> Json:
    """What a person's page, or a server for her, asks for."""
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "security": _EITHER,
            "parameters": [*parameters, *_OF_WHOM],
            "responses": _answers(200, answer, 400, 401, 403, 429, 500, 503),
        }
    }


def _ingestion(name: str, kind: str | None) -> Json:
    what = "Many messages" if kind is None else f"One {kind} message"
    return {
        "operationId": name,
        "summary": f"{what}, as Segment's SDKs send; gzip too.",
        "security": _KEY,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _named("Batch" if kind is None else "Message")}
            },
        },
        "responses": _answers(200, wire.WireTaken, 400, 401, 404, 415, 429, 500, 503),
    }


def _both() -> Json:
    """A browser's event, or with a write key one message of Segment's."""
    described = _post("track", wire.WireTrack, wire.WireTracked)
    schemas = [_ref(wire.WireTrack), _named("Message")]
    described["post"]["requestBody"]["content"]["application/json"]["schema"] = {"anyOf": schemas}
    described["post"]["responses"] |= _answers(200, wire.WireTaken)
    return described


def _message() -> Json:
    """What is read of a message; whatever else it has is let pass."""
    text, anything = {"type": "string"}, {"type": "object"}
    return {
        "type": "object",
        "description": "One of Segment's messages. What it has beside is let pass.",
        "properties": {
            "type": {**text, "description": "Where the path does not say it."},
            "messageId": {**text, "description": "The same one again is the same event."},
            "userId": text,
            "groupId": {**text, "description": "Of a group message: the account."},
            "event": {**text, "description": "Of a track message: its name."},
            "properties": anything,
            "traits": {**anything, "description": "`role` is the role in the account."},
            "context": {
                **anything,
                "properties": {"groupId": {**text, "description": "The user's account."}},
            },
            "timestamp": {**text, "format": "date-time", "description": "Default: now."},
            "originalTimestamp": {**text, "format": "date-time"},
            "sentAt": {**text, "format": "date-time"},
            "writeKey": {**text, "description": "Where no header carries it."},
        },
    }


def _batch() -> Json:
    return {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {"type": "array", "items": _named("Message")},
            "context": {"type": "object", "description": "Goes into each message."},
            "sentAt": {"type": "string", "format": "date-time"},
            "writeKey": {"type": "string", "description": "Where no header carries it."},
        },
    }


def _post(name: str, said: type, answer: type) -> Json:
    return {
        "post": {
            "operationId": name,
            "summary": _sentence(said),
            "security": _EITHER,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _ref(said)}},
            },
            "responses": _answers(202, answer, 400, 401, 403, 409, 413, 415, 429, 500, 503),
        }
    }


def _client() -> Json:
    text = {"schema": {"type": "string"}}
    return {
        "operationId": "client",
        "summary": "A file of the browser's client.",
        "parameters": [
            {"name": "file", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "responses": {
            "200": {
                "description": "The file.",
                "content": {"text/javascript": text, "text/css": text},
            },
            "304": {"description": "The browser has it."},
            **_errors(404),
        },
    }


def _query(name: str, meaning: str, **schema: object) -> Json:
    return {
        "name": name,
        "in": "query",
        "description": meaning,
        "schema": {"type": "string", **schema},
    }


def _answers(status: int, kind: type, *errors: int) -> Json:
    return {str(status): _content(_sentence(kind), _ref(kind)), **_errors(*errors)}


def _errors(*statuses: int) -> Json:
    return {str(one): _content(_MEANINGS[one], _ref(WireError)) for one in statuses}


def _content(meaning: str, schema: Json) -> Json:
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def _ref(kind: type) -> Json:
    return _named(kind.__name__)


def _named(name: str) -> Json:
    return {"$ref": _REF.format(name=name)}


def _sentence(kind: type) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


_KEY: list[Json] = [{"writeKey": []}]
_EITHER: list[Json] = [{}, *_KEY]  # a browser's identity is the host's business
_LOCALE = _query("locale", "BCP 47; default: the first of Accept-Language.")
_OF_WHOM = [
    _query("userId", "With a write key: the user."),
    _query("groupId", "With a write key: her account; without, she is her own."),
]
_MEANINGS: Mapping[int, str] = {
    400: "The body or what it says cannot be taken in.",
    401: "Nobody is signed in, or the write key is wrong.",
    403: "Another origin, another person's decision, or an event that is not for browsers.",
    404: "There is nothing here; for a server, not without a write key.",
    409: "The event's id was used for other content.",
    413: "The body is too large.",
    415: "The body is no plain JSON, or is packed in a way that is not read.",
    429: "Too often; ask again after `Retry-After` seconds.",
    500: "A mistake in the host's `identify`, or ours; the host's log has it.",
    503: "The store does not answer; try again.",
}
