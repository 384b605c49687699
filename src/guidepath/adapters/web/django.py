"""The carrier for Django: its paths, for `include`; they work under WSGI and under ASGI.

    urlpatterns = [path("guidepath/", include(urls(guide, identify=signed_in))), …]

Django's CSRF token is not asked for. The site makes sure by itself that no page of another origin
speaks for the person who is signed in: by Sec-Fetch-Site and Origin, and by taking JSON only.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from inspect import isawaitable, iscoroutinefunction
from typing import Any

from guidepath.adapters.web.blocking import AtOnce, at_once, taken
from guidepath.adapters.web.exchange import Refusal, Request, Response
from guidepath.adapters.web.identity import identity
from guidepath.adapters.web.limits import USUAL, Rate
from guidepath.adapters.web.site import Door, Site
from guidepath.asyncio import AsyncGuidepath
from guidepath.engine import Guidepath
from guidepath.errors import ConfigurationError

try:
    from asgiref.sync import sync_to_async
    from django.core.exceptions import PermissionDenied  # type: ignore[import-untyped]
    from django.http import HttpRequest, HttpResponse  # type: ignore[import-untyped]
    from django.urls import URLPattern, re_path  # type: ignore[import-untyped]
except ImportError as problem:
    raise ConfigurationError("this needs Django; pip install 'guidepath[django]'") from problem

# what the host gives: whatever `identity` can read; awaited where the guide is for asyncio
Identify = Callable[[HttpRequest], Any]
View = Callable[[HttpRequest, str], Any]


def urls(
    guide: Guidepath | AsyncGuidepath,
    *,
    identify: Identify | None,
    write_keys: Sequence[str] = (),
    origins: Sequence[str] = (),
    rate: Rate | None = USUAL,
    inspect: Identify | None = None,
) -> list[URLPattern]:
    """Django's paths to one guide, for `include` under any path of the host.

    Args:
        guide: stays the host's, who closes it. One that blocks is asked in the thread of the
            request; one for asyncio is awaited, which is for ASGI only.
        identify: given Django's request, who asks; see `asgi.app`. It may raise PermissionDenied.
            It may be async where the guide is for asyncio; there a plain one runs in a thread.
        write_keys: see `asgi.app`.
        origins: see `asgi.app`.
        rate: see `asgi.app`.
        inspect: see `asgi.app`.

    Raises:
        ConfigurationError: a write key, an origin or the rate is none, there is neither side, or
            `identify` is async and the guide blocks.
    """
    blocks = isinstance(guide, Guidepath)
    if blocks and (iscoroutinefunction(identify) or iscoroutinefunction(inspect)):
        raise ConfigurationError("identify and inspect are async; give an AsyncGuidepath, too")
    site = Site(
        AtOnce.beside(guide) if isinstance(guide, Guidepath) else guide,
        browsers=identify is not None,
        write_keys=write_keys,
        origins=origins,
        rate=rate,
        inspectable=inspect is not None,
    )
    view = (_view if blocks else _async_view)(site, identify, inspect)
    view.csrf_exempt = True  # type: ignore[attr-defined]  # as Django's decorators do
    view.login_required = False  # type: ignore[attr-defined]  # who asks is what identify says
    return [re_path(r"^(?P<path>(?s:.*))\Z", view, name="guidepath")]


def _view(site: Site, identify: Identify | None, inspect: Identify | None) -> View:
    def guidepath(http: HttpRequest, path: str) -> HttpResponse:
        head = _head(http, path)
        door = site.door(head)
        try:
            who = identify(http) if identify and door.identity else None
            inspects = inspect(http) if inspect and door.inspects else False
        except PermissionDenied as said:
            return _refused(said)
        response = at_once(site.answer(_whole(head, http, door, who, inspects)))
        return _carried(response, head=http.method == "HEAD")

    return guidepath


def _async_view(site: Site, identify: Identify | None, inspect: Identify | None) -> View:
    async def guidepath(http: HttpRequest, path: str) -> HttpResponse:
        head = _head(http, path)
        door = site.door(head)
        try:
            who = await _asked(identify, http) if identify and door.identity else None
            inspects = await _asked(inspect, http) if inspect and door.inspects else False
        except PermissionDenied as said:
            return _refused(said)
        response = await site.answer(_whole(head, http, door, who, inspects))
        return _carried(response, head=http.method == "HEAD")

    return guidepath


async def _asked(host: Identify, http: HttpRequest) -> object:
    said = host(http) if iscoroutinefunction(host) else sync_to_async(host)(http)
    answer = await said
    return await answer if isawaitable(answer) else answer


def _head(http: HttpRequest, path: str) -> Request:
    return Request(
        method=http.method,
        path=path,
        query={name: values[0] for name, values in http.GET.lists()},
        headers={name.lower(): value for name, value in http.headers.items()},
        address=http.META.get("REMOTE_ADDR") or "",
    )


def _whole(head: Request, http: HttpRequest, door: Door, who: object, inspects: object) -> Request:
    return replace(
        head,
        body=_body(http, door.largest) if door.largest else b"",
        identity=identity(who),
        inspects=inspects is True,
    )


def _body(http: HttpRequest, largest: int) -> bytes:
    """The body, cut where it is longer than any that is taken in.

    Django reads none that comes in chunks, of a length not said before, though its server may.
    """
    said = http.META
    chunked = said.get("wsgi.input_terminated") and not said.get("CONTENT_LENGTH")
    return taken(said["wsgi.input"] if chunked else http, largest)


def _carried(response: Response, *, head: bool) -> HttpResponse:
    body = b"" if head else response.body
    answer = HttpResponse(body, status=response.status, headers=response.measured)
    if "content-type" not in response.headers:
        del answer["content-type"]  # Django has one for everything
    return answer


def _refused(said: PermissionDenied) -> HttpResponse:
    """The host's `identify` may refuse by itself, with a PermissionDenied."""
    return _carried(Refusal.of_the_host(403, str(said) or "not allowed").response, head=False)
