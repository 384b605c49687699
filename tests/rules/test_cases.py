"""The table of rules, facts and verdicts that every implementation must agree with."""

import json
from collections.abc import Mapping
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
from guidepath.rules.schedule import next_change
from guidepath.rules.text import unparse
from guidepath.rules.vocabulary import TypeName, ValueType, Vocabulary

TABLE = json.loads((Path(__file__).parents[1] / "cases" / "rules.json").read_text("utf-8"))
INSTANT = ValueType("time")

Types = Mapping[str, ValueType]


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
    scope = cast("Literal['user', 'account', 'guidance']", case.get("scope", "guidance"))
    checked = check(parse(case["rule"]), WORDS, scope)
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


def test_the_table_writes_rules_in_canonical_text() -> None:
    rules = [one["rule"] for one in TABLE["cases"] if "2w" not in one["rule"]]
    assert [unparse(parse(one)) for one in rules] == rules


def test_the_table_names_each_case_once() -> None:
    names = [one["name"] for one in TABLE["cases"]]
    assert len(set(names)) == len(names) >= 60
