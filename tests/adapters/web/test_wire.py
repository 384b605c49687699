from datetime import timedelta

import pytest
from tests.adapters.web.browser_side import Site, ok

from guidepath import Guidepath
from guidepath.adapters.web import wire


def test_a_decision_has_the_shape_of_the_contract_and_no_more(site: Site) -> None:
    decision = site.next("/contacts", locale="en")
    assert decision["decisionId"].startswith("dec_")
    assert decision == {
        "object": "decision",
        "schemaVersion": 1,
        "decisionId": decision["decisionId"],
        "evaluatedAt": "2026-03-01T09:00:00Z",
        "nextEvaluationAt": "2026-03-01T09:05:00Z",
        "locale": "en",
        "item": {
            "object": "item",
            "id": "import-contacts",
            "version": decision["item"]["version"],
            "type": "tooltip",
            "moment": "onboard",
            "toward": "contacts",
            "steps": [
                {
                    "id": "import-contacts",
                    "type": "tooltip",
                    "here": True,
                    "title": "Bring your contacts, <b>Ada</b>",
                    "bodyHtml": "<p>A <strong>CSV</strong> is enough.</p>\n",
                    "target": {"selector": "#import", "waitMs": 5000, "onMissing": "skip"},
                    "placement": {"side": "bottom", "align": "start"},
                    "overlay": {"enabled": False},
                    "advanceOn": None,
                    "primaryAction": {
                        "label": "Import",
                        "type": "navigate",
                        "url": "/contacts/import",
                        "stepId": None,
                    },
                    "secondaryAction": None,
                    "dismissible": True,
                    "questions": [],
                }
            ],
            "state": {
                "status": "not_started",
                "currentStepId": "import-contacts",
                "progress": {"completed": 0, "total": 1},
            },
            "snoozeOptions": ["PT4H", "P1D"],
            "theme": "default",
        },
        "reason": {"code": "CHOSEN"},
        "claim": {"token": decision["claim"]["token"], "expiresAt": "2026-03-01T09:05:00Z"},
    }


def test_silence_is_an_answer_with_a_reason_and_the_language_asked_for(site: Site) -> None:
    decision = site.next("/nowhere", locale="de-AT")
    assert decision == {
        "object": "decision",
        "schemaVersion": 1,
        "decisionId": decision["decisionId"],
        "evaluatedAt": "2026-03-01T09:00:00Z",
        "nextEvaluationAt": None,
        "locale": "de-AT",
        "item": None,
        "reason": {"code": "NOT_HERE"},
        "claim": None,
    }


def test_an_item_of_another_page_is_no_item_here(site: Site) -> None:
    site.answer(site.next("/contacts"))
    elsewhere = site.next("/start")
    assert (elsewhere["item"], elsewhere["claim"]) == (None, None)
    assert elsewhere["reason"] == {"code": "ACTIVE_CLAIM"}


def test_a_checklist_carries_its_lines(site: Site, host: Guidepath) -> None:
    host.track("contact.imported", user="ada", account="acme")
    item = site.next("/start", locale="de")["item"]
    assert item["items"] == [
        {
            "id": "contacts",
            "title": "Kontakte",
            "status": "completed",
            "required": True,
            "locked": False,
            "completedBy": "ada",
            "completedAt": "2026-03-01T09:00:00Z",
            "action": None,
        },
        {
            "id": "first_invoice",
            "title": "Send your first invoice",
            "status": "not_started",
            "required": True,
            "locked": False,
            "completedBy": None,
            "completedAt": None,
            "action": None,
        },
    ]
    assert item["state"]["progress"] == {"completed": 1, "total": 2}


def test_progress_has_all_milestones_and_the_checklists_without_a_claim(
    site: Site, host: Guidepath
) -> None:
    host.track("contact.imported", user="ada", account="acme")
    progress = ok(site.get("v1/progress?locale=de"))
    assert progress["object"] == "progress"
    assert [(one["title"], one["reachedAt"]) for one in progress["milestones"]] == [
        ("Kontakte", "2026-03-01T09:00:00Z"),
        ("Send your first invoice", None),
        ("See the tour", None),
    ]
    (checklist,) = progress["checklists"]
    assert (checklist["id"], checklist["steps"][0]["title"]) == ("start", "Erste Schritte")
    assert "locale" not in checklist


def test_a_duration_is_read_as_the_snooze_options_write_it() -> None:
    body = b'{"eventId":"e","decisionId":"d","type":"item.snoozed","snooze":"PT4H"}'
    assert wire.read(body, wire.WireFeedback).snooze == timedelta(hours=4)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "cannot be read as JSON"),
        (b'{"event":"\xff","eventId":"e"}', "not UTF-8"),
        (b'{"properties":{"a":' + b"[" * 60_000, "nested too deeply"),
        (b'{"event":1,"eventId":"e"}', "Expected `str`, got `int` - at `$.event`"),
        (b'{"event":"e"}', "missing required field `eventId`"),
        (b'{"event":"e","eventId":"a","eventId":"b"}', "has the key 'eventId' twice"),
        (b'{"event":"e","eventId":"a","event\\u0049d":"b"}', "has the key 'eventId' twice"),
        (b'{"event":"e","eventId":"a","mood":1,"mood":1}', "has the key 'mood' twice"),
        (
            b'{"event":"e","eventId":"a","properties":{"a":[{"b":1,"b":2}]}}',
            "has the key 'b' twice",
        ),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=r"^the body ") as raised:
        wire.read(body, wire.WireTrack)
    assert why in str(raised.value)
