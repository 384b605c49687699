"""Paths, methods and the checks before any handler: the whole of the HTTP but for its carrier.

Checked in this order: the path (404), the method (405), where the page is from (403), who asks
(401), the body (413, 415). Then its handler answers.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property

from guidepath.adapters.web import client, handlers, openapi
from guidepath.adapters.web.exchange import LARGEST_BODY, Refusal, Request, Response
from guidepath.adapters.web.identity import Identity
from guidepath.asyncio import AsyncGuidepath
from guidepath.errors import EventConflict, EventError, StoreError

Handler = Callable[[AsyncGuidepath, Request, Identity], Awaitable[Response]]

PERSONAL: Mapping[str, tuple[str, Handler]] = {
    "v1/next": ("GET", handlers.show_next),
    "v1/progress": ("GET", handlers.show_progress),
    "v1/feedback": ("POST", handlers.hear_feedback),
    "v1/track": ("POST", handlers.hear_event),
}


class Site:
    """Answers requests for one guide."""

    def __init__(self, guide: AsyncGuidepath) -> None:
        self._guide = guide
        self._files = client.files()

    def needs_identity(self, path: str) -> bool:
        """Whether a request for this path has to say who asks."""
        return path in PERSONAL

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
        if request.path in PERSONAL:
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
