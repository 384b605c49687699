import pytest
from tests.adapters.warehouses.contract import WarehouseContract, contributors, log, replayed

from guidepath.adapters.warehouses.warehouse import Warehouse

__all__ = ["contributors", "log", "replayed"]


class TestClickHouseWarehouse(WarehouseContract):
    @pytest.fixture
    def warehouse(self, clickhouse: Warehouse) -> Warehouse:
        return clickhouse
