"""Steps as queries: one row where a number changes, and by how much.

    who   the subject's number       at, sub   where in the order of events
    d     what is added from there on

Events of one instant are folded one by one, so an instant has an inner order, `sub`: 0 is what time
alone changes, before the instant's first event; each event has `rounds` places, its own and those
of the milestones that it reaches, one after the other.
"""

from collections.abc import Callable

from sqlglot import exp

from guidepath.clock import DAY
from guidepath.rules.expression import Of, Reached
from guidepath.rules.sql import nodes
from guidepath.rules.sql.apart.formula import Step
from guidepath.rules.sql.condition import condition, on_missing, test
from guidepath.rules.sql.nodes import Node, binary, column, integer, select
from guidepath.rules.sql.step import Amount, Happenings, Later, Met, Nth, People, Recent, Saying
from guidepath.rules.sql.table import Column, Table

PLACE = ("at", "sub")
NEVER = -(2**62)  # before all time, and any window from there on
_BEFORE_1900 = 30_000 * DAY  # added so that days are counted upwards from zero
ROLE = Column("role", "string", "user", "", "role")

Keep = Callable[[object, Callable[[], exp.Query]], str]
EVENTS: dict[Of, str] = {"user": "q_of_users", "account": "q_of_accounts"}
SUBJECTS: dict[Of, str] = {"user": "q_users", "account": "q_accounts"}


