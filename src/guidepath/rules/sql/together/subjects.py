"""The events up to the end, and the subjects, with numbers in place of names.

    q_events     one row an event: its account's number `whole`, its user's `person` or 0
    q_users      users, with the numbers of their accounts, `whole`
    q_subjects   users by numbers from 1 up, accounts by numbers from -1 down, with their starts

Events of one instant are folded one by one, so an instant has an inner order, `sub`: 0 is what time
alone changes, before the instant's first event; each event has `rounds` places, its own and those
of the milestones that it reaches, one after the other.
"""

from collections.abc import Iterator

from sqlglot import exp

from guidepath.rules.sql import nodes
from guidepath.rules.sql.nodes import binary, column, integer
from guidepath.rules.sql.table import FIXED, Table

NEVER = -(2**62)  # before all time, and any window from there on

Part = tuple[str, exp.Query]

_ACCOUNTS = """
SELECT account, CAST(0 - ROW_NUMBER() OVER (ORDER BY account) AS BIGINT) AS who, at
FROM (SELECT account, MIN(at) AS at FROM q_raw GROUP BY account) AS found
"""
_USERS = """
SELECT u.account AS account, u.user AS user, u.at AS at, a.who AS whole,
    CAST(ROW_NUMBER() OVER (ORDER BY u.account, u.user) AS BIGINT) AS who
FROM (
    SELECT account, user, MIN(at) AS at FROM q_raw WHERE NOT user IS NULL GROUP BY account, user
) AS u JOIN q_accounts AS a ON a.account = u.account
"""
_SUBJECTS = """
SELECT who, account, user, at, 1 AS mine FROM q_users
UNION ALL SELECT who, account, CAST(NULL AS TEXT) AS user, at, 0 AS mine FROM q_accounts
"""
_NUMBERED = """
SELECT a.who AS whole, COALESCE(u.who, 0) AS person, e.kind AS kind, e.name AS name, e.at AS at,
    e.sub AS sub, e.role AS role
FROM q_raw AS e JOIN q_accounts AS a ON a.account = e.account
LEFT JOIN q_users AS u ON u.account = e.account AND u.user = e.user
"""


def subjects(table: Table, events: str, *, until: int, rounds: int) -> Iterator[Part]:
    """The queries of who there is and what happened."""
    read = [one.name for one in table.columns]
    place = binary(exp.Paren(this=binary(column("seq"), "+", integer(1))), "*", integer(rounds))
    kept = {one: column(one) for one in (*FIXED, *read) if one != "seq"}
    ended = binary(column("at"), "<=", integer(until))
    yield "q_raw", nodes.select({**kept, "sub": place}, events, where=ended)
    yield "q_accounts", nodes.parsed(_ACCOUNTS)
    yield "q_users", nodes.parsed(_USERS)
    yield "q_subjects", nodes.parsed(_SUBJECTS)
    numbered = nodes.parsed(_NUMBERED)
    for one in read:
        numbered.append("expressions", exp.Alias(this=column(one, "e"), alias=nodes.name(one)))
    yield "q_events", numbered
