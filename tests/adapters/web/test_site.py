import sqlite3
from pathlib import Path

import pytest
from tests.adapters.web.browser_side import Site, guide, header, ok, refused

from guidepath import Guidepath, StoreError
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.web.exchange import LARGEST_BODY
from guidepath.ports import Snapshot

TRACK = b'{"event":"tour.opened","eventId":"e"}'
PERSONAL = ["v1/next", "v1/progress"]


class Broken(MemoryStore):
    """A store that has gone away, with a sentence that only the host may read."""

    def load(self, *args: object, **named: object) -> Snapshot:
        raise StoreError("secret.example:5432 did not answer")


@pytest.mark.parametrize(
    "path", ["", "v1", "v1/", "v2/next", "v1/next/", "client/", "V1/NEXT", "%00"]
)
def test_an_unknown_path_is_not_found(site: Site, path: str) -> None:
    refused(site.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("v1/next", "GET, HEAD"),
        ("v1/progress", "GET, HEAD"),
        ("v1/feedback", "POST"),
        ("v1/track", "POST"),
        ("healthz", "GET, HEAD"),
        ("openapi.json", "GET, HEAD"),
        ("client/guidepath.js", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "GET", "POST", "BREW"])
def test_another_method_is_told_which_ones_there_are(
    site: Site, path: str, allowed: str, method: str
) -> None:
    response = site.ask(method, path)
    if method in allowed.split(", "):
        assert response.status_code != 405
        return
    refused(response, 405, "method_not_allowed")
    assert response.headers["allow"] == allowed
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("path", ["v1/next?page=/contacts", "healthz", "client/guidepath.js"])
def test_head_is_get_without_its_body(site: Site, path: str) -> None:
    _, got, head = site.get(path), site.get(path), site.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers


@pytest.mark.parametrize("path", PERSONAL)
def test_nobody_gets_nothing(host: Guidepath, path: str) -> None:
    assert refused(Site(host.asgi(identify=header), who="").get(path), 401, "unauthenticated")


def test_nobody_says_nothing(host: Guidepath) -> None:
    nobody = Site(host.asgi(identify=header), who="")
    for path in ("v1/feedback", "v1/track"):
        refused(nobody.post(path, {"user": "ada"}), 401, "unauthenticated")


@pytest.mark.parametrize(
    "path", ["v1/next", "healthz", "openapi.json", "client/guidepath.js", "nowhere"]
)
def test_every_answer_is_locked_down(site: Site, path: str) -> None:
    headers = site.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", PERSONAL)
def test_what_is_personal_is_stored_nowhere(site: Site, path: str) -> None:
    for response in (site.get(path), Site(site.app, who="").get(path)):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["vary"] == "Cookie"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://behind-a-proxy.test"},
        {"origin": "https://app.test"},
        {"origin": "http://app.test"},  # the host's TLS may end before us
        {},
    ],
)
def test_pages_of_the_same_origin_may_ask_and_say(site: Site, headers: dict[str, str]) -> None:
    ok(site.get("v1/next", headers=headers))
    ok(site.post("v1/track", {"event": "tour.opened", "eventId": "e"}, headers=headers), 202)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "https://app.test"},
        {"sec-fetch-site": ""},
        {"origin": "https://evil.test"},
        {"origin": "https://app.test.evil.test"},
        {"origin": "https://evil-app.test"},
        {"origin": "https://app.test:8443"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": ""},
        {"origin": "null", "host": ""},
        {"origin": "", "host": ""},
    ],
)
def test_pages_of_another_origin_may_not(
    site: Site, host: Guidepath, headers: dict[str, str]
) -> None:
    refused(site.get("v1/next?page=/contacts", headers=headers), 403, "cross_origin")
    event = {"event": "tour.opened", "eventId": "e"}
    refused(site.post("v1/track", event, headers=headers), 403, "cross_origin")
    assert host.progress(user="ada", account="acme").reached == ()


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"],
)
def test_a_body_is_json_by_name(site: Site, kind: str) -> None:
    # forms of another site can send the others without asking first
    response = site.ask("POST", "v1/track", content=TRACK, headers={"content-type": kind})
    refused(response, 415, "not_json")


def test_a_body_is_not_compressed(site: Site) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    refused(site.ask("POST", "v1/track", content=b"x", headers=headers), 415, "not_json")


def test_a_charset_beside_the_type_is_fine(site: Site) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    ok(site.ask("POST", "v1/track", content=TRACK, headers=headers), 202)


def test_a_body_has_sixty_four_kilobytes_at_most(site: Site) -> None:
    longest = TRACK.ljust(LARGEST_BODY)
    headers = {"content-type": "application/json"}
    ok(site.ask("POST", "v1/track", content=longest, headers=headers), 202)
    for body in (longest + b" ", longest * 50):
        response = site.ask("POST", "v1/track", content=body, headers=headers)
        assert "65,536" in refused(response, 413, "too_large")


@pytest.mark.parametrize("path", ["v1/next?page=/contacts", "v1/progress", "healthz"])
def test_a_store_that_does_not_answer_is_unavailable_and_keeps_its_secrets(path: str) -> None:
    with guide() as host:
        host.store = Broken()
        response = Site(host.asgi(identify=header)).get(path)
    assert "secret" not in refused(response, 503, "unavailable")
    assert response.headers["retry-after"] == "2"


def test_feedback_may_be_repeated_where_the_store_did_not_answer(tmp_path: Path) -> None:
    file = tmp_path / "guidepath.db"
    with guide(f"sqlite:///{file}") as host:
        host.identify(user="ada", account="acme", role="owner")
        site = Site(host.asgi(identify=header))
        decision = site.next()
        with sqlite3.connect(file) as other:
            other.execute("ALTER TABLE guidepath_history RENAME TO gone")
        other.close()
        refused(site.answer(decision), 503, "unavailable")
        with sqlite3.connect(file) as other:
            other.execute("ALTER TABLE gone RENAME TO guidepath_history")
        other.close()
        assert ok(site.answer(decision), 202)["accepted"] is True


def test_a_healthy_store_is_healthy_for_anyone(host: Guidepath) -> None:
    nobody = Site(host.asgi(identify=header), who="")
    assert ok(nobody.get("healthz", headers={"sec-fetch-site": "cross-site"})) == {"status": "ok"}
