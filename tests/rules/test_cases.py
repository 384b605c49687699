"""The tables that every implementation must agree with, as `docs/specification.md` tells them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from tests.rules import oracle
from tests.rules.strategies import Happening, World

from guidepath.clock import iso
from guidepath.rules.check import check
from guidepath.rules.compile import compile_deck
from guidepath.rules.expression import Scalar
from guidepath.rules.facts import derive
from guidepath.rules.interpret import explain, holds
from guidepath.rules.parser import parse
from guidepath.rules.problem import RuleSyntaxError
from guidepath.rules.schedule import next_change
from guidepath.rules.text import unparse
from guidepath.rules.vocabulary import TypeName, ValueType, Vocabulary

CASES = Path(__file__).parents[1] / "cases"
TABLE = json.loads((CASES / "rules.json").read_text("utf-8"))
TEXTS = json.loads((CASES / "rules-text.json").read_text("utf-8"))
SECTIONS = ("two-valued", "types", "time", "counts", "milestones", "grammar", "places")
INSTANT = ValueType("time")

Types = Mapping[str, ValueType]
Where = Literal["user", "account", "guidance"]


def value_type(declared: Mapping[str, Any]) -> ValueType:
    kind = "enum" if "enum" in declared else declared["type"]
    return ValueType(
        cast("TypeName", kind),
        tuple(declared.get("enum", ())),
        declared.get("optional", False),
        declared.get("pii", False),
    )


def types(declared: Mapping[str, Any]) -> Types:
    return {name: value_type(one) for name, one in declared.items()}


def vocabulary(table: Mapping[str, Any]) -> Vocabulary:
    return Vocabulary(
        user=types(table["user"]),
        account=types(table["account"]),
        events={name: types(one) for name, one in table["events"].items()},
        milestones=table["milestones"],
        segments={name: parse(text) for name, text in table["segments"].items()},
        roles=tuple(table["roles"]),
    )


def instant(text: str) -> int:
    return cast("int", INSTANT.read(text))


def read(values: Mapping[str, object], declared: Types) -> dict[str, Scalar]:
    found = {name: declared[name].read(value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value is not None}


WORDS = vocabulary(TABLE["vocabulary"])
MORE = {name: parse(text) for name, text in TEXTS["segments"].items()}


def world(case: Mapping[str, Any]) -> World:
    attributes = case.get("attributes", {"user": {}, "account": {}})
    return World(
        now=instant(case["now"]),
        history=tuple(
            Happening(
                one["event"],
                instant(one["at"]),
                one["user"],
                read(one["properties"], WORDS.events[one["event"]]),
            )
            for one in case["events"]
        ),
        user=case.get("user", "u1"),
        reached={name: instant(at) for name, at in case.get("reached", {}).items()},
        user_attributes=read(attributes["user"], WORDS.user),
        account_attributes=read(attributes["account"], WORDS.account),
        role=case.get("role"),
        page=case.get("page"),
        device=case.get("device"),
    )


@pytest.mark.parametrize("case", TABLE["cases"], ids=[one["name"] for one in TABLE["cases"]])
def test_every_implementation_agrees_with_the_table(case: Mapping[str, Any]) -> None:
    checked = check(parse(case["rule"]), WORDS, _scope(case))
    assert checked.usable, checked.problems
    facts = derive([checked.rule])
    situation = world(case).situation(facts)

    assert holds(checked.rule, facts, situation) is case["holds"]
    assert compile_deck([checked.rule], facts)(situation) == (case["holds"],)
    assert oracle.truth(checked.rule, world(case)) is case["holds"]
    change = next_change(checked.rule, facts, situation)
    assert (None if change is None else iso(change)) == case["next_change"]
    told = explain(checked.rule, facts, situation)
    progress = None if told.progress is None else list(told.progress)
    assert {"actual": told.actual, "required": told.required, "progress": progress} == case["why"]


def test_a_deck_of_all_the_rules_gives_each_its_verdict() -> None:
    rules = [check(parse(one["rule"]), WORDS, _scope(one)).rule for one in TABLE["cases"]]
    facts = derive(rules)
    deck = compile_deck(rules, facts)
    for number, case in enumerate(TABLE["cases"]):
        situation = world(case).situation(facts)
        assert deck(situation)[number] is case["holds"], case["name"]
        change = next_change(rules[number], facts, situation)
        assert (None if change is None else iso(change)) == case["next_change"], case["name"]


def _scope(case: Mapping[str, Any]) -> Where:
    return cast("Where", case.get("scope", "guidance"))


@pytest.mark.parametrize("case", TEXTS["refused"], ids=[one["name"] for one in TEXTS["refused"]])
def test_what_is_no_rule_is_refused_at_its_place(case: Mapping[str, Any]) -> None:
    words = replace(WORDS, segments={**WORDS.segments, **MORE})
    try:
        problems = check(parse(case["rule"]), words, _scope(case)).problems
    except RuleSyntaxError as problem:
        problems = (problem.problem,)
    worst = [one for one in problems if one.severity == "error"] or list(problems)
    told = worst[0]
    assert (told.severity, told.code, told.span.start + 1) == (
        case["severity"],
        case["code"],
        case["column"],
    )


@pytest.mark.parametrize("case", TEXTS["written"], ids=[one["name"] for one in TEXTS["written"]])
def test_each_rule_has_one_canonical_text(case: Mapping[str, Any]) -> None:
    assert unparse(parse(case["text"])) == case["canonical"]
    assert parse(case["canonical"]) == parse(case["text"])


def test_the_table_writes_rules_in_canonical_text() -> None:
    rules = [one["rule"] for one in TABLE["cases"] if "2w" not in one["rule"]]
    assert [unparse(parse(one)) for one in rules] == rules


def test_the_tables_name_each_case_once_and_each_section_has_its_own() -> None:
    names = [one["name"] for one in TABLE["cases"]]
    assert len(set(names)) == len(names) >= 300
    assert tuple(dict.fromkeys(one["section"] for one in TABLE["cases"])) == SECTIONS
    for table in (TEXTS["refused"], TEXTS["written"]):
        assert len({one["name"] for one in table}) == len(table)
