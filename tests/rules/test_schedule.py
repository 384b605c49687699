"""When verdicts can change by time alone. The instants themselves are in the table of cases."""

from tests.rules.strategies import MONDAY, VOCABULARY, Happening, World

from guidepath.clock import DAY
from guidepath.rules.check import check
from guidepath.rules.facts import derive
from guidepath.rules.parser import parse
from guidepath.rules.schedule import candidates, next_change

SIGNED_IN = (Happening("signed_in", MONDAY, "u1", {}),)


def test_stepping_through_time_ends() -> None:
    texts = ('did("signed_in" within 1d)', "since(start) > 2d", "since(start) >= 2d")
    rules = [check(parse(text), VOCABULARY, "guidance").rule for text in texts]
    facts = derive(rules)
    steps: list[int | None] = [MONDAY]
    while steps[-1] is not None and len(steps) < 9:
        situation = World(now=steps[-1], history=SIGNED_IN).situation(facts)
        steps.append(candidates(rules, facts, situation))
    assert steps == [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY, MONDAY + 2 * DAY + 1, None]


def test_a_change_that_changes_nothing_is_passed_over() -> None:
    rule = check(parse('did("signed_in" within 1d) or did("signed_in")'), VOCABULARY, "user").rule
    facts = derive([rule])
    situation = World(now=MONDAY, history=SIGNED_IN).situation(facts)
    assert candidates([rule], facts, situation) == MONDAY + DAY
    assert next_change(rule, facts, situation) is None
