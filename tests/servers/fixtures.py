"""The servers as fixtures: each starts when the first test asks for it, once a worker."""

from collections.abc import Iterator

import pytest
from tests.servers.certificate import Certificate
from tests.servers.http import Http
from tests.servers.kafka import Kafka
from tests.servers.nats import Nats
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis, RedisCluster
from tests.servers.smtp import Smtp


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[RedisCluster]:
    with RedisCluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def nats() -> Iterator[Nats]:
    with Nats() as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    with Kafka() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[Smtp]:
    with Smtp() as server:
        yield server
