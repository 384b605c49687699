"""The schemas that editors get: right for every file, and they explain every key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from guidepath.errors import PlaybookError
from guidepath.playbook import duration
from guidepath.playbook.declared import Declared
from guidepath.playbook.personas import Personas
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reading import read

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [
        *ROOT.glob("examples/*/guidepath.yaml"),
        *ROOT.glob("src/**/guidepath.yaml"),
        ROOT / "src/guidepath/cli/starter.yaml",
        ROOT / "tests/cases/mistakes.yaml",
    ]
)
PERSONAS = sorted([*ROOT.glob("examples/*/personas.yaml"), *ROOT.glob("src/**/personas.yaml")])
SCHEMA = Playbook.schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
PERSONAS_VALIDATOR = jsonschema.Draft202012Validator(Personas.schema())
Schema = dict[str, Any]
each_schema = pytest.mark.parametrize(
    "schema", [SCHEMA, Personas.schema()], ids=["playbook", "personas"]
)
RIGHT = """\
name: x
roles: [owner]
attributes: {user: {plan: {enum: [free, pro]}}}
events: {a: {properties: {total: number}}, b: }
milestones:
  - {id: m, title: M, reached_when: did("a"), first_value: true, due: 3d}
guidance:
  - id: g
    type: banner
    moment: onboard
    toward: m
    page: [/a, /b]
    title: {en: G, de: H}
    frequency: {max: null, cool_off: 1d}
    snooze: [4h]
limits: {per_day: 3}
"""


MADE_UP = """\
now: 2026-03-02T12:00:00Z
personas:
  - id: ada
    role: owner
    user: {first_name: Ada}
    device: mobile
    started: 3d
    events:
      - {event: invoice.sent, ago: [2d1us, 1h], properties: {total: 1}, by: ben}
    shown:
      - {item: send-one, ago: 30m, then: snoozed, snooze: 4h}
    expects:
      - {page: /contacts, gets: nothing, because: SNOOZED, in: 1h}
      - {never: upsell}
      - {reached: [contacts_in]}
"""


def parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every part of the schema that has keys, with its name."""
    yield "whole", schema
    for name, one in schema["$defs"].items():
        for part in (one, *one.get("oneOf", ())):
            if "properties" in part:
                yield name, part


