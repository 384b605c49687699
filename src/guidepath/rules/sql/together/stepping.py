"""The places where steps change, of all rules of a deck at once.

    q_changes    who, source: the step's number, at, sub, d: 1 where it turns on, -1 off

What is asked of one event in one way is a *series*; its occurrences are put into order once, for
all rules that ask.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp

from guidepath.clock import DAY
from guidepath.rules.expression import Of, Start
from guidepath.rules.sql import nodes
from guidepath.rules.sql.condition import condition, test
from guidepath.rules.sql.nodes import Node, binary, column, integer
from guidepath.rules.sql.step import Amount, Happenings, Later, Met, Nth, People, Recent, Saying
from guidepath.rules.sql.table import SQL_TYPES, Column, Table
from guidepath.rules.sql.together.formula import Aged, Begun, Level, Step
from guidepath.rules.sql.together.numbers import Numbers
from guidepath.rules.sql.together.subjects import NEVER, Part

_ROLE = Column("role", "string", "user", "", "role")
_BEFORE_1900 = 30_000 * DAY  # added so that days are counted upwards from zero
_ANY = 2**62
_EXACT = SQL_TYPES["exact"]

_FOUND = """
SELECT CASE WHEN p.mine = 1 THEN e.person ELSE e.whole END AS who, p.found AS found,
    e.at AS at, e.sub AS sub, e.person AS person
FROM q_events AS e JOIN p_found AS p ON p.name = e.name
WHERE e.kind = 'track' AND (p.mine = 0 OR e.person <> 0)
"""
_COUNTED = """
SELECT f.who AS who, p.series AS series, f.at AS at, f.sub AS sub, f.at AS newest
FROM q_found AS f JOIN p_count AS p ON p.found = f.found
"""
_DAYS = f"""
SELECT who, series, at, sub, newest FROM (
    SELECT who, series, at, sub,
        ROW_NUMBER() OVER (PARTITION BY who, series, day ORDER BY at, sub) AS n,
        MAX(at) OVER (PARTITION BY who, series, day) AS newest
    FROM (
        SELECT f.who AS who, p.series AS series, f.at AS at, f.sub AS sub,
            f.at - (f.at + {_BEFORE_1900}) % {DAY} AS day
        FROM q_found AS f JOIN p_days AS p ON p.found = f.found
    ) AS dated
) AS firsts WHERE n = 1
"""  # noqa: S608
_USERS = """
SELECT who, series, at, sub, at AS newest FROM (
    SELECT f.who AS who, p.series AS series, f.at AS at, f.sub AS sub,
        ROW_NUMBER() OVER (PARTITION BY f.who, p.series, f.person ORDER BY f.at, f.sub) AS n
    FROM q_found AS f JOIN p_users AS p ON p.found = f.found WHERE f.person <> 0
) AS firsts WHERE n = 1
"""
_SERIES = f"""
SELECT who, series, at, sub, newest,
    CAST(ROW_NUMBER() OVER (PARTITION BY who, series ORDER BY at, sub) AS BIGINT) AS n,
    LAG(newest, 1, {NEVER}) OVER (PARTITION BY who, series ORDER BY at, sub) AS before,
    LEAD(at, 1, {-NEVER}) OVER (PARTITION BY who, series ORDER BY at, sub) AS later
FROM q_all
"""  # noqa: S608
_SINGLE = """
SELECT s.who AS who, p.source AS source,
    CASE WHEN p.comes = 1 THEN s.at ELSE s.at + p.size END AS at,
    CASE WHEN p.comes = 1 THEN s.sub ELSE 0 END AS sub, p.d AS d
FROM q_series AS s JOIN p_single AS p ON p.series = s.series
WHERE s.n BETWEEN p.least AND p.most AND (
    (p.comes = 1 AND s.before + p.size <= s.at) OR (p.comes = 0 AND s.later >= s.at + p.size)
)
"""
_RECENT = """
SELECT a.who AS who, a.source AS source,
    CASE WHEN d = 1 THEN a.at ELSE b.newest + a.size END AS at,
    CASE WHEN d = 1 THEN a.sub ELSE 0 END AS sub, d
FROM (
    SELECT s.who AS who, s.series AS series, s.at AS at, s.sub AS sub, s.later AS later,
        s.n - p.n + 1 AS oldest, p.size AS size, p.d AS d, p.source AS source
    FROM q_series AS s JOIN p_recent AS p ON p.series = s.series WHERE s.n >= p.n
) AS a JOIN q_series AS b ON b.who = a.who AND b.series = a.series AND b.n = a.oldest
WHERE a.at < b.newest + a.size AND (
    (d = 1 AND b.before + a.size <= a.at) OR (d = -1 AND a.later >= b.newest + a.size)
)
"""
_PEOPLE = f"""
SELECT who, series, CASE WHEN d = 1 THEN at ELSE at + size END AS at,
    CASE WHEN d = 1 THEN sub ELSE 0 END AS sub, CAST(d AS {_EXACT}) AS d
