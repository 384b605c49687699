"""A browser's side on a fresh store, and the clock it runs by."""

from collections.abc import Iterator

import pytest
from tests.adapters.web.browser_side import Clock, Site, guide, header

from guidepath import Guidepath


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> str:
    return "memory:"


@pytest.fixture
def host(store: str, clock: Clock) -> Iterator[Guidepath]:
    with guide(store, clock=clock) as opened:
        opened.identify(
            user="ada", account="acme", role="owner", attributes={"first_name": "<b>Ada</b>"}
        )
        yield opened


@pytest.fixture
def site(host: Guidepath) -> Site:
    return Site(host.asgi(identify=header, rate=None))
