import gzip
import re

import pytest
from playwright.sync_api import Browser, Page
from tests.adapters.web.browser_side import Site, refused

from guidepath.adapters.web import client

FILES = sorted(file.name for file in client.FOLDER.iterdir() if file.suffix in {".js", ".css"})
YEAR = "public, max-age=31536000, immutable"
PLAIN = {"accept-encoding": "identity"}


@pytest.mark.parametrize("name", FILES)
def test_each_file_of_the_client_is_served_as_what_it_is(site: Site, name: str) -> None:
    response = Site(site.app, who="").get(f"client/{name}", headers=PLAIN)
    assert response.content == client.files()[name].plain.body
    assert response.content == (client.FOLDER / name).read_bytes()
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    assert response.headers["content-type"] == f"{kind}; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-cache"
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("br, deflate", False),
        ("identity", False),
        ("", False),
    ],
)
def test_a_file_is_packed_where_the_browser_can_unpack_it(
    site: Site, accepted: str, packed: bool
) -> None:
    response = site.get("client/guidepath.js", headers={"accept-encoding": accepted})
    assert response.headers.get("content-encoding") == ("gzip" if packed else None)
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.content == client.files()["guidepath.js"].plain.body  # unpacked on arrival
    sent = client.files()["guidepath.js"]
    copy = sent.gzip if packed else sent.plain
    assert response.headers["content-length"] == str(len(copy.body))


def test_what_is_packed_is_the_same_in_every_process() -> None:
    for file in client.files().values():
        assert gzip.decompress(file.gzip.body) == file.plain.body
        assert file.gzip.body[4:8] == bytes(4)  # no time in it


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_a_file_that_the_browser_has_is_not_sent_again(site: Site, accepted: str) -> None:
    def asked(known: str, name: str = "guidepath.js", unpacks: str = accepted) -> tuple[int, str]:
        headers = {"if-none-match": known, "accept-encoding": unpacks}
        response = site.get(f"client/{name}", headers=headers)
        assert response.headers["vary"] == "Accept-Encoding"
        return response.status_code, response.headers["etag"]

    _, etag = asked("")
    assert not etag.startswith("W/")
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        assert asked(known) == (304, etag)
    for other in ('"other"', etag.strip('"'), "", asked("", "shared.js")[1]):
        assert asked(other) == (200, etag)
    # the copy that it has is of the other kind: as good as none
    assert asked(etag, unpacks={"gzip": "identity", "identity": "gzip"}[accepted])[0] == 200


def test_what_lies_under_its_version_never_changes(site: Site) -> None:
    response = site.get(f"client/{client.version()}/guidepath.js")
    assert response.headers["cache-control"] == YEAR
    assert response.content == client.files()["guidepath.js"].plain.body
    assert re.fullmatch(r"1-[0-9a-f]{16}", client.version())


def test_another_content_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = client.version()
    changed = {**client.files(), "drawing.js": client._file(b"let another", "text/javascript")}
    monkeypatch.setattr(client, "files", lambda: changed)
    assert client.version() != before


def test_a_page_of_another_version_gets_the_files_of_this_one_and_asks_again(site: Site) -> None:
    response = site.get("client/1-0123456789abcdef/guidepath.js")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"


def test_each_file_says_whose_it_is() -> None:
    for file in client.files().values():
        assert file.plain.body.startswith(b"/*! guidepath, MIT licence */")


@pytest.mark.parametrize(
    "path",
    [
        "client/../engine.py",
        "client/..%2fengine.py",
        "client/%2e%2e/engine.py",
        "client/../client/guidepath.js/..",
        "client//etc/passwd",
        "client/",
        "client/guidepath.py",
        "client/guidepath.d.ts",
        "client/globals.d.ts",
        "client/guidepath.js%00",
        "client/GUIDEPATH.JS",
        "client/guidepath.js/",
        "client/..%2f..%2fclient/guidepath.js",
        "client/version/guidepath.js",
        "client/1/2/guidepath.js",
        "client/1-0123456789abcdef/",
        "client/1/../../engine.py",
    ],
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    refused(site.get(path), 404, "not_found")


# last in this file: no event loop can run beside the browser's, which ends with the file


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    """A page of an origin that has nothing but the client's files."""
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(**served(route.request.url)))
    page.goto("https://app.test/")
    return page


def served(url: str) -> dict[str, str]:
    name = url.rpartition("/")[2]
    if name not in FILES:
        return {"body": "<!doctype html><title>client</title>", "content_type": "text/html"}
    file = client.files()[name]
    return {"body": file.plain.body.decode(), "content_type": file.media_type}


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_a_module_that_was_made_smaller_is_still_a_module(page: Page, name: str) -> None:
    assert page.evaluate(f"import('/client/{name}').then(() => 'loaded')") == "loaded"


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".css")])
def test_a_style_sheet_that_was_made_smaller_says_the_same(page: Page, name: str) -> None:
    rules = """(text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        // a custom property is kept as it was written: a blank after a comma says nothing
        return [...sheet.cssRules].map((rule) => rule.cssText.replaceAll(/,\\s+/g, ","));
    }"""
    whole = page.evaluate(rules, (client.FOLDER / name).read_text("utf-8"))
    smaller = page.evaluate(rules, client.files()[name].plain.body.decode())
    assert whole
    assert smaller == whole
