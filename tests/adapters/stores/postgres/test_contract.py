"""Both PostgreSQL stores pass the contract, each time with nothing in their tables."""

from collections.abc import Callable

import pytest
from tests.adapters.stores.awaited import Awaited
from tests.adapters.stores.postgres.conftest import empty

from guidepath.adapters.stores.postgres import AsyncPostgresStore, PostgresStore
from guidepath.ports import Store
from guidepath.testing import StoreContract


@pytest.fixture
def emptied(database: str) -> Callable[[], str]:
    """The URL of the same tables, with nothing in them."""

    def url() -> str:
        empty(database)
        return f"{database}?durable=no"  # that the disk is waited for is tested elsewhere

    return url


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def make_store(self, emptied: Callable[[], str]) -> Callable[[], Store]:
        return lambda: PostgresStore.from_url(emptied())


class TestAsyncPostgresStore(StoreContract):
    @pytest.fixture
    def make_store(self, emptied: Callable[[], str]) -> Callable[[], Store]:
        return lambda: Awaited.blocking(AsyncPostgresStore.from_url(emptied()))