class Stepping:
    """Makes the queries of steps; `keep` names a query once, however often it is asked for."""

    def __init__(self, table: Table, keep: Keep, milestones: dict[str, str]) -> None:
        self._table = table
        self._keep = keep
        self._milestones = milestones  # the name of the query of each

    def named(self, step: Step) -> str:
        """The name of the query of a step's rows."""
        return self._keep(step, lambda: self._changes(step))

    def milestone(self, milestone: str) -> str:
        """The name of the query of a milestone."""
        return self._milestones[milestone]

    def happenings(self, found: Happenings) -> str:
        """The name of the query of some occurrences."""
        return self._keep(found, lambda: self._happenings(found))

    def _changes(self, step: Step) -> exp.Query:
        """The rows of a step."""
        match step:
            case Nth():
                return _turning(self.nth(step))
            case Recent():
                return self._intervals(step)
            case People():
                return self._people(step)
            case Amount(happenings, name):
                held = self._table.of_amount(happenings.event, name).name
                found = self._events(happenings, {"d": column(held)})
                return select(_columns("who", *PLACE, "d"), found, where=nodes.is_set(column("d")))
            case Saying():
                return self._saying(step)
            case Later(anchor, of, delay):
                source = (
                    self._milestones[anchor.milestone]
                    if isinstance(anchor, Reached)
                    else SUBJECTS[of]
                )
                return _turning(source, at=binary(column("at"), "+", integer(delay)))
            case Met(milestone):
                after = binary(column("sub"), "+", integer(1))
                return _turning(self._milestones[milestone], sub=after)

    def _happenings(self, found: Happenings) -> exp.Query:
        return self._events(found, {})

    def _events(self, found: Happenings, more: dict[str, Node]) -> exp.Select:
        where = [
            nodes.binary(column("kind"), "==", nodes.text("track")),
            nodes.binary(column("name"), "==", nodes.text(found.event)),
        ]
        if found.where is not None:
            where.append(
                condition(found.where, lambda one: self._table.of_property(found.event, one))
            )
        columns = {**_columns("who", *PLACE, "user"), **more}
        return select(columns, EVENTS[found.of], where=nodes.every(where))

    def nth(self, step: Nth) -> exp.Query:
        """The one place where the nth is there."""
        numbered = self._keep((step.happenings, step.what, "n"), lambda: self._numbered(step))
        return select(
            _columns("who", *PLACE), numbered, where=binary(column("n"), "==", integer(step.n))
        )

    def _numbered(self, step: Nth) -> exp.Query:
        if step.what == "count":
            source = self.happenings(step.happenings)
        else:
            source = self._firsts(step.happenings, step.what)
        return select({**_columns("who", *PLACE), "n": nodes.row_number(["who"], PLACE)}, source)

    def _firsts(self, found: Happenings, what: str) -> str:
        """The first occurrence of each day or person, with the newest of the day."""
        return self._keep((found, what), lambda: self._first_of_each(found, what))

    def _first_of_each(self, found: Happenings, what: str) -> exp.Query:
        source = self.happenings(found)
        if what == "users":
            by, where = "user", nodes.is_set(column("user"))
            named = select({**_columns("who", *PLACE), "one": column(by)}, source, where=where)
        else:
            since = exp.Paren(this=binary(column("at"), "+", integer(_BEFORE_1900)))
            day = binary(column("at"), "-", exp.Paren(this=binary(since, "%", integer(DAY))))
            named = select({**_columns("who", *PLACE), "one": day}, source)
        numbered = select(
            {
                **_columns("who", *PLACE),
                "n": nodes.row_number(["who", "one"], PLACE),
                "newest": nodes.over(exp.Max(this=column("at")), ["who", "one"], []),
            },
            named,
        )
        return select(
            _columns("who", *PLACE, "newest"),
            numbered,
            where=binary(column("n"), "==", integer(1)),
        )

    def oldest(self, step: Recent) -> str:
        """Each place with the time that must be young enough: of the nth newest then."""
        key = (step.happenings, step.what, step.n, "oldest")
        return self._keep(key, lambda: self._oldest(step))

    def young(self, step: Recent) -> Node:
        """Whether it is, at such a place."""
        return binary(column("at"), "<", binary(column("oldest"), "+", integer(step.window)))

    def _oldest(self, step: Recent) -> exp.Query:
        source, time = self.happenings(step.happenings), "at"
        if step.what == "days" and step.n > 1:
            source, time = self._firsts(step.happenings, "days"), "newest"
        oldest: Node = column("at")
        if step.n > 1:
            moved = exp.Lag(this=column(time), offset=integer(step.n - 1), default=integer(NEVER))
            oldest = nodes.over(moved, ["who"], PLACE)
        return select({**_columns("who", *PLACE), "oldest": oldest}, source)

    def _intervals(self, step: Recent) -> exp.Query:
        """+1 where it is young enough, -1 where it no longer is."""
        source = self.oldest(step)
        places = {**_columns("who", *PLACE), "d": integer(1)}
        begin = select(places, source, where=self.young(step))
        end = select(
            {
                "who": column("who"),
                "at": binary(column("oldest"), "+", integer(step.window)),
                "sub": nodes.cast(integer(0), "BIGINT"),
                "d": integer(-1),
            },
            source,
            where=self.young(step),
        )
        return nodes.union([begin, end])

    def _people(self, step: People) -> exp.Query:
        """+1 where somebody comes back into the window, -1 where she leaves it."""
        source = self.happenings(step.happenings)

        def beside(kind: type[exp.Lag | exp.Lead], default: int) -> Node:
            moved = kind(this=column("at"), offset=integer(1), default=integer(default))
            return nodes.over(moved, ["who", "user"], PLACE)

        placed = select(
            {
                **_columns("who", *PLACE),
                "before": beside(exp.Lag, NEVER),
                "after": beside(exp.Lead, -NEVER),
            },
            source,
            where=nodes.is_set(column("user")),
        )
        name = self._keep((step, "beside"), lambda: placed)
        window = integer(step.window)
        comes = select(
            {**_columns("who", *PLACE), "d": integer(1)},
            name,
            where=binary(binary(column("before"), "+", window), "<=", column("at")),
        )
        leaving = binary(column("at"), "+", integer(step.window))
        goes = select(
            {
                "who": column("who"),
                "at": binary(column("at"), "+", integer(step.window)),
                "sub": nodes.cast(integer(0), "BIGINT"),
                "d": integer(-1),
            },
            name,
            where=binary(leaving, "<=", column("after")),
        )
        return nodes.union([comes, goes])

    def _saying(self, step: Saying) -> exp.Query:
        """Where what is said changes the test's answer."""
        rule = step.test
        missing = on_missing(rule)
        left = rule.left
        if left.kind == "role":
            of: Of = "user"
            held = ROLE
            said: Node = nodes.is_set(column("role"))
        else:
            of = "account" if left.kind == "account" else "user"
            held, removed = self._table.of_attribute(of, left.name)
            said = nodes.some((nodes.is_set(column(held.name)), _true(column(removed.name))))
        kind = "group" if of == "account" else "identify"
        where = nodes.every((binary(column("kind"), "==", nodes.text(kind)), said))
        tested = select(
            {**_columns("who", *PLACE), "v": nodes.one_or_zero(test(rule, held))},
            EVENTS[of],
            where=where,
        )
        before = nodes.over(
            exp.Lag(this=column("v"), offset=integer(1), default=integer(int(missing))),
            ["who"],
            PLACE,
        )
        changed = select({**_columns("who", *PLACE), "d": binary(column("v"), "-", before)}, tested)
        return select(
            _columns("who", *PLACE, "d"), changed, where=binary(column("d"), "!=", integer(0))
        )


def _turning(source: nodes.Source, *, at: Node | None = None, sub: Node | None = None) -> exp.Query:
    """+1 once; with a time of its own, at that time before its events."""
    if at is not None:
        sub = nodes.cast(integer(0), "BIGINT")
    places = {"who": column("who"), "at": at or column("at"), "sub": sub or column("sub")}
    return select({**places, "d": integer(1)}, source)


def _true(value: Node) -> Node:
    return exp.Coalesce(this=value, expressions=[nodes.boolean(value=False)])


def _columns(*names: str) -> dict[str, Node]:
    return {one: column(one) for one in names}
