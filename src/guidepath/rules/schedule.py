"""When a verdict can next change with no new event.

Time changes a condition only at instants that can be told beforehand: where an occurrence leaves
its window, and where an age passes its limit. Between them a verdict stays what it is.
"""

from collections.abc import Callable, Iterator
from functools import partial

from msgspec.structs import replace

from guidepath.rules.dependency import conditions
from guidepath.rules.evidence import began, instants
from guidepath.rules.expression import Did, Rule, Since, Tally
from guidepath.rules.facts import Facts, fact_of
from guidepath.rules.interpret import holds
from guidepath.rules.situation import Situation


def next_change(
    rule: Rule,
    facts: Facts,
    situation: Situation,
    *,
    verdict: Callable[[Situation], bool] | None = None,
) -> int | None:
    """The earliest instant after now at which the verdict is another; None where it stays.

    `verdict` is the rule compiled, where the caller has it; else it is interpreted.
    """
    told = verdict or partial(holds, rule, facts)
    instants = sorted(set(_instants(rule, facts, situation)))
    if not instants:
        return None
    now = told(situation)
    return next((at for at in instants if told(replace(situation, now=at)) != now), None)


def _instants(rule: Rule, facts: Facts, situation: Situation) -> Iterator[int]:
    for one in conditions(rule):
        match one:
            case Did() | Tally():
                found = _leaving(one, facts, situation)
            case Since():
                found = _passing(one, facts, situation)
            case _:
                continue
        yield from (at for at in found if at > situation.now)


def _leaving(rule: Did | Tally, facts: Facts, situation: Situation) -> Iterator[int]:
    """When those occurrences leave their window whose leaving matters."""
    within = rule.occurrences.within
    if within is None:
        return
    slot = facts.slot(fact_of(rule))
    times = instants(slot, situation.user if slot.fact.of == "user" else situation.account)
    for nth in _thresholds(rule):
        if 0 < nth <= len(times):
            yield times[nth - 1] + within


def _thresholds(rule: Did | Tally) -> tuple[int, ...]:
    """The n for which "at least n" decides the verdict."""
    match rule:
        case Did():
            return (1,)
        case Tally(operator=">=" | "<", number=number):
            return (number,)
        case Tally(operator=">" | "<=", number=number):
            return (number + 1,)
        case Tally(number=number):
            return (number, number + 1)


def _passing(rule: Since, facts: Facts, situation: Situation) -> Iterator[int]:
    """When an age passes its limit: `<` and `>=` turn at it, `<=` and `>` right after."""
    begin = began(rule, facts, situation)
    if begin is not None:
        yield begin + rule.age + (rule.operator in ("<=", ">"))
