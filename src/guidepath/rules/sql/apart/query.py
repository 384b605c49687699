"""A deck of milestone rules -> one query, with the instant at which each rule first held.

    account, user, milestone, reached_at      user NULL for an account's; microseconds since 1970

It tells what folding the same events one by one tells. For each rule the places where one of its
steps changes are put into one order, the numbers added up, and the first place taken where the
formula holds: a user's rule from her start on, an account's from its own.
"""

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from guidepath.rules.dependency import milestones_of
from guidepath.rules.expression import Of
from guidepath.rules.number import decimal
from guidepath.rules.sql import nodes
from guidepath.rules.sql.apart.first import Firsts, earliest, simple
from guidepath.rules.sql.apart.formula import (
    All,
    Formula,
    Is,
    No,
    Some,
    Step,
    Sums,
    at_first,
    formula,
    of,
    steps,
)
from guidepath.rules.sql.apart.stepping import EVENTS, PLACE, SUBJECTS, Stepping
from guidepath.rules.sql.condition import on_missing
from guidepath.rules.sql.milestone import MilestoneRule, ordered
from guidepath.rules.sql.nodes import Node, binary, column, integer, select
from guidepath.rules.sql.refusal import SqlError
from guidepath.rules.sql.step import Amount, Met, Saying
from guidepath.rules.sql.table import FIXED, SQL_TYPES, Table

_TOGETHER = 50  # results in one UNION; a parser's stack is not endless


def query(
    milestones: Sequence[MilestoneRule], table: Table, *, events: str, until: int
) -> exp.Select:
    """The query over the table `events` that tells what was reached by `until`.

    Raises:
        SqlError: a rule says what SQL cannot say exactly; the sentence names it.
    """
    return _Query(milestones, table, events, until).whole()


class _Query:
    def __init__(
        self, milestones: Sequence[MilestoneRule], table: Table, events: str, until: int
    ) -> None:
        self._milestones = ordered(milestones)
        scopes = {one.id: one.scope for one in milestones}
        self._told = {one.id: formula(one.rule, scopes) for one in milestones}
        self._placed = _placed(self._milestones, self._told)
        self._table = table
        self._events = events
        self._until = until
        self._rounds = 1 << (len(milestones) + 1).bit_length()
        self._parts: list[tuple[str, exp.Query]] = []
        self._kept: dict[object, str] = {}
        self._names: dict[str, str] = {}  # the query of each milestone
        self._stepping = Stepping(table, self._keep, self._names)
        self._firsts = Firsts(self._stepping, until)

    def whole(self) -> exp.Select:
        self._begin()
        for one in self._milestones:
            try:
                told = self._told[one.id]
                first = one.id not in self._placed and simple(told, one.scope)
                query = self._firsts.query(told, one.scope) if first else self._swept(one, told)
            except SqlError as refused:
                raise SqlError(f"milestone {one.id}: {refused}") from None
            self._names[one.id] = self._part(query)
        return nodes.in_place(self._parts, self._results())

    def _keep(self, key: object, make: Callable[[], exp.Query]) -> str:
        name = self._kept.get(key)
        if name is None:
            name = self._kept[key] = self._part(make())
        return name

    def _part(self, query: exp.Query, name: str = "") -> str:
        name = name or f"q_{len(self._parts)}"
        self._parts.append((name, query))
        return name

    def _begin(self) -> None:
        """The events up to the end, and the subjects with their numbers and starts."""
        place = binary(
            exp.Paren(this=binary(column("seq"), "+", integer(1))), "*", integer(self._rounds)
        )
        read = {one: column(one) for one in (*FIXED, *(one.name for one in self._table.columns))}
        del read["seq"]
        self._part(
            select(
                {**read, "sub": place},
                self._events,
                where=binary(column("at"), "<=", integer(self._until)),
            ),
            "q_events",
        )
        self._part(_subjects("q_events", ["account"]), SUBJECTS["account"])
        self._part(_with_account(_subjects("q_events", ["account", "user"])), SUBJECTS["user"])
        del read["account"]
        read["sub"] = column("sub")
        self._numbered("account", ["account"], read)
        self._numbered("user", ["account", "user"], read)

    def _numbered(self, whose: Of, keys: Sequence[str], read: Mapping[str, Node]) -> None:
        """The events with the numbers of their subjects."""
        subjects = SUBJECTS[whose]
        same = nodes.every(
            binary(column(one, "q_events"), "==", column(one, subjects)) for one in keys
        )
        columns = {one: column(one, "q_events") for one in read}
        query = select(
            {"who": column("who", subjects), **columns},
            "q_events",
            joins=[nodes.join(subjects, same)],
        )
        self._part(query, EVENTS[whose])

    def _swept(self, milestone: MilestoneRule, told: Formula) -> exp.Query:
        """The first place of each subject where the rule holds."""
        scope = milestone.scope
        found = list(dict.fromkeys(steps(told)))
        names = {step: f"s{number}" for number, step in enumerate(found)}
        rows = [self._step(scope, step, found) for step in found]
        holds = [binary(column("at"), "<=", integer(self._until)), _verdict(told, names)]
        sums = list(names.values())
        if not found or at_first(told) or any(of(step) != scope for step in found):
            # it may hold before anything changes, or have changed before the subject began
            rows.append(self._start(scope, found))
            holds.append(binary(column("begun"), ">", integer(0)))
            sums.append("begun")
        places = {one: column(one) for one in ("who", *PLACE)}
        summed = select({**places, **{one: _running(one) for one in sums}}, nodes.union(rows))
        if milestone.id not in self._placed:
            return earliest(summed, nodes.every(holds))
        numbered = select(
            {**places, "n": nodes.row_number(["who"], PLACE)}, summed, where=nodes.every(holds)
        )
        places = {one: column(one) for one in ("who", *PLACE)}
        return select(places, numbered, where=binary(column("n"), "==", integer(1)))

    def _start(self, scope: Of, found: Sequence[Step]) -> exp.Query:
        places = {one: column(one) for one in ("who", *PLACE)}
        zeros = {f"s{number}": _zero(one) for number, one in enumerate(found)}
        return select({**places, "begun": integer(1), **zeros}, SUBJECTS[scope])

    def _step(self, scope: Of, step: Step, found: Sequence[Step]) -> exp.Query:
        """The changes of one step as rows that have a column for each step of the rule."""
        changes = self._stepping.named(step)
        columns: dict[str, Node] = {"begun": integer(0)}
        for number, one in enumerate(found):
            columns[f"s{number}"] = column("d") if one is step else _zero(one)
        places = {one: column(one) for one in ("who", *PLACE)}
        if of(step) == scope:
            return select({**places, **columns}, changes)
        # what the account does happens to each of its users, who are looked at after it
        users = SUBJECTS["user"]
        sub: Node = column("sub", changes)
        if isinstance(step, Met):
            sub = binary(sub, "-", binary(column("sub", changes), "%", integer(self._rounds)))
        return select(
            {"who": column("who", users), "at": column("at", changes), "sub": sub, **columns},
            changes,
            joins=[nodes.join(users, binary(column("who", changes), "==", column("whole", users)))],
        )

    def _results(self) -> exp.Select:
        queries: list[exp.Query] = [self._result(one) for one in self._milestones]
        while len(queries) > 1:
            groups = [queries[n : n + _TOGETHER] for n in range(0, len(queries), _TOGETHER)]
            queries = [self._whole_of(group) for group in groups]
        columns = ("account", "user", "milestone", "reached_at")
        return select({one: column(one) for one in columns}, queries[0])

    def _whole_of(self, queries: Sequence[exp.Query]) -> exp.Query:
        name = self._part(nodes.union(queries))
        columns = ("account", "user", "milestone", "reached_at")
        return select({one: column(one) for one in columns}, name)

    def _result(self, milestone: MilestoneRule) -> exp.Query:
        name, subjects = self._names[milestone.id], SUBJECTS[milestone.scope]
        nobody = nodes.cast(exp.Null(), "TEXT")
        return select(
            {
                "account": column("account", subjects),
                "user": column("user", subjects) if milestone.scope == "user" else nobody,
                "milestone": nodes.text(milestone.id),
                "reached_at": column("at", name),
            },
            name,
            joins=[
                nodes.join(subjects, binary(column("who", name), "==", column("who", subjects)))
            ],
        )


