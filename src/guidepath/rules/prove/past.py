"""What is left of a rule that held once: what no later event and no time takes away.

Counts of all time stay, windows and ages of events pass, attributes may change.
"""

from collections.abc import Callable, Mapping

from guidepath.rules.dependency import conditions, monotone
from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
    Name,
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
from guidepath.rules.interpret import ORDER
from guidepath.rules.prove.age import Age
from guidepath.rules.prove.cells import Cells
from guidepath.rules.prove.formula import FALSE, TRUE, all_of, any_of
from guidepath.rules.prove.survey import edge

_OPPOSITE: Mapping[str, str] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}
Test = Callable[[Compare | IsSet, Name], str]


class Past:
    """What must be so of somebody for whom a rule held, some time ago or longer.

    With `steady` roles a person has had her role from the start; `test` tells of one value.
    """

    def __init__(
        self,
        cells: Cells,
        start: Mapping[Of, Age],
        reached: Mapping[str, Age],
        test: Test,
        *,
        steady: bool,
    ) -> None:
        self._cells = cells
        self._start = start
        self._reached = reached
        self._test = test
        self._steady = steady

    def once(self, rule: Rule, ago: int = 0) -> str:
        """What is left of the rule."""
        return self._left(rule, ago, held=True)

    def _left(self, rule: Rule, ago: int, *, held: bool) -> str:
        match rule:
            case And(rules) | Or(rules):
                parts = [self._left(one, ago, held=held) for one in rules]
                return all_of(parts) if isinstance(rule, And) is held else any_of(parts)
            case Not(one):
                return self._left(one, ago, held=not held)
            case InSegment(rule=inner):
                return FALSE if inner is None else self._left(inner, ago, held=held)
            case Compare(left) | IsSet(left):
                return self._steadily(rule, left, held=held)
            case Tally():
                return self._counted(rule, ago, held=held)
            case Did(occurrences) if held:
                return self._cells.did(_ever(occurrences), ago)
            case Since():
                return self._aged(rule, ago, held=held)
            case Reached(milestone) if held:
                return self._reached[milestone].at_least(ago)
            case Total() if held and not _zero_will_do(rule):
                return self._cells.did(rule.occurrences, ago)
            case _:
                return TRUE

    def _steadily(self, rule: Compare | IsSet, left: Name, *, held: bool) -> str:
        if not self._steady or left.name or left.kind != "role":
            return TRUE
        test = self._test(rule, left)
        return test if held else f"(not {test})"

    def _counted(self, rule: Tally, ago: int, *, held: bool) -> str:
        sign = rule.operator if held else _OPPOSITE[rule.operator]
        least = {">": rule.number + 1, ">=": rule.number, "==": rule.number}.get(sign, 0)
        if sign == "!=" and rule.number == 0:
            least = 1
        if least == 0:
            return TRUE
        ever = Tally(rule.what, _ever(rule.occurrences), ">=", least)
        return self._cells.tally(ever, ago)

    def _aged(self, rule: Since, ago: int, *, held: bool) -> str:
        if not held:  # it may never have been
            return TRUE
        limit = edge(rule) if rule.operator in (">", ">=") else 0
        match rule.anchor:
            case Occurrences():
                return self._cells.did(rule.anchor, max(limit, ago))
            case Start(of):
                return self._start[of].at_least(limit + ago)
            case Reached(milestone):
                return self._reached[milestone].at_least(limit + ago)


def lasting(rule: Rule) -> bool:
    """Whether it says no more than that enough happened: if it held once, it holds."""
    counts = (isinstance(one, Did | Tally | InSegment) for one in conditions(rule))
    return monotone(rule) and all(counts)


def _ever(occurrences: Occurrences) -> Occurrences:
    return Occurrences(occurrences.of, occurrences.event, occurrences.where)


def _zero_will_do(rule: Total) -> bool:
    """Whether a sum of nothing is enough."""
    return ORDER[rule.operator](0, rule.number)
