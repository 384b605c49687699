"""A request and its answer as plain values: no handler knows which framework carries them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from guidepath.adapters.web.identity import Identity

LARGEST_BODY = 65_536

# Nothing here is a document: no page may frame it, guess its type or run it elsewhere.
LOCKED: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}
PRIVATE: Mapping[str, str] = {"cache-control": "no-store", "vary": "Cookie"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What came in.

    `path` is relative to where the app is mounted, without a slash in front. `query` has the first
    value of each name, `headers` are by lower-case name. `body` may be cut one byte after the
    most that is taken in: one byte too many says enough. `identity` is None where nobody is signed
    in; `inspects` says that the host lets her see why. `address` is whose connection it is.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    identity: Identity | None = None
    inspects: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What goes out; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def measured(self) -> Mapping[str, str]:
        """The headers with the body's length, where an answer of its status has one."""
        if self.status in (204, 304):
            return self.headers
        return {**self.headers, "content-length": str(len(self.body))}


class WireError(msgspec.Struct, frozen=True, kw_only=True, tag_field="object", tag="error"):
    """What went wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str


class Refusal(Exception):
    """A request that gets an error for an answer."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.headers = headers or {}
        super().__init__(message)

    @classmethod
    def of_the_host(
        cls, status: int, message: str, headers: Mapping[str, str] | None = None
    ) -> "Refusal":
        """What a host's own `identify` refused, in the words of its framework."""
        code = {401: "unauthenticated", 413: "too_large"}.get(status, "refused")
        return cls(status, code, message, headers=headers)

    @property
    def response(self) -> Response:
        """The answer it gets."""
        said = WireError(code=self.code, message=str(self))
        return json(said, status=self.status, headers={**PRIVATE, **self.headers})


def json(body: object, *, status: int = 200, headers: Mapping[str, str]) -> Response:
    """An answer in JSON."""
    return Response(
        status,
        {**LOCKED, "content-type": "application/json", **headers},
        msgspec.json.encode(body),
    )
