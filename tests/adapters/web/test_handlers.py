import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest
from tests.adapters.web.browser_side import (
    PLAYBOOK,
    Clock,
    Site,
    feedback,
    guide,
    header,
    ok,
    refused,
    run,
)

from guidepath import AsyncGuidepath, Guidepath, Playbook
from guidepath.clock import moment
from guidepath.event import Envelope


@pytest.fixture(params=["memory:", "sqlite:///{folder}/guidepath.db"], ids=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(request.param).format(folder=tmp_path)


def test_fifty_requests_at_once_get_one_claim(host: Guidepath) -> None:
    site = Site(host.asgi(identify=header, rate=None))

    async def at_once() -> list[str]:
        asked = [site.asking("GET", "v1/next?page=/contacts") for _ in range(50)]
        return [ok(one)["claim"]["token"] for one in await asyncio.gather(*asked)]

    assert len(set(run(at_once()))) == 1


def test_the_async_guide_serves_the_same(clock: Clock, tmp_path: Path) -> None:
    async def asked() -> str:
        async with AsyncGuidepath(PLAYBOOK, f"sqlite:///{tmp_path}/g.db", clock=clock) as guide:
            browser = Site(guide.asgi(identify=header))
            return str(ok(await browser.asking("GET", "v1/next?page=/start"))["item"]["id"])

    assert run(asked()) == "start"


@pytest.mark.parametrize(
    ("query", "accepted", "title"),
    [
        ("de", "en", "Kontakte holen"),
        ("de_AT", "", "Kontakte holen"),
        ("", "de-CH, en;q=0.9", "Kontakte holen"),
        ("", "de;q=0.8", "Kontakte holen"),
        ("../../etc", "de", "Bring your contacts, <b>Ada</b>"),
        ("", "*", "Bring your contacts, <b>Ada</b>"),
        ("", "", "Bring your contacts, <b>Ada</b>"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browsers_first(
    site: Site, query: str, accepted: str, title: str
) -> None:
    response = site.get(
        f"v1/next?page=/contacts&locale={query}", headers={"accept-language": accepted}
    )
    assert ok(response)["item"]["steps"][0]["title"] == title


def test_a_decision_says_which_language_it_is_in(site: Site) -> None:
    assert site.next("/contacts", locale="de-AT")["locale"] == "de"
    assert site.next("/nowhere", locale="de-AT")["locale"] == "de-AT"
    assert site.next("/nowhere", locale="../../etc")["locale"] == "en"


def test_what_is_no_device_is_no_device(site: Site) -> None:
    assert site.next("/contacts", device="toaster")["item"]["id"] == "import-contacts"


def test_a_page_counts_up_to_two_thousand_and_forty_eight_characters(site: Site) -> None:
    assert site.next("/contacts?" + "x" * 20_000)["item"]["id"] == "import-contacts"
    assert site.next("/contacts/" + "%00\ud7ff\U0010ffff" * 500)["item"] is None


def test_a_user_is_never_taken_from_a_query_or_a_body(site: Site, host: Guidepath) -> None:
    mallory = Site(site.app, who="mallory@other")
    forged = "user=ada&account=acme&userId=ada&identity=ada"
    assert ok(mallory.get(f"v1/next?page=/contacts&{forged}"))["item"] is None
    names = {"user": "ada", "userId": "ada", "account": "acme", "identity": {"user": "ada"}}
    ok(mallory.post("v1/track", {"event": "tour.opened", "eventId": "e", **names}), 202)
    assert host.progress(user="ada", account="acme").reached == ()
    assert host.progress(user="mallory", account="other").reached == ("toured",)


def test_feedback_is_counted_once_however_often_it_comes(site: Site, host: Guidepath) -> None:
    decision = site.next()
    for _ in range(3):
        assert ok(site.answer(decision), 202) == {"object": "feedback", "accepted": True}
    history = host.export(user="ada", account="acme")["history"]
    assert isinstance(history, list)
    assert [one["kind"] for one in history] == ["identify", "feedback"]


def test_an_event_id_with_other_content_is_a_conflict(site: Site) -> None:
    decision = site.next()
    site.answer(decision)
    refused(site.answer(decision, "item.dismissed"), 409, "conflict")


def test_a_browser_cannot_use_up_the_ids_of_the_host(site: Site, host: Guidepath) -> None:
    ok(site.post("v1/track", {"event": "tour.opened", "eventId": "evt_1"}), 202)
    assert host.track("invoice.sent", user="ada", account="acme", id="evt_1").stored
    bob = Site(site.app, who="bob@acme")
    ok(bob.post("v1/track", {"event": "tour.opened", "eventId": "evt_1"}), 202)
    assert host.progress(user="bob", account="acme").reached == ("toured",)


def test_feedback_to_a_right_that_has_passed_on_is_not_accepted(site: Site, clock: Clock) -> None:
    first = site.next()
    clock.move(minutes=6)
    second = site.next()
    assert second["claim"] != first["claim"]
    assert ok(site.answer(first), 202)["accepted"] is False
    assert ok(site.answer(second, eventId="two"), 202)["accepted"] is True


def test_feedback_to_somebody_elses_decision_is_refused(site: Site, host: Guidepath) -> None:
    decision = site.next()
    for who in ("bob@acme", "ada@other", "ada"):
        refused(Site(site.app, who=who).answer(decision, "item.dismissed"), 403, "not_yours")
    assert site.next()["claim"] == decision["claim"]


@pytest.mark.parametrize("id", ["", "dec_", "dec_AAAA", "nonsense", "dec_é", "dec_" + "A" * 4000])
def test_feedback_to_no_decision_is_refused(site: Site, id: str) -> None:
    refused(site.answer(site.next(), decisionId=id), 400, "refused")


def test_feedback_to_silence_is_refused(site: Site) -> None:
    silence = site.next("/nowhere")["decisionId"]
    refused(site.answer(site.next(), decisionId=silence), 400, "refused")


@pytest.mark.parametrize("other", [{"claim": "clm_forged"}, {"itemId": "start"}])
def test_feedback_that_contradicts_its_decision_is_refused(
    site: Site, other: dict[str, str]
) -> None:
    refused(site.answer(site.next(), **other), 400, "malformed")


def test_a_snooze_is_one_of_the_options(site: Site, clock: Clock) -> None:
    decision = site.next()
    refused(site.answer(decision, "item.snoozed", snooze="PT3H"), 400, "refused")
    refused(site.answer(decision, "item.snoozed", snooze="P999999999D"), 400, "refused")
    refused(site.answer(decision, "item.snoozed", snooze="4h"), 400, "malformed")
    ok(site.answer(decision, "item.snoozed", snooze="PT4H"), 202)
    assert site.next()["reason"] == {"code": "SNOOZED"}
    clock.move(hours=4)
    # its cool-off of a day has not begun: it was never shown
    assert site.next()["item"]["id"] == "import-contacts"


def test_an_item_without_options_takes_no_length_from_a_browser(site: Site) -> None:
    decision = site.next("/tour")
    refused(site.answer(decision, "item.snoozed", snooze="P30D"), 400, "refused")


def test_a_tour_goes_on_where_it_was(site: Site) -> None:
    decision = site.next("/tour")
    ok(site.answer(decision, "step.completed", stepId="one", eventId="a"), 202)
    ok(site.answer(decision, "step.shown", stepId="two", eventId="b"), 202)
    assert site.next("/tour")["item"]["state"] == {
        "status": "in_progress",
        "currentStepId": "two",
        "progress": {"completed": 1, "total": 2},
    }


def test_what_the_client_also_says_is_taken_and_fields_to_come_are_ignored(site: Site) -> None:
    more = {"targetFound": False, "waitedMs": 5012.5, "endReason": "target_missing", "mood": "?"}
    ok(site.answer(site.next(), "target.missing", occurredAt="2026-03-01T09:00:01Z", **more), 202)


@pytest.mark.parametrize(
    ("occurred", "counted"),
    [
        ("2026-03-01T09:01:00Z", "2026-03-01T09:01:00"),  # as it says
        ("2026-03-01T08:59:00Z", "2026-03-01T09:02:00"),  # before the decision: a slow clock
        ("1999-03-01T09:00:00Z", "2026-03-01T09:02:00"),
        ("2031-03-01T09:00:00Z", "2026-03-01T09:07:00"),  # five minutes ahead at most
    ],
)
def test_a_browsers_clock_is_believed_within_reason(
    site: Site, host: Guidepath, clock: Clock, occurred: str, counted: str
) -> None:
    decision = site.next()
    clock.move(minutes=2)
    for _ in range(2):
        ok(site.answer(decision, occurredAt=occurred), 202)
        clock.move(seconds=30)
    history = host.export(user="ada", account="acme")["history"]
    assert isinstance(history, list)
    assert _time(history[-1]["occurred_at"]) == counted


def test_a_browser_with_a_clock_of_last_year_does_not_move_the_start(
    site: Site, host: Guidepath, clock: Clock
) -> None:
    event = {"event": "tour.opened", "eventId": "e", "occurredAt": "2025-03-01T09:00:00Z"}
    ok(site.post("v1/track", event), 202)
    (toured,) = [
        one for one in host.progress(user="ada", account="acme").milestones if one.reached_at
    ]
    assert toured.reached_at == clock.now


def test_a_tracked_event_keeps_its_properties_and_its_time(
    site: Site, host: Guidepath, clock: Clock
) -> None:
    clock.move(hours=1)
    said = {
        "event": "tour.opened",
        "eventId": "e",
        "properties": {"chapter": "one", "deep": [{"n": 1.5}]},
        "occurredAt": "2026-03-01T10:30:00+01:00",
    }
    for _ in range(2):
        assert ok(site.post("v1/track", said), 202) == {"object": "track", "accepted": True}
    history = host.export(user="ada", account="acme")["history"]
    assert isinstance(history, list)
    assert (history[-1]["name"], history[-1]["properties"]) == ("tour.opened", said["properties"])
    assert _time(history[-1]["occurred_at"]) == "2026-03-01T09:30:00"


@pytest.mark.parametrize("event", ["invoice.sent", "unheard.of", "item.shown"])
def test_only_events_declared_for_browsers_come_from_browsers(
    site: Site, host: Guidepath, event: str
) -> None:
    body = {"event": event, "eventId": "e"}
    assert event in refused(site.post("v1/track", body), 403, "not_from_browser")
    assert host.progress(user="ada", account="acme").reached == ()


class Ear:
    """A sink that tells when it has heard of something."""

    name = "ear"

    def __init__(self) -> None:
        self.heard = Event()

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        if any(one.type == "milestone.reached" for one in envelopes):
            self.heard.set()

    def close(self) -> None: ...


def test_what_a_browser_says_reaches_the_sinks_of_its_guide(clock: Clock) -> None:
    ear = Ear()
    with guide(sinks=[ear], clock=clock) as host:
        site = Site(host.asgi(identify=header))
        ok(site.post("v1/track", {"event": "tour.opened", "eventId": "e"}), 202)
        assert ear.heard.wait(timeout=5)


def test_what_is_ignored_is_counted_by_its_guide(site: Site, host: Guidepath) -> None:
    wrong = {"event": "tour.opened", "eventId": "e", "properties": {"chapter": 1}}
    ok(site.post("v1/track", wrong), 202)
    assert list(host.ignored.values()) == [1]


def test_feedback_may_come_from_a_page_that_was_closed_meanwhile(site: Site) -> None:
    decision = site.next()
    body = feedback(decision, "item.dismissed", endReason="navigated")
    ok(site.post("v1/feedback", body), 202)
    assert site.next("/start")["item"]["id"] == "start"


SEEN = Playbook.parse("""
name: ledgerly
events: {invoice.sent: {}}
milestones:
  - {id: sent, title: Send, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - id: how
    type: survey
    moment: nurture
    toward: sent
    page: /how
    title: How was it?
    questions:
      - {id: stars, type: rating, prompt: The lists, low: Bad}
      - id: uses
        type: choice
        prompt: What for?
        required: false
        options: [{id: bills, label: Bills}, {id: offers, label: Offers}]
      - {id: why, type: text, prompt: Why?, required: false, pii: true}
  - id: news
    type: announcement
    moment: nurture
    toward: sent
    page: /news
    title: News
  - id: around
    type: tour
    moment: onboard
    toward: sent
    title: Around
    steps:
      - {id: one, title: One, page: /one, target: {selector: "#one", on_missing: end}}
      - {id: two, title: Two, page: /two, placement: {side: end}, action: {label: Back, step: one}}
""")


@pytest.fixture
def surveyed(store: str, clock: Clock) -> Iterator[Guidepath]:
    with Guidepath(SEEN, store, clock=clock) as opened:
        yield opened


@pytest.fixture
def people(surveyed: Guidepath) -> Site:
    return Site(surveyed.asgi(identify=header))


def test_a_survey_shows_its_questions_and_takes_one_answer(
    people: Site, surveyed: Guidepath
) -> None:
    decision = people.next("/how")
    assert decision["item"]["steps"][0]["questions"] == [
        {
            "id": "stars",
            "type": "rating",
            "prompt": "The lists",
            "required": True,
            "scale": 5,
            "low": "Bad",
        },
        {
            "id": "uses",
            "type": "choice",
            "prompt": "What for?",
            "required": False,
            "options": [{"id": "bills", "label": "Bills"}, {"id": "offers", "label": "Offers"}],
            "multiple": False,
        },
        {"id": "why", "type": "text", "prompt": "Why?", "required": False, "maxLength": 1000},
    ]
    answers = {"stars": 5, "uses": ["bills"], "why": "<b>because</b>"}
    for _ in range(2):
        said = people.answer(decision, "survey.answered", answers=answers)
        assert ok(said, 202)["accepted"] is True
    other = people.answer(decision, "survey.answered", answers=answers, eventId="two")
    assert ok(other, 202)["accepted"] is False
    kinds = [one.type for one in surveyed.store.said("acme", "ada")]
    assert kinds == ["survey.answered", "guidance.completed"]
    assert people.next("/how")["reason"] == {"code": "DONE"}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ("five", "malformed"),
        ([], "malformed"),
        ({"stars": 4.5}, "malformed"),
        ({"stars": None}, "malformed"),
        ({"stars": True}, "malformed"),
        ({"stars": {"a": 1}}, "malformed"),
        ({"stars": 4, "uses": [1]}, "malformed"),
        (None, "refused"),
        ({}, "refused"),
        ({"stars": 0}, "refused"),
        ({"stars": 10**30}, "refused"),
        ({"stars": "5"}, "refused"),
        ({"stars": 5, "uses": "bills"}, "refused"),
        ({"stars": 5, "uses": ["bills", "offers"]}, "refused"),
        ({"stars": 5, "uses": ["__proto__"]}, "refused"),
        ({"stars": 5, "why": "x" * 1001}, "refused"),
        ({"stars": 5, "__proto__": 1}, "refused"),
    ],
    ids=str,
)
def test_answers_that_do_not_fit_are_refused_and_nothing_of_them_is_kept(
    people: Site, surveyed: Guidepath, answers: object, code: str
) -> None:
    decision = people.next("/how")
    refused(people.answer(decision, "survey.answered", answers=answers), 400, code)
    assert surveyed.store.said("acme", "ada") == []
    assert people.next("/how")["claim"] == decision["claim"]
    ok(people.answer(decision, "survey.answered", answers={"stars": 5}), 202)


def test_answers_to_what_is_no_survey_are_refused(people: Site) -> None:
    decision = people.next("/news")
    refused(people.answer(decision, "survey.answered", answers={"stars": 5}), 400, "refused")
    refused(people.answer(decision, "item.dismissed", answers={"stars": 5}), 400, "refused")


def test_a_server_passes_an_answer_on_too(surveyed: Guidepath) -> None:
    server = Site(surveyed.asgi(identify=None, write_keys=["a-write-key-of-24-letters"]), who="")
    key = {"authorization": "Bearer a-write-key-of-24-letters"}
    asked = server.get("v1/next?userId=ada&groupId=acme&page=/how", headers=key)
    said = feedback(ok(asked), "survey.answered", answers={"stars": 1})
    assert ok(server.post("v1/feedback", said, headers=key), 202)["accepted"] is True


def test_progress_has_the_announcements_that_she_has_had(people: Site) -> None:
    assert ok(people.get("v1/progress"))["announcements"] == []
    ok(people.answer(people.next("/news"), "item.dismissed"), 202)
    [news] = ok(people.get("v1/progress"))["announcements"]
    assert (news["object"], news["id"], news["steps"][0]["here"]) == ("item", "news", True)


def test_a_tour_says_which_steps_are_here_and_where_its_actions_lead(people: Site) -> None:
    one, two = people.next("/one")["item"]["steps"]
    assert (one["here"], two["here"]) == (True, False)
    assert (one["target"]["onMissing"], two["placement"]["side"]) == ("end", "end")
    back = {"label": "Back", "type": "step", "url": None, "stepId": "one"}
    assert two["primaryAction"] == back
    assert one["questions"] == []


def test_why_a_target_is_missing_is_kept_in_the_history(people: Site, surveyed: Guidepath) -> None:
    decision = people.next("/one")
    wrong = people.answer(decision, "target.missing", stepId="one", reason="moody")
    refused(wrong, 400, "malformed")
    ok(people.answer(decision, "target.missing", stepId="one", reason="covered"), 202)
    history = surveyed.export(user="ada", account="acme")["history"]
    assert isinstance(history, list)
    assert history[-1]["properties"]["reason"] == "covered"


def _time(micros: int) -> str:
    return moment(micros).isoformat().removesuffix("+00:00")
