import json
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from guidepath.errors import PlaybookError
from guidepath.playbook.action import Action
from guidepath.playbook.attribute import Attributes, AttributeType, EventType
from guidepath.playbook.guidance import (
    ChecklistItem,
    Frequency,
    Guidance,
    Placement,
    Step,
    Target,
)
from guidepath.playbook.limits import Holdout, Limits
from guidepath.playbook.milestone import Milestone, Responsible
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.question import Option, Question
from guidepath.playbook.reading import read

TEXT = (Path(__file__).parent.parent / "cases" / "mistakes.yaml").read_text("utf-8")
BODY = "You are **nearly** there.\nYour team has {{ account.size | number }} people.\n"
SMALL: dict[str, Any] = {
    "name": "small",
    "events": {"e": {}},
    "milestones": [{"id": "m", "title": "M", "reached_when": 'did("e")', "first_value": True}],
}


def small(**changes: object) -> Playbook:
    return Playbook.model_validate({**SMALL, **changes})


def item(**changes: object) -> dict[str, object]:
    return {
        "id": "g",
        "type": "banner",
        "moment": "onboard",
        "toward": "m",
        "title": "G",
        **changes,
    }


def around() -> Guidance:
    return Guidance(
        id="around",
        type="tour",
        moment="onboard",
        toward="first_invoice",
        title="Look around",
        secondary_action=Action(label="To the end", step="last"),
        steps=(
            Step(
                id="start",
                title="Start",
                page="/start",
                action=Action(label="Where to?", step="lists"),
            ),
            Step(
                id="lists",
                title="Lists",
                when="account.size > 1",
                target=Target(selector=".list", on_missing="end"),
            ),
            Step(id="last", title="Last", placement=Placement(side="end")),
        ),
    )


def how_was_it() -> Guidance:
    return Guidance(
        id="how-was-it",
        type="survey",
        moment="nurture",
        toward="first_invoice",
        title="How was it?",
        questions=(
            Question(
                id="score", type="nps", prompt="Would you tell others?", low="Never", high="At once"
            ),
            Question(id="stars", type="rating", prompt="The lists", scale=7, required=False),
            Question(
                id="uses",
                type="choice",
                prompt="What for?",
                multiple=True,
                options=(Option(id="bills", label="Bills"), Option(id="offers", label="Offers")),
            ),
            Question(
                id="why",
                type="text",
                prompt="Why, {{ user.first_name }}?",
                pii=True,
                max_length=300,
            ),
        ),
    )


def in_python() -> Playbook:
    string = AttributeType(type="string", pii=True)
    industry = AttributeType(type="enum", enum=("law", "retail"), optional=True)
    return Playbook(
        name="ledgerly",
        roles=("owner", "accountant"),
        attributes=Attributes(
            user={"first_name": string, "since": "time"},
            account={"size": "integer", "industry": industry},
        ),
        events={
            "invoice.sent": EventType(properties={"total": "number"}),
            "contact.imported": EventType(),
        },
        segments={"small_team": "account.size <= 10"},
        milestones=(
            Milestone(
                id="first_invoice",
                title="Send your first invoice",
                scope="account",
                reached_when='did("invoice.sent")',
                first_value=True,
                due=timedelta(days=3),
                responsible=Responsible(customer="owner"),
            ),
            Milestone(
                id="regular",
                title={"en": "Invoice every week", "de": "Jede Woche abrechnen"},
                reached_when='count("invoice.sent" within 30d) >= 4',
            ),
        ),
        guidance=(
            Guidance(
                id="import-contacts",
                type="tooltip",
                moment="onboard",
                toward="first_invoice",
                roles=("owner",),
                page="/contacts",
                when='not did("contact.imported")',
                target=Target(selector="[data-guide='import']", wait="5s"),
                title="Bring your contacts, {{ user.first_name }}",
                action=Action(label="Import", navigate="/contacts/import"),
                frequency=Frequency(max=3, cool_off="1d"),
            ),
            Guidance(
                id="first-steps",
                type="checklist",
                moment="onboard",
                toward="regular",
                title="First steps",
                body=BODY,
                items=(
                    ChecklistItem(milestone="first_invoice"),
                    ChecklistItem(milestone="regular", after=("first_invoice",)),
                ),
            ),
            around(),
            how_was_it(),
        ),
        limits=Limits(per_day=3),
        holdout=Holdout(percent=10),
    )


