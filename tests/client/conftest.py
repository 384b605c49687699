"""One host for all of the client's tests; a fresh context and script for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.browser.chromium import PATIENCE_MS
from tests.client.host import Host, page, serving


@pytest.fixture(scope="session")
def running() -> Iterator[Host]:
    with serving(Host()) as host:
        yield host


@pytest.fixture(scope="module")
def blank(browser: Browser, running: Host) -> Iterator[Page]:
    """An empty page of the host, to import the client's pure modules in."""
    running.pages["/blank"] = "<!doctype html><title>blank</title>"
    page = browser.new_page()
    page.goto(f"{running.url}/blank")
    yield page
    page.context.close()


@pytest.fixture
def host(running: Host) -> Host:
    running.reset()
    running.pages["*"] = page('<button id="import">Import contacts</button>')
    return running


@pytest.fixture
def context(browser: Browser, host: Host) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=host.url,
        viewport={"width": 1000, "height": 700},
        reduced_motion="reduce",
        user_agent=f"Mozilla/5.0 visit/{host.visit}",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Page]:
    """A page that must not have an error, nor break the content security policy, in its console."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    assert [error for error in errors if "favicon" not in error and "503" not in error] == []
