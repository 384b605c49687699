import pytest
from tests.adapters.warehouses.contract import ReplayContract, contributors, log, replayed

from guidepath.adapters.warehouses.warehouse import Warehouse

__all__ = ["contributors", "log", "replayed"]


class TestSparkWarehouse(ReplayContract):
    @pytest.fixture
    def warehouse(self, spark: Warehouse) -> Warehouse:
        return spark
