"""What is declared elsewhere is no candidate, however much it is; numbers are not judged here."""

from collections.abc import Callable

import pytest
from benchmarks.decide import HERE, KEPT_AWAY, MATCHING, Item, costs, deciding, declaring

from guidepath.deck import Deck


@pytest.mark.parametrize("others", KEPT_AWAY.values(), ids=KEPT_AWAY)
def test_only_what_is_for_this_page_is_looked_at(others: Callable[[int], Item]) -> None:
    deck = Deck(declaring(200, others))
    assert len(deck.ranked) == 200
    assert len(deck.candidates(HERE, "owner")) == MATCHING
    decision = deciding(deck)()
    assert decision.reason == "RULE"
    assert len(decision.candidates) == MATCHING


def test_a_cost_is_measured_for_each_number() -> None:
    took = costs(KEPT_AWAY["another page"], (5, 10), rounds=1)
    assert len(took) == 2
    assert min(took) > 0
