"""The query itself. What it tells is tested where the engines are: tests/adapters/warehouses."""

from collections.abc import Mapping

import pytest
import sqlglot

from guidepath.clock import DAY
from guidepath.rules.check import Scope, check
from guidepath.rules.expression import Rule
from guidepath.rules.parser import parse
from guidepath.rules.sql import MilestoneRule, SqlError, compile_sql, table_for, written
from guidepath.rules.vocabulary import ValueType, Vocabulary

WORDS = Vocabulary(
    user={"score": ValueType("number", optional=True)},
    account={"size": ValueType("integer")},
    events={
        "sent": {"total": ValueType("number"), "note": ValueType("string")},
        "sent_": {"total": ValueType("string")},
        "sent.total": {"exact": ValueType("number")},
    },
    milestones={"first": "user", "second": "user"},
    roles=("owner",),
)


def rule(text: str, scope: Scope = "user") -> Rule:
    ready = check(parse(text), WORDS, scope)
    assert ready.usable, ready.problems
    return ready.rule


def query(rules: Mapping[str, str], dialect: str = "duckdb") -> str:
    milestones = [MilestoneRule(name, "user", rule(text)) for name, text in rules.items()]
    table = table_for([one.rule for one in milestones], WORDS)
    return written(
        compile_sql(milestones, table, events="events", until=DAY, dialect=dialect), dialect
    )


def columns(*rules: str) -> dict[str, str]:
    found = table_for([rule(one) for one in rules], WORDS).columns
    return {one.name: one.type for one in found}


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "clickhouse"])
def test_a_deck_is_one_query_that_its_own_dialect_reads(dialect: str) -> None:
    text = query({"second": "reached(first)", "first": 'did("sent" within 1d)'}, dialect)
    (parsed,) = sqlglot.parse(text, dialect=dialect)
    assert isinstance(parsed, sqlglot.exp.Select)
    assert parsed.named_selects == ["account", "user", "milestone", "reached_at"]


def test_the_same_deck_is_the_same_query() -> None:
    deck = {"first": 'did("sent") and user.score > 1', "second": 'not did("sent" within 1d)'}
    assert query(deck) == query(deck)


def test_what_users_wrote_enters_as_quoted_text_only() -> None:
    text = query({"first": """did("sent" where note == "'; DROP TABLE events; --")"""})
    assert "'''; DROP TABLE events; --'" in text
    assert len(sqlglot.parse(text, dialect="duckdb")) == 1


def test_only_what_rules_read_has_a_column() -> None:
    assert columns('did("sent")', 'role == "owner"') == {}
    assert columns("user.score > 1") == {"u_score": "DOUBLE", "u_score_removed": "BOOLEAN"}
    assert columns("account.size > 1") == {"a_size": "BIGINT", "a_size_removed": "BOOLEAN"}


def test_what_is_added_up_has_an_exact_column_beside_the_one_that_is_compared() -> None:
    assert columns('total("sent".total where total > 0) > 1') == {
        "p_sent_total": "DOUBLE",
        "p_sent_total_exact": "DECIMAL(38, 12)",
    }


def test_columns_of_names_alike_differ_and_are_the_same_for_rules_in_any_order() -> None:
    rules = ('did("sent" where total > 1)', 'did("sent_" where total == "x")')
    assert len(columns(*rules)) == 2
    beside = ('total("sent".total) > 1', 'did("sent.total" where exact > 1)')
    assert len(columns(*beside)) == 2
    assert columns(*rules) == columns(*reversed(rules))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("user.score == 9007199254740993", "score is compared with 9007199254740993"),
        ('total("sent".total) > 0.00000000000001', "a total is compared with 1e-14"),
    ],
)
def test_what_sql_cannot_say_exactly_is_refused_by_name(text: str, told: str) -> None:
    with pytest.raises(SqlError, match=f"milestone first: {told}"):
        query({"first": text})


def test_a_rule_that_asks_nothing_is_told_from_the_start() -> None:
    assert "reached_at" in query({"first": 'not count("sent") >= 0'})


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_thousand_rules_ask_no_more_queries_than_one(dialect: str) -> None:
    def asked(number: int) -> int:
        rules = {f"m{n}": f'did("sent") and not count("sent") >= {n + 2}' for n in range(number)}
        (parsed,) = sqlglot.parse(query(rules, dialect), dialect=dialect)
        assert parsed is not None
        return len(list(parsed.find_all(sqlglot.exp.Select)))

    assert asked(1_000) == asked(1)
