import pytest
from tests.adapters.warehouses.contract import WarehouseContract, contributors, log, replayed

from guidepath.adapters.warehouses.warehouse import Warehouse

__all__ = ["contributors", "log", "replayed"]


class TestDuckDbWarehouse(WarehouseContract):
    @pytest.fixture
    def warehouse(self, duckdb: Warehouse) -> Warehouse:
        return duckdb
