"""The memory store passes the contract."""

import pytest

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.testing import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
