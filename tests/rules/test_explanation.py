"""Explanations below the top of a rule. Their wording at the top is in the table of cases."""

from tests.rules.strategies import MONDAY, VOCABULARY, Happening, World

from guidepath.clock import DAY, HOUR
from guidepath.rules.check import check
from guidepath.rules.facts import derive
from guidepath.rules.interpret import Explanation, explain
from guidepath.rules.parser import parse
from guidepath.rules.wording import span


def explained(text: str, world: World) -> Explanation:
    rule = check(parse(text), VOCABULARY, "guidance").rule
    facts = derive([rule])
    return explain(rule, facts, world.situation(facts))


def test_each_node_has_its_text_verdict_and_phrases() -> None:
    world = World(now=MONDAY, history=(Happening("signed_in", MONDAY - DAY, "u1", {}),))
    told = explained('not did("signed_in") and segment(lively)', world)
    assert (told.holds, told.progress) == (False, (0, 2))
    first, second = told.children
    assert first == Explanation(
        text='not did("signed_in")',
        holds=False,
        actual="1 day ago",
        required="never",
        children=(Explanation('did("signed_in")', True, "1 day ago", "at least once", (), (1, 1)),),
    )
    (inner,) = second.children
    assert second.text == "segment(lively)"
    assert inner.children[0].actual == "1 of 2 days in the last 7 days"
    assert inner.progress == (1, 2)


def test_either_way_counts_by_the_nearest() -> None:
    history = tuple(Happening("signed_in", MONDAY - n * DAY, "u1", {}) for n in range(3))
    told = explained(
        'count("signed_in") >= 4 or did("invoice.sent")', World(now=MONDAY, history=history)
    )
    assert told.progress == (3, 4)


def test_lengths_of_time_read_well() -> None:
    lengths = [span(one) for one in (0, 1_000_000, HOUR + 1, DAY + 5, 47 * HOUR, 8 * DAY + HOUR)]
    assert lengths == [
        "0 seconds",
        "1 second",
        "1 hour",
        "1 day",
        "1 day 23 hours",
        "8 days 1 hour",
    ]
