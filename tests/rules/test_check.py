"""Names and types: every mistake at once, each with what was probably meant."""

import pytest
from tests.rules.strategies import VOCABULARY

from guidepath.clock import DAY
from guidepath.rules.check import Checked, Scope, check
from guidepath.rules.dependency import size
from guidepath.rules.expression import Compare, InSegment, Instant
from guidepath.rules.parser import parse
from guidepath.rules.text import unparse
from guidepath.rules.vocabulary import ValueType, Vocabulary


def checked(text: str, scope: Scope = "guidance", words: Vocabulary = VOCABULARY) -> Checked:
    return check(parse(text), words, scope)


def codes(text: str, scope: Scope = "guidance", words: Vocabulary = VOCABULARY) -> list[str]:
    return [one.code for one in checked(text, scope, words).problems]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('did("invoice.snet")', "unknown-event", "did you mean 'invoice.sent'?"),
        ('did("invoice.sent" where totl > 1)', "unknown-property", "did you mean 'total'?"),
        ('total("invoice.sent".totl) > 1', "unknown-property", "did you mean 'total'?"),
        ('total("invoice.sent".currency) > 1', "wrong-type", "only numbers add up"),
        ("user.plam is set", "unknown-attribute", "did you mean 'plan'?"),
        ("user.size is set", "unknown-attribute", "did you mean 'account.size'?"),
        ("reached(frist_invoice)", "unknown-milestone", "did you mean 'first_invoice'?"),
        ("since(reached second) > 1d", "unknown-milestone", "did you mean 'second_day'?"),
        ("segment(smal_team)", "unknown-segment", "did you mean 'small_team'?"),
        ('role == "ownr"', "unknown-value", "did you mean 'owner'?"),
        ('device == "phone"', "unknown-value", '"desktop", "tablet", "mobile"'),
        ('user.plan in ["free", "por"]', "unknown-value", "did you mean 'pro'?"),
        ('user.beta == "true"', "wrong-type", "compare it with true or false"),
        ("user.locale == 3", "wrong-type", "a string in double quotes"),
        ("account.size < 10.5", "wrong-type", "a whole number"),
        ('account.size < "10"', "wrong-type", 'not with "10"'),
        ("account.size == true", "wrong-type", "an integer"),
        ('user.joined < "2025-01-01"', "wrong-type", "a time with its zone"),
        ("user.joined < 2025", "wrong-type", "a time with its zone"),
        ('user.locale < "de"', "wrong-operator", "'<' does not fit user.locale, a string"),
        ('user.plan matches "f*"', "wrong-operator", "'matches' does not fit"),
        ("user.beta > true", "wrong-operator", "a boolean"),
        ('page matches "invoices/*"', "bad-pattern", 'write "/invoices/*"'),
        ('page matches "/**/edit"', "bad-pattern", "'**' stands only at the end"),
        ('page matches "/x?a=*"', "bad-pattern", "leave out '?'"),
        ('did("invoice.sent" where note matches "a**")', "bad-pattern", "'**' stands only"),
    ],
)
def test_a_mistake_is_told_with_its_mend(text: str, code: str, message: str) -> None:
    (problem,) = checked(text).problems
    assert (problem.severity, problem.code) == ("error", code)
    assert message in problem.message


def test_every_mistake_is_told_at_once_in_reading_order() -> None:
    found = checked('did("nope") and user.nope is set and (role == "nope" or reached(nope))')
    assert [one.code for one in found.problems] == [
        "unknown-event",
        "unknown-attribute",
        "unknown-value",
        "unknown-milestone",
    ]
    assert not found.usable


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ('page matches "/x"', "guidance"),
        ('device == "mobile"', "guidance"),
        ('role == "owner"', "guidance user"),
        ("user.beta == true", "guidance user"),
        ("reached(second_day)", "guidance user"),
        ("since(reached second_day) > 1d", "guidance user"),
        ("reached(first_invoice)", "guidance user account"),
        ("account.size is set", "guidance user account"),
        ('did("signed_in")', "guidance user account"),
    ],
)
def test_a_scope_allows_what_it_can_know(text: str, scopes: str) -> None:
    every: tuple[Scope, ...] = ("guidance", "user", "account")
    allowed = [scope for scope in every if "wrong-scope" not in codes(text, scope)]
    assert allowed == scopes.split()


def test_in_an_accounts_rule_everything_is_the_accounts() -> None:
    text = 'did("signed_in") and since(start) > 1d and since("signed_in") > 1d and segment(lively)'
    ready = checked(text, "account").rule
    assert unparse(ready) == (
        'account.did("signed_in") and account.since(start) > 1d '
        'and account.since("signed_in") > 1d and segment(lively)'
    )
    assert 'account.days("signed_in"' in repr_of_segment(ready, "lively")


