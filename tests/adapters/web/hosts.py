"""One guide behind each of the hosts, asked as their servers would ask them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import flask
import httpx
from django import conf  # type: ignore[import-untyped]
from django.core.handlers.asgi import ASGIHandler  # type: ignore[import-untyped]
from django.core.handlers.wsgi import WSGIHandler  # type: ignore[import-untyped]
from django.test import override_settings  # type: ignore[import-untyped]
from django.urls import include, path  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.adapters.web.browser_side import JSON, as_described, feedback, ok, run

from guidepath import AsyncGuidepath, Guidepath
from guidepath.adapters.web.django import urls
from guidepath.adapters.web.flask import blueprint

BASE = "/guidepath"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
HOSTS = ("asgi", "django", "django under asgi", "flask")


@dataclass
class Web:
    """What anybody asks of a host. `who` is signed in; headers and body are what they are."""

    transport: httpx.BaseTransport | httpx.AsyncBaseTransport
    who: str = "ada@acme"

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        content: bytes = b"",
        url: str = "https://app.test",
    ) -> httpx.Response:
        said = headers.items() if isinstance(headers, Mapping) else headers
        signed_in = [("x-user", self.who)] if self.who else []
        request = httpx.Request(
            method, f"{url}{BASE}/{path}", headers=[*signed_in, *said], content=content
        )
        return run(self._awaited(request)) if self._awaits else self._asked(request)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.ask("GET", path, headers=_names(headers))

    def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """A body as the client would send it."""
        request = httpx.Request("POST", "https://app.test", json=body)
        kind = {"content-type": "application/json", **_names(headers)}
        return self.ask("POST", path, headers=kind, content=request.content)

    def next(self, page: str = "/contacts") -> JSON:
        return ok(self.get(f"v1/next?page={page}"))

    def answer(self, decision: JSON, type: str = "item.shown", **more: object) -> httpx.Response:
        return self.post("v1/feedback", feedback(decision, type, **more))

    def be(self, who: str) -> "Web":
        """The same host, asked by somebody else; nobody where it is empty."""
        return Web(self.transport, who)

    @property
    def _awaits(self) -> bool:
        return isinstance(self.transport, httpx.AsyncBaseTransport)

    def _asked(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(self.transport, httpx.BaseTransport)
        response = self.transport.handle_request(request)
        response.read()
        return _checked(request, response)

    async def _awaited(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(self.transport, httpx.AsyncBaseTransport)
        response = await self.transport.handle_async_request(request)
        await response.aread()
        return _checked(request, response)


@contextmanager
def hosted(kind: str, guide: Guidepath, **terms: Any) -> Iterator[Web]:
    """The guide behind a host, which is asked at BASE."""
    match kind:
        case "asgi":
            app = Starlette(routes=[Mount(BASE, guide.asgi(**terms))])
            yield Web(httpx.ASGITransport(app))
        case "flask":
            wsgi = flask.Flask("product")
            wsgi.register_blueprint(blueprint(guide, **terms), url_prefix=BASE)
            yield Web(httpx.WSGITransport(wsgi))
        case "django":
            with django(WSGIHandler, guide, **terms) as handler:
                yield Web(httpx.WSGITransport(handler))
        case "django under asgi":
            with django(ASGIHandler, AsyncGuidepath.beside(guide), **terms) as handler:
                yield Web(httpx.ASGITransport(handler))
        case _:
            raise ValueError(kind)


@contextmanager
def django(
    handler: Callable[[], Any], guide: Guidepath | AsyncGuidepath, **terms: Any
) -> Iterator[Any]:
    """Django with the paths of a guide, and of nothing else."""
    if not conf.settings.configured:
        conf.settings.configure(SECRET_KEY="a test's")
    paths = ModuleType("paths")
    paths.urlpatterns = [path(f"{BASE[1:]}/", include(urls(guide, **terms)))]  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=paths, MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["*"]):
        yield handler()


def _names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _checked(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """An answer of ours is as openapi.json describes it, whichever host carries it."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind in ("application/json", "text/javascript", "text/css"):
        as_described(request.url.path.removeprefix(f"{BASE}/"), request.method, response)
    return response
