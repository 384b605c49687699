"""The compiled deck: one function, of our names only. What it means is tested in test_meaning."""

import dis
from decimal import Decimal
from itertools import pairwise
from random import Random
from types import CodeType, FunctionType
from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.rules.strategies import VOCABULARY, Happening, World, worlds
from tests.rules.strategies import rules as any_rules

from guidepath.clock import DAY
from guidepath.rules.check import check
from guidepath.rules.compile import compile_deck, compile_filter
from guidepath.rules.expression import And, Did, InSegment, Not, Or, Rule
from guidepath.rules.facts import Facts, derive
from guidepath.rules.interpret import holds
from guidepath.rules.parser import parse
from guidepath.rules.situation import Situation
from guidepath.rules.vocabulary import ValueType, Vocabulary


def deck(*texts: str) -> tuple[list[Rule], Facts]:
    rules = [check(parse(text), VOCABULARY, "guidance").rule for text in texts]
    return rules, derive(rules)


def code(function: object) -> CodeType:
    return cast("FunctionType", function).__code__


def nobody(facts: Facts, now: int = 0) -> Situation:
    return Situation(now=now, user=facts.empty("user"), account=facts.empty("account"))


def test_an_empty_deck_has_no_verdicts() -> None:
    rules, facts = deck()
    assert compile_deck(rules, facts)(nobody(facts)) == ()


def test_what_users_wrote_is_a_constant_and_never_a_name() -> None:
    hostile = "__import__('os')"
    words = Vocabulary(events={hostile: {"total": ValueType("string")}}, roles=(hostile,))
    rule = check(
        parse(f'did("{hostile}" where total == "{hostile}") and role == "{hostile}"'), words, "user"
    ).rule
    facts = derive([rule])
    found = code(compile_deck([rule], facts))
    assert hostile in found.co_consts
    assert hostile not in (*found.co_names, *found.co_varnames)
    assert isinstance(rule.rules[0], Did)  # type: ignore[union-attr]  # it is an And
    where = rule.rules[0].occurrences.where  # type: ignore[union-attr]
    assert where is not None
    accept = code(compile_filter(where))
    assert set(accept.co_names) <= {"get"}
    assert accept.co_varnames == ("properties",)


def test_the_function_sees_no_builtins() -> None:
    rules, facts = deck('did("signed_in")')
    function = cast("FunctionType", compile_deck(rules, facts))
    assert function.__globals__["__builtins__"] == {}


def test_what_several_rules_read_is_loaded_once() -> None:
    rules, facts = deck(*['account.size <= 3 and user.plan == "pro"'] * 5)
    found = code(compile_deck(rules, facts))
    assert [one for one in found.co_consts if one == "size"] == ["size"]
    single = compile_deck(rules[:1], derive(rules[:1]))
    assert len(found.co_code) < 5 * len(code(single).co_code)


def test_a_condition_that_several_rules_have_is_evaluated_once() -> None:
    rules, facts = deck(*['role == "owner" and reached(second_day)'] * 20)
    found = [one.argval for one in dis.get_instructions(code(compile_deck(rules, facts)))]
    assert found.count("owner") == 1
    assert found.count("second_day") == 1


def test_the_limit_of_an_age_is_worked_out_once() -> None:
    rules, facts = deck(
        'did("signed_in" within 7d)',
        'since("invoice.sent") > 7d',
        'count("signed_in" within 7d) >= 3',
        "since(start) <= 7d",
    )
    found = [one.argval for one in dis.get_instructions(code(compile_deck(rules, facts)))]
    assert found.count(7 * DAY) == 1


