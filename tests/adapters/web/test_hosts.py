"""The same guide behind each host: what is said here holds for all of them."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core.handlers.asgi import ASGIHandler  # type: ignore[import-untyped]
from tests.adapters.web.browser_side import PLAYBOOK, Clock, header, ok, refused, run
from tests.adapters.web.hosts import HOSTS, Web, django, hosted

from guidepath import AsyncGuidepath, ConfigurationError, Guidepath
from guidepath.adapters.web import client
from guidepath.adapters.web.django import urls
from guidepath.adapters.web.flask import blueprint

EVENT = {"event": "tour.opened", "eventId": "e"}


@pytest.fixture(params=HOSTS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def web(kind: str, host: Guidepath) -> Iterator[Web]:
    with hosted(kind, host, identify=header) as one:
        yield one


def test_an_item_is_shown_answered_and_led_on(web: Web, host: Guidepath, clock: Clock) -> None:
    decision = web.next()
    assert decision["item"]["steps"][0]["title"] == "Bring your contacts, <b>Ada</b>"
    assert ok(web.answer(decision), 202) == {"object": "feedback", "accepted": True}
    ok(web.answer(decision, "item.dismissed", eventId="two"), 202)
    clock.move(minutes=1)
    assert web.next()["item"] is None
    ok(web.post("v1/track", EVENT), 202)
    reached = {one["id"]: one["reachedAt"] for one in ok(web.get("v1/progress"))["milestones"]}
    assert reached["toured"] == "2026-03-01T09:01:00Z"
    assert host.progress(user="ada", account="acme").reached == ("toured",)


def test_query_and_headers_say_what_they_say_everywhere(web: Web) -> None:
    asked = ok(web.get("v1/next?page=%2Fcontacts&page=/start&locale=de"))
    assert asked["item"]["steps"][0]["title"] == "Kontakte holen"
    other = ok(web.get("v1/next?page=/contacts", accept_language="de-AT, en;q=0.5"))
    assert other["item"]["steps"][0]["title"] == "Kontakte holen"


def in_chunks(app: Any) -> Any:
    """An app, asked as gunicorn asks it: no length is said, and the stream ends by itself."""

    def asked(environ: Any, start: Any) -> Any:
        del environ["CONTENT_LENGTH"]
        return app({**environ, "wsgi.input_terminated": True}, start)

    return asked


@pytest.mark.parametrize("handler", ["django", "flask"])
def test_a_body_may_come_in_chunks_where_the_server_reads_them(
    handler: str, host: Guidepath
) -> None:
    with hosted(handler, host, identify=header) as web:
        assert isinstance(web.transport, httpx.WSGITransport)
        sent = Web(httpx.WSGITransport(in_chunks(web.transport.app)))
        ok(sent.post("v1/track", EVENT), 202)
        large = {**EVENT, "properties": {"chapter": "x" * 70_000}}
        refused(sent.post("v1/track", large), 413, "too_large")


@pytest.mark.parametrize("handler", ["django", "flask"])
@pytest.mark.parametrize("said", [{"wsgi.input_terminated": True}, {"CONTENT_LENGTH": "50"}])
def test_a_body_that_its_server_cannot_read_is_no_mistake_of_the_host(
    handler: str, said: dict[str, object], host: Guidepath, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ValueError("no chunk")  # as each server has it

    with hosted(handler, host, identify=header) as web:
        assert isinstance(web.transport, httpx.WSGITransport)
        app = web.transport.app

        def broken(environ: Any, start: Any) -> Any:
            del environ["CONTENT_LENGTH"]
            return app({**environ, **said, "wsgi.input": Broken()}, start)

        answer = Web(httpx.WSGITransport(broken)).post("v1/track", EVENT)
        assert ok(answer, 400)["code"] in ("malformed", "refused")  # by us, or by Flask itself
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


def test_the_clients_files_are_served_and_kept(web: Web) -> None:
    first = web.be("").get("client/guidepath.js", accept_encoding="gzip")
    assert first.headers["content-encoding"] == "gzip"
    assert first.content == client.files()["guidepath.js"].plain.body
    again = web.get(
        "client/guidepath.js", accept_encoding="gzip", if_none_match=first.headers["etag"]
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "content-type" not in again.headers
    lasting = web.get(f"client/{client.version()}/guidepath.css")
    assert "immutable" in lasting.headers["cache-control"]


def test_head_is_get_without_its_body(web: Web) -> None:
    for path in ("healthz", "openapi.json", "client/guidepath.js"):
        got, head = web.get(path), web.ask("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers == got.headers


def test_servers_with_a_write_key_are_heard(kind: str, host: Guidepath) -> None:
    with hosted(kind, host, identify=None, write_keys=["secret"]) as web:
        said = {"batch": [{"type": "track", "userId": "bob", "event": "invoice.sent"}]}
        refused(web.post("v1/batch", said), 401, "unauthenticated")
        ok(web.post("v1/batch", said, authorization="Basic c2VjcmV0Og=="))
        assert host.progress(user="bob").reached == ("first_invoice",)
        refused(web.get("v1/next?userId=bob"), 401, "unauthenticated")


def test_pages_of_other_origins_ask_with_a_token(kind: str, host: Guidepath) -> None:
    with hosted(kind, host, identify=header, origins=["https://app.example"]) as web:
        before = web.be("").ask(
            "OPTIONS",
            "v1/next",
            headers={"origin": "https://app.example", "access-control-request-method": "GET"},
        )
        assert (before.status_code, before.content) == (204, b"")
        assert before.headers["access-control-allow-methods"] == "GET"
        cross = {"origin": "https://app.example", "sec_fetch_site": "cross-site"}
        refused(web.get("v1/next", **cross), 401, "unauthenticated")
        ok(web.get("v1/next", **cross, authorization="Bearer ada"))


def test_a_person_may_ask_so_often(kind: str, host: Guidepath) -> None:
    with hosted(kind, host, identify=header, rate=(0.01, 1)) as web:
        ok(web.get("v1/next"))
        assert "retry-after" in web.get("v1/next").headers
        refused(web.get("v1/next"), 429, "too_often")


@pytest.mark.parametrize("allowed", [True, 1, "yes", None, False])
def test_only_who_is_let_may_see_why(kind: str, host: Guidepath, allowed: object) -> None:
    with hosted(kind, host, identify=header, inspect=lambda request: allowed) as web:
        seen = web.get("v1/inspect?page=/contacts")
        unknown = web.get("v1/unknown")
        if allowed is True:
            assert seen.status_code == 200
        else:
            assert (seen.status_code, seen.content) == (404, unknown.content)
        nobody = web.be("").get("v1/inspect?page=/contacts")
        assert (nobody.status_code, nobody.content) == (404, unknown.content)


def test_identify_is_not_asked_for_what_is_refused_anyway(kind: str, host: Guidepath) -> None:
    def never(_: object) -> None:
        raise AssertionError("nobody has to say who she is for this")

    with hosted(kind, host, identify=never) as web:
        for method, path, headers in (
            ("GET", "healthz", {}),
            ("GET", "v1/nothing", {}),
            ("DELETE", "v1/next", {}),
            ("GET", "v1/next", {"sec-fetch-site": "cross-site"}),
        ):
            web.ask(method, path, headers=headers)


def test_a_mistake_in_identify_reaches_the_host(kind: str, host: Guidepath) -> None:
    def mistaken(_: object) -> dict[str, int]:
        return {"user": 7}

    with hosted(kind, host, identify=mistaken) as web:
        if kind == "asgi":  # Starlette answers, and raises it to the server
            with pytest.raises(ConfigurationError, match="user must be a string"):
                web.get("v1/next")
            return
        response = web.get("v1/next")
        assert response.status_code == 500
        assert b"string" not in response.content


def test_flask_logs_what_nobody_expected_and_tells_nobody(
    host: Guidepath, caplog: pytest.LogCaptureFixture
) -> None:
    with hosted("flask", host, identify=lambda request: {"user": 7}) as web:
        refused(web.get("v1/next"), 500, "internal")
    assert "user must be a string" in caplog.text


def test_flasks_abort_is_answered_as_it_says(host: Guidepath) -> None:
    import flask

    def gone(_: object) -> None:
        flask.abort(401, "sign in again")

    def away(_: object) -> None:
        flask.abort(flask.Response("elsewhere", 302, {"location": "/sign-in"}))

    with hosted("flask", host, identify=gone) as web:
        assert refused(web.get("v1/next"), 401, "unauthenticated") == "sign in again"
    with hosted("flask", host, identify=away) as web:
        assert web.get("v1/next").headers["location"] == "/sign-in"


def test_flasks_own_limit_of_a_body_is_kept(host: Guidepath) -> None:
    with hosted("flask", host, identify=header) as web:
        assert isinstance(web.transport, httpx.WSGITransport)
        app: Any = web.transport.app
        app.config["MAX_CONTENT_LENGTH"] = 10
        for sent in (web, Web(httpx.WSGITransport(in_chunks(app)))):
            refused(sent.post("v1/track", EVENT), 413, "too_large")


def test_an_app_of_flasks_may_have_two(host: Guidepath) -> None:
    import flask

    app = flask.Flask("product")
    for name in ("one", "two"):
        app.register_blueprint(
            blueprint(host, identify=lambda request: "ada", name=name),
            url_prefix=f"/{name}/guidepath",
        )
    for name in ("one", "two"):
        assert app.test_client().get(f"/{name}/guidepath/healthz").json == {"status": "ok"}


@pytest.mark.parametrize("kind", ["django", "django under asgi"])
def test_djangos_permission_denied_is_answered_as_it_says(kind: str, host: Guidepath) -> None:
    from django.core.exceptions import PermissionDenied  # type: ignore[import-untyped]

    def gone(_: object) -> None:
        raise PermissionDenied("not from here")

    with hosted(kind, host, identify=gone) as web:
        assert refused(web.get("v1/next"), 403, "refused") == "not from here"


def test_djangos_views_for_asyncio_take_an_identify_for_asyncio(host: Guidepath) -> None:
    async def awaited(request: Any) -> object:
        return header(request)

    def promised(request: Any) -> object:
        return awaited(request)

    for identify in (awaited, promised):
        with hosted("django under asgi", host, identify=identify) as web:
            assert web.next()["item"]["id"] == "import-contacts"


def test_djangos_views_that_block_work_under_asgi_too(host: Guidepath) -> None:
    with django(ASGIHandler, host, identify=header) as handler:
        web = Web(httpx.ASGITransport(handler))
        ok(web.answer(web.next()), 202)
        refused(web.be("").get("v1/next"), 401, "unauthenticated")


@pytest.mark.parametrize("handler", ["django", "flask"])
def test_a_browser_that_goes_away_while_it_speaks_is_no_mistake(
    handler: str, host: Guidepath, caplog: pytest.LogCaptureFixture
) -> None:
    class Gone(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("connection reset")

        def readinto(self, into: object) -> int:
            raise OSError("connection reset")

    with hosted(handler, host, identify=header) as web:
        answered: list[str] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/guidepath/v1/track",
            "SERVER_NAME": "app.test",
            "SERVER_PORT": "443",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": "50",
            "HTTP_X_USER": "ada@acme",
            "wsgi.input": Gone(),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "https",
        }
        assert isinstance(web.transport, httpx.WSGITransport)
        web.transport.app(environ, lambda status, headers, *_: answered.append(status))  # type: ignore[arg-type]
    assert [one[:3] for one in answered] == ["400"]
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


async def later(_: object) -> None:
    """An identify that is awaited."""


def test_what_blocks_cannot_wait(host: Guidepath) -> None:
    with pytest.raises(ConfigurationError, match="AsyncGuidepath"):
        urls(host, identify=later)
    with pytest.raises(ConfigurationError, match="cannot be async"):
        blueprint(host, identify=later)
    guide = AsyncGuidepath(PLAYBOOK)
    with pytest.raises(ConfigurationError, match="Flask blocks, AsyncGuidepath does not"):
        blueprint(guide, identify=header)  # type: ignore[arg-type]  # that is the mistake
    run(guide.close())


def test_somebody_must_be_able_to_ask(host: Guidepath) -> None:
    for carrier in (urls, blueprint, host.asgi):
        with pytest.raises(ConfigurationError, match="nobody could ask"):
            carrier(*[host][: carrier != host.asgi], identify=None)
