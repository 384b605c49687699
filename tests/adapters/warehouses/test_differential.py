"""Random rules over random histories: every engine tells what the fold tells, to the microsecond.

A case is a rule and a subject, told until an instant; each seed has about a thousand. The fold is
asked twice, with its rules compiled and with its rules interpreted. GUIDEPATH_TORTURE=10 tells ten
times as many. A failure names its seed:

    GUIDEPATH_SEED=17 pytest tests/adapters/warehouses/test_differential.py

What Spark tells stands with its other tests, so that one worker starts it, and once.
"""

import os
from collections.abc import Sequence

import pytest
from tests.adapters.warehouses.chance import Case, case
from tests.adapters.warehouses.reference import told

from guidepath import deck as decks
from guidepath.adapters.warehouses.warehouse import Reached, Warehouse
from guidepath.deck import Deck
from guidepath.rules.expression import Rule
from guidepath.rules.facts import Facts
from guidepath.rules.interpret import holds
from guidepath.rules.situation import Situation

TIMES = int(os.environ.get("GUIDEPATH_TORTURE", "1"))
SEED = os.environ.get("GUIDEPATH_SEED")
SEEDS = range(9 * TIMES) if SEED is None else [int(SEED)]
FEW = range(TIMES) if SEED is None else [int(SEED)]


def interpreted(rules: Sequence[Rule], facts: Facts):  # type: ignore[no-untyped-def]
    """In place of the compiler: each rule read off its nodes."""

    def verdicts(situation: Situation) -> tuple[bool, ...]:
        return tuple(holds(one, facts, situation) for one in rules)

    return verdicts


def shown(asked: Case, found: Sequence[Reached]) -> list[str]:
    """A line a milestone with its rule, so that a difference can be read."""
    rules = {one.id: one.reached_when for one in asked.playbook.milestones}
    return [f"seed {asked.seed}: {one} by {rules[one.milestone]}" for one in found]


def in_engine(warehouse: Warehouse, asked: Case) -> list[str]:
    warehouse.load(asked.playbook, asked.events)
    return shown(asked, warehouse.reached(asked.playbook, until=asked.until))


def by_fold(asked: Case) -> list[str]:
    return shown(asked, told(Deck(asked.playbook), asked.events, asked.until))


@pytest.mark.parametrize("seed", SEEDS)
def test_duckdb_postgresql_and_the_interpreter_tell_what_the_compiled_fold_tells(
    seed: int, duckdb: Warehouse, postgresql: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = case(seed)
    expected = by_fold(asked)
    assert expected
    assert in_engine(duckdb, asked) == expected
    assert in_engine(postgresql, asked) == expected
    monkeypatch.setattr(decks, "compile_deck", interpreted)
    assert by_fold(asked) == expected


@pytest.mark.parametrize("seed", FEW)
def test_clickhouse_tells_what_the_fold_tells(seed: int, clickhouse: Warehouse) -> None:
    asked = case(seed, rules=10, accounts=75)
    assert in_engine(clickhouse, asked) == by_fold(asked)


def test_there_are_as_many_cases_as_promised() -> None:
    many, few = range(9 * TIMES), range(TIMES)
    assert sum(case(seed).size for seed in many) >= 10_000 * TIMES
    assert sum(case(seed, rules=10, accounts=75).size for seed in few) >= 1_000 * TIMES
    assert sum(case(seed, rules=4, accounts=200).size for seed in few) >= 1_000 * TIMES
