from pathlib import Path

import pytest
from tests.adapters.web.browser_side import Site, refused

import guidepath

FOLDER = Path(guidepath.__file__).parent / "client"
FILES = sorted(file.name for file in FOLDER.iterdir() if file.suffix in {".js", ".css"})


@pytest.mark.parametrize("name", FILES)
def test_each_file_of_the_client_is_served_as_what_it_is(site: Site, name: str) -> None:
    response = Site(site.app, who="").get(f"client/{name}")
    assert response.content == (FOLDER / name).read_bytes()
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    assert response.headers["content-type"] == f"{kind}; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-cache"


def test_a_file_that_the_browser_has_is_not_sent_again(site: Site) -> None:
    etag = site.get("client/guidepath.js").headers["etag"]
    assert not etag.startswith("W/")
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        response = site.get("client/guidepath.js", headers={"if-none-match": known})
        assert (response.status_code, response.headers["etag"]) == (304, etag)
    for other in ('"other"', etag.strip('"'), "", site.get("client/state.js").headers["etag"]):
        response = site.get("client/guidepath.js", headers={"if-none-match": other})
        assert response.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "client/../engine.py",
        "client/..%2fengine.py",
        "client/%2e%2e/engine.py",
        "client//etc/passwd",
        "client/",
        "client/guidepath.py",
        "client/guidepath.js%00",
        "client/GUIDEPATH.JS",
    ],
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    refused(site.get(path), 404, "not_found")
