"""What guidepath knows, shown: why an item was or was not chosen, and the time to value."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from starlette.responses import PlainTextResponse, Response

from guidepath.clock import moment
from guidepath.decision import Candidate, Decision, Verdict
from guidepath.demo.visit import Visit, own
from guidepath.insight import page as report_page
from guidepath.insight.report import By, Report
from guidepath.insight.stylesheet import STYLESHEET
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.reason import Code

PAGES = (
    "/dashboard",
    "/contacts",
    "/contacts/import",
    "/invoices",
    "/invoices/new",
    "/payments",
    "/team",
    "/settings",
)


class GateName(NamedTuple):
    """What a gate is called, and what is said where it is closed."""

    name: str
    closed: str


GATES: Mapping[Code, GateName] = {
    "HOLDOUT": GateName("Holdout", "Held out"),
    "HANDOFF_OPEN": GateName("Hand-off", "A person takes care"),
    "ACTIVE_CLAIM": GateName("Under way", "Something else is under way"),
    "NOT_HERE": GateName("Place", "Not on this page"),
    "WRONG_ROLE": GateName("Role", "For another role"),
    "NOT_SCHEDULED": GateName("Schedule", "Not at this time"),
    "PREREQUISITE": GateName("What comes before", "Something comes before"),
    "DONE": GateName("Done", "Done already"),
    "RULE": GateName("Its own rule", "Its own rule does not hold"),
    "SNOOZED": GateName("Put off", "Put off until later"),
    "DISMISSED": GateName("Sent away", "Sent away for good"),
    "FREQUENCY_CAP": GateName("How often", "Shown often enough"),
    "COOL_OFF": GateName("Pause", "Shown a short time ago"),
    "BUDGET": GateName("Budget", "Enough for now"),
    "PATIENCE": GateName("Patience", "Favours are rare"),
    "OUTRANKED": GateName("Rank", "Something ranks before it"),
    "CHOSEN": GateName("Chosen", "Chosen"),
}

_OF_ANOTHER = ("ACTIVE_CLAIM", "OUTRANKED")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


class Told(NamedTuple):
    """A candidate as the page tells it: the gate that stops it, and when time opens that one.

    An item on the screen stops all others; what else stops them says more.
    """

    guidance: Guidance
    title: str
    chosen: bool
    candidate: Candidate
    stop: Verdict
    opens: str


def why(visit: Visit) -> Response:
    """Why this item, why not the others, and when. Looking claims nothing."""
    place = visit.request.query_params.get("page", "/dashboard")[:200]
    decision = visit.desk.guide.explain(
        user=visit.person.id, account=visit.person.company, page=place, locale=visit.language
    )
    playbook = visit.desk.guide.playbook
    declared = {one.id: one for one in playbook.guidance}
    told = [_told(visit, decision, declared[one.item], one) for one in decision.candidates]
    return visit.show(
        "why.html",
        place=place,
        back=own(place),
        pages=PAGES if place in PAGES else (place, *PAGES),
        decision=decision,
        chosen=next((one for one in told if one.chosen), None),
        others=sorted((one for one in told if not one.chosen), key=_nearest, reverse=True),
        opens=lambda verdict: _opens(visit, verdict),
        told_as=lambda text: _INSTANT.sub(partial(_instant, visit), text),
        gates_of=GATES,
    )


def _told(visit: Visit, decision: Decision, guidance: Guidance, one: Candidate) -> Told:
    closed = [gate for gate in one.gates if not gate.open]
    stop = next((gate for gate in closed if gate.code not in _OF_ANOTHER), one.verdict)
    return Told(
        guidance,
        _title(visit, guidance),
        one.item == decision.guidance,
        one,
        stop,
        _opens(visit, stop),
    )


def report(visit: Visit) -> Response:
    """The time to value of all accounts, the simulated ones and Northwind."""
    by: By | None = "role" if visit.request.query_params.get("by") == "role" else None
    found = visit.desk.guide.report(until=visit.now, by=by)
    return visit.show("report.html", content=_content(found), by=by)


def stylesheet(_visit: Visit) -> Response:
    """The report's own style."""
    return PlainTextResponse(STYLESHEET, media_type="text/css")


def _content(found: Report) -> str:
    return report_page.content(found, title="Time to value")


def _title(visit: Visit, guidance: Guidance) -> str:
    """An item's title for the visitor."""
    values = {"user.first_name": visit.person.name}
    template, language = visit.desk.guide.playbook.template(guidance.title, visit.language)
    return template.render(values, locale=language)


def _nearest(told: Told) -> int:
    """How many gates were open before the one that decides."""
    return told.candidate.gates.index(told.stop)


def _instant(visit: Visit, found: re.Match[str]) -> str:
    """A time within a gate's answer, as people write it."""
    return visit.words.moment(datetime.fromisoformat(found[0]))


def _opens(visit: Visit, verdict: Verdict) -> str:
    if verdict.open or verdict.opens_at is None:
        return ""
    at = moment(verdict.opens_at)
    return f"{visit.words.moment(at)} ({visit.words.ahead(at - visit.now)})"
