"""What a query is made of: milestones with their rules."""

from collections.abc import Iterable
from typing import NamedTuple

from guidepath.rules.dependency import milestones_of
from guidepath.rules.expression import Of, Rule
from guidepath.rules.sql.refusal import SqlError


class MilestoneRule(NamedTuple):
    """A milestone with its checked rule."""

    id: str
    scope: Of
    rule: Rule


def ordered(milestones: Iterable[MilestoneRule]) -> list[MilestoneRule]:
    """Each after those that it asks for."""
    left = {one.id: one for one in milestones}
    found: list[MilestoneRule] = []
    while left:
        ready = [one for one in left.values() if not milestones_of(one.rule) & left.keys()]
        if not ready:
            msg = f"milestones ask for each other in a circle: {', '.join(left)}"
            raise SqlError(msg)
        found += ready
        for one in ready:
            del left[one.id]
    return found
