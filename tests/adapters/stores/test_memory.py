"""The memory store passes the contract."""

from collections.abc import Callable

import pytest

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.ports import Store
from guidepath.testing import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def make_store(self) -> Callable[[], Store]:
        return MemoryStore
