import sys

import pytest

from guidepath.adapters.warehouses.opening import ENGINES, open_warehouse
from guidepath.errors import ConfigurationError


def test_an_engine_is_opened_by_its_name() -> None:
    with open_warehouse("duckdb") as warehouse:
        assert warehouse.dialect == "duckdb"


def test_a_mistyped_engine_is_mended() -> None:
    with pytest.raises(ConfigurationError, match="no engine is called 'duckdp'; did you mean duck"):
        open_warehouse("duckdp")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_extra_is_named(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    for loaded in [one for one in sys.modules if one.startswith("guidepath.adapters.warehouses.")]:
        monkeypatch.delitem(sys.modules, loaded)
    for loaded in [one for one in sys.modules if one.startswith("guidepath.rules.sql")]:
        monkeypatch.delitem(sys.modules, loaded)
    with pytest.raises(
        ConfigurationError, match=rf"needs sqlglot.*pip install 'guidepath\[.*{engine}"
    ):
        open_warehouse(engine)
