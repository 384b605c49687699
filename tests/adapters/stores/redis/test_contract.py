"""Both stores pass the contract, on one server and on a cluster."""

from collections.abc import Callable
from itertools import count

import pytest
from tests.adapters.stores.redis.awaiting import waiting
from tests.servers.redis import Redis, RedisCluster

from guidepath.adapters.stores.redis import RedisStore
from guidepath.ports import Store
from guidepath.testing import StoreContract

numbers = count()


class TestRedisStore(StoreContract):
    @pytest.fixture
    def make_store(self, redis: Redis) -> Callable[[], Store]:
        return lambda: RedisStore(f"{redis.url}?prefix=g{next(numbers)}")


class TestRedisStoreOnACluster(StoreContract):
    @pytest.fixture
    def make_store(self, redis_cluster: RedisCluster) -> Callable[[], Store]:
        return lambda: RedisStore(f"{redis_cluster.url}?prefix=g{next(numbers)}&cluster=yes")


class TestAsyncRedisStore(StoreContract):
    @pytest.fixture
    def make_store(self, redis: Redis) -> Callable[[], Store]:
        return lambda: waiting(f"{redis.url}?prefix=g{next(numbers)}")


class TestAsyncRedisStoreOnACluster(StoreContract):
    @pytest.fixture
    def make_store(self, redis_cluster: RedisCluster) -> Callable[[], Store]:
        return lambda: waiting(f"{redis_cluster.url}?prefix=g{next(numbers)}&cluster=yes")
