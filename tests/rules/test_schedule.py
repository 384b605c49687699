"""When verdicts can change by time alone. Known instants are in the table of cases."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rules import oracle
from tests.rules.strategies import MONDAY, VOCABULARY, Happening, World, rules, worlds

from guidepath.clock import HOUR
from guidepath.rules.check import check
from guidepath.rules.expression import And, Did, InSegment, Not, Or, Rule, Since, Tally
from guidepath.rules.facts import derive
from guidepath.rules.parser import parse
from guidepath.rules.schedule import next_change

SIGNED_IN = (Happening("signed_in", MONDAY, "u1", {}),)
LONGEST = 7 * 24  # of the ages in random rules, in hours


def test_a_change_that_changes_nothing_is_passed_over() -> None:
    rule = check(parse('did("signed_in" within 1d) or did("signed_in")'), VOCABULARY, "user").rule
    facts = derive([rule])
    situation = World(now=MONDAY, history=SIGNED_IN).situation(facts)
    assert next_change(rule, facts, situation) is None


def small(rule: Rule) -> Rule:
    """The rule with a microsecond for each hour."""
    match rule:
        case And(found) | Or(found):
            return replace(rule, rules=tuple(map(small, found)))
        case Not(one):
            return Not(small(one))
        case InSegment(_, inner):
            assert inner is not None
            return replace(rule, rule=small(inner))
        case Did(occurrences) | Tally(_, occurrences):
            within = occurrences.within
            if within is None:
                return rule
            return replace(rule, occurrences=replace(occurrences, within=within // HOUR))
        case Since(age=age):
            return replace(rule, age=age // HOUR)
    return rule


def near_midnight(at: int) -> int:
    """A time of the ten random days, a microsecond for six hours: some before midnight."""
    return MONDAY + (at - MONDAY) // (6 * HOUR) - 20


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(rules(VOCABULARY, "guidance"), rules(VOCABULARY, "account")).map(small),
    worlds(VOCABULARY),
)
def test_no_instant_before_the_next_change_has_another_verdict(rule: Rule, world: World) -> None:
    """In a world so small that every single instant can be looked at, also after the last."""
    world = replace(
        world,
        now=near_midnight(world.now),
        history=tuple(one._replace(at=near_midnight(one.at)) for one in world.history),
        reached={name: near_midnight(at) for name, at in world.reached.items()},
    )
    facts = derive([rule])
    change = next_change(rule, facts, world.situation(facts))
    now = oracle.truth(rule, world)
    newest = max([world.now, *(one.at for one in world.history), *world.reached.values()])
    end = newest + LONGEST + 2
    later = (at for at in range(world.now + 1, end) if oracle.truth(rule, world.later(at)) != now)
    assert change == next(later, None)
