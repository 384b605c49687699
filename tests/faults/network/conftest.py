"""Stores that are reached through a network that breaks."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from tests.faults.network.faults import TIMEOUT_S
from tests.servers.postgres import Postgres
from tests.servers.proxy import Proxy
from tests.servers.redis import Redis


class Line(NamedTuple):
    """A store behind a network, asked with little patience or much, and the way past it."""

    proxy: Proxy
    url: str
    patient: str
    direct: str


@pytest.fixture(params=["postgres", "redis"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    server: Postgres | Redis = request.getfixturevalue(request.param)
    direct = server.database()
    with Proxy(server.port) as proxy:
        through = proxy.through(direct)
        pool = "&pool=4" if request.param == "postgres" else ""
        yield Line(proxy, f"{through}?timeout={TIMEOUT_S}{pool}", through, direct)
