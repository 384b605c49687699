"""Paths, methods and the checks before any handler: the whole of the HTTP but for its carrier.

There are two sides. A browser's requests are of the person whom the host's `identify` names, and
are checked in this order: the path (404), the method (405), where the page is from (403), who asks
(401), how often (429), the body (413, 415). A server's carry a write key, and say themselves of
whom they speak. Where both sides have a path, a known key in the header Authorization makes it the
server's.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from guidepath.adapters.web import client, handlers, ingestion, inspection, openapi
from guidepath.adapters.web.exchange import LARGEST_BODY, Refusal, Request, Response
from guidepath.adapters.web.handlers import Handler
from guidepath.adapters.web.identity import Identity
from guidepath.adapters.web.keys import WriteKeys, carried
from guidepath.adapters.web.limits import USUAL, Limits, Rate, neighbourhood
from guidepath.adapters.web.origins import Origins
from guidepath.asyncio import AsyncGuidepath
from guidepath.errors import ConfigurationError, EventConflict, EventError, StoreError
from guidepath.lock import cached

PERSONAL: Mapping[str, tuple[str, Handler]] = {
    "v1/next": ("GET", handlers.show_next),
    "v1/progress": ("GET", handlers.show_progress),
    "v1/feedback": ("POST", handlers.hear_feedback),
    "v1/track": ("POST", handlers.hear_event),
}
_NOTHING = "there is nothing here; see openapi.json"


class Door(NamedTuple):
    """What a carrier brings along.

    Who asks (`identity`), whether the host lets her see why (`inspects`), and `largest` bytes of
    the body.
    """

    identity: bool = False
    inspects: bool = False
    largest: int = 0


class Site:
    """Answers requests for one guide.

    Args:
        guide: whose answers they are.
        browsers: whether there is a browser's side.
        write_keys: which servers may ask; without any, there is no server's side.
        origins: the other origins whose pages may ask, with a token.
        rate: how often one person may ask, (a second, at once); None is no limit.
        inspectable: whether the host lets anybody see why.

    Raises:
        ConfigurationError: there is neither side, or a key, an origin or the rate is none.
    """

    def __init__(
        self,
        guide: AsyncGuidepath,
        *,
        browsers: bool,
        write_keys: Sequence[str] = (),
        origins: Sequence[str] = (),
        rate: Rate | None = USUAL,
        inspectable: bool = False,
    ) -> None:
        self._guide = guide
        self._browsers = browsers
        self._inspectable = browsers and inspectable
        self._keys = WriteKeys(write_keys)
        if not browsers and not self._keys:
            raise ConfigurationError("nobody could ask: give identify, or write_keys, or both")
        self._origins = Origins(origins)
        self._people = Limits(rate)
        self._strangers = Limits(rate)
        client.files()  # read now, and not while somebody waits

    def door(self, head: Request) -> Door:
        """What a request needs, by what its head says; one that is refused needs nothing."""
        if self._of_a_server(head):
            return Door(largest=ingestion.LARGEST)
        if self._inspectable and head.path == inspection.PATH:
            return Door(identity=True, inspects=True)
        if not self._browsers or head.path not in PERSONAL:
            return Door()
        try:
            method = self._let_in(head)
        except Refusal:
            return Door()
        return Door(identity=True, largest=LARGEST_BODY if method == "POST" else 0)

    async def answer(self, request: Request) -> Response:
        """The answer to a request; every error on purpose is one, too.

        A ConfigurationError, and what nobody expects, is raised: it is the host's to log.
        """
        try:
            response = await self._answer(request)
        except Refusal as refused:
            response = self._refused(request, refused).response
        except EventConflict as problem:
            response = Refusal(409, "conflict", str(problem)).response
        except EventError as problem:
            response = Refusal(400, "refused", str(problem)).response
        except StoreError:  # its sentence is for the host: it may name a file or a server
            response = Refusal(
                503, "unavailable", "the store does not answer", headers={"retry-after": "2"}
            ).response
        return self._origins.marked(request, response)

    @cached
    def _description(self) -> Response:
        return openapi.response()

    async def _answer(self, request: Request) -> Response:
        if self._of_a_server(request):
            return await self._keyed(request)
        if self._browsers and request.path in PERSONAL:
            return await self._personal(request)
        file = client.answer(request)
        if file is not None:
            _allow(request, "GET")
            return file
        if request.path == "openapi.json":
            _allow(request, "GET")
            return self._description
        if request.path == "healthz":
            _allow(request, "GET")
            return await handlers.tell_health(self._guide)
        if (request.method, request.path) == ("GET", inspection.PATH) and request.inspects:
            return await self._inspected(request)
        raise Refusal(404, "not_found", _NOTHING)

    async def _inspected(self, request: Request) -> Response:
        """Why, for who may see it; everybody else learns not even that there is such a path."""
        if request.identity is None:
            raise Refusal(404, "not_found", _NOTHING)
        self._origins.check(request)
        return await inspection.show_inspection(self._guide, request, self._who(request))

    def _of_a_server(self, head: Request) -> bool:
        path = head.path
        if not self._keys or not (path in ingestion.CALLS or path in PERSONAL):
            return False
        both = self._browsers and path in PERSONAL
        return not both or self._keys.open(carried(head.headers))

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
        preflight = self._origins.preflight(request, method)
        if preflight is not None:
            return preflight
        self._let_in(request)
        who = self._who(request)
        if method == "POST":
            _json(request)
        return await handler(self._guide, request, who)

    def _who(self, request: Request) -> Identity:
        """Who asks, where somebody does, and not too often."""
        who = request.identity
        if who is None:
            raise Refusal(401, "unauthenticated", "nobody is signed in")
        wait = self._people.wait(who.subject)
        if wait:
            raise _too_often(wait)
        return who

    def _let_in(self, head: Request) -> str:
        """The method of its path, where a browser's request may come in."""
        method, _ = PERSONAL[head.path]
        _allow(head, method)
        self._origins.check(head)
        return method

    def _refused(self, request: Request, refused: Refusal) -> Refusal:
        """Who is nobody is counted by where she is, whatever she wanted."""
        if refused.status != 401:
            return refused
        wait = self._strangers.wait(neighbourhood(request.address))
        return _too_often(wait) if wait else refused


def _too_often(wait: float) -> Refusal:
    seconds = math.ceil(wait)
    return Refusal(
        429,
        "too_often",
        f"too many requests; ask again in {seconds} s",
        headers={"retry-after": str(seconds)},
    )


def _allow(request: Request, method: str) -> None:
    allowed = ("GET", "HEAD") if method == "GET" else (method,)
    if request.method not in allowed:
        raise Refusal(
            405,
            "method_not_allowed",
            f"{request.method[:20]!a} is not for this path; use {method}",
            headers={"allow": ", ".join(allowed)},
        )


def _json(request: Request) -> None:
    if len(request.body) > LARGEST_BODY:
        raise Refusal(413, "too_large", f"a body has at most {LARGEST_BODY:,} bytes")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/json" or coding != "identity":
        raise Refusal(415, "not_json", "send plain JSON, with content-type: application/json")
