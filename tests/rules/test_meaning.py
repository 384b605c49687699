"""The meaning is one: interpreter, compiler, schedule and text against raw histories."""

import random
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rules import oracle
from tests.rules.strategies import (
    VOCABULARY,
    Happening,
    World,
    histories,
    parsed,
    remember,
    rules,
    worlds,
)

from guidepath.clock import DAY
from guidepath.rules.check import check
from guidepath.rules.compile import compile_deck, compile_filter
from guidepath.rules.dependency import monotone, occurrences, ripens
from guidepath.rules.expression import Rule
from guidepath.rules.facts import Facts, derive
from guidepath.rules.interpret import explain, holds, matches
from guidepath.rules.parser import parse
from guidepath.rules.schedule import next_change
from guidepath.rules.text import unparse

RULES = rules(VOCABULARY, "guidance")
DECKS = st.lists(RULES | rules(VOCABULARY, "account"), min_size=1, max_size=4)
WORLDS = worlds(VOCABULARY)

# A busy machine draws slowly; that says nothing about the rules.
often = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seldom = settings(often, max_examples=40)


@given(DECKS, WORLDS)
@often
def test_interpreter_and_compiled_deck_mean_what_the_raw_history_says(
    deck: list[Rule], world: World
) -> None:
    facts = derive(deck)
    situation = world.situation(facts)
    truth = tuple(oracle.truth(rule, world) for rule in deck)
    compiled = compile_deck(deck, facts)(situation)
    assert tuple(holds(rule, facts, situation) for rule in deck) == truth
    assert compiled == truth
    assert all(type(one) is bool for one in compiled)


@given(RULES, WORLDS)
@seldom
def test_a_compiled_filter_means_what_the_interpreter_says(rule: Rule, world: World) -> None:
    for where in [one.where for one in occurrences(rule)]:
        for event in world.history if where is not None else ():
            assert where is not None
            verdict = compile_filter(where)(event.properties)
            assert verdict == matches(where, event.properties)
            assert verdict == oracle.let_in(where, event.properties)


@given(RULES, WORLDS)
@often
def test_the_next_change_is_the_first_instant_with_another_verdict(
    rule: Rule, world: World
) -> None:
    facts = derive([rule])
    situation = world.situation(facts)
    now = oracle.truth(rule, world)
    later = ((at, oracle.truth(rule, world.later(at))) for at in oracle.instants(rule, world))
    change = next((at for at, verdict in later if verdict != now), None)
    assert next_change(rule, facts, situation) == change
    assert next_change(rule, facts, situation, verdict=partial(holds, rule, facts)) == change
    assert ripens(rule) or now or change is None


@given(parsed(VOCABULARY, "guidance"))
@seldom
def test_reading_the_canonical_text_gives_the_same_rule(rule: Rule) -> None:
    assert parse(unparse(rule)) == rule
    ready = check(rule, VOCABULARY, "guidance").rule
    assert check(parse(unparse(ready)), VOCABULARY, "guidance").rule == ready


@given(DECKS, histories(VOCABULARY), st.randoms(use_true_random=False))
@seldom
def test_events_in_any_order_leave_the_same_memory(
    deck: list[Rule], history: tuple[Happening, ...], chance: random.Random
) -> None:
    facts = derive(deck)
    shuffled = list(history)
    chance.shuffle(shuffled)
    filters = {where: compile_filter(where) for where in wheres(facts)}
    memory = remember(facts, history, "account")
    assert remember(facts, shuffled, "account") == memory
    assert (
        remember(facts, history, "account", accept=lambda where, one: filters[where](one)) == memory
    )


def wheres(facts: Facts) -> set[Rule]:
    return {fact.where for fact in facts.slots if fact.where is not None}


@given(RULES, WORLDS, histories(VOCABULARY), st.integers(0, 10 * DAY))
@seldom
def test_a_monotone_rule_stays_true_with_more_events_and_time(
    rule: Rule, world: World, more: tuple[Happening, ...], wait: int
) -> None:
    after = World(**{**vars(world), "now": world.now + wait, "history": (*world.history, *more)})
    if monotone(rule) and oracle.truth(rule, world):
        assert oracle.truth(rule, after)


@given(RULES, WORLDS)
@seldom
def test_an_explanation_agrees_with_the_verdict_at_every_node(rule: Rule, world: World) -> None:
    facts = derive([rule])
    situation = world.situation(facts)
    waiting = [(rule, explain(rule, facts, situation))]
    while waiting:
        node, told = waiting.pop()
        assert told.holds == holds(node, facts, situation)
        assert told.actual
        assert told.required
        assert told.progress is None or 0 <= told.progress[0] <= told.progress[1]
        inner = getattr(node, "rules", None) or [getattr(node, "rule", None)]
        waiting += [(one, child) for one, child in zip(inner, told.children, strict=False) if one]
