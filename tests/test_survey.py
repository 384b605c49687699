"""Surveys: what fits their questions, what is kept, who is told, and how often."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath import Decision, EventConflict, EventError, Guidepath, Playbook
from guidepath.adapters.sinks.log import LogSink
from guidepath.event import Envelope
from guidepath.playbook.guidance import Guidance
from guidepath.relay import Relay
from guidepath.survey import checked
from guidepath.testing import FrozenClock

PLAYBOOK = Playbook.parse("""
name: ledgerly
attributes: {user: {first_name: {type: string, pii: true, optional: true}}}
events: {invoice.sent: {}}
milestones:
  - {id: sent, title: Send, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - id: how
    type: survey
    moment: nurture
    toward: sent
    title: {en: How was it?, de: Wie war es?}
    questions:
      - id: stars
        type: rating
        prompt: {en: "The lists, {{ user.first_name }}", de: Die Listen}
        scale: 7
        low: {en: Bad, de: Schlecht}
      - {id: tell, type: nps, prompt: Would you tell others?, required: false}
      - id: uses
        type: choice
        prompt: What for?
        multiple: true
        pii: true
        required: false
        options: [{id: bills, label: Bills & more}, {id: offers, label: Offers}]
      - id: size
        type: choice
        prompt: How many?
        required: false
        options: [{id: one, label: Me}, {id: more, label: More}]
      - {id: why, type: text, prompt: Why?, pii: true, required: false, max_length: 5}
  - {id: hello, type: banner, moment: onboard, toward: sent, page: /hello, title: Hello}
""")
HOW = PLAYBOOK.guidance[0]
WHOLE = {"stars": 7, "tell": 0, "uses": ["offers", "bills"], "size": ["one"], "why": "Ada's"}
ADA: dict[str, Any] = {"user": "ada", "account": "acme"}


@pytest.fixture
def guide() -> Guidepath:
    opened = Guidepath(PLAYBOOK, clock=FrozenClock())
    opened.identify(**ADA, attributes={"first_name": "<b>Ada"})
    return opened


def asked(guide: Guidepath, locale: str | None = None) -> Decision:
    decision = guide.next(**ADA, page="/", locale=locale)
    assert decision.guidance == "how"
    return decision


def said(guide: Guidepath) -> list[Envelope]:
    return guide.store.said("acme", "ada")


def test_every_right_answer_is_kept_as_it_was_given() -> None:
    assert checked(HOW, WHOLE) == WHOLE
    assert list(checked(HOW, {"why": "", "stars": 1})) == ["stars"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"stars": 0}, "'stars' does not fit; a whole number from 1 to 7"),
        ({"stars": 8}, "'stars' does not fit"),
        ({"stars": True}, "'stars' does not fit"),
        ({"stars": 3.0}, "'stars' does not fit"),
        ({"stars": "3"}, "'stars' does not fit"),
        ({"stars": [3]}, "'stars' does not fit"),
        ({"stars": 10**400}, "'stars' does not fit"),
        ({"stars": None}, "'stars' does not fit"),
        ({"tell": 11}, "'tell' does not fit; a whole number from 0 to 10"),
        ({"tell": -1}, "'tell' does not fit"),
        ({"uses": "bills"}, "'uses' does not fit; a list of the ids of its options, each once"),
        ({"uses": ["bills", "bills"]}, "'uses' does not fit"),
        ({"uses": ["bills", "wine"]}, "'uses' does not fit"),
        ({"uses": [1]}, "'uses' does not fit"),
        ({"uses": {"bills": 1, "wine": 2}}, "'uses' does not fit"),
        ({"size": ["one", "more"]}, "'size' does not fit; a list with the id of one"),
        ({"why": "longer"}, "'why' does not fit; a text of at most 5 characters"),
        ({"why": 5}, "'why' does not fit"),
        ({"why": ["a"]}, "'why' does not fit"),
        ({"wine": 1}, "asks no question 'wine'"),
        ({"\n<b>" + "x" * 900: 1}, r"asks no question '\\n<b>xx"),
    ],
)
def test_an_answer_that_does_not_fit_its_question_is_refused(
    changed: dict[str, object], message: str
) -> None:
    with pytest.raises(EventError, match=message) as refused:
        checked(HOW, {**WHOLE, **changed})
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("answers", [{}, {"tell": 3}])
def test_what_is_required_must_be_answered(answers: dict[str, object]) -> None:
    with pytest.raises(EventError, match="the question 'stars' needs an answer"):
        checked(HOW, answers)


def needed(kind: str, **more: object) -> Guidance:
    question = {"id": "q", "type": kind, "prompt": "Q", **more}
    given = {"id": "s", "type": "survey", "moment": "nurture", "toward": "m", "title": "S"}
    return Guidance.model_validate({**given, "questions": [question]})


@pytest.mark.parametrize("blank", ["", " ", "\n\t\u2003"])
def test_a_blank_text_is_no_answer(blank: str) -> None:
    with pytest.raises(EventError, match="needs an answer"):
        checked(needed("text"), {"q": blank})
    assert checked(needed("text", required=False), {"q": blank}) == {}


def test_no_option_is_no_answer() -> None:
    options = [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]
    with pytest.raises(EventError, match="needs an answer"):
        checked(needed("choice", options=options), {"q": []})
    assert checked(needed("choice", options=options, required=False), {"q": []}) == {}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=7),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
near = st.sampled_from([1, 7, 10, [], ["bills"], ["one"], "x", ["bills", "offers"]]) | anything


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*WHOLE, "wine"]), near))
def test_whatever_is_answered_it_is_kept_as_declared_or_refused(given: dict[str, object]) -> None:
    try:
        kept = checked(HOW, given)
    except EventError:
        return
    assert all(given[name] == answer for name, answer in kept.items())
    assert checked(HOW, dict(kept)) == kept
    assert kept["stars"] in range(1, 8)
    assert kept.get("tell", 0) in range(11)
    assert kept.get("size", []) in ([], ["one"], ["more"])


def test_the_questions_go_over_the_wire_in_her_language_as_plain_text(guide: Guidepath) -> None:
    item = asked(guide).item
    assert item is not None
    stars, tell, uses, _, why = item.steps[0].questions
    assert (stars.prompt, stars.low, stars.scale) == ("The lists, <b>Ada", "Bad", 7)
    assert (tell.required, why.max_length) == (False, 5)
    assert uses.multiple is True
    assert [one.label for one in uses.options or ()] == ["Bills & more", "Offers"]
    german = asked(guide, "de-AT").item
    assert german is not None
    assert (german.steps[0].questions[0].prompt, german.steps[0].title) == (
        "Die Listen",
        "Wie war es?",
    )


def test_an_answer_completes_the_survey_and_says_so_in_two_envelopes(guide: Guidepath) -> None:
    decision = asked(guide)
    before = len(said(guide))
    assert guide.respond(decision.id, "answered", answers=WHOLE)
    answered, completed = said(guide)[before:]
    assert (answered.type, completed.type) == ("survey.answered", "guidance.completed")
    assert (answered.seq, completed.seq) == (before + 1, before + 2)
    about = {"item": "how", "version": HOW.version, "moment": "nurture", "toward": "sent"}
    public = {"stars": 7, "tell": 0, "size": ["one"]}
    assert answered.data == {**about, "answers": public}
    assert completed.data == about
    silence = guide.explain(**ADA, page="/")
    assert silence.candidates[1].verdict.code == "DONE"


def test_answers_that_may_tell_who_she_is_are_private(guide: Guidepath) -> None:
    guide.respond(asked(guide).id, "answered", answers=WHOLE)
    answered = next(one for one in said(guide) if one.type == "survey.answered")
    private = {"survey.how.uses": "offers,bills", "survey.how.why": "Ada's"}
    assert answered.private == {"user.first_name": "<b>Ada", **private}
    completed = next(one for one in said(guide) if one.type == "guidance.completed")
    assert completed.private == {"user.first_name": "<b>Ada"}


def test_a_sink_gets_a_private_answer_only_where_it_is_told_to_carry_it(
    guide: Guidepath, caplog: pytest.LogCaptureFixture
) -> None:
    guide.respond(asked(guide).id, "answered", answers=WHOLE)
    heard = []
    for carries in ((), ("survey.how.why",)):
        sink = LogSink(logging.getLogger("told"), carries=frozenset(carries))
        sink.name = f"log {len(carries)}"
        with caplog.at_level(logging.INFO, "told"):
            Relay(guide.store, [sink], clock=FrozenClock()).drain()
        heard.append(caplog.text)
        caplog.clear()
    assert all('"tell":0' in one for one in heard)
    assert ["Ada's" in one for one in heard] == [False, True]
    assert not any("offers,bills" in one for one in heard)


def test_the_same_answer_again_does_nothing_and_another_is_a_conflict(guide: Guidepath) -> None:
    decision = asked(guide)
    for _ in range(3):
        assert guide.respond(decision.id, "answered", id="one", answers={"stars": 3})
    assert [one.type for one in said(guide)].count("survey.answered") == 1
    with pytest.raises(EventConflict):
        guide.respond(decision.id, "answered", id="one", answers={"stars": 4})


def test_a_survey_is_answered_once_whatever_the_number_of_tabs(guide: Guidepath) -> None:
    decision = asked(guide)
    assert guide.respond(decision.id, "answered", id="one", answers={"stars": 3})
    assert not guide.respond(decision.id, "answered", id="two", answers={"stars": 4})
    kinds = [one.type for one in said(guide)]
    assert (kinds.count("survey.answered"), kinds.count("guidance.completed")) == (1, 1)


def test_an_answer_from_long_offline_is_kept(guide: Guidepath) -> None:
    clock = guide.clock
    assert isinstance(clock, FrozenClock)
    decision = asked(guide)
    guide.respond(decision.id, "shown")
    clock.tick(hours=20)
    assert guide.respond(decision.id, "answered", answers={"stars": 3})


def test_an_export_has_the_answers_and_an_erasure_takes_them(guide: Guidepath) -> None:
    guide.respond(asked(guide).id, "answered", answers=WHOLE)
    known: dict[str, Any] = guide.export(**ADA)
    assert known["history"][-1]["properties"]["answers"] == WHOLE
    told = next(one for one in known["said"] if one["type"] == "survey.answered")
    assert told["data"]["answers"]["stars"] == 7
    guide.erase(**ADA)
    assert "Ada's" not in json.dumps(guide.export(**ADA)) + json.dumps(guide.export(account="acme"))
    assert said(guide) == []


def test_only_surveys_are_answered_and_only_answers_have_answers(guide: Guidepath) -> None:
    banner = Guidepath(PLAYBOOK).next(**ADA, page="/hello")
    with pytest.raises(EventError, match="'hello' is a banner; only a survey is answered"):
        guide.respond(banner.id, "answered", answers={})
    with pytest.raises(EventError, match="answers are those to a survey"):
        guide.respond(asked(guide).id, "dismissed", answers={"stars": 1})
    assert said(guide) == [one for one in said(guide) if one.type == "subject.started"]


def test_a_refused_answer_leaves_the_survey_where_it_was(guide: Guidepath) -> None:
    decision = asked(guide)
    with pytest.raises(EventError):
        guide.respond(decision.id, "answered", id="one", answers={"stars": 99})
    assert asked(guide).id == decision.id
    assert guide.respond(decision.id, "answered", id="one", answers={"stars": 5})


def test_the_past_knows_when_it_was_answered(guide: Guidepath) -> None:
    clock = guide.clock
    assert isinstance(clock, FrozenClock)
    clock.tick(minutes=1)
    guide.respond(asked(guide).id, "answered", answers={"stars": 5})
    at = clock()
    clock.tick(minutes=1)
    found = [guide.explain(**ADA, page="/", at=at + timedelta(seconds=s)).guidance for s in (-1, 0)]
    assert found == ["how", None]
