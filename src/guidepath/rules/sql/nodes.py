"""SQL from parts, as sqlglot nodes: what the compiler of rules builds with.

Every part is made new where it stands: a tree that shares its nodes is copied when it is printed,
and a deck is large.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from sqlglot import exp

Node = exp.Expr
Source = str | exp.Query  # the name of a table, or a query in its place

_TOGETHER = 50  # queries in one UNION

_SIGNS: Mapping[str, type[exp.Binary]] = {
    "==": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "%": exp.Mod,
}


def name(identifier: str) -> exp.Identifier:
    """A name, quoted: none of ours is then a word of any dialect."""
    return exp.Identifier(this=identifier, quoted=True)


def column(identifier: str, table: str | None = None) -> Node:
    """A column, of a table where two are joined."""
    return exp.Column(this=name(identifier), table=None if table is None else name(table))


def integer(value: int) -> Node:
    """A whole number."""
    literal = exp.Literal(this=str(abs(value)), is_string=False)
    return exp.Paren(this=exp.Neg(this=literal)) if value < 0 else literal


def text(value: str) -> Node:
    """A string."""
    return exp.Literal(this=value, is_string=True)


def boolean(*, value: bool) -> Node:
    """TRUE or FALSE."""
    return exp.Boolean(this=value)


def cast(value: Node, to: str) -> Node:
    """`CAST(value AS to)`."""
    return exp.Cast(this=value, to=exp.DataType.build(to))


def binary(left: Node, sign: str, right: Node) -> Node:
    """`left sign right`, the signs as rules write them."""
    return _SIGNS[sign](this=left, expression=right)


def every(parts: Iterable[Node]) -> Node:
    """`(… AND …)`."""
    return exp.Paren(this=reduce(lambda one, two: exp.And(this=one, expression=two), parts))


def some(parts: Iterable[Node]) -> Node:
    """`(… OR …)`."""
    return exp.Paren(this=reduce(lambda one, two: exp.Or(this=one, expression=two), parts))


def negation(value: Node) -> Node:
    """`NOT (…)`."""
    return exp.Not(this=exp.Paren(this=value))


def is_set(value: Node) -> Node:
    """`value IS NOT NULL`."""
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def among(value: Node, values: Iterable[Node]) -> Node:
    """`value IN (…)`."""
    return exp.In(this=value, expressions=list(values))


def one_or_zero(condition: Node) -> Node:
    """1 where the condition holds, else 0."""
    return exp.Case(ifs=[exp.If(this=condition, true=integer(1))], default=integer(0))


def aggregate(kind: type[exp.AggFunc], value: Node) -> Node:
    """MIN, MAX or SUM of a value."""
    return kind(this=value)


def count() -> Node:
    """`COUNT(*)`."""
    return exp.Count(this=exp.Star())


def over(function: Node, partition: Sequence[str], order: Sequence[str]) -> Node:
    """A window function; what stands at the same place in the order belongs together."""
    return exp.Window(
        this=function,
        partition_by=[column(one) for one in partition],
        order=exp.Order(expressions=[column(one) for one in order]) if order else None,
    )


def row_number(partition: Sequence[str], order: Sequence[str]) -> Node:
    """1 for the first of its partition, 2 for the second."""
    return over(exp.RowNumber(), partition, order)


def select(
    columns: Mapping[str, Node],
    source: Source,
    *,
    joins: Sequence[exp.Join] = (),
    where: Node | None = None,
    group: Sequence[str] = (),
    having: Node | None = None,
) -> exp.Select:
    """A SELECT; its columns by the names they get."""
    return exp.Select(
        expressions=[_named(value, alias) for alias, value in columns.items()],
        from_=exp.From(this=_table(source)),
        joins=list(joins),
        where=None if where is None else exp.Where(this=where),
        group=exp.Group(expressions=[column(one) for one in group]) if group else None,
        having=None if having is None else exp.Having(this=having),
    )


def parsed(query: str) -> exp.Select:
    """A query of ours, as text that holds nothing that users wrote."""
    return exp.maybe_parse(query, into=exp.Select, dialect="duckdb")


def rows(columns: Sequence[str], values: Iterable[Sequence[int | str]]) -> exp.Select:
    """Rows that stand in the query."""
    held = exp.Values(
        expressions=[
            exp.Tuple(
                expressions=[integer(one) if isinstance(one, int) else text(one) for one in row]
            )
            for row in values
        ],
        alias=exp.TableAlias(this=name("given"), columns=[name(one) for one in columns]),
    )
    return exp.Select(expressions=[column(one) for one in columns], from_=exp.From(this=held))


def gathered(columns: Sequence[str], queries: Sequence[exp.Query]) -> exp.Query:
    """All rows of many queries: some at a time, as a parser's stack is not endless."""
    while len(queries) > _TOGETHER:
        groups = [queries[n : n + _TOGETHER] for n in range(0, len(queries), _TOGETHER)]
        queries = [select({one: column(one) for one in columns}, union(one)) for one in groups]
    return union(queries)


def join(table: str, on: Node) -> exp.Join:
    """An inner join with a table or a common table expression."""
    return exp.Join(this=_table(table), on=on)


def union(queries: Sequence[exp.Query]) -> exp.Query:
    """All rows of all of them."""
    return reduce(
        lambda one, two: exp.Union(this=one, expression=two, distinct=False),
        queries,
    )


def named(queries: Sequence[tuple[str, exp.Query]], last: exp.Select) -> exp.Select:
    """A query with the named ones before it."""
    ctes = [exp.CTE(this=query, alias=exp.TableAlias(this=name(alias))) for alias, query in queries]
    last.set("with_", exp.With(expressions=ctes))
    return last


def in_place(queries: Sequence[tuple[str, exp.Query]], last: exp.Select) -> exp.Select:
    """A query with the named ones before it, or in their place where they are used once.

    An engine plans a thousand named queries far slower than it runs them.
    """
    used: dict[str, list[exp.Table]] = {}
    for query in (*(query for _, query in queries), last):
        for table in query.find_all(exp.Table):
            used.setdefault(table.name, []).append(table)
    left = []
    for alias, query in queries:
        if len(used.get(alias, ())) == 1:
            there = exp.TableAlias(this=name(alias))
            used[alias][0].replace(exp.Subquery(this=query, alias=there))
        else:
            left.append((alias, query))
    return named(left, last)


def _named(value: Node, alias: str) -> Node:
    # of two tables that are joined, ClickHouse else names it with its table
    if isinstance(value, exp.Column) and value.name == alias and not value.table:
        return value
    return exp.Alias(this=value, alias=name(alias))


def _table(source: Source) -> Node:
    if isinstance(source, str):
        return exp.Table(this=name(source))
    return exp.Subquery(this=source, alias=exp.TableAlias(this=name("inner")))