def described(one: Schema, schema: Schema) -> str:
    """What a key means, or what the part means that it holds."""
    part = schema["$defs"].get(one.get("$ref", "").rpartition("/")[2], {})
    return str(one.get("description", part.get("description", "")))


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema in the schema."""
    if isinstance(node, dict):
        yield node
        for key, one in node.items():
            if key != "examples":
                yield from nodes(one)
    for one in node if isinstance(node, list) else ():
        yield from nodes(one)


@each_schema
def test_it_is_a_json_schema(schema: Schema) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


@each_schema
def test_every_key_says_what_it_means(schema: Schema) -> None:
    silent = [
        f"{name}.{key}"
        for name, part in parts(schema)
        for key, one in part["properties"].items()
        if not described(one, schema).endswith(".")
    ]
    assert silent == []
    assert len(list(parts(schema))) >= 5


@each_schema
def test_every_word_of_an_enum_says_what_it_means(schema: Schema) -> None:
    found = [one for one in nodes(schema) if isinstance(one.get("enum"), list)]
    assert len(found) >= 4
    for one in found:
        assert len(one["enumDescriptions"]) == len(one["enum"])
        assert all(told.endswith((".", "?")) for told in one["enumDescriptions"])


def test_keys_come_in_the_order_in_which_they_are_written() -> None:
    names = [one.alias or name for name, one in Declared.model_fields.items()]
    assert list(SCHEMA["properties"]) == names


@each_schema
def test_every_example_and_default_is_right_itself(schema: Schema) -> None:
    seen = 0
    for name, part in parts(schema):
        for key, one in part["properties"].items():
            inner = VALIDATOR.evolve(schema={**one, "$defs": schema["$defs"]})
            for example in (
                *one.get("examples", ()),
                *([one["default"]] if "default" in one else ()),
            ):
                seen += 1
                assert inner.is_valid(example), (name, key, example)
    assert seen > 25


def test_durations_are_written_as_in_a_playbook() -> None:
    defaults = {
        one["default"]
        for one in nodes(SCHEMA)
        if one.get("title") == "Duration" and "default" in one
    }
    assert defaults == {"5s", "1d", "5m"}
    assert all(duration.read(one) for one in defaults)


@pytest.mark.parametrize("file", FILES, ids=lambda one: str(one.relative_to(ROOT)))
def test_it_accepts_every_playbook_here(file: Path) -> None:
    value = read(file.read_text("utf-8"), str(file)).value
    assert [one.message for one in VALIDATOR.iter_errors(value)] == []


@pytest.mark.parametrize("file", PERSONAS, ids=lambda one: str(one.relative_to(ROOT)))
def test_it_accepts_all_personas_here(file: Path) -> None:
    value = read(file.read_text("utf-8"), str(file)).value
    assert [one.message for one in PERSONAS_VALIDATOR.iter_errors(value)] == []
    assert len(value["personas"]) > 5


def test_it_accepts_what_personas_can_say() -> None:
    assert Personas.parse(MADE_UP)
    PERSONAS_VALIDATOR.validate(read(MADE_UP, "x.yaml").value)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("personas:", "people:"),
        ("id: ada", "id: a b"),
        ("role: owner", "rule: owner"),
        ("device: mobile", "device: phone"),
        ("started: 3d", "started: 3 days"),
        ("started: 3d", "started: 3"),
        ("[2d1us, 1h]", "[]"),
        ("[2d1us, 1h]", "[2d1us, 1y]"),
        ("{first_name: Ada}", "Ada"),
        ("then: snoozed", "then: postponed"),
        ("snooze: 4h", "snooze: 4h30m"),
        ("because: SNOOZED", "because: snoozed"),
        ("in: 1h", "in: 0"),
        ("{never: upsell}", "{naver: upsell}"),
        ("{never: upsell}", "{never: [upsell]}"),
        ("{reached: [contacts_in]}", "{reached: contacts_in}"),
    ],
)
def test_it_refuses_what_personas_cannot_say(right: str, wrong: str) -> None:
    assert MADE_UP.count(right) == 1
    text = MADE_UP.replace(right, wrong)
    with pytest.raises(PlaybookError):
        Personas.parse(text)
    assert not PERSONAS_VALIDATOR.is_valid(read(text, "x.yaml").value)


def test_somebody_of_whom_nothing_is_expected_is_refused() -> None:
    text = "personas: [{id: ada, expects: []}]"
    assert not PERSONAS_VALIDATOR.is_valid(read(text, "x.yaml").value)


def test_it_accepts_a_right_playbook() -> None:
    assert Playbook.parse(RIGHT)
    VALIDATOR.validate(read(RIGHT, "x.yaml").value)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("name: x", "nam: x"),
        ("name: x", "name: 1"),
        ("title: M,", ""),
        ("title: M,", "titel: M,"),
        ("due: 3d", "due: 3 days"),
        ("due: 3d", "due: 3"),
        ("due: 3d", "due: P3D"),
        ("first_value: true", "first_value: 'yes'"),
        ("type: banner", "type: baner"),
        ("moment: onboard", "moment: onboarding"),
        ("toward: m", "toward: m m"),
        ("title: {en: G, de: H}", "title: {en: G, de: 1}"),
        ("title: {en: G, de: H}", "title: ''"),
        ("page: [/a, /b]", "page: [1]"),
        ("max: null", "max: 0"),
        ("max: null", "max: '3'"),
        ("snooze: [4h]", "snooze: 4h"),
        ("per_day: 3", "per_day: 3, per_month: 9"),
        ("total: number", "total: numbr"),
        ("total: number", "1total: number"),
        ("total: number", "total: {typ: number}"),
        ("{enum: [free, pro]}", "{enum: free}"),
        ("roles: [owner]", "roles: owner"),
        ("milestones:", "milestone:"),
    ],
)
def test_it_refuses_what_check_refuses(right: str, wrong: str) -> None:
    assert RIGHT.count(right) == 1
    text = RIGHT.replace(right, wrong)
    assert Playbook.diagnose(text, "x.yaml")[0] is None
    assert not VALIDATOR.is_valid(read(text, "x.yaml").value)
