"""An empty store for each test, on a server that others use, too."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from redis import Redis as Client
from tests.servers.redis import Redis, RedisCluster

from guidepath.adapters.stores.redis import RedisStore

numbers = count()


@pytest.fixture
def url(redis: Redis) -> str:
    """A store that nobody used before."""
    return f"{redis.url}?prefix=t{next(numbers)}"


@pytest.fixture
def cluster_url(redis_cluster: RedisCluster) -> str:
    """The same on the cluster."""
    return f"{redis_cluster.url}?cluster=yes&prefix=t{next(numbers)}"


@pytest.fixture
def store(url: str) -> Iterator[RedisStore]:
    """The store, opened."""
    opened = RedisStore(url)
    yield opened
    opened.close()


@pytest.fixture
def server(redis: Redis) -> Iterator[Any]:
    """The server itself."""
    with Client.from_url(redis.url, protocol=2) as client:
        yield client
