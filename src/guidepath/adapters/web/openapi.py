"""The OpenAPI description of the paths; its schemas are made from the types on the wire."""

from collections.abc import Mapping
from typing import Any

import msgspec

from guidepath.adapters.web import wire
from guidepath.adapters.web.exchange import Response, WireError, json

_KINDS = (
    wire.WireDecision,
    wire.WireOverview,
    wire.WireFeedback,
    wire.WireHeard,
    wire.WireTrack,
    wire.WireTracked,
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
            "description": "What a browser asks and says. The host knows who asks.",
        },
        "servers": [{"url": "."}],
        "paths": _paths(),
        "components": {"schemas": schemas},
    }


def _anything(kind: type) -> Json:
    if kind is object:
        return {"description": "Any JSON."}
    raise TypeError(kind)


def _paths() -> Json:
    return {
        "/v1/next": {
            "get": {
                "operationId": "next",
                "summary": "What to show now: one item, or none and the reason.",
                "parameters": [
                    _query("page", "The path where the person is; 2,048 characters count."),
                    _query("locale", "BCP 47; default: the first of Accept-Language."),
                    _query("device", "What she holds.", enum=["desktop", "tablet", "mobile"]),
                ],
                "responses": _answers(200, wire.WireDecision, 401, 403, 503),
            }
        },
        "/v1/progress": {
            "get": {
                "operationId": "progress",
                "summary": "Milestones and checklists of the person.",
                "parameters": [_query("locale", "BCP 47; default: the first of Accept-Language.")],
                "responses": _answers(200, wire.WireOverview, 401, 403, 503),
            }
        },
        "/v1/feedback": _post("feedback", wire.WireFeedback, wire.WireHeard),
        "/v1/track": _post("track", wire.WireTrack, wire.WireTracked),
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


def _post(name: str, said: type, answer: type) -> Json:
    return {
        "post": {
            "operationId": name,
            "summary": _sentence(said),
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _ref(said)}},
            },
            "responses": _answers(202, answer, 400, 401, 403, 409, 413, 415, 503),
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
    return {"$ref": _REF.format(name=kind.__name__)}


def _sentence(kind: type) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


_MEANINGS: Mapping[int, str] = {
    400: "The body or what it says cannot be taken in.",
    401: "Nobody is signed in.",
    403: "Another origin, another person's decision, or an event that is not for browsers.",
    404: "There is nothing here.",
    409: "The event's id was used for other content.",
    413: "The body is too large.",
    415: "The body is no plain JSON.",
    503: "The store does not answer; try again.",
}
