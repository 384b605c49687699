"""A deck of milestone rules -> one query, with the instant at which each rule first held.

    account, user, milestone, reached_at      user NULL for an account's; microseconds since 1970

It tells what folding the same events one by one tells, for all rules together: who there is and
what happened (`subjects`), where the rules' steps change (`stepping`), and from that when each rule
first held, by looking at every place (`sweep`) or, for simple rules, at first instants (`first`).
What the rules ask for stands in the query as rows, so that a thousand rules are no longer a query
than ten, to plan.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from guidepath.rules.dependency import milestones_of
from guidepath.rules.expression import Of
from guidepath.rules.sql import nodes
from guidepath.rules.sql.milestone import MilestoneRule, ordered
from guidepath.rules.sql.refusal import SqlError
from guidepath.rules.sql.table import Table
from guidepath.rules.sql.together.first import Firsts, simple
from guidepath.rules.sql.together.formula import Formula, Step, formula, steps
from guidepath.rules.sql.together.numbers import Numbers
from guidepath.rules.sql.together.stepping import Stepping
from guidepath.rules.sql.together.subjects import Part, subjects
from guidepath.rules.sql.together.sweep import Sweep, Swept, stages

_RESULTS = """
SELECT s.account AS account, s.user AS user, p.milestone AS milestone, f.at AS reached_at
FROM q_firsts AS f JOIN p_milestones AS p ON p.source = f.source
JOIN q_subjects AS s ON s.who = f.who
"""
_NOTHING = """
SELECT account, user, account AS milestone, at AS reached_at FROM q_subjects WHERE who = 0
"""


def query(
    milestones: Sequence[MilestoneRule], table: Table, *, events: str, until: int
) -> exp.Select:
    """The query over the table `events` that tells what was reached by `until`.

    Raises:
        SqlError: a rule says what SQL cannot say exactly; the sentence names it.
    """
    found = ordered(milestones)
    told = _told(found)
    sources: Numbers[object] = Numbers()
    firsts = Firsts(sources, until)
    swept: list[Swept] = []
    given: dict[str, int] = {}
    placed = _placed(found, told)
    for one in found:
        if one.id not in told:
            continue
        if one.id in placed or not simple(told[one.id], one.scope):
            swept.append(Swept(one.id, one.scope, told[one.id]).begun())
            given[one.id] = firsts.reached_by_sweep(one.id)
        else:
            given[one.id] = firsts.place(one.id, told[one.id], one.scope)
    rounds = 1 << (len(milestones) + 1).bit_length()
    parts = list(subjects(table, events, until=until, rounds=rounds))
    asked = dict.fromkeys(step for one in swept for step in steps(one.told))
    asked |= dict.fromkeys(step for step, _ in sources if isinstance(step, Step))
    try:
        changes = list(Stepping(table, sources, until).parts(asked))
    except SqlError:
        _blame(found, told, table)
        raise
    if not changes:
        return nodes.named(_used(parts, _NOTHING), nodes.parsed(_NOTHING))
    staged = stages(swept)
    parts += changes
    parts += Sweep(sources, until=until, rounds=rounds).parts(staged)
    parts += firsts.parts(f"q_stage_{len(staged)}" if staged else None)
    rows = [(number, milestone) for milestone, number in given.items()]
    parts.append(("p_milestones", nodes.rows(("source", "milestone"), rows)))
    return nodes.named(_used(parts, _RESULTS), nodes.parsed(_RESULTS))


def _told(milestones: Iterable[MilestoneRule]) -> dict[str, Formula]:
    """The formula of each that can be reached."""
    scopes: dict[str, Of] = {}
    told: dict[str, Formula] = {}
    for one in milestones:
        try:
            found = formula(one.rule, scopes)
        except SqlError as refused:
            raise SqlError(f"milestone {one.id}: {refused}") from None
        if found is not False:
            told[one.id], scopes[one.id] = found, one.scope
    return told


def _placed(milestones: Sequence[MilestoneRule], told: Mapping[str, Formula]) -> set[str]:
    """Those that a swept one asks for: of them not the instant alone matters."""
    found: set[str] = set()
    for one in reversed(milestones):  # each before those that it asks for
        if one.id in told and (one.id in found or not simple(told[one.id], one.scope)):
            found |= milestones_of(one.rule)
    return found


def _blame(milestones: Iterable[MilestoneRule], told: Mapping[str, Formula], table: Table) -> None:
    """Name the milestone whose rule is refused."""
    for one in milestones:
        try:
            list(Stepping(table, Numbers(), 0).parts(steps(told.get(one.id, False))))
        except SqlError as refused:
            raise SqlError(f"milestone {one.id}: {refused}") from None


def _used(parts: Sequence[Part], last: str) -> list[Part]:
    """The queries that the last one needs."""
    asked = {one.name for one in nodes.parsed(last).find_all(exp.Table)}
    found: list[Part] = []
    for name, query in reversed(parts):
        if name in asked:
            found.append((name, query))
            asked |= {one.name for one in query.find_all(exp.Table)}
    return found[::-1]
