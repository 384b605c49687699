"""A deck of milestone rules -> one query, in the form that suits an engine.

    account, user, milestone, reached_at      user NULL for an account's; microseconds since 1970

DuckDB and PostgreSQL compute a named query once: there all rules are told together, and a thousand
are no longer a query than ten. Spark and ClickHouse put a named query in wherever it stands, so
that each rule has queries of its own there.
"""

from collections.abc import Sequence

from sqlglot import exp

from guidepath.rules.sql import apart, together
from guidepath.rules.sql.milestone import MilestoneRule
from guidepath.rules.sql.table import Table

_ONCE = ("duckdb", "postgres")


def compile_sql(
    milestones: Sequence[MilestoneRule], table: Table, *, events: str, until: int, dialect: str
) -> exp.Select:
    """The query over the table `events` that tells what was reached by `until`.

    Raises:
        SqlError: a rule says what SQL cannot say exactly; the sentence names it.
    """
    if dialect in _ONCE:
        return together.query(milestones, table, events=events, until=until)
    return apart.query(milestones, table, events=events, until=until)
