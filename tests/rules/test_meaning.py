"""The meaning is one: interpreter, compiler, schedule and text against raw histories."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules import oracle
from tests.rules.strategies import (
    VOCABULARY,
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
from guidepath.rules.dependency import monotone, occurrences, waits
from guidepath.rules.expression import Rule
from guidepath.rules.facts import derive
from guidepath.rules.interpret import explain, holds, matches
from guidepath.rules.parser import parse
from guidepath.rules.schedule import candidates, next_change
from guidepath.rules.text import unparse

RULES = rules(VOCABULARY, "guidance")
DECKS = st.lists(RULES | rules(VOCABULARY, "account"), min_size=1, max_size=4)
WORLDS = worlds(VOCABULARY)

often = settings(max_examples=int(__import__('os').environ.get('N','120')), deadline=None)
seldom = settings(max_examples=60, deadline=None)


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
    verdict = oracle.truth(rule, world)
    changed = (
        at for at in oracle.instants(rule, world) if oracle.truth(rule, world.later(at)) != verdict
    )
    assert next_change(rule, facts, world.situation(facts)) == next(changed, None)


@given(DECKS, WORLDS)
@seldom
def test_no_verdict_changes_before_the_next_candidate(deck: list[Rule], world: World) -> None:
    facts = derive(deck)
    situation = world.situation(facts)
    step = candidates(deck, facts, situation)
    changes = [at for one in deck if (at := next_change(one, facts, situation)) is not None]
    assert step is None or step > world.now
    if changes:
        assert step is not None
        assert step <= min(changes)
    if not any(waits(one) for one in deck):
        assert step is None


@given(parsed(VOCABULARY, "guidance"))
@often
def test_reading_the_canonical_text_gives_the_same_rule(rule: Rule) -> None:
    assert parse(unparse(rule)) == rule


@given(parsed(VOCABULARY, "guidance"))
@seldom
def test_a_checked_rule_reads_and_checks_to_itself(rule: Rule) -> None:
    ready = check(rule, VOCABULARY, "guidance").rule
    assert check(parse(unparse(ready)), VOCABULARY, "guidance").rule == ready


@given(DECKS, histories(VOCABULARY), st.randoms(use_true_random=False))
@seldom
def test_events_in_any_order_leave_the_same_memory(
    deck: list[Rule], history: tuple[object, ...], chance: random.Random
) -> None:
    facts = derive(deck)
    events = list(World(now=0, history=history).history)  # type: ignore[arg-type]  # given by it
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert remember(facts, events, "account") == remember(facts, shuffled, "account")
    assert remember(facts, events, "account") == remember(facts, events, "account", compiled=True)


@given(RULES, WORLDS, histories(VOCABULARY), st.integers(0, 10 * DAY))
@often
def test_a_monotone_rule_stays_true_with_more_events_and_time(
    rule: Rule, world: World, more: tuple[object, ...], wait: int
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
