"""The stores under faults: each test gets an empty one, on a real server."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from tests.faults.scale import TORTURE
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis, RedisCluster

from guidepath.ports import Store
from guidepath.registry import open_store

# those that several processes can use; a cluster is the same store as Redis, and slower to try
SHARED = ("sqlite", "postgres", "redis", *(("cluster",) if TORTURE > 1 else ()))


@pytest.fixture(params=SHARED)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store."""
    return _empty(request, tmp_path)


@pytest.fixture(params=("memory", *SHARED))
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Gives an empty store each time; the one before it may be emptied for it."""
    with ExitStack() as stack:
        numbers = count()

        def make() -> Store:
            folder = tmp_path / str(next(numbers))
            folder.mkdir()
            store = open_store(_empty(request, folder))
            stack.callback(store.close)
            return store

        yield make


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    """An empty store."""
    return make_store()


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture) -> None:
    """Under faults the relays have much to say."""
    caplog.set_level(logging.CRITICAL, "guidepath")


def _empty(request: pytest.FixtureRequest, folder: Path) -> str:
    match request.param:
        case "memory":
            return "memory:"
        case "sqlite":
            return f"sqlite:///{folder / 'guidepath.db'}"
        case "postgres":
            postgres: Postgres = request.getfixturevalue("postgres")
            return postgres.database()
        case "redis":
            redis: Redis = request.getfixturevalue("redis")
            return redis.database()
    cluster: RedisCluster = request.getfixturevalue("redis_cluster")
    cluster.empty()
    return f"{cluster.url}?cluster=yes"
