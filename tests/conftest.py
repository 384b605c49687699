"""What every test may ask for: real servers, and one browser for each file that needs one."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from tests.browser.chromium import launch
from tests.order import LONG
from tests.servers.fixtures import (
    certificate,
    http,
    kafka,
    nats,
    postgres,
    redis,
    redis_cluster,
    smtp,
)

__all__ = ["certificate", "http", "kafka", "nats", "postgres", "redis", "redis_cluster", "smtp"]

# a busy machine is slow, which is no fault of what is tested
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# a shell that starts this in the background has Ctrl-C ignored, by what is tested too
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest; the rest stays in the order of its names."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda one: places.get(one.nodeid.partition("::")[0], len(LONG)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium. While Playwright runs, no other event loop can: it ends with the file."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