def test_limits_and_events_that_are_shared_are_told_apart_to_the_microsecond() -> None:
    asked = {
        'did("signed_in" within 7d)': False,
        'did("signed_in" within 8d)': True,
        'count("signed_in" within 7d) >= 1': False,
        'count("signed_in" within 8d) >= 1': True,
        'since("signed_in") < 7d': False,
        'since("signed_in") <= 7d': True,
        'since("signed_in") >= 7d': True,
        'since("signed_in") > 7d': False,
        'since("signed_in") > 6d': True,
        'since("signed_in") >= 8d': False,
        'did("signed_in")': True,
        'did("contact.imported")': False,
        'since("contact.imported") >= 7d': False,
        'since("contact.imported") < 8d': False,
    }
    rules, facts = deck(*asked)
    world = World(now=10 * DAY, history=(Happening("signed_in", 3 * DAY, "u1", {}),))
    verdicts = compile_deck(rules, facts)(world.situation(facts))
    assert dict(zip(asked, verdicts, strict=True)) == asked


@given(
    st.lists(any_rules(VOCABULARY, "guidance"), min_size=1, max_size=4),
    worlds(VOCABULARY),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_rules_share_changes_no_verdict(
    rules: list[Rule], world: World, random: Random
) -> None:
    again = [random.choice(rules) for _ in range(6)]
    joined = [Or((Not(one), And((two, one)))) for one, two in pairwise(again)]
    asked = [*rules, *again, *joined]
    facts = derive(asked)
    situation = world.situation(facts)
    alone = tuple(compile_deck([one], facts)(situation)[0] for one in asked)
    assert compile_deck(asked, facts)(situation) == alone
    assert alone == tuple(holds(one, facts, situation) for one in asked)


def test_a_segment_that_several_rules_name_is_evaluated_once() -> None:
    rules, facts = deck(*["segment(lively)"] * 50)
    found = code(compile_deck(rules, facts))
    once, facts = deck("segment(lively)")
    assert len(found.co_code) < 4 * len(code(compile_deck(once, facts)).co_code)


def test_a_thousand_rules_are_one_function() -> None:
    texts = [f'count("signed_in" within {1 + n % 300}d) >= {n % 7}' for n in range(1_000)]
    rules, facts = deck(*texts)
    verdicts = compile_deck(rules, facts)(nobody(facts))
    assert len(verdicts) == 1_000
    assert sum(verdicts) == 143  # those that ask for at least none


def test_sums_are_compared_as_exact_decimals() -> None:
    rules, facts = deck('total("invoice.sent".total) == 0.3', 'total("invoice.sent".total) > 0.3')
    situation = replace(nobody(facts), user=facts.empty("user").__class__(totals=(Decimal("0.3"),)))
    assert compile_deck(rules, facts)(situation) == (True, False)


def test_sums_are_compared_with_every_digit_that_was_written() -> None:
    sums = [0.30000001, 0.3, 0.29999999]
    rules, facts = deck(*(f'total("invoice.sent".total) >= {one}' for one in sums))
    situation = replace(nobody(facts), user=facts.empty("user").__class__(totals=(Decimal("0.3"),)))
    assert compile_deck(rules, facts)(situation) == (False, True, True)


def test_nobody_is_in_a_segment_that_is_not_there() -> None:
    gone = InSegment("gone")
    facts = derive([gone])
    assert compile_deck([gone, Not(gone), gone], facts)(nobody(facts)) == (False, True, False)


def test_what_has_a_local_gets_no_second_one() -> None:
    rules, facts = deck(
        *["segment(sending)"] * 2, 'count("invoice.sent" where total >= 1 within 2d) >= 2'
    )
    steps = [one.opname for one in dis.get_instructions(code(compile_deck(rules, facts)))]
    assert ("LOAD_FAST", "STORE_FAST") not in pairwise(steps)


def test_the_deepest_rule_compiles() -> None:
    words = {f"s{i + 1}": parse("not " * 0 + f"not segment(s{i})") for i in range(11)}
    vocabulary = Vocabulary(
        account={"size": ValueType("integer")},
        segments={"s0": parse("account.size > 1"), **words},
    )
    checked = check(parse("not segment(s11)"), vocabulary, "user")
    assert checked.usable
    facts = derive([checked.rule])
    situation = replace(nobody(facts), account_attributes={"size": 2})
    assert compile_deck([checked.rule], facts)(situation) == (True,)
