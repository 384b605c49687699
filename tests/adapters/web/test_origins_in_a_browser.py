"""Pages of other origins in a real Chromium: what it sends, what it asks before, what it lets read.

One server has three names, which are three origins: where guidepath is, a page that the host names
as one that may ask, and a page of somebody else.
"""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from tests.adapters.web.browser_side import guide

from guidepath import Guidepath
from guidepath.adapters.web.tokens import sign, verifier

SECRET = "a secret of more than thirty-two bytes"
ASK = """async ({url, init}) => {
    try {
        const response = await fetch(url, init);
        return {status: response.status, body: await response.json(),
                wait: response.headers.get("retry-after")};
    } catch (error) {
        return {error: error.name};
    }
}"""
EVENT = '{"event":"tour.opened","eventId":"e"}'


@dataclass
class Served:
    """A guide for asyncio, and under which names its server answers."""

    guide: Guidepath
    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/guidepath"

    @property
    def allowed(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def other(self) -> str:
        return f"http://evil.localhost:{self.port}"


def signed_in(request: Request) -> object:
    """A token, or a cookie where there is one: the host knows both."""
    cookie = request.cookies.get("user")
    return (cookie, "acme") if cookie else TOKENS(request)


TOKENS = verifier(SECRET, audience="guidepath", algorithms=["HS256"])


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    # asyncio sends small answers at once only on sockets that say they are TCP
    with (
        guide() as opened,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening,
    ):
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who asks before the server is there waits for it
        one = Served(opened, listening.getsockname()[1])
        app = Starlette(
            routes=[
                Mount(
                    "/guidepath",
                    opened.asgi(identify=signed_in, origins=[one.allowed], rate=(0.001, 40)),
                ),
                Route("/{path:path}", blank, methods=["GET", "POST"]),
            ]
        )
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield one
        server.should_exit = True
        thread.join()


async def blank(_: Request) -> HTMLResponse:
    answer = HTMLResponse("<!doctype html><title>a page</title>")
    answer.set_cookie("user", "cookie")
    return answer


def at(browser: Browser, served: Served, origin: str) -> Page:
    """A page of an origin, in a browser that has a cookie of guidepath's, too."""
    page = browser.new_page()
    page.set_default_timeout(5000)
    page.goto(f"http://127.0.0.1:{served.port}/")
    page.goto(f"{origin}/")
    return page


@pytest.fixture
def allowed(browser: Browser, served: Served) -> Iterator[Page]:
    page = at(browser, served, served.allowed)
    yield page
    page.close()


@pytest.fixture
def other(browser: Browser, served: Served) -> Iterator[Page]:
    page = at(browser, served, served.other)
    yield page
    page.close()


def asked(page: Page, url: str, **init: object) -> dict[str, object]:
    found: dict[str, object] = page.evaluate(ASK, {"url": url, "init": init})
    return found


def token(user: str) -> dict[str, str]:
    signed = sign(SECRET, user=user, account="acme", audience="guidepath", algorithm="HS256")
    return {"authorization": f"Bearer {signed}"}


def toured(served: Served, user: str) -> bool:
    return "toured" in served.guide.progress(user=user, account="acme").reached


def test_a_page_that_may_ask_asks_and_says_with_a_token(served: Served, allowed: Page) -> None:
    found = asked(allowed, f"{served.base}/v1/next?page=/tour", headers=token("ada"))
    assert found["status"] == 200
    kind = {"content-type": "application/json"}
    headers = {**token("ada"), **kind}
    said = asked(allowed, f"{served.base}/v1/track", method="POST", headers=headers, body=EVENT)
    assert said["status"] == 202
    assert toured(served, "ada")


def test_it_can_read_why_it_may_not(served: Served, allowed: Page) -> None:
    assert asked(allowed, f"{served.base}/v1/next")["status"] == 401
    for _ in range(40):
        served_once = asked(allowed, f"{served.base}/v1/progress", headers=token("eager"))
        if served_once["status"] == 429:
            break
    late = asked(allowed, f"{served.base}/v1/progress", headers=token("eager"))
    assert late["status"] == 429
    assert int(str(late["wait"])) > 1


def test_with_its_cookies_it_is_not_let_in(served: Served, allowed: Page) -> None:
    init = {"credentials": "include", "headers": token("ada")}
    assert asked(allowed, f"{served.base}/v1/next", **init) == {"error": "TypeError"}
    assert asked(allowed, f"{served.base}/v1/next", credentials="include")["error"] == "TypeError"


def test_it_loads_the_client(served: Served, allowed: Page) -> None:
    module = f"import('{served.base}/client/guidepath.js').then((one) => typeof one.connect)"
    assert allowed.evaluate(module) == "function"


def test_another_page_can_neither_ask_nor_load(served: Served, other: Page) -> None:
    found = asked(other, f"{served.base}/v1/next", headers=token("ada"))
    assert found == {"error": "TypeError"}
    module = f"import('{served.base}/client/guidepath.js').then(() => 1, () => 'refused')"
    assert other.evaluate(module) == "refused"


def test_another_page_can_say_nothing_with_a_form_nor_without_reading(
    served: Served, other: Page
) -> None:
    asked(
        other,
        f"{served.base}/v1/track",
        method="POST",
        body=EVENT,
        mode="no-cors",
        credentials="include",
        headers={"content-type": "text/plain"},
    )
    with other.expect_response("**/v1/track") as answered:
        other.evaluate(
            """(url) => {
                const form = document.createElement("form");
                Object.assign(form, {method: "post", action: url, enctype: "text/plain"});
                document.body.append(form);
                form.submit();
            }""",
            f"{served.base}/v1/track",
        )
    assert answered.value.status == 403
    assert not toured(served, "cookie")


def test_the_page_of_the_same_origin_is_known_by_its_cookie(
    browser: Browser, served: Served
) -> None:
    page = at(browser, served, f"http://127.0.0.1:{served.port}")
    assert asked(page, f"{served.base}/v1/next")["status"] == 200
    page.close()
