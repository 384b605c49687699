"""A rule as a formula over what changes by steps.

Each `Step` is a number that is 0 at first and changes at known places in the order of events; a
formula tells from the numbers whether the rule holds. In place of "when did it happen last" there
is "has it happened", which begins and ends:

    since("x") > 2d    ->  has happened, and not within two days and one microsecond
    count("x") == 3    ->  the third is there, and the fourth is not
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
    Not,
    Occurrences,
    Of,
    Or,
    Reached,
    Rule,
    Since,
    Start,
    Tally,
    Total,
)
from guidepath.rules.sql.step import (
    Amount,
    Later,
    Met,
    Nth,
    People,
    Recent,
    Saying,
    at_any_time,
)

Scopes = Mapping[str, Of]

_OF_NOTHING: Mapping[str, Callable[[float], bool]] = {
    "==": lambda number: number == 0,
    "!=": lambda number: number != 0,
    "<": lambda number: number > 0,
    "<=": lambda number: number >= 0,
    ">": lambda number: number < 0,
    ">=": lambda number: number <= 0,
}


Step = Nth | Recent | People | Amount | Saying | Later | Met


@dataclass(frozen=True, slots=True)
class Is:
    """The step's number is above 0."""

    step: Step


@dataclass(frozen=True, slots=True)
class Sums:
    """The step's number compared with a literal."""

    step: People | Amount
    sign: str
    number: int | float


@dataclass(frozen=True, slots=True)
class All:
    """All hold."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One holds."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class No:
    """It does not hold."""

    part: "Formula"


Formula = Is | Sums | All | Some | No | bool


def formula(rule: Rule, scopes: Scopes) -> Formula:
    """The formula of a checked rule; `scopes` are those of the milestones it may ask for."""
    match rule:
        case And(rules):
            return All(tuple(formula(one, scopes) for one in rules))
        case Or(rules):
            return Some(tuple(formula(one, scopes) for one in rules))
        case Not(one):
            return No(formula(one, scopes))
        case InSegment(rule=inner):
            return False if inner is None else formula(inner, scopes)
        case Did(found):
            return _at_least(1, "count", found)
        case Tally():
            return _tally(rule)
        case Total(found, name, sign, number):
            return Sums(Amount(at_any_time(found), name), sign, number)
        case Since():
            return _since(rule, scopes)
        case Reached(milestone):
            return Is(Met(milestone, scopes[milestone]))
        case Compare() | IsSet():
            return Is(Saying(rule))


def steps(told: Formula) -> Iterator[Step]:
    """The steps that a formula reads."""
    match told:
        case All(parts) | Some(parts):
            for one in parts:
                yield from steps(one)
        case No(part):
            yield from steps(part)
        case Is(step) | Sums(step):
            yield step


def at_first(told: Formula) -> bool:
    """Whether it holds where nothing has happened."""
    match told:
        case bool():
            return told
        case All(parts):
            return all(at_first(one) for one in parts)
        case Some(parts):
            return any(at_first(one) for one in parts)
        case No(part):
            return not at_first(part)
        case Is(Saying(test)):
            return isinstance(test, Compare) and test.operator in ("!=", "not in")
        case Is():
            return False
        case Sums(sign=sign, number=number):
            return _OF_NOTHING[sign](number)


def of(step: Step) -> Of:
    """Whether it is the user's or the account's."""
    match step:
        case Nth(happenings) | Recent(happenings) | People(happenings) | Amount(happenings):
            return happenings.of
        case Saying(test):
            return "account" if test.left.kind == "account" else "user"
        case Later(of=of) | Met(of=of):
            return of


def _tally(rule: Tally) -> Formula:
    what, found, sign, number = rule.what, rule.occurrences, rule.operator, rule.number
    if what == "users" and found.within is not None:
        return Sums(People(at_any_time(found), found.within), sign, number)
    match sign:
        case ">=":
            return _at_least(number, what, found)
        case ">":
            return _at_least(number + 1, what, found)
        case "<":
            return No(_at_least(number, what, found))
        case "<=":
            return No(_at_least(number + 1, what, found))
        case "==" | "!=":
            over = No(_at_least(number + 1, what, found))
            exactly = All((_at_least(number, what, found), over))
            return exactly if sign == "==" else No(exactly)


def _at_least(n: int, what: Literal["count", "days", "users"], found: Occurrences) -> Formula:
    if n <= 0:
        return True
    if found.within is None:
        return Is(Nth(at_any_time(found), what, n))
    if what == "users":
        return Sums(People(at_any_time(found), found.within), ">=", n)
    return Is(Recent(at_any_time(found), what, n, found.within))


def _since(rule: Since, scopes: Scopes) -> Formula:
    # an age is above its limit from one microsecond after it on
    limit = rule.age + (rule.operator in ("<=", ">"))
    happened: Formula = True
    match rule.anchor:
        case Occurrences() as found:
            happened = Is(Nth(at_any_time(found), "count", 1))
            old: Formula = No(Is(Recent(at_any_time(found), "count", 1, limit)))
        case Start(of) as anchor:
            old = Is(Later(anchor, of, limit))
        case Reached(milestone) as anchor:
            happened = Is(Met(milestone, scopes[milestone]))
            old = Is(Later(anchor, scopes[milestone], limit))
    return All((happened, old if rule.operator in (">", ">=") else No(old)))
