"""What changes at known places in the order of events: both forms of a query ask for these.

Each is off, or 0, at first.
"""

from dataclasses import dataclass
from typing import Literal

from guidepath.rules.expression import Compare, IsSet, Occurrences, Of, Reached, Rule, Start


@dataclass(frozen=True, slots=True)
class Happenings:
    """Occurrences at any time: an event of the user or of anyone in the account, filtered."""

    of: Of
    event: str
    where: Rule | None


@dataclass(frozen=True, slots=True)
class Nth:
    """On from the nth occurrence, day or person on."""

    happenings: Happenings
    what: Literal["count", "days", "users"]
    n: int


@dataclass(frozen=True, slots=True)
class Recent:
    """On while the nth newest occurrence, or day, is younger than the window."""

    happenings: Happenings
    what: Literal["count", "days"]
    n: int
    window: int


@dataclass(frozen=True, slots=True)
class People:
    """How many different people within the window."""

    happenings: Happenings
    window: int


@dataclass(frozen=True, slots=True)
class Amount:
    """The sum of a property."""

    happenings: Happenings
    property: str


@dataclass(frozen=True, slots=True)
class Saying:
    """On while a test of an attribute or of the role holds, which needs a value."""

    test: Compare | IsSet


@dataclass(frozen=True, slots=True)
class Later:
    """On from so long after the start, or after a milestone was reached."""

    anchor: Start | Reached
    of: Of
    delay: int


@dataclass(frozen=True, slots=True)
class Met:
    """On from where a milestone is reached."""

    milestone: str
    of: Of


def at_any_time(found: Occurrences) -> Happenings:
    """The occurrences at any time, without the window that is asked for."""
    return Happenings(found.of, found.event, found.where)
