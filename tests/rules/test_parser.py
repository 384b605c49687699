"""Text to nodes: what the grammar reads, and how each mistake is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath.clock import DAY, HOUR
from guidepath.rules.expression import (
    And,
    Compare,
    Did,
    InSegment,
    IsSet,
    Name,
    Not,
    Occurrences,
    Or,
    Reached,
    Rule,
    Since,
    Span,
    Start,
    Tally,
    Total,
)
from guidepath.rules.parser import parse
from guidepath.rules.problem import Problem, RuleSyntaxError

SENT = Occurrences("user", "invoice.sent")
OWNER = Compare(Name("role"), "==", "owner")
A, B, C = (Reached(one) for one in "abc")


def problem(text: str) -> Problem:
    with pytest.raises(RuleSyntaxError) as caught:
        parse(text)
    return caught.value.problem


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('did("invoice.sent")', Did(SENT)),
        ('did("invoice.sent" within 7d)', Did(Occurrences("user", "invoice.sent", None, 7 * DAY))),
        ('account.did("x" within 12h)', Did(Occurrences("account", "x", None, 12 * HOUR))),
        ('count("invoice.sent") >= 3', Tally("count", SENT, ">=", 3)),
        ('days("invoice.sent") != 0', Tally("days", SENT, "!=", 0)),
        ('account.users("x") < 2', Tally("users", Occurrences("account", "x"), "<", 2)),
        ('total("invoice.sent".amount) > -1.5e3', Total(SENT, "amount", ">", -1500.0)),
        ('since("invoice.sent") > 2d', Since(SENT, ">", 2 * DAY)),
        ("since(start) <= 90s", Since(Start("user"), "<=", 90_000_000)),
        ("account.since(start) < 2w", Since(Start("account"), "<", 14 * DAY)),
        ("since(reached a) >= 1d", Since(A, ">=", DAY)),
        ("reached(a-1)", Reached("a-1")),
        ("segment(small_team)", InSegment("small_team")),
        ('user.locale == "de"', Compare(Name("user", "locale"), "==", "de")),
        ("user.in == true", Compare(Name("user", "in"), "==", True)),
        ("account.did == false", Compare(Name("account", "did"), "==", False)),
        ('role not in ["a", "b"]', Compare(Name("role"), "not in", ("a", "b"))),
        ("user.x in [1, 2.5, -3]", Compare(Name("user", "x"), "in", (1, 2.5, -3))),
        ('page matches "/x/*"', Compare(Name("page"), "matches", "/x/*")),
        ("device is set", IsSet(Name("device"))),
        ("device is not set", Not(IsSet(Name("device")))),
        ("reached(a) and reached(b) and reached(c)", And((A, B, C))),
        ("reached(a) and (reached(b) and reached(c))", And((A, B, C))),
        ("(reached(a) or reached(b)) or reached(c)", Or((A, B, C))),
        ("not reached(a) and reached(b)", And((Not(A), B))),
        ("not (reached(a) and reached(b))", Not(And((A, B)))),
        ("reached(a)\n  and\treached(b)", And((A, B))),
        ("((reached(a)))", A),
    ],
)
def test_every_construct_of_the_language_is_read(text: str, rule: Rule) -> None:
    assert parse(text) == rule


def test_where_comes_before_within_and_reads_plain_property_names() -> None:
    rule = parse('count("x" where role == "a" and (n > 1 or n is not set) within 7d) >= 2')
    role, n = Name("property", "role"), Name("property", "n")
    where = And((Compare(role, "==", "a"), Or((Compare(n, ">", 1), Not(IsSet(n))))))
    assert rule == Tally("count", Occurrences("user", "x", where, 7 * DAY), ">=", 2)


def test_each_node_knows_its_place_in_the_text() -> None:
    text = 'reached(a) and not did("x" where n > 1)'
    rule = parse(text)
    assert isinstance(rule, And)
    negated = rule.rules[1]
    assert isinstance(negated, Not)
    assert isinstance(negated.rule, Did)
    where = negated.rule.occurrences.where
    assert where is not None
    spans = [one.span for one in (rule, rule.rules[0], negated, negated.rule, where)]
    shown = [text[one.start : one.end] for one in spans]
    assert shown == [
        text,
        "reached(a)",
        'not did("x" where n > 1)',
        'did("x" where n > 1)',
        "n > 1",
    ]


def test_strings_are_read_as_in_json_and_normalised() -> None:
    rule = parse(r'role == "a\"b\\c\u0065\u0301\ud83d\ude00"')
    assert rule == Compare(Name("role"), "==", 'a"b\\cé😀')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a rule cannot be empty"),
        ('role = "x"', "unexpected '='; write '=='"),
        ('role == "x" && role == "y"', "unexpected '&'; write 'and'"),
        ('role == "x" || role == "y"', "unexpected '|'; write 'or'"),
        ('!did("x")', "unexpected '!'; write 'not'"),
        ('role <> "x"', "unexpected '<'; write '!='"),
        ("did('x')", "strings stand in double quotes"),
        ("did(“x”)", "use straight double quotes"),
        ("did(x)", "expected an event in double quotes, found 'x'; put it in double quotes"),
        ('did("x', 'this string does not end; close it with "'),
        (r'did("\q")', r"write \\ for a backslash"),
        ('did("x" within 1 day)', "expected a duration, found 1; write '1d'"),
        ('did("x" within 1day)', "unknown unit 'day'; write '1d'"),
        ('did("x" within 2 months)', "count days: 30d"),
        ('did("x" within 1.5d)', "write 36h for a day and a half"),
        ('did("x" within "7d")', "found '\"7d\"'; write it without quotes"),
        ('did("x" within 7)', "a duration has a unit"),
        ('did("x" within 0d)', "a duration lies between 1s and 3650d"),
        ('did("x" within 3651d)', "a duration lies between 1s and 3650d"),
        ('did("x" within 7d where a == 1)', "'where' comes before 'within'"),
        ('did("x") == true', "true or false as it stands"),
        ('did("x"', "expected ')' for the '(' at 4, found the end of the rule"),
        ('did("x"))', "expected 'and', 'or' or the end of the rule, found ')'"),
        ('did("x") did("y")', "expected 'and', 'or' or the end of the rule, found 'did'"),
        ('dod("x")', "unknown function 'dod'; did you mean 'did'?"),
        ('roel == "x"', "unknown word 'roel'; did you mean 'role'?"),
        ('users("x") > 1', "write account.users(…)"),
        ('user.did("x")', "write did(…) without 'user.'"),
        ("account.reached(a)", "write reached(…) without 'account.'"),
        ("account.since(reached a) > 1d", "write since(reached …) without 'account.'"),
        ('reached("a")', "expected the name of a milestone, found '\"a\"'; without quotes"),
        ('count("x")', "compare count(…) with a number, such as >= 3"),
        ('count("x") >= 2.5', "expected a whole number, found 2.5"),
        ('count("x") >= -1', "lies between 0 and"),
        ('count("x" within 7d) >= 1001', "lies between 0 and 1,000"),
        ('days("x") >= 1001', "lies between 0 and 1,000"),
        ('since("x") == 2d', "an age is never exactly equal"),
        ('since("x" within 2d) > 1d', "since(…) asks about the newest one"),
        ('total("x".a within 2d) > 1', "total(…) adds up everything ever"),
        ('total("x") > 1', 'a property to add up: total("invoice.paid".amount)'),
        ("role == True", "found 'True'; write 'true'"),
        ("role == null", "there is no null, ask 'is set' or 'is not set'"),
        ('role == "x" AND role == "y"', "found 'AND'; write 'and'"),
        ("role IS SET", "found 'IS'; write 'is'"),
        ('page contains "x"', 'write matches "*…*"'),
        ('"x" == role', "a comparison begins with the name"),
        ("user.n > 1 < 3", "compare once, the name first; join two comparisons with 'and'"),
        ("role in []", "an empty list holds nothing"),
        ('role in "x"', 'expected a list, such as ["a", "b"]'),
        ('did("x" where user.n == 1)', "inside 'where' stand only properties of the event"),
        ('did("x" where did("y"))', "inside 'where' stand only properties of the event"),
        ("user.n == 99999999999999999999", "does not fit 64 bits"),
        ("user.n == 1e999", "is too large"),
        ("not", "expected a condition"),
        ("é", "unexpected 'é'"),
    ],
)
def test_a_mistake_is_told_with_its_mend(text: str, message: str) -> None:
    assert message in problem(text).message


def test_and_mixed_with_or_shows_both_ways_to_write_it() -> None:
    found = problem("reached(a) and reached(b) or reached(c)")
    assert found.code == "mixed-and-or"
    assert "(reached(a) and reached(b)) or reached(c)" in found.message
    assert "reached(a) and (reached(b) or reached(c))" in found.message
    for way in found.message.split(": ", 1)[1].split("   or   "):
        parse(way)


def test_a_mistake_has_its_place() -> None:
    assert problem('role == "x" and roel == "y"').span == Span(16, 20)
    assert problem("role ==").span == Span(7, 7)


def test_the_first_mistake_in_reading_order_is_told() -> None:
    assert "unknown function" in problem("dod('x') and role = 'y'").message
    assert problem("role is and 'x'").span == Span(8, 11)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 100_000, "rule-limit"),
        ("[" * 100_000, "rule-limit"),
        ("not " * 100_000, "rule-limit"),
        ("(" * 3_999, "rule-limit"),
        ("not " * 999, "rule-limit"),
        ("[" * 3_999, "syntax"),
        ("role == " + "9" * 3_900, "out-of-range"),
        ("role == " + "9" * 5_000, "rule-limit"),
        ('did("x" within ' + "9" * 3_900 + "d)", "out-of-range"),
        ('role == "\ud800"', "syntax"),
        (r'role == "\ud800"', "syntax"),
        ("\ud800", "syntax"),
        ("role == \0", "syntax"),
        ('role == "\0"', "syntax"),
        (r'role == "\u0000"', "syntax"),
        ('role == "' + "\\" * 3_900, "syntax"),
        ("a" * 3_900, "syntax"),
        ("a" * 3_000 + '("x")', "syntax"),
    ],
)
def test_hostile_text_is_refused_in_a_sentence(text: str, code: str) -> None:
    found = problem(text)
    assert found.code == code
    assert len(found.message) < 400
    assert found.message.isprintable()


def test_limits_are_where_they_are_said_to_be() -> None:
    parse("(" * 24 + "reached(a)" + ")" * 24)
    parse("not " * 24 + "reached(a)")
    parse(" and ".join(["not (reached(a))"] * 30))  # beside each other is not inside each other
    assert "nest at most 24 deep" in problem("not " * 25 + "reached(a)").message
    conditions = ["role is set"] * 200
    parse(" or ".join(conditions).ljust(4_000))
    assert "at most 200 conditions" in problem(" or ".join([*conditions, "role is set"])).message
    assert "4,001" in problem("reached(a)".ljust(4_001)).message


@given(
    st.text(
        alphabet=st.sampled_from('()[]",.= <>!andornotwithinwhere0123459dh\\\ud800é\n'), max_size=60
    )
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_rule_or_one_clear_mistake(text: str) -> None:
    try:
        parse(text)
    except RuleSyntaxError as error:
        span = error.problem.span
        assert 0 <= span.start <= span.end <= len(text)
