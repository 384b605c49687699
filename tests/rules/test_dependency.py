"""What a rule depends on."""

import pytest
from tests.rules.strategies import VOCABULARY

from guidepath.rules.check import check
from guidepath.rules.dependency import (
    attributes_of,
    depth,
    events_of,
    milestones_of,
    monotone,
    reads_account,
    reads_role,
    ripens,
    segments_of,
    size,
)
from guidepath.rules.expression import Rule
from guidepath.rules.parser import parse


def rule(text: str) -> Rule:
    return check(parse(text), VOCABULARY, "guidance").rule


def test_names_are_found_also_inside_segments_and_anchors() -> None:
    found = rule(
        "segment(lively) and not reached(second_day) and since(reached first_invoice) > 1d "
        'and account.since("invoice.sent") > 1d and user.plan == "pro" and user.beta is set'
    )
    assert milestones_of(found) == {"second_day", "first_invoice"}
    assert events_of(found) == {("user", "signed_in"), ("account", "invoice.sent")}
    assert attributes_of(found) == {("user", "plan"), ("user", "beta"), ("account", "size")}
    assert segments_of(found) == {"lively", "small_team"}
    assert segments_of(parse("segment(lively)")) == {"lively"}


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ('account.did("signed_in")', True),
        ("account.since(start) > 1d", True),
        ("account.size is set", True),
        ("segment(small_team)", True),
        ('did("signed_in") and since(start) > 1d and user.beta is set', False),
        ("reached(first_invoice)", False),
    ],
)
def test_reading_the_account_is_known(text: str, *, account: bool) -> None:
    assert reads_account(rule(text)) is account


def test_reading_the_role_is_known() -> None:
    assert reads_role(rule('not role in ["owner"]'))
    assert not reads_role(rule('device == "mobile"'))


@pytest.mark.parametrize(
    ("text", "ripe"),
    [
        ("since(start) > 1d", True),
        ("since(start) < 1d", False),
        ("not since(start) < 1d", True),
        ('did("signed_in" within 1d)', False),
        ('not did("signed_in" within 1d)', True),
        ('count("signed_in" within 1d) <= 2', True),
        ('count("signed_in" within 1d) >= 2', False),
        ('count("signed_in" within 1d) == 2', True),
        ('count("signed_in") <= 2', False),
        ("segment(lively)", False),
        ("not segment(lively)", True),
        ('did("signed_in") and role == "owner"', False),
    ],
)
def test_what_time_alone_can_make_true_is_known(text: str, *, ripe: bool) -> None:
    assert ripens(rule(text)) is ripe


@pytest.mark.parametrize(
    ("text", "lasting"),
    [
        ('did("signed_in")', True),
        ('did("invoice.sent" where not total == 1)', True),
        ('count("signed_in") >= 3', True),
        ('days("signed_in") > 3', True),
        ('account.users("signed_in") >= 2', True),
        ("reached(first_invoice) and since(start) > 1d", True),
        ("since(reached first_invoice) >= 1d", True),
        ('did("signed_in" within 1d)', False),
        ('count("signed_in") == 3', False),
        ('count("signed_in") != 3', False),
        ('count("signed_in") <= 3', False),
        ('total("invoice.sent".total) >= 1', False),
        ('since("signed_in") > 1d', False),
        ("since(start) < 1d", False),
        ('not did("signed_in")', False),
        ("user.beta is set", False),
        ("segment(small_team)", False),
    ],
)
def test_what_stays_true_once_it_is_true_is_known(text: str, *, lasting: bool) -> None:
    assert monotone(rule(text)) is lasting


@pytest.mark.parametrize(
    ("text", "conditions", "deep"),
    [
        ("role is set", 1, 0),
        ("role is not set", 1, 0),
        ("not role is set", 1, 0),
        ("role is set and (role is set or not not role is set)", 3, 2),
        ('did("invoice.sent" where total > 1 and (lines > 1 or lines < 0))', 4, 1),
        ("not (segment(small_team) and role is set)", 2, 3),
        ("segment(lively)", 2, 2),
    ],
)
def test_size_and_depth_are_those_with_segments_written_out(
    text: str, conditions: int, deep: int
) -> None:
    assert (size(rule(text)), depth(rule(text))) == (conditions, deep)
