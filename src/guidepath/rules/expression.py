"""The nodes of the rule language: frozen, comparable, and each knows where it stands in its text.

Times and ages are integer microseconds. A span never takes part in equality: two rules that mean
the same are the same, wherever they are written.

    Rule       = And | Or | Not | Condition
    Condition  = Did | Tally | Total | Since | Reached | Compare | IsSet | InSegment
"""

from dataclasses import dataclass, field
from typing import Literal

Of = Literal["user", "account"]
Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "matches"]
Scalar = str | int | float | bool
Literals = Scalar | tuple[Scalar, ...]


class Instant(int):
    """A point in time in microseconds, where a rule's text has it as an ISO 8601 string."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stands in the text of its rule: [start, end), counted in characters from 0."""

    start: int
    end: int


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Occurrences of an event, filtered by its properties, of the user or of anyone in the account.

    The parser writes `of` as the text says (`account.` or not); checking a rule for an account's
    milestone makes every `of` "account".
    """

    of: Of
    event: str
    where: "Rule | None" = None
    within: int | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Did:
    """At least one occurrence."""

    occurrences: Occurrences
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events, different UTC days, or different people, compared with a literal."""

    what: Literal["count", "days", "users"]
    occurrences: Occurrences
    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    number: int
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a numeric property over all occurrences ever, compared with a literal."""

    occurrences: Occurrences
    property: str
    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    number: int | float
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Start:
    """The start of the user or of the account: the earliest event of any kind."""

    of: Of
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone of the subject or of its account is reached."""

    milestone: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Since:
    """The age of the newest occurrence, of the start or of a milestone, compared with a duration.

    Something that never happened has no age: every comparison with it is false.
    """

    anchor: Occurrences | Start | Reached
    operator: Literal["<", "<=", ">", ">="]
    age: int
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A value a comparison reads.

    `user` and `account` are attributes, `property` is of the event inside `where`;
    `role`, `page` and `device` have no name of their own.
    """

    kind: Literal["user", "account", "property", "role", "page", "device"]
    name: str = ""
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A value compared with a literal, or with a list of literals for `in` and `not in`."""

    left: Name
    operator: Operator
    right: Literals
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class IsSet:
    """The value is there (`is set`); `is not set` is Not(IsSet)."""

    left: Name
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InSegment:
    """A named condition of the playbook holds; checking a rule puts the condition itself in."""

    name: str
    rule: "Rule | None" = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """All hold. At least two, none of them an And."""

    rules: tuple["Rule", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Or:
    """One holds. At least two, none of them an Or."""

    rules: tuple["Rule", ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    rule: "Rule"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Condition = Did | Tally | Total | Since | Reached | Compare | IsSet | InSegment
Rule = And | Or | Not | Condition