def test_a_playbook_is_the_same_from_yaml_and_from_python() -> None:
    loaded, built = Playbook.parse(TEXT), in_python()
    assert loaded == built
    assert hash(loaded) == hash(built)
    assert loaded.fingerprint == built.fingerprint
    assert [one.version for one in loaded.guidance] == [one.version for one in built.guidance]
    assert loaded.milestone_rules == built.milestone_rules


def test_a_playbook_survives_a_round_trip() -> None:
    playbook = in_python()
    assert Playbook.model_validate(playbook.model_dump(mode="json", by_alias=True)) == playbook
    assert Playbook.model_validate_json(playbook.model_dump_json(by_alias=True)) == playbook
    assert pickle.loads(pickle.dumps(playbook)) == playbook


def test_a_playbook_is_written_as_people_write_it() -> None:
    written = in_python().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert written["milestones"][0]["due"] == "3d"
    assert written["milestones"][0]["title"] == "Send your first invoice"
    assert written["milestones"][1]["title"]["de"] == "Jede Woche abrechnen"
    assert small(events={"e": {"from": "browser"}}).model_dump(mode="json", by_alias=True)[
        "events"
    ] == {"e": {"properties": {}, "from": "browser"}}


def test_a_playbook_file_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "guidepath.yaml"
    file.write_text(TEXT, "utf-8")
    assert Playbook.load(file) == Playbook.parse(TEXT)


def test_a_file_that_cannot_be_read_is_told_like_any_mistake(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match=r"none.yaml:1:1: error: .* \[unreadable\]"):
        Playbook.load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff")
    with pytest.raises(PlaybookError, match=r"latin.yaml:1:4: error: .*UTF-8"):
        Playbook.load(tmp_path / "latin.yaml")


@pytest.mark.parametrize("text", ["", "# nothing", "a", "- a", "1", "[]", "null"])
def test_what_is_no_playbook_at_all_is_told(text: str) -> None:
    with pytest.raises(PlaybookError, match="a playbook is expected"):
        Playbook.parse(text)


def test_all_mistakes_of_a_playbook_built_in_python_are_told_by_their_path() -> None:
    with pytest.raises(PlaybookError) as error:
        small(
            roles=["owner"],
            guidance=[item(toward="n", roles=["ownr"], when='did("f")', title="{{ user.x }}")],
        )
    assert [one.message for one in error.value.diagnostics] == [
        "guidance[0].toward: there is no milestone 'n'",
        "guidance[0].roles[0]: there is no role 'ownr'; did you mean 'owner'?",
        "guidance[0].when: unknown event 'f'",
        "guidance[0].title: there is no value 'user.x'",
    ]
    assert {str(one.place) for one in error.value.diagnostics} == {"<python>:1:1"}


def test_what_pydantic_refuses_is_told_by_its_path_too() -> None:
    with pytest.raises(PlaybookError) as error:
        Playbook(**{**SMALL, "holdout": {"percent": float("nan")}, "limit": {}})
    assert {(one.code, one.message.split(":")[0]) for one in error.value.diagnostics} == {
        ("out-of-range", "holdout.percent"),
        ("unknown-key", "limit"),
    }


def test_a_part_built_wrongly_in_python_is_refused_at_once() -> None:
    with pytest.raises(ValidationError):
        Milestone.model_validate({"id": "m", "title": "M", "reached_when": "x", "deu": "3d"})


def test_nothing_of_a_playbook_can_change() -> None:
    playbook = in_python()
    with pytest.raises(ValidationError):
        playbook.name = "other"  # type: ignore[misc]  # what is tested
    with pytest.raises(TypeError):
        playbook.segments["x"] = "y"  # type: ignore[index]  # what is tested


def test_a_changed_copy_is_checked_like_any_playbook() -> None:
    playbook = in_python()
    assert playbook.fingerprint
    changed = playbook.model_copy(update={"holdout": Holdout(percent=50)})
    assert changed.holdout.percent == 50
    assert changed.fingerprint != playbook.fingerprint
    with pytest.raises(PlaybookError, match="first value"):
        playbook.model_copy(update={"milestones": ()})


