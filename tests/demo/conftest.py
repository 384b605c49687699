"""The demo, running, and people who visit it. Each visit finds the companies begun anew."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from tests.browser.chromium import PATIENCE_MS

from guidepath.demo.app import create
from guidepath.demo.desk import Desk

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Desk]]:
    """Where the demo answers, with forty simulated accounts, and what it stands on."""
    app = create(tmp_path_factory.mktemp("demo"), accounts=40)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", app.state.desk
    server.should_exit = True
    thread.join()


@pytest.fixture
def visit(browser: Browser, demo: tuple[str, Desk]) -> Iterator[Visit]:
    """Opens the demo in a fresh browser; at the end nobody may have found an error in it.

    Northwind has just signed up: Ada, Ben and Cleo have seen nothing yet.
    """
    address, desk = demo
    desk.reset()
    errors: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(**options: object) -> Page:
        known = {"base_url": address, "locale": "en-GB", "reduced_motion": "reduce", **options}
        context = browser.new_context(**known)  # type: ignore[arg-type]  # as Playwright types them
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(f"{said.type}: {said.text}"))
        page.on("response", lambda one: errors.append(one.url) if one.status >= 400 else None)
        page.goto("/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


class Client:
    """Asks the demo without a browser, keeping its cookies; redirects are not followed."""

    def __init__(self, folder: Path) -> None:
        self.app = create(folder, accounts=12)
        self.desk: Desk = self.app.state.desk
        self._loop = asyncio.Runner()
        transport = httpx.ASGITransport(self.app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://demo.example")

    def get(self, page: str, **options: Any) -> httpx.Response:
        return self._loop.run(self._client.get(page, **options))

    def post(self, page: str, data: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        return self._loop.run(self._client.post(page, data=data or {}, **options))

    def be(self, person: str) -> httpx.Response:
        return self.post("/sign-in", {"person": person})

    def close(self) -> None:
        self._loop.run(self._client.aclose())
        self._loop.close()
        self.desk.close()


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Client]]:
    """Opens the demo over a folder; what a test leaves open is closed after it."""
    clients: list[Client] = []

    def open_(folder: Path) -> Client:
        clients.append(Client(folder))
        return clients[-1]

    yield open_
    for client in clients:
        client.close()


@pytest.fixture
def client(opened: Callable[[Path], Client], tmp_path: Path) -> Client:
    return opened(tmp_path)