FROM (
    SELECT f.who AS who, p.series AS series, p.size AS size, f.at AS at, f.sub AS sub,
        LAG(f.at, 1, {NEVER}) OVER (PARTITION BY f.who, p.series, f.person ORDER BY f.at, f.sub)
            AS before,
        LEAD(f.at, 1, {-NEVER}) OVER (PARTITION BY f.who, p.series, f.person ORDER BY f.at, f.sub)
            AS later
    FROM q_found AS f JOIN p_people AS p ON p.found = f.found WHERE f.person <> 0
) AS placed CROSS JOIN (SELECT 1 AS d UNION ALL SELECT -1 AS d) AS turns
WHERE (d = 1 AND before + size <= at) OR (d = -1 AND at + size <= later)
"""  # noqa: S608
_LEVELS = f"""
SELECT s.who AS who, p.source AS source, s.at AS at, s.sub AS sub,
    CASE WHEN s.total BETWEEN CAST(p.low AS {_EXACT}) AND CAST(p.high AS {_EXACT})
        THEN 1 ELSE 0 END AS v
FROM (
    SELECT who, series, at, sub, SUM(d) OVER (PARTITION BY who, series ORDER BY at, sub) AS total
    FROM q_numbers
) AS s JOIN p_level AS p ON p.series = s.series
"""  # noqa: S608
_TURNS = """
SELECT who, source, at, sub, v - before AS d FROM (
    SELECT who, source, at, sub, v,
        LAG(v, 1, 0) OVER (PARTITION BY who, source ORDER BY at, sub) AS before
    FROM q_truths
) AS told WHERE v <> before
"""
_LATER = """
SELECT s.who AS who, p.source AS source, s.at + p.size AS at, 0 AS sub, 1 AS d
FROM q_subjects AS s JOIN p_later AS p ON p.mine = s.mine
"""
_BEGUN = """
SELECT s.who AS who, p.source AS source, s.at AS at, MIN(e.sub) AS sub, 1 AS d
FROM q_subjects AS s JOIN p_begun AS p ON p.mine = s.mine
JOIN (
    SELECT person AS who, at, sub FROM q_events UNION ALL SELECT whole AS who, at, sub FROM q_events
) AS e ON e.who = s.who AND e.at = s.at
GROUP BY s.who, p.source, s.at
"""


class Stepping:
    """Makes the queries of what some steps need."""

    def __init__(self, table: Table, sources: Numbers[object], until: int) -> None:
        self._table = table
        self._sources = sources
        self._until = until
        self._found: Numbers[Happenings] = Numbers()
        self._series: Numbers[object] = Numbers()
        self._given: dict[str, list[tuple[int | str, ...]]] = {}

    def parts(self, steps: Iterable[Step]) -> Iterator[Part]:
        """The queries, q_changes the last; none where there is nothing to ask."""
        truths: list[exp.Query] = []
        for step in steps:
            self._ask(step, truths)
        numbers = list(self._numbers())
        if "p_level" in self._given:
            truths.append(nodes.parsed(_LEVELS))
        found, series = list(self._happened()), list(self._kinds())
        for name, given in self._given.items():
            yield name, nodes.rows(_GIVEN[name], dict.fromkeys(given))
        yield from _unless_empty("q_found", found)
        yield from _unless_empty("q_all", series)
        if series:
            yield "q_series", nodes.parsed(_SERIES)
        if "p_people" in self._given:
            numbers.append(nodes.parsed(_PEOPLE))
        yield from _unless_empty("q_numbers", numbers)
        yield from _unless_empty("q_truths", truths)
        changes = [nodes.parsed(text) for name, text in _CHANGES if name in self._given]
        if truths:
            changes.append(nodes.parsed(_TURNS))
        if changes:
            yield "q_turns", nodes.union(changes)
            ended = f"SELECT who, source, at, sub, d FROM q_turns WHERE at <= {self._until}"  # noqa: S608
            yield "q_changes", nodes.parsed(ended)

    def _give(self, name: str, *row: int | str) -> None:
        self._given.setdefault(name, []).append(row)

    def _ask(self, step: Step, truths: list[exp.Query]) -> None:
        source = self._sources[step]
        match step:
            case Nth(happenings, what, n):
                self._give("p_single", self._serial(happenings, what), 1, n, n, 0, 1, source)
            case Recent(happenings, _, 1, size):
                series = self._serial(happenings, "count")
                self._give("p_single", series, 1, 1, _ANY, size, 1, source)
                self._give("p_single", series, 0, 1, _ANY, size, -1, source)
            case Recent(happenings, what, n, size):
                series = self._serial(happenings, what)
                self._give("p_recent", series, n, size, 1, source)
                self._give("p_recent", series, n, size, -1, source)
            case Aged(happenings, size):
                series = self._serial(happenings, "count")
                self._give("p_single", series, 0, 1, _ANY, size, 1, source)
                self._give("p_single", series, 1, 2, _ANY, size, -1, source)
            case Level(number, low, high):
                self._give("p_level", self._series[number], f"{low:f}", f"{high:f}", source)
            case Saying():
                truths.append(self._saying(step, source))
            case Later(Start(), whose, delay):
                self._give("p_later", _mine(whose), delay, source)
            case Begun(whose):
                self._give("p_begun", _mine(whose), source)
            case Later() | Met():
                pass  # known when the milestone is

    def _serial(self, happenings: Happenings, what: str) -> int:
        number = self._series[happenings, what]
        self._give(f"p_{what}", self._found[happenings], number)
        return number

    def _numbers(self) -> Iterator[exp.Query]:
        """What is added up."""
        for number, series in self._series:
            match number:
                case Amount(happenings, name):
                    held = self._table.of_amount(happenings.event, name).name
                    columns = {"series": integer(series), "d": column(held)}
                    yield self._events(happenings, columns, nodes.is_set(column(held)))
                case People(happenings, size):
                    self._give("p_people", self._found[happenings], size, series)

    def _happened(self) -> Iterator[exp.Query]:
        """Occurrences: those of a name together, those with a filter each alone."""
        for happenings, found in self._found:
            if happenings.where is None:
                self._give("p_found", happenings.event, _mine(happenings.of), found)
            else:
                columns = {"found": integer(found), "person": column("person")}
                yield self._events(happenings, columns)
        if "p_found" in self._given:
            yield nodes.parsed(_FOUND)

    def _kinds(self) -> Iterator[exp.Query]:
        for name, query in (("p_count", _COUNTED), ("p_days", _DAYS), ("p_users", _USERS)):
            if name in self._given:
                yield nodes.parsed(query)

    def _events(self, found: Happenings, columns: dict[str, Node], *where: Node) -> exp.Select:
        tests = [
            binary(column("kind"), "==", nodes.text("track")),
            binary(column("name"), "==", nodes.text(found.event)),
            *where,
        ]
        if found.where is not None:
            tests.append(
                condition(found.where, lambda one: self._table.of_property(found.event, one))
            )
        return _of(found.of, columns, tests)

    def _saying(self, step: Saying, source: int) -> exp.Query:
        """Whether a test holds, wherever something is said."""
        left = step.test.left
        if left.kind == "role":
            held, said = _ROLE, nodes.is_set(column("role"))
        else:
            held, removed = self._table.of_attribute(_whose(left.kind), left.name)
            gone = exp.Coalesce(this=column(removed.name), expressions=[nodes.boolean(value=False)])
            said = nodes.some((nodes.is_set(column(held.name)), gone))
        of = _whose(left.kind)
        kind = nodes.text("group" if of == "account" else "identify")
        columns = {"source": integer(source), "v": nodes.one_or_zero(test(step.test, held))}
        return _of(of, columns, (binary(column("kind"), "==", kind), said))


_GIVEN = {
    "p_found": ("name", "mine", "found"),
    "p_count": ("found", "series"),
    "p_days": ("found", "series"),
    "p_users": ("found", "series"),
    "p_people": ("found", "size", "series"),
    "p_level": ("series", "low", "high", "source"),
    "p_single": ("series", "comes", "least", "most", "size", "d", "source"),
    "p_recent": ("series", "n", "size", "d", "source"),
    "p_later": ("mine", "size", "source"),
    "p_begun": ("mine", "source"),
}
_CHANGES = (
    ("p_single", _SINGLE),
    ("p_recent", _RECENT),
    ("p_later", _LATER),
    ("p_begun", _BEGUN),
)


def _of(of: Of, columns: dict[str, Node], tests: Sequence[Node]) -> exp.Select:
    """Rows of events, of a user or of an account."""
    who = column("person" if of == "user" else "whole")
    if of == "user":
        tests = (*tests, binary(column("person"), "!=", integer(0)))
    (first, number), (last, value) = columns.items()
    places = {"at": column("at"), "sub": column("sub")}
    named = {"who": who, first: number, **places, last: value}
    return nodes.select(named, "q_events", where=nodes.every(tests))


def _unless_empty(name: str, queries: Sequence[exp.Query]) -> Iterator[Part]:
    if queries:
        yield name, nodes.gathered(queries[0].named_selects, queries)


def _whose(kind: str) -> Of:
    return "account" if kind == "account" else "user"


def _mine(of: Of) -> int:
    return 1 if of == "user" else 0
