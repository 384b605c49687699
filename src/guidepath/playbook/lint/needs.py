"""Which milestones are surely reached once a rule holds, a milestone is reached, an item shows."""

from collections.abc import Callable
from graphlib import TopologicalSorter

from guidepath.playbook.guidance import Guidance
from guidepath.playbook.playbook import Playbook
from guidepath.rules.dependency import milestones_of
from guidepath.rules.expression import (
    And,
    Condition,
    Did,
    InSegment,
    Not,
    Occurrences,
    Or,
    Reached,
    Rule,
    Since,
    Tally,
)

Names = frozenset[str]
_NONE: Names = frozenset()


class Needs:
    """What must have come before, of one playbook. Where a rule leaves it open, nothing must.

    `order` has every milestone after those that its rule asks about.

    milestone   those that are reached before this one, or with it
    mentioned   those that its rule asks about, in whatever way, and what these ask about
    guidance    those that everybody has reached to whom the item is shown
    """

    def __init__(self, playbook: Playbook) -> None:
        rules = playbook.milestone_rules
        asked = {name: milestones_of(rule) for name, rule in rules.items()}
        self.order = list(TopologicalSorter(asked).static_order())
        self.milestone: dict[str, Names] = {}
        self.mentioned: dict[str, Names] = {}
        for name in self.order:
            self.milestone[name] = surely(rules[name], self._reached)
            self.mentioned[name] = asked[name].union(*(self.mentioned[one] for one in asked[name]))
        items = {one.id: one for one in playbook.guidance}
        before = {name: [one for one in item.after if one in items] for name, item in items.items()}
        self.guidance: dict[str, Names] = {}
        for name in TopologicalSorter(before).static_order():
            rule = playbook.guidance_rules.get(name)
            named = {*items[name].after} - items.keys() | {*_celebrated(items[name])}
            self.guidance[name] = _NONE.union(
                _NONE if rule is None else surely(rule, self._reached),
                *(self._with(one) for one in named),
                *(self.guidance[one] for one in before[name]),
            )

    def _with(self, name: str) -> Names:
        return self.milestone[name] | {name}

    def _reached(self, condition: Condition) -> Names:
        match condition:
            case Reached(milestone) | Since(anchor=Reached(milestone)):
                return self._with(milestone)
            case _:
                return _NONE


def _celebrated(guidance: Guidance) -> tuple[str, ...]:
    return (guidance.toward,) if guidance.moment == "celebrate" else ()


def happened(rule: Rule) -> Names:
    """The events that surely happened where it holds, to the person or in her account."""
    return surely(rule, _event)


def surely(rule: Rule, named: Callable[[Condition], Names]) -> Names:
    """What each way in which a rule can hold has in common, as far as `named` tells it."""
    match rule:
        case And(rules):
            return _NONE.union(*(surely(one, named) for one in rules))
        case Or(rules):
            return frozenset.intersection(*(surely(one, named) for one in rules))
        case InSegment(rule=inner) if inner is not None:
            return surely(inner, named)
        case Not():
            return _NONE
        case condition:
            return named(condition)


def _event(condition: Condition) -> Names:
    match condition:
        case Did(Occurrences(event=event)) | Since(anchor=Occurrences(event=event)):
            return frozenset((event,))
        case Tally(occurrences=Occurrences(event=event), operator=">" | ">=") if condition.number:
            return frozenset((event,))
        case _:
            return _NONE
