"""When a formula first holds, without looking at every place: for rules of simple shapes.

    what lasts      the first instant of "all" is the latest of its parts', of "one" the earliest
    what passes     the earliest of its places, where it stands alone or in "one of"

Other shapes, and what those ask for, need each place in its order: see `query`.
"""

from sqlglot import exp

from guidepath.rules.expression import Of, Reached, Start
from guidepath.rules.sql import nodes
from guidepath.rules.sql.apart.formula import All, Formula, Is, No, Some, Step, Sums, of
from guidepath.rules.sql.apart.stepping import NEVER, SUBJECTS, Stepping
from guidepath.rules.sql.condition import on_missing
from guidepath.rules.sql.nodes import Node, binary, column, integer, select
from guidepath.rules.sql.step import Happenings, Later, Met, Nth, People, Recent, Saying


def simple(told: Formula, scope: Of) -> bool:
    """Whether `Firsts` can tell it."""
    match told:
        case bool():
            return told
        case Some(parts):
            return all(simple(one, scope) for one in parts)
        case All(parts):
            return _aged(told, scope) is not None or all(
                simple(one, scope) and _lasts(one) for one in parts
            )
        case No():
            return False
        case Sums(People() as step, sign, number):
            some_needed = number > 0 if sign == ">=" else sign == ">"
            return some_needed and of(step) == scope
        case Sums():
            return False
        case Is(Saying(test) as step):
            return of(step) == scope and not on_missing(test)
        case Is(step):
            return _lasts(told) or of(step) == scope


class Firsts:
    """Makes queries of the first instants (who, at) of simple formulas, up to an end."""

    def __init__(self, stepping: Stepping, until: int) -> None:
        self._stepping = stepping
        self._until = until

    def query(self, told: Formula, scope: Of) -> exp.Query:
        """One row for each subject for whom it ever holds."""
        match told:
            case All(parts):
                aged = _aged(told, scope)
                if aged is not None:
                    return self._unrefreshed(*aged)
                return self._latest([one for one in parts if one is not True], scope)
            case Some(parts):
                return earliest(nodes.union([self.query(one, scope) for one in parts]))
            case Is(step) | Sums(step):
                if of(step) == scope:
                    return self._own(told, step)
                return self._of_account(self._own(told, step))
            case _:
                return select({"who": column("who"), "at": column("at")}, SUBJECTS[scope])

    def _latest(self, parts: list[Formula], scope: Of) -> exp.Query:
        if not parts:
            return self.query(True, scope)
        if len(parts) == 1:
            return self.query(parts[0], scope)
        return select(
            {"who": column("who"), "at": exp.Max(this=column("at"))},
            nodes.union([self.query(one, scope) for one in parts]),
            group=["who"],
            having=binary(nodes.count(), "==", integer(len(parts))),
        )

    def _own(self, told: Is | Sums, step: Step) -> exp.Query:
        """Of the subject itself."""
        match step:
            case Nth(happenings, "count", 1):
                return earliest(self._stepping.happenings(happenings))
            case Nth():
                return _places(self._stepping.nth(step))
            case Recent():
                return earliest(self._stepping.oldest(step), self._stepping.young(step))
            case Saying():
                changes = self._stepping.named(step)
                return earliest(changes, binary(column("d"), ">", integer(0)))
            case People() if isinstance(told, Sums):
                people = nodes.over(exp.Sum(this=column("d")), ["who"], ["at", "sub"])
                summed = select(
                    {"who": column("who"), "at": column("at"), "s": people},
                    self._stepping.named(step),
                )
                enough = binary(column("s"), told.sign, integer(int(told.number)))
                return earliest(summed, enough)
            case Later(Reached(milestone), _, delay):
                return self._passed(self._stepping.milestone(milestone), delay)
            case Later(Start(), whose, delay):
                return self._passed(SUBJECTS[whose], delay)
            case Met(milestone):
                return _places(self._stepping.milestone(milestone))
            case _:
                msg = f"{step} has no first instant of its own"
                raise TypeError(msg)

    def _passed(self, source: str, delay: int) -> exp.Query:
        last = binary(column("at"), "<=", integer(self._until - delay))
        passed = binary(column("at"), "+", integer(delay))
        return select({"who": column("who"), "at": passed}, source, where=last)

    def _unrefreshed(self, happenings: Happenings, age: int) -> exp.Query:
        """When it was first so long ago, with none since."""
        after = exp.Lead(this=column("at"), offset=integer(1), default=integer(-NEVER))
        placed = select(
            {
                "who": column("who"),
                "at": binary(column("at"), "+", integer(age)),
                "after": nodes.over(after, ["who"], ["at", "sub"]),
            },
            self._stepping.happenings(happenings),
        )
        alone = binary(column("after"), ">=", column("at"))
        ended = binary(column("at"), "<=", integer(self._until))
        return earliest(placed, nodes.every((alone, ended)))

    def _of_account(self, first: exp.Query) -> exp.Query:
        """Of the account, for each of its users: not before she is there."""
        users = SUBJECTS["user"]
        at, start = column("at", "inner"), column("at", users)
        later = exp.If(this=binary(at, ">", start), true=column("at", "inner"))
        return select(
            {
                "who": column("who", users),
                "at": exp.Case(ifs=[later], default=column("at", users)),
            },
            first,
            joins=[nodes.join(users, binary(column("who", "inner"), "==", column("whole", users)))],
        )


def _lasts(told: Formula) -> bool:
    """Whether it holds for ever once it does."""
    match told:
        case Is(step):
            return isinstance(step, Nth | Met | Later)
        case All(parts) | Some(parts):
            return all(_lasts(one) for one in parts)
        case _:
            return told is True


def _aged(told: All, scope: Of) -> tuple[Happenings, int] | None:
    """Of "it happened, and not lately": what, and how long ago."""
    match told.parts:
        case (
            Is(Nth(found, "count", 1)),
            No(Is(Recent(again, "count", 1, age))),
        ) if found == again and found.of == scope:
            return found, age
    return None


def _places(source: nodes.Source) -> exp.Query:
    return select({"who": column("who"), "at": column("at")}, source)


def earliest(source: nodes.Source, where: Node | None = None) -> exp.Query:
    """The earliest instant of each subject."""
    columns = {"who": column("who"), "at": exp.Min(this=column("at"))}
    return select(columns, source, where=where, group=["who"])
