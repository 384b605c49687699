import pytest
from tests.adapters.warehouses.contract import WarehouseContract, contributors, log, replayed

from guidepath.adapters.warehouses.warehouse import Warehouse

__all__ = ["contributors", "log", "replayed"]


class TestPostgresWarehouse(WarehouseContract):
    @pytest.fixture
    def warehouse(self, postgresql: Warehouse) -> Warehouse:
        return postgresql
