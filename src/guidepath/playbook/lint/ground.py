"""A playbook looked at as a whole: who could meet which items where, and after what."""

from guidepath.lock import cached
from guidepath.playbook.finding import Path
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.lint.needs import Needs, happened
from guidepath.playbook.playbook import Playbook
from guidepath.rules.dependency import events_of
from guidepath.rules.glob import match_segments, segments

Numbered = tuple[int, Guidance]

# A playbook with fewer items is a sketch: nobody is told yet what it lacks.
GROWN = 5


class Ground:
    """What the questions of this room are asked about."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.needs = Needs(playbook)
        self.items = list(enumerate(playbook.guidance))
        self.by_id = {one.id: (index, one) for index, one in self.items}
        self.milestones = {one.id: one for one in playbook.milestones}
        self._places = {name: index for index, name in enumerate(self.milestones)}
        self.grown = len(playbook.guidance) >= GROWN

    @cached
    def leading(self) -> list[Numbered]:
        """The items that lead to a milestone, with their numbers: all but celebrations."""
        return [(index, one) for index, one in self.items if one.moment != "celebrate"]

    @cached
    def roles(self) -> tuple[str | None, ...]:
        """What a person can be; None where the playbook knows no roles."""
        return self.playbook.roles or (None,)

    def milestone(self, name: str, *rest: str) -> Path:
        """The path of a milestone, or of something in it."""
        return ("milestones", self._places[name], *rest)

    def before_value(self, guidance: Guidance) -> bool:
        """Whether it can be shown to somebody who has not had the first value.

        Milestones are listed in the order of the way: what comes after one behind the first value
        comes after the first value.
        """
        if not self.needs.guidance[guidance.id].isdisjoint(self._behind):
            return False
        rule = self.playbook.guidance_rules.get(guidance.id)
        return rule is None or happened(rule).isdisjoint(self.events(self.playbook.first_value.id))

    @cached
    def _behind(self) -> frozenset[str]:
        """The first value, and the milestones that are listed behind it."""
        names = list(self.milestones)
        return frozenset(names[names.index(self.playbook.first_value.id) :])

    def events(self, milestone: str) -> frozenset[str]:
        """The events that a milestone's rule asks about."""
        rule = self.playbook.milestone_rules[milestone]
        return frozenset(name for _, name in events_of(rule))


def at(index: int, *rest: str | int) -> Path:
    """The path of an item, or of something in it."""
    return ("guidance", index, *rest)


def shown_to(guidance: Guidance, role: str | None) -> bool:
    """Whether it is for people of this role."""
    return not guidance.roles or role in guidance.roles


def meet(one: Guidance, other: Guidance) -> bool:
    """Whether a person can meet both on one page of one device."""
    together = same_people(one, other) and at_one_time(one, other)
    return together and _pages_meet(one.page, other.page)


def same_people(one: Guidance, other: Guidance) -> bool:
    """Whether both can be for one person on one device."""
    return _common(one.roles, other.roles) and _common(one.device, other.device)


def at_one_time(one: Guidance, other: Guidance) -> bool:
    """Whether neither ends before the other starts."""
    return not any(
        first.ends is not None and then.starts is not None and first.ends <= then.starts
        for first, then in ((one, other), (other, one))
    )


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not one or not other or not set(one).isdisjoint(other)


def _pages_meet(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    if not some or not others:
        return True
    return any(_patterns_meet(segments(a), segments(b)) for a in some for b in others)


def _patterns_meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    mine, others = _head(one), _head(other)
    if (len(mine) < len(others) and mine == one) or (len(others) < len(mine) and others == other):
        return False  # a shorter one fits only with ** at its end
    return all(_segments_meet(a, b) for a, b in zip(mine, others, strict=False))


def _head(pattern: tuple[str, ...]) -> tuple[str, ...]:
    return pattern[:-1] if pattern[-1] == "**" else pattern


def _segments_meet(one: str, other: str) -> bool:
    if "*" not in other:
        return match_segments((one,), other)
    if "*" not in one:
        return match_segments((other,), one)
    starts = one.partition("*")[0], other.partition("*")[0]
    ends = one.rpartition("*")[2], other.rpartition("*")[2]
    alike = starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])
    return alike and (ends[0].endswith(ends[1]) or ends[1].endswith(ends[0]))
