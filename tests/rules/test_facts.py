"""What is remembered: bounded, shared, the same whatever the order of the rules."""

from tests.rules.strategies import VOCABULARY, Happening, remember

from guidepath.clock import DAY
from guidepath.rules.check import check
from guidepath.rules.expression import Rule
from guidepath.rules.facts import derive
from guidepath.rules.parser import parse


def rules(*texts: str) -> list[Rule]:
    return [check(parse(text), VOCABULARY, "guidance").rule for text in texts]


def test_memory_does_not_grow_with_history() -> None:
    facts = derive(
        rules(
            'count("signed_in" within 7d) >= 3',
            'days("signed_in") >= 2',
            'account.users("signed_in") <= 4',
        )
    )
    history = [Happening("signed_in", n * DAY, f"u{n}", {}) for n in range(500)]
    user = remember(facts, history, "user")
    account = remember(facts, history, "account")
    assert user.times == ((499 * DAY, 498 * DAY, 497 * DAY),)
    assert user.days == ((499 * DAY, 498 * DAY),)
    assert [len(one) for one in account.people] == [5]  # a fifth, to see that four are exceeded


def test_rules_share_a_fact_and_the_largest_asks() -> None:
    facts = derive(rules('count("signed_in" within 7d) >= 3', 'did("signed_in" within 1d)'))
    assert [slot.keep for slot in facts.slots.values()] == [3]


def test_the_fingerprint_knows_what_is_remembered_and_not_the_order_of_the_rules() -> None:
    texts = ['did("signed_in")', 'count("invoice.sent" where total >= 10.0) >= 3', "role is set"]
    same = ['count("invoice.sent" where total >= 10) == 7', 'not did("signed_in" within 2d)']
    assert derive(rules(*texts)).fingerprint == derive(rules(*texts[::-1])).fingerprint
    assert derive(rules(*texts)).fingerprint != derive(rules(*texts[:1])).fingerprint
    assert derive(rules(*texts)).slots.keys() == derive(rules(*same)).slots.keys()


def test_only_events_that_a_rule_mentions_touch_a_memory() -> None:
    facts = derive(rules('did("signed_in")', 'account.did("invoice.sent")'))
    assert facts.mentioned("user", "signed_in")
    assert not facts.mentioned("account", "signed_in")
    assert facts.mentioned("account", "invoice.sent")
    assert remember(facts, [Happening("invoice.sent", 1, "u1", {})], "user") == facts.empty("user")
