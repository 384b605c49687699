"""Paths, methods and the checks before any handler: the whole of the HTTP but for its carrier.

There are two sides. A browser's requests are of the person whom the host's `identify` names, and
are checked in this order: the path (404), the method (405), where the page is from (403), who asks
(401), the body (413, 415). A server's carry a write key, and say themselves of whom they speak.
Where both sides have a path, a known key in the header Authorization makes it the server's.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from guidepath.adapters.web import client, handlers, ingestion, openapi
from guidepath.adapters.web.exchange import LARGEST_BODY, Refusal, Request, Response
from guidepath.adapters.web.handlers import Handler
from guidepath.adapters.web.keys import WriteKeys, carried
from guidepath.asyncio import AsyncGuidepath
from guidepath.errors import EventConflict, EventError, StoreError

PERSONAL: Mapping[str, tuple[str, Handler]] = {
    "v1/next": ("GET", handlers.show_next),
    "v1/progress": ("GET", handlers.show_progress),
    "v1/feedback": ("POST", handlers.hear_feedback),
    "v1/track": ("POST", handlers.hear_event),
}


class Door(NamedTuple):
    """What a carrier brings along: who asks (`identity`), and `largest` bytes of the body."""

    identity: bool
    largest: int


class Site:
    """Answers requests for one guide.

    Args:
        guide: whose answers they are.
        keys: which servers may ask; without any, there is no server's side.
        browsers: whether there is a browser's side.
    """

    def __init__(self, guide: AsyncGuidepath, *, keys: WriteKeys, browsers: bool) -> None:
        self._guide = guide
        self._keys = keys
        self._browsers = browsers
        self._files = client.files()

    def door(self, path: str, headers: Mapping[str, str]) -> Door:
        """What a request for this path needs, by what its head says."""
        if self._of_a_server(path, headers):
            return Door(identity=False, largest=ingestion.LARGEST)
        if self._browsers and path in PERSONAL:
            return Door(identity=True, largest=LARGEST_BODY)
        return Door(identity=False, largest=0)

    async def answer(self, request: Request) -> Response:
        """The answer to a request; every error on purpose is one, too.

        A ConfigurationError, and what nobody expects, is raised: it is the host's to log.
        """
        try:
            response = await self._answer(request)
        except Refusal as refused:
            response = refused.response
        except EventConflict as problem:
            response = Refusal(409, "conflict", str(problem)).response
        except EventError as problem:
            response = Refusal(400, "refused", str(problem)).response
        except StoreError:  # its sentence is for the host: it may name a file or a server
            response = Refusal(
                503, "unavailable", "the store does not answer", headers={"retry-after": "2"}
            ).response
        return response

    @cached_property
    def _description(self) -> Response:
        return openapi.response()

    async def _answer(self, request: Request) -> Response:
        if self._of_a_server(request.path, request.headers):
            return await self._keyed(request)
        if self._browsers and request.path in PERSONAL:
            return await self._personal(request)
        if request.path in self._files:
            _allow(request, "GET")
            return self._files[request.path].response(request)
        if request.path == "openapi.json":
            _allow(request, "GET")
            return self._description
        if request.path == "healthz":
            _allow(request, "GET")
            return await handlers.tell_health(self._guide)
        raise Refusal(404, "not_found", "there is nothing here; see openapi.json")

    def _of_a_server(self, path: str, headers: Mapping[str, str]) -> bool:
        if not self._keys or not (path in ingestion.CALLS or path in PERSONAL):
            return False
        both = self._browsers and path in PERSONAL
        return not both or self._keys.open(carried(headers))

    async def _keyed(self, request: Request) -> Response:
        if request.path in ingestion.CALLS:
            _allow(request, "POST")
            return await ingestion.take_in(self._guide, request, self._keys)
        method, handler = PERSONAL[request.path]
        _allow(request, method)
        if not self._keys.open(carried(request.headers)):
            raise Refusal(401, "unauthenticated", "a write key is needed, as the user of Basic")
        if method == "GET":
            return await handler(self._guide, request, handlers.named_in_query(request))
        _json(request)
        return await handler(self._guide, request, handlers.named_in_decision(request))

    async def _personal(self, request: Request) -> Response:
        method, handler = PERSONAL[request.path]
        _allow(request, method)
        _same_origin(request)
        if request.identity is None:
            raise Refusal(401, "unauthenticated", "nobody is signed in")
        if method == "POST":
            _json(request)
        return await handler(self._guide, request, request.identity)


def _allow(request: Request, method: str) -> None:
    allowed = ("GET", "HEAD") if method == "GET" else (method,)
    if request.method not in allowed:
        raise Refusal(
            405,
            "method_not_allowed",
            f"{request.method[:20]!a} is not for this path; use {method}",
            headers={"allow": ", ".join(allowed)},
        )


def _same_origin(request: Request) -> None:
    """Another site's page must not act for the person who is signed in here.

    Browsers say where a request comes from, and no script can change it. What is no browser says
    nothing, and carries nobody's cookies.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        same = site in ("same-origin", "none")
    else:
        same = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not same:
        raise Refusal(403, "cross_origin", "only pages of this origin may ask")


def _json(request: Request) -> None:
    if len(request.body) > LARGEST_BODY:
        raise Refusal(413, "too_large", f"a body has at most {LARGEST_BODY:,} bytes")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/json" or coding != "identity":
        raise Refusal(415, "not_json", "send plain JSON, with content-type: application/json")
