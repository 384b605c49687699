import pytest
from tests.adapters.warehouses.chance import case
from tests.adapters.warehouses.contract import ReplayContract, contributors, log, replayed
from tests.adapters.warehouses.test_differential import FEW, by_fold, in_engine

from guidepath.adapters.warehouses.warehouse import Warehouse

__all__ = ["contributors", "log", "replayed"]


class TestSparkWarehouse(ReplayContract):
    @pytest.fixture
    def warehouse(self, spark: Warehouse) -> Warehouse:
        return spark


@pytest.mark.parametrize("seed", FEW)
def test_spark_tells_what_the_fold_tells(seed: int, spark: Warehouse) -> None:
    asked = case(seed, rules=4, accounts=200)
    assert in_engine(spark, asked) == by_fold(asked)
