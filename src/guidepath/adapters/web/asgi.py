"""The carrier for ASGI: Starlette's request in, plain values through the site, a response out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import isawaitable, iscoroutinefunction
from typing import Any

from guidepath.adapters.web.exchange import Refusal, Request, Response
from guidepath.adapters.web.identity import identity
from guidepath.adapters.web.limits import USUAL, Rate
from guidepath.adapters.web.site import Site
from guidepath.asyncio import AsyncGuidepath
from guidepath.engine import Guidepath
from guidepath.errors import ConfigurationError

try:
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect
    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response as HttpResponse
    from starlette.routing import Route
    from starlette.types import Receive, Scope, Send
except ImportError as problem:
    raise ConfigurationError(
        "the ASGI app needs Starlette; pip install 'guidepath[web]'"
    ) from problem

# what the host gives: whatever `identity` can read, at once or awaited
Identify = Callable[[HttpRequest], Any]


def app(
    guide: AsyncGuidepath | Guidepath,
    *,
    identify: Identify | None,
    write_keys: Sequence[str] = (),
    origins: Sequence[str] = (),
    rate: Rate | None = USUAL,
    inspect: Identify | None = None,
) -> Starlette:
    """An ASGI app, to be mounted under any path of the host.

    Args:
        guide: stays the host's, who closes it.
        identify: given Starlette's request, who asks: an Identity, (user, account), a mapping or
            an object with `user` and `account`, the user alone, or None where nobody is signed in.
            It may be async; a plain function runs in a thread, so it may block. What it raises
            is the host's: an HTTPException is answered as it says, the rest is a 500. Without one
            there is no browser's side.
        write_keys: what opens the server's side; without any there is none.
        origins: other origins whose pages may ask, with a token that `identify` reads.
        rate: how often one person may ask: a second, and at once. None is no limit.
        inspect: given the same request, whether this person may see the inspector: True, and
            nothing that only looks like it; called as `identify` is. Without one nobody may.

    Raises:
        ConfigurationError: a write key, an origin or the rate is none, or there is neither side.
    """
    awaited = AsyncGuidepath.beside(guide) if isinstance(guide, Guidepath) else guide
    site = Site(
        awaited,
        browsers=identify is not None,
        write_keys=write_keys,
        origins=origins,
        rate=rate,
        inspectable=inspect is not None,
    )
    return Starlette(
        routes=[Route("/{path:path}", _Endpoint(site, identify, inspect))],
        exception_handlers={HTTPException: _as_the_host_says, Exception: _broken},
    )


class _Endpoint:
    """Carries every request of the app, whatever its method."""

    def __init__(self, site: Site, identify: Identify | None, inspect: Identify | None) -> None:
        self._site = site
        self._identify = identify
        self._inspect = inspect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpRequest(scope, receive)
        try:
            response = await self._site.answer(await self._request(http))
        except ClientDisconnect:
            return  # nobody is there to be answered
        await _carried(response, head=http.method == "HEAD")(scope, receive, send)

    async def _request(self, http: HttpRequest) -> Request:
        head = Request(
            method=http.method,
            path=http.path_params["path"],
            query=_first(http.query_params.multi_items()),
            headers=_joined(http.headers.items()),
            address=http.client.host if http.client else "",
        )
        door = self._site.door(head)
        who = identity(await _asked(self._identify, http)) if door.identity else None
        return replace(
            head,
            body=await _body(http, door.largest) if door.largest else b"",
            identity=who,
            inspects=door.inspects and await _asked(self._inspect, http) is True,
        )


async def _asked(host: Identify | None, http: HttpRequest) -> Any:
    if host is None:
        return None
    if iscoroutinefunction(host):
        return await host(http)
    said = await run_in_threadpool(host, http)
    return await said if isawaitable(said) else said


async def _body(http: HttpRequest, largest: int) -> bytes:
    """The body, cut where it is longer than any that is taken in."""
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > largest:
            break
    return bytes(body[: largest + 1])


def _first(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    return dict(reversed(pairs))


def _joined(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    """What comes twice is one header of both, as other hosts see it: two origins are none."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _carried(response: Response, *, head: bool) -> HttpResponse:
    return HttpResponse(
        b"" if head else response.body, status_code=response.status, headers=response.measured
    )


async def _as_the_host_says(_: HttpRequest, said: Exception) -> HttpResponse:
    """The host's `identify` may refuse by itself, with an HTTPException."""
    if not isinstance(said, HTTPException):
        raise said
    refusal = Refusal.of_the_host(said.status_code, str(said.detail), said.headers)
    return _carried(refusal.response, head=False)


async def _broken(_: HttpRequest, __: Exception) -> HttpResponse:
    """What nobody expected: the browser learns nothing of it; Starlette raises it to the host."""
    return _carried(Refusal(500, "internal", "something went wrong").response, head=False)
