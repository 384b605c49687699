"""Bodies that mean harm, or are broken: each is refused with a sentence, nothing of it is kept."""

from pathlib import Path

import pytest
from tests.adapters.web.browser_side import Site, feedback, ok, refused

from guidepath import Guidepath
from guidepath.decision import Reference

TRACK = '{"event":"tour.opened","eventId":"e","properties":%s}'


@pytest.fixture
def store(tmp_path: Path) -> str:
    """A real file: what a store cannot write must be refused before."""
    return f"sqlite:///{tmp_path}/guidepath.db"


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "null",
        "1",
        "[]",
        '"text"',
        "{}",
        "{",
        "{'event': 1}",
        TRACK % "{}" + "x",
        TRACK % "[]",
        TRACK % '{"n": NaN}',
        TRACK % '{"n": -Infinity}',
        TRACK % '{"n": 1e999}',
        TRACK % ('{"n": %s}' % ("9" * 5_000)),
        TRACK % ('{"n": %s}' % ("9" * 30)),
        TRACK % '{"n": "\\ud800"}',
        TRACK % '{"n": "\\udc00\\ud800"}',
        TRACK % '{"\\ud800": 1}',
        TRACK % nested(33),
        TRACK % nested(500),
        TRACK % nested(990),
        TRACK % nested(6_000),
        TRACK % ("[" * 60_000),
        "[" * 60_000,
        '{"a":' * 12_000,
        TRACK % ('{"long": "%s"}' % ("x" * 40_000)),
        '{"event": "tour.opened"}',
        '{"event": "tour.opened", "eventId": ""}',
        '{"event": "tour.opened", "eventId": 7}',
        '{"event": "tour.opened", "eventId": "\\u0000"}',
        '{"event": "tour.opened", "eventId": "%s"}' % ("x" * 257),
        '{"event": "tour.opened", "eventId": "e", "occurredAt": "yesterday"}',
        '{"event": "tour.opened", "eventId": "e", "occurredAt": "2026-03-01T09:00:00"}',
        '{"event": "tour.opened", "eventId": "e", "occurredAt": "9999-99-99T00:00:00Z"}',
        '{"event": "tour.opened", "eventId": "e", "occurredAt": 1e30}',
        '{"event": {}, "eventId": "e"}',
    ],
    ids=lambda body: body[:60],
)
def test_a_body_that_is_no_event_is_refused_and_keeps_nothing(
    site: Site, host: Guidepath, body: str
) -> None:
    headers = {"content-type": "application/json"}
    response = site.ask("POST", "v1/track", content=body.encode(), headers=headers)
    assert response.status_code == 400, response.text
    refused(response, 400, response.json()["code"])
    assert host.progress(user="ada", account="acme").reached == ()
    history = host.export(user="ada", account="acme")["history"]
    assert isinstance(history, list)
    assert len(history) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "item.loved"},
        {"type": None},
        {"decisionId": None},
        {"decisionId": "dec_" + "A" * 5000},
        {"eventId": "a\nb"},
        {"eventId": "x" * 300},
        {"endReason": "bored"},
        {"snooze": "P1Y"},
        {"snooze": -1},
        {"stepId": "x" * 300},
        {"stepId": ["one"]},
        {"waitedMs": "long"},
        {"occurredAt": "0001-01-01T00:00:00"},
    ],
)
def test_feedback_that_is_none_is_refused(site: Site, wrong: dict[str, object]) -> None:
    decision = site.next()
    response = site.post("v1/feedback", {**feedback(decision), **wrong})
    assert response.status_code == 400, response.text
    refused(response, 400, response.json()["code"])
    assert site.next()["claim"] == decision["claim"]


def test_a_decision_of_the_far_future_does_no_harm(site: Site) -> None:
    decision = site.next()
    for at in (2**63 - 1, 2**64 - 1, -(2**63)):
        forged = Reference("acme", "ada", 1, "import-contacts", at)
        said = {"decisionId": forged.id, "claim": forged.token}
        ok(site.answer(decision, occurredAt="2026-03-01T09:00:00Z", **said), 202)
    assert site.next()["claim"] == decision["claim"]