def _placed(milestones: Sequence[MilestoneRule], told: Mapping[str, Formula]) -> set[str]:
    """Those that a swept one asks for: of them not the instant alone matters."""
    found: set[str] = set()
    for one in reversed(milestones):  # each before those that it asks for
        if one.id in found or not simple(told[one.id], one.scope):
            found |= milestones_of(one.rule)
    return found


def _subjects(events: str, keys: Sequence[str]) -> exp.Select:
    """Each subject once, at its first event, with a number of its own."""
    firsts = select(
        {
            **{one: column(one) for one in (*keys, *PLACE)},
            "n": nodes.row_number(keys, PLACE),
        },
        events,
        where=nodes.every(nodes.is_set(column(one)) for one in keys),
    )
    columns = {one: column(one) for one in (*keys, *PLACE)}
    return select(
        {**columns, "who": nodes.row_number([], keys)},
        firsts,
        where=binary(column("n"), "==", integer(1)),
    )


def _with_account(users: exp.Select) -> exp.Select:
    """Users with the numbers of their accounts."""
    accounts = SUBJECTS["account"]
    columns = {one: column(one, "inner") for one in ("account", "user", *PLACE, "who")}
    same = binary(column("account", "inner"), "==", column("account", accounts))
    return select(
        {**columns, "whole": column("who", accounts)}, users, joins=[nodes.join(accounts, same)]
    )


def _running(name: str) -> Node:
    return nodes.over(exp.Sum(this=column(name)), ["who"], PLACE)


def _zero(step: Step) -> Node:
    zero = integer(0)
    return nodes.cast(zero, SQL_TYPES["exact"]) if isinstance(step, Amount) else zero


def _verdict(told: Formula, names: Mapping[Step, str]) -> Node:
    match told:
        case bool():
            return nodes.boolean(value=told)
        case All(parts):
            return nodes.every(_verdict(one, names) for one in parts)
        case Some(parts):
            return nodes.some(_verdict(one, names) for one in parts)
        case No(part):
            return nodes.negation(_verdict(part, names))
        case Is(Saying(test) as step):
            return binary(column(names[step]), ">=", integer(0 if on_missing(test) else 1))
        case Is(step):
            return binary(column(names[step]), ">", integer(0))
        case Sums(Amount() as step, sign, number):
            return binary(column(names[step]), sign, _exactly(number))
        case Sums(step, sign, number):
            return binary(column(names[step]), sign, integer(int(number)))


def _exactly(number: float) -> Node:
    """A literal that a sum is compared with, as a decimal."""
    found = decimal(number).normalize()
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -12 or abs(found) >= 10**25:
        raise SqlError(
            f"a total is compared with {number}; a warehouse adds up 25 digits before the point "
            "and 12 after it"
        )
    return nodes.cast(nodes.text(f"{found:f}"), SQL_TYPES["exact"])