def test_the_fingerprint_tells_the_content_and_not_its_writing() -> None:
    base = small(segments={"a": 'did("e")', "b": 'not did("e")'})
    assert base.fingerprint == small(segments={"b": 'not did("e")', "a": 'did("e")'}).fingerprint
    assert base.fingerprint == base.model_copy(update={"locale": "en"}).fingerprint
    assert base.fingerprint != small(segments={"a": 'did("e")'}).fingerprint
    assert len(base.fingerprint) == 16


def test_a_version_follows_the_content_of_its_item_only() -> None:
    one = small(guidance=[item()]).guidance[0]
    assert one.version == small(name="other", guidance=[item()]).guidance[0].version
    assert one.version != small(guidance=[item(title="H")]).guidance[0].version


def test_a_checklist_is_always_there_unless_it_says_otherwise() -> None:
    lines = [{"milestone": "m"}]
    checklist = item(type="checklist", items=lines)
    assert small(guidance=[checklist]).guidance[0].frequency == Frequency(max=None, cool_off=None)
    limited = small(guidance=[{**checklist, "frequency": {"max": 2}}]).guidance[0]
    assert limited.frequency == Frequency(max=2, cool_off=timedelta(days=1))
    assert small(guidance=[item()]).guidance[0].frequency.max == 3


def test_the_vocabulary_holds_what_is_declared() -> None:
    words = in_python().vocabulary
    assert words.user["first_name"].pii
    assert words.account["industry"].values == ("law", "retail")
    assert words.events["invoice.sent"]["total"].kind == "number"
    assert words.milestones == {"first_invoice": "account", "regular": "user"}
    assert words.roles == ("owner", "accountant")
    assert set(words.segments) == {"small_team"}


def test_there_is_one_checked_rule_for_each_that_is_written() -> None:
    playbook = in_python()
    assert set(playbook.milestone_rules) == {"first_invoice", "regular"}
    assert set(playbook.guidance_rules) == {"import-contacts", "around.lists"}
    assert playbook.first_value.id == "first_invoice"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("de", ("Hallo", "de")),
        ("de-AT", ("Hallo", "de")),
        ("fr", ("Hi", "en")),
        (None, ("Hi", "en")),
        ("??", ("Hi", "en")),
    ],
)
def test_a_text_is_given_in_the_nearest_language(
    locale: str | None, expected: tuple[str, str]
) -> None:
    title = {"en": "Hi", "de": "Hallo"}
    playbook = small(guidance=[item(title=title)])
    template, found = playbook.template(playbook.guidance[0].title, locale)
    assert (template.render({}, locale=found), found) == expected


def test_a_text_written_once_is_in_the_playbook_s_language() -> None:
    playbook = small(locale="fr", guidance=[item(title="{{ role }} ça va")])
    for locale in ("de", "fr", None):
        template, found = playbook.template(playbook.guidance[0].title, locale)
        assert (template.render({"role": "x"}, locale=found), found) == ("x ça va", "fr")


def test_the_schema_is_one_and_accepts_what_loads() -> None:
    schema = Playbook.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(read(TEXT, "x.yaml").value)
    validator.validate(json.loads(in_python().model_dump_json(by_alias=True)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("due: 3d", "deu: 3d"),
        ("due: 3d", "due: soon"),
        ("type: tooltip", "type: toltip"),
        ("    toward: regular\n", ""),
        ("first_name: {type: string, pii: true}", "first_name: text"),
        ("percent: 10", "percent: 101"),
        ("title: First steps", "title: 5"),
        ("page: /contacts", "page: 5"),
    ],
)
def test_the_schema_refuses_what_does_not_load(old: str, new: str) -> None:
    value = read(TEXT.replace(old, new, 1), "x.yaml").value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, Playbook.schema())


def test_hostile_texts_are_clear_errors() -> None:
    texts = ["[" * 100_000, "{" * 100_000, "name: " + "9" * 5_000, "name: \ud800", "a: " * 2_000]
    texts += ["&a [*a, *a]", "milestones: " + "[" * 31 + "]" * 31, "? " * 3_000, "- " * 3_000]
    for text in texts:
        with pytest.raises(PlaybookError):
            Playbook.parse(text)
