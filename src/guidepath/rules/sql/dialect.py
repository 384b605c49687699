"""The query in the words of an engine, where sqlglot's own words would not run or mean another."""

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.generator import Generator

# it else takes a name for what the same SELECT calls so, not for the column
_COLUMNS_FIRST = " SETTINGS prefer_column_name_to_alias = 1"


def written(query: exp.Expr, dialect: str) -> str:
    """The query as text: duckdb, postgres, spark or clickhouse."""
    if dialect == "clickhouse":
        return _ClickHouse().generate(query, copy=False, identify=True) + _COLUMNS_FIRST
    return query.sql(dialect=dialect, copy=False, identify=True)


def _left(generator: Generator, one: exp.Left) -> str:
    return generator.func("leftUTF8", one.this, one.expression)  # its own counts bytes


def _part(generator: Generator, one: exp.SplitPart) -> str:
    pieces = generator.func("splitByChar", one.args["delimiter"], one.this)
    return f"arrayElement({pieces}, {generator.sql(one, 'part_index')})"


class _ClickHouse(ClickHouse):
    class Generator(ClickHouse.Generator):  # type: ignore[misc, valid-type]  # made by a metaclass
        TRANSFORMS = {  # noqa: RUF012
            **ClickHouse.Generator.TRANSFORMS,
            exp.Left: _left,
            exp.SplitPart: _part,
        }