def repr_of_segment(rule: object, name: str) -> str:
    segments = [one for one in getattr(rule, "rules", ()) if isinstance(one, InSegment)]
    (found,) = [one for one in segments if one.name == name]
    assert found.rule is not None
    return unparse(found.rule)


def test_times_become_instants_and_whole_floats_integers() -> None:
    ready = checked('user.joined in ["1970-01-02T01:00:00+01:00"]').rule
    assert isinstance(ready, Compare)
    assert ready.right == (DAY,)
    assert isinstance(ready.right, tuple)
    assert isinstance(ready.right[0], Instant)
    score = checked("user.score == 10.0").rule
    assert isinstance(score, Compare)
    assert type(score.right) is int


def test_a_page_is_compared_by_its_path() -> None:
    assert unparse(checked('page == "/invoices/?q=1"').rule) == 'page == "/invoices"'


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ('user.locale != "de"', True),
        ('user.locale not in ["de"]', True),
        ('not user.locale == "de"', True),
        ('not (role == "owner" and user.locale == "de")', True),
        ('not user.locale != "de"', False),
        ('user.locale == "de"', False),
        ('user.locale is set and user.locale != "de"', False),
        ('user.locale is not set or user.locale != "de"', False),
        ('user.joined != "2025-01-01T00:00:00Z"', False),
        ('role != "owner"', False),
        ('did("invoice.sent" where currency != "EUR")', True),
        ('did("invoice.sent" where currency is set and currency != "EUR")', False),
        ('not did("invoice.sent" where currency == "EUR")', False),
        ('did("contact.imported" where total != 1)', False),
    ],
)
def test_a_negated_test_of_an_optional_value_is_warned_of(text: str, *, warned: bool) -> None:
    found = checked(text)
    assert found.usable
    assert [one.code for one in found.problems] == ["negated-optional"] * warned


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('count("signed_in") >= 0', ["always-true"]),
        ('count("signed_in") < 0', ["never-true"]),
        ('count("signed_in") <= 0', []),
        ('days("signed_in" within 2d) >= 4', ["never-true"]),
        ('days("signed_in" within 2d) >= 3', []),
        ('days("signed_in" within 2d) > 3', ["never-true"]),
        ('days("signed_in" within 1h) == 3', ["never-true"]),
        ('days("signed_in") >= 1000', []),
    ],
)
def test_a_count_that_decides_nothing_is_warned_of(text: str, found: list[str]) -> None:
    assert codes(text) == found
    assert checked(text).usable


def segments(**texts: str) -> Vocabulary:
    return Vocabulary(
        account={"size": ValueType("integer")},
        segments={name: parse(text) for name, text in texts.items()},
    )


def test_a_segment_brings_its_checked_condition() -> None:
    ready = checked("segment(small_team)").rule
    assert isinstance(ready, InSegment)
    assert ready.rule == parse("account.size <= 2")


def test_what_a_segment_may_not_know_is_told_where_it_is_used() -> None:
    words = segments(here='page matches "/x"', there="segment(here)")
    (problem,) = checked("segment(there)", "user", words).problems
    assert problem.code == "wrong-scope"
    assert "segment 'here' cannot be used here" in problem.message
    assert checked("segment(there)", "guidance", words).usable


def test_what_is_wrong_in_a_segment_itself_is_told_there_only() -> None:
    words = segments(wrong="account.siez <= 2")
    assert codes("account.siez <= 2", words=words) == ["unknown-attribute"]
    assert codes("segment(wrong)", words=words) == []


def test_segments_in_a_circle_are_refused() -> None:
    words = segments(a="segment(b)", b="segment(c)", c="segment(b) or account.size > 1")
    found = checked("segment(a)", words=words)
    assert [one.code for one in found.problems] == ["segment-cycle"]
    assert "b → c → b" in found.problems[0].message


def test_doubling_and_endless_segments_are_refused_at_once() -> None:
    doubling = {f"s{i + 1}": f"segment(s{i}) and segment(s{i})" for i in range(60)}
    words = segments(s0="account.size > 1", **doubling)
    assert codes("segment(s7)", words=words) == []
    assert size(checked("segment(s7)", words=words).rule) == 128
    assert codes("segment(s8)", words=words) == ["rule-limit"]
    assert codes("segment(s20)", words=words) == ["rule-limit"]
    chain = {f"s{i + 1}": f"segment(s{i})" for i in range(2_000)}
    words = segments(s0="account.size > 1", **chain)
    assert codes("segment(s20)", words=words) == []
    assert codes("segment(s2000)", words=words) == ["rule-limit"]
