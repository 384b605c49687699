"""A rule as a formula over what turns on and off.

Each `Step` is off at first and changes at known places in the order of events; a formula tells
from the steps whether the rule holds. In place of "when did it happen last" there is "is it so
long ago", which begins and ends:

    since("x") > 2d      ->  x is aged by two days and one microsecond
    count("x") == 3      ->  the third is there, and the fourth is not
    user.tier != "pro"   ->  not (user.tier == "pro")
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
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
from guidepath.rules.number import decimal
from guidepath.rules.sql.refusal import SqlError
from guidepath.rules.sql.step import (
    Amount,
    Happenings,
    Later,
    Met,
    Nth,
    People,
    Recent,
    Saying,
    at_any_time,
)

Scopes = Mapping[str, Of]
_WIDE = Context(prec=60)
_SMALLEST = Decimal("0.000000000001")  # what a sum can change by
_HIGHEST = Decimal(f"{'9' * 26}.{'9' * 12}")  # what a sum can be, at most
_LOWEST = _HIGHEST.copy_negate()


@dataclass(frozen=True, slots=True)
class Aged:
    """On while there is an occurrence, and the newest is so old."""

    happenings: Happenings
    age: int


@dataclass(frozen=True, slots=True)
class Level:
    """On while a number, which is 0 at first, lies between two others; 0 does not."""

    number: People | Amount
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Begun:
    """On from the subject's first event."""

    of: Of


Step = Nth | Recent | Aged | Level | Saying | Later | Met | Begun


@dataclass(frozen=True, slots=True)
class Is:
    """The step is on."""

    step: Step


@dataclass(frozen=True, slots=True)
class All:
    """All hold: at least two."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One holds: of at least two."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class No:
    """It does not hold."""

    part: "Formula"


Formula = Is | All | Some | No | bool


def formula(rule: Rule, scopes: Scopes) -> Formula:
    """The formula of a checked rule.

    `scopes` are those of the milestones that it may ask for; one that is not there is never
    reached.

    Raises:
        SqlError: a total is compared with a number that a sum cannot be.
    """
    match rule:
        case And(rules):
            return every(formula(one, scopes) for one in rules)
        case Or(rules):
            return some(formula(one, scopes) for one in rules)
        case Not(one):
            return no(formula(one, scopes))
        case InSegment(rule=inner):
            return False if inner is None else formula(inner, scopes)
        case Did(found):
            return _at_least(1, "count", found)
        case Tally():
            return _tally(rule)
        case Total(found, name, sign, number):
            return _level(Amount(at_any_time(found), name), sign, _exactly(number))
        case Since():
            return _since(rule, scopes)
        case Reached(milestone):
            return Is(Met(milestone, scopes[milestone])) if milestone in scopes else False
        case Compare() | IsSet():
            return _said(rule)


def every(parts: Iterable[Formula]) -> Formula:
    """All of them, each once."""
    left = dict.fromkeys(one for one in parts if one is not True)
    if False in left:
        return False
    return All(tuple(left)) if len(left) > 1 else next(iter(left), True)


def some(parts: Iterable[Formula]) -> Formula:
    """One of them, each once."""
    left = dict.fromkeys(one for one in parts if one is not False)
    if True in left:
        return True
    return Some(tuple(left)) if len(left) > 1 else next(iter(left), False)


def no(part: Formula) -> Formula:
    """Not this one."""
    if isinstance(part, bool):
        return not part
    return part.part if isinstance(part, No) else No(part)


def steps(told: Formula) -> Iterator[Step]:
    """The steps that a formula reads."""
    match told:
        case All(parts) | Some(parts):
            for one in parts:
                yield from steps(one)
        case No(part):
            yield from steps(part)
        case Is(step):
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
        case Is():
            return False


def of(step: Step) -> Of:
    """Whether it is the user's or the account's."""
    match step:
        case Nth(happenings) | Recent(happenings) | Aged(happenings):
            return happenings.of
        case Level(number):
            return number.happenings.of
        case Saying(test):
            return "account" if test.left.kind == "account" else "user"
        case Later(of=of) | Met(of=of) | Begun(of=of):
            return of


def _said(rule: Compare | IsSet) -> Formula:
    if isinstance(rule, Compare) and rule.operator in ("!=", "not in"):
        return No(Is(Saying(replace(rule, operator="==" if rule.operator == "!=" else "in"))))
    return Is(Saying(rule))


def _tally(rule: Tally) -> Formula:
    what, found, sign, number = rule.what, rule.occurrences, rule.operator, rule.number
    match sign:
        case ">=":
            return _at_least(number, what, found)
        case ">":
            return _at_least(number + 1, what, found)
        case "<":
            return no(_at_least(number, what, found))
        case "<=":
            return no(_at_least(number + 1, what, found))
        case "==" | "!=":
            over = no(_at_least(number + 1, what, found))
            exactly = every((_at_least(number, what, found), over))
            return exactly if sign == "==" else no(exactly)


def _at_least(n: int, what: Literal["count", "days", "users"], found: Occurrences) -> Formula:
    if n <= 0:
        return True
    if found.within is None:
        return Is(Nth(at_any_time(found), what, n))
    if what == "users":
        return _level(People(at_any_time(found), found.within), ">=", Decimal(n))
    if n == 1:
        what = "count"  # a day is one of the newest where something is
    return Is(Recent(at_any_time(found), what, n, found.within))


def _since(rule: Since, scopes: Scopes) -> Formula:
    # an age is above its limit from one microsecond after it on
    limit = rule.age + (rule.operator in ("<=", ">"))
    old = rule.operator in (">", ">=")
    match rule.anchor:
        case Occurrences() as found:
            happenings = at_any_time(found)
            return Is(Aged(happenings, limit) if old else Recent(happenings, "count", 1, limit))
        case Start(of) as anchor:
            later: Formula = Is(Later(anchor, of, limit))
            return later if old else No(later)
        case Reached(milestone) if milestone not in scopes:
            return False
        case Reached(milestone) as anchor:
            scope = scopes[milestone]
            happened, later = Is(Met(milestone, scope)), Is(Later(anchor, scope, limit))
            return every((happened, later if old else No(later)))


def _level(number: People | Amount, sign: str, limit: Decimal) -> Formula:
    """A number compared with a limit, said of ranges in which 0 does not lie."""
    match sign:
        case ">=" | ">":
            low = _WIDE.add(limit, _SMALLEST) if sign == ">" else limit
            return Is(Level(number, low, _HIGHEST)) if low > 0 else No(_below(number, low))
        case "<" | "<=":
            return no(_level(number, ">=" if sign == "<" else ">", limit))
        case "!=":
            return no(_level(number, "==", limit))
        case _ if limit == 0:
            return No(some((_level(number, ">", limit), _below(number, limit))))
        case _:
            return Is(Level(number, limit, limit))


def _below(number: People | Amount, limit: Decimal) -> Formula:
    return Is(Level(number, _LOWEST, _WIDE.subtract(limit, _SMALLEST)))


def _exactly(number: float) -> Decimal:
    """A literal that a sum is compared with, as a decimal."""
    found = decimal(number).normalize()
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -12 or abs(found) >= 10**25:
        raise SqlError(
            f"a total is compared with {number}; a warehouse adds up 25 digits before the point "
            "and 12 after it"
        )
    return found
