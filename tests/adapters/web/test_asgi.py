import sys
from collections.abc import Callable
from importlib import reload
from typing import Any

import fastapi
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.adapters.web.browser_side import Site, header, ok, refused, run

import guidepath
from guidepath import ConfigurationError, Guidepath


def in_starlette(app: ASGIApp) -> ASGIApp:
    return Starlette(routes=[Mount("/guidepath", app)])


def in_fastapi(app: ASGIApp) -> ASGIApp:
    outer = fastapi.FastAPI()
    outer.mount("/guidepath", app)
    return outer


def twice_mounted(app: ASGIApp) -> ASGIApp:
    return Starlette(routes=[Mount("/guidepath", Starlette(routes=[Mount("/deep", app)]))])


def behind_a_prefix(app: ASGIApp) -> ASGIApp:
    """A server that was told its root_path and passes whole paths."""

    async def prefixed(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": "/guidepath"}, receive, send)

    return prefixed


@pytest.mark.parametrize(
    ("mounted", "base"),
    [
        (in_starlette, "/guidepath"),
        (in_fastapi, "/guidepath"),
        (twice_mounted, "/guidepath/deep"),
        (behind_a_prefix, "/guidepath"),
    ],
)
def test_it_works_wherever_it_is_mounted(
    host: Guidepath, mounted: Callable[[ASGIApp], ASGIApp], base: str
) -> None:
    site = Site(mounted(host.asgi(identify=header)), base)
    decision = site.next()
    ok(site.answer(decision), 202)
    assert site.get("client/guidepath.js").status_code == 200
    ok(site.get("healthz"))
    refused(site.get("v1/nothing"), 404, "not_found")


async def awaited(request: Request) -> object:
    return header(request)


def promised(request: Request) -> object:
    return awaited(request)


async def from_the_session(request: Request) -> object:
    return request.scope["session"]


@pytest.mark.parametrize(
    "identify",
    [
        header,
        awaited,
        promised,
        lambda request: {"user": "ada", "account": "acme"},
    ],
)
def test_identify_may_be_async_and_give_what_it_has(
    host: Guidepath, identify: Callable[[Request], Any]
) -> None:
    assert Site(host.asgi(identify=identify)).next()["item"]["id"] == "import-contacts"


def test_identify_sees_the_request_as_the_host_does(host: Guidepath) -> None:
    inner = host.asgi(identify=from_the_session)

    async def with_session(scope: Scope, receive: Receive, send: Send) -> None:
        await inner({**scope, "session": ("ada", "acme")}, receive, send)

    assert Site(with_session).next()["item"]["id"] == "import-contacts"


def test_identify_is_asked_only_where_it_matters(host: Guidepath) -> None:
    def never(_: Request) -> None:
        raise AssertionError("nobody has to say who she is for this")

    site = Site(host.asgi(identify=never))
    for path in ("healthz", "openapi.json", "client/guidepath.js"):
        assert site.get(path).status_code == 200
    refused(site.get("elsewhere"), 404, "not_found")


def test_identify_may_refuse_by_itself(host: Guidepath) -> None:
    def gone(_: Request) -> None:
        raise HTTPException(401, "sign in again", headers={"www-authenticate": "Bearer"})

    response = Site(host.asgi(identify=gone)).get("v1/next")
    assert refused(response, 401, "unauthenticated") == "sign in again"
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_mistake_in_identify_is_the_hosts_to_see_and_tells_the_browser_nothing(
    host: Guidepath,
) -> None:
    app = host.asgi(identify=lambda request: {"user": 7})
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ConfigurationError, match="user must be a string, not int"):
        run(app(scope("GET", "/v1/next"), silence, send))
    assert sent[0]["status"] == 500
    assert b'"code":"internal"' in sent[1]["body"]
    assert b"string" not in sent[1]["body"]


def test_nothing_follows_the_headers_of_head(host: Guidepath) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    run(host.asgi(identify=header)(scope("HEAD", "/healthz"), silence, send))
    assert dict(sent[0]["headers"])[b"content-length"] == b"15"
    assert [one.get("body") for one in sent[1:]] == [b""]


def test_a_body_without_an_end_is_read_no_further_than_it_may_be_long(host: Guidepath) -> None:
    asked = 0

    async def endless() -> Message:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    app = host.asgi(identify=lambda request: ("ada", "acme"))
    run(app(scope("POST", "/v1/track"), endless, send))
    assert (sent[0]["status"], asked) == (413, 7)


def test_a_browser_that_goes_away_is_no_mistake(host: Guidepath) -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise ClientDisconnect

    app = host.asgi(identify=lambda request: ("ada", "acme"))
    run(app(scope("POST", "/v1/track"), gone, send))


def test_the_studio_is_not_part_of_this_version(host: Guidepath) -> None:
    with pytest.raises(ConfigurationError, match="studio"):
        host.asgi(identify=header, studio=object())  # type: ignore[arg-type]  # that is the mistake


def test_without_starlette_the_extra_is_named(
    host: Guidepath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    monkeypatch.delitem(sys.modules, "guidepath.adapters.web.asgi", raising=False)
    with pytest.raises(ConfigurationError, match=r"guidepath\[web\]"):
        host.asgi(identify=header)


def test_the_face_does_not_need_starlette(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette", None)
    assert reload(guidepath).Guidepath


def scope(method: str, path: str) -> Scope:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"app.test")],
    }


async def silence() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
