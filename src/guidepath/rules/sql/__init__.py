"""A deck of milestone rules as one query over a table of events: for each subject, when.

Needs the extra `sql`; imported by those who ask for it only.
"""

from guidepath.rules.sql.compiling import compile_sql
from guidepath.rules.sql.dialect import written
from guidepath.rules.sql.milestone import MilestoneRule
from guidepath.rules.sql.refusal import SqlError
from guidepath.rules.sql.table import Column, Table, table_for

__all__ = ["Column", "MilestoneRule", "SqlError", "Table", "compile_sql", "table_for", "written"]
