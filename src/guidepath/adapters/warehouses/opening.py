"""Which engine a name means: strings only, resolved when one is asked for."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from guidepath.errors import ConfigurationError

ENGINES: Mapping[str, str] = {
    "duckdb": "DuckDbWarehouse",
    "postgres": "PostgresWarehouse",
    "spark": "SparkWarehouse",
    "clickhouse": "ClickHouseWarehouse",
}
_EXTRAS = {"postgres": "postgres,sql"}


def open_warehouse(engine: str, *where: Any) -> Any:  # its types are those of the extra
    """The warehouse of an engine; `where` is what its class takes.

    Raises:
        ConfigurationError: there is no such engine, or its extra is not installed.
    """
    if engine not in ENGINES:
        near = get_close_matches(engine, ENGINES, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(ENGINES)}"
        raise ConfigurationError(f"no engine is called {engine!a}{hint}")
    try:
        module = import_module(f"guidepath.adapters.warehouses.{engine}")
    except ImportError as problem:
        extra = _EXTRAS.get(engine, engine)
        raise ConfigurationError(
            f"the engine {engine}: needs {problem.name}; pip install 'guidepath[{extra}]'"
        ) from problem
    return getattr(module, ENGINES[engine])(*where)
