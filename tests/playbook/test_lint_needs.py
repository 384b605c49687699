"""What must have come before: over random rules and histories it never says too much."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import oracle
from tests.rules.strategies import VOCABULARY, World, rules, worlds

from guidepath.clock import DAY
from guidepath.playbook.lint.early import earliest
from guidepath.playbook.lint.needs import happened, surely
from guidepath.rules.expression import Condition, Reached, Rule, Since
from guidepath.rules.parser import parse

USERS = rules(VOCABULARY, "user")
thorough = settings(max_examples=80, deadline=None)


def grown_up(world: World) -> World:
    """The world once all of it has happened."""
    times = [one.at for one in world.history]
    return world.later(max([world.now, *times, *world.reached.values()]))


def reached(condition: Condition) -> frozenset[str]:
    match condition:
        case Reached(milestone) | Since(anchor=Reached(milestone)):
            return frozenset((milestone,))
        case _:
            return frozenset()


@thorough
@given(USERS, worlds(VOCABULARY))
def test_what_surely_happened_did_wherever_the_rule_holds(rule: Rule, world: World) -> None:
    world = grown_up(world)
    if not oracle.truth(rule, world):
        return
    assert happened(rule) <= {one.event for one in world.history}
    assert surely(rule, reached) <= world.reached.keys()


@thorough
@given(USERS, worlds(VOCABULARY), st.integers(0, 3 * DAY))
def test_no_rule_holds_before_it_can(rule: Rule, world: World, more: int) -> None:
    world = grown_up(world)
    world = world.later(world.now + more)
    start = world.start("user")
    before = [at for at in world.reached.values() if start is None or at < start]
    if start is None or before or not oracle.truth(rule, world):
        return

    def known(milestone: str) -> int:
        return world.reached.get(milestone, start) - start

    assert world.now - start >= earliest(rule, "user", known)


def test_both_have_something_to_say() -> None:
    rule = parse('did("signed_in") and (since(start) > 2d or since(reached second_day) > 3d)')
    assert happened(rule) == {"signed_in"}
    assert earliest(rule, "user", lambda _: DAY) == 2 * DAY
    either = "reached(second_day) or since(reached second_day) > 1d"
    both = parse(f"reached(first_invoice) and ({either})")
    assert surely(both, reached) == {"first_invoice", "second_day"}
