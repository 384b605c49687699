import pytest
from tests.adapters.web.browser_side import Site, header, ok, refused

from guidepath import ConfigurationError, Guidepath
from guidepath.adapters.web.origins import Origins

APP = "https://app.example"
OTHERS = [APP, "http://localhost:5173"]
CROSS = {"origin": APP, "sec-fetch-site": "cross-site", "authorization": "Bearer ada"}
EVENT = {"event": "tour.opened", "eventId": "e"}


@pytest.fixture
def site(host: Guidepath) -> Site:
    return Site(host.asgi(identify=header, origins=OTHERS))


@pytest.mark.parametrize(
    "headers",
    [
        CROSS,
        {**CROSS, "sec-fetch-site": "same-site"},
        {**CROSS, "origin": "http://localhost:5173"},
        {"origin": APP, "authorization": "bearer ada"},
    ],
)
def test_a_page_of_an_origin_that_is_named_asks_with_a_token(
    site: Site, headers: dict[str, str]
) -> None:
    response = site.get("v1/next?page=/contacts", headers=headers)
    assert ok(response)["item"]["id"] == "import-contacts"
    assert response.headers["access-control-allow-origin"] == headers["origin"]
    assert "access-control-allow-credentials" not in response.headers
    ok(site.post("v1/track", EVENT, headers=headers), 202)


@pytest.mark.parametrize(
    "headers",
    [
        {**CROSS, "origin": "https://evil.example"},
        {**CROSS, "origin": "https://app.example.evil.example"},
        {**CROSS, "origin": "https://app.example:8443"},
        {**CROSS, "origin": "http://app.example"},
        {**CROSS, "origin": "HTTPS://APP.EXAMPLE"},
        {**CROSS, "origin": f"{APP} https://evil.example"},
        {**CROSS, "origin": "null"},
        {**CROSS, "origin": ""},
        {"sec-fetch-site": "cross-site", "authorization": "Bearer ada"},
        {**CROSS, "origin": "https://evil.example", "referer": f"{APP}/"},
        {**CROSS, "origin": "https://evil.example", "x-forwarded-host": "evil.example"},
    ],
)
def test_a_page_of_any_other_origin_may_not_even_with_a_token(
    site: Site, headers: dict[str, str]
) -> None:
    for response in (
        site.get("v1/next", headers=headers),
        site.post("v1/track", EVENT, headers=headers),
    ):
        refused(response, 403, "cross_origin")
        assert "access-control-allow-origin" not in response.headers


def test_cookies_never_count_from_another_origin(site: Site, host: Guidepath) -> None:
    headers = {**CROSS, "cookie": "session=ada"}
    refused(site.get("v1/next", headers=headers), 403, "cross_origin")
    refused(site.post("v1/track", EVENT, headers=headers), 403, "cross_origin")
    assert host.progress(user="ada", account="acme").reached == ()


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer  ", "Basic YWRhOg=="])
def test_without_a_token_another_origin_is_told_that_it_needs_one(
    host: Guidepath, authorization: str
) -> None:
    asked: list[object] = []
    site = Site(host.asgi(identify=asked.append, origins=OTHERS))
    response = site.get("v1/next", headers={**CROSS, "authorization": authorization})
    refused(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["access-control-allow-origin"] == APP  # so that the page can read why
    assert asked == []


def test_who_may_ask_can_read_what_went_wrong(host: Guidepath) -> None:
    site = Site(host.asgi(identify=header, origins=OTHERS, rate=(0.01, 1)), who="")
    for status in (401, 429):
        response = site.get("v1/next", headers=CROSS)
        assert response.status_code == status
        assert response.headers["access-control-allow-origin"] == APP
        assert response.headers["access-control-expose-headers"] == "retry-after"


@pytest.mark.parametrize(
    ("path", "method"),
    [("v1/next", "GET"), ("v1/progress", "GET"), ("v1/feedback", "POST"), ("v1/track", "POST")],
)
def test_a_browser_that_asks_before_is_told_what_it_may(
    host: Guidepath, path: str, method: str
) -> None:
    def never(_: object) -> None:
        raise AssertionError("what a browser asks before carries nobody's name")

    site = Site(host.asgi(identify=never, origins=OTHERS), who="")
    asks = {"origin": APP, "access-control-request-method": method}
    response = site.ask("OPTIONS", path, headers=asks)
    assert (response.status_code, response.content) == (204, b"")
    assert "content-length" not in response.headers
    assert response.headers["access-control-allow-origin"] == APP
    assert response.headers["access-control-allow-methods"] == method
    assert response.headers["access-control-allow-headers"] == "authorization, content-type"
    assert "access-control-allow-credentials" not in response.headers
    assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("v1/next", {"origin": "https://evil.example", "access-control-request-method": "GET"}),
        ("v1/next", {"access-control-request-method": "GET"}),
        ("v1/next", {"origin": APP}),
        ("healthz", {"origin": APP, "access-control-request-method": "GET"}),
    ],
)
def test_nobody_else_is_told_anything(site: Site, path: str, headers: dict[str, str]) -> None:
    response = site.ask("OPTIONS", path, headers=headers)
    refused(response, 405, "method_not_allowed")
    assert "access-control-allow-methods" not in response.headers


def test_the_clients_files_are_for_the_pages_of_origins_that_are_named(site: Site) -> None:
    nobody = Site(site.app, who="")
    allowed = nobody.get("client/guidepath.js", headers={"origin": APP})
    assert allowed.headers["access-control-allow-origin"] == APP
    assert allowed.headers["vary"] == "Accept-Encoding, Origin"
    etag = {"if-none-match": allowed.headers["etag"], "origin": APP}
    assert nobody.get("client/guidepath.js", headers=etag).headers.get("vary")
    other = nobody.get("client/guidepath.js", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_without_other_origins_no_answer_mentions_them(host: Guidepath) -> None:
    site = Site(host.asgi(identify=header))
    response = site.get("v1/next", headers={"sec-fetch-site": "same-origin", "origin": APP})
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert "Origin" not in response.headers["vary"]
    refused(site.get("v1/next", headers=CROSS), 403, "cross_origin")


@pytest.mark.parametrize(
    "one",
    [
        "*",
        "null",
        "",
        "app.example",
        "https://",
        "https://app.example/",
        "https://app.example:443",
        "http://localhost:80",
        "http://app.example",
        "https://*.example",
        "https://App.example",
        "https://user@app.example",
        "https://app.example\r\nx: y",
        "https://a https://b",
        7,
    ],
)
def test_what_is_no_origin_is_refused(one: object) -> None:
    with pytest.raises(ConfigurationError, match="origins is a list"):
        Origins([one])  # type: ignore[list-item]  # that is the mistake


def test_origins_are_a_list() -> None:
    with pytest.raises(ConfigurationError, match="origins is a list"):
        Origins(APP)


@pytest.mark.parametrize(
    "one",
    [
        APP,
        "https://app.example:8443",
        "https://xn--bcher-kva.example",
        "https://[2001:db8::1]:8443",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "http://localhost",
    ],
)
def test_what_a_browser_writes_is_an_origin(one: str) -> None:
    Origins([one])
