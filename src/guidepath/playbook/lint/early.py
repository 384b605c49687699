"""How long after the start a rule can hold at the earliest."""

from collections.abc import Callable

from guidepath.clock import DAY
from guidepath.rules.expression import (
    And,
    InSegment,
    Occurrences,
    Of,
    Or,
    Reached,
    Rule,
    Since,
    Start,
    Tally,
)

Earliest = Callable[[str], int]  # of a milestone, in microseconds after the start


def earliest(rule: Rule, of: Of, milestone: Earliest) -> int:
    """Microseconds after the start of the user or account (`of`) before which it cannot hold.

    0 where nothing speaks against it. What belongs to the account may be older than the user.
    """
    match rule:
        case And(rules):
            return max(earliest(one, of, milestone) for one in rules)
        case Or(rules):
            return min(earliest(one, of, milestone) for one in rules)
        case InSegment(rule=inner) if inner is not None:
            return earliest(inner, of, milestone)
        case Reached(name):
            return milestone(name)
        case Since(anchor, operator, age) if operator in (">", ">="):
            begun = _begun(anchor, of, milestone)
            return 0 if begun is None else begun + age - (operator == ">=")
        case Tally("days", Occurrences(of=whose), operator, number) if whose == of:
            days = number + (operator == ">")
            # the first and the last day are touched in part
            return max(0, days - 2) * DAY if operator in ("==", ">=", ">") else 0
        case _:
            return 0


def _begun(anchor: Occurrences | Start | Reached, of: Of, milestone: Earliest) -> int | None:
    """When what an age is told from can be at the earliest; None: before the start, too."""
    match anchor:
        case Occurrences(of=whose) | Start(of=whose):
            return 0 if whose == of else None
        case Reached(name):
            return milestone(name)
