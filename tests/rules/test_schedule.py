"""When verdicts can change by time alone. The instants themselves are in the table of cases."""

from tests.rules.strategies import MONDAY, VOCABULARY, Happening, World

from guidepath.rules.check import check
from guidepath.rules.facts import derive
from guidepath.rules.parser import parse
from guidepath.rules.schedule import next_change

SIGNED_IN = (Happening("signed_in", MONDAY, "u1", {}),)


def test_a_change_that_changes_nothing_is_passed_over() -> None:
    rule = check(parse('did("signed_in" within 1d) or did("signed_in")'), VOCABULARY, "user").rule
    facts = derive([rule])
    situation = World(now=MONDAY, history=SIGNED_IN).situation(facts)
    assert next_change(rule, facts, situation) is None
