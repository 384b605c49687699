"""What each path does: from a plain request to a plain response, whatever carries them.

Who a browser is comes from the host's `identify` alone; a body or a query that names a user says
nothing. A server with a write key says of whom it speaks.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from guidepath.adapters.web import wire
from guidepath.adapters.web.exchange import PRIVATE, Refusal, Request, Response, json
from guidepath.adapters.web.identity import Identity
from guidepath.asyncio import AsyncGuidepath
from guidepath.clock import micros
from guidepath.content.locale import well_formed
from guidepath.decision import Reference
from guidepath.errors import EventError
from guidepath.event import derive_id
from guidepath.subject import checked_id

T = TypeVar("T")
Handler = Callable[[AsyncGuidepath, Request, Identity], Awaitable[Response]]
BELIEVED = timedelta(days=1)  # how far back a browser's own time of an event is taken


async def show_next(guide: AsyncGuidepath, request: Request, who: Identity) -> Response:
    """GET v1/next: the one thing to show now, or none and the reason."""
    locale = _locale(request)
    decided = await guide.next(
        user=who.user,
        account=who.account,
        page=request.query.get("page"),
        locale=locale,
        device=request.query.get("device"),
    )
    return _answer(wire.decision(decided, locale=locale or guide.playbook.locale))


async def show_progress(guide: AsyncGuidepath, request: Request, who: Identity) -> Response:
    """GET v1/progress: milestones and checklists."""
    found = await guide.progress(user=who.user, account=who.account, locale=_locale(request))
    return _answer(wire.overview(found))


async def hear_feedback(guide: AsyncGuidepath, request: Request, who: Identity) -> Response:
    """POST v1/feedback: what became of an item."""
    said = _read(request, wire.WireFeedback)
    about = Reference.read(said.decision_id)
    if about.subject != who.subject:
        raise Refusal(403, "not_yours", "this decision was made for somebody else")
    if said.claim not in (None, about.token) or said.item_id not in (None, about.item):
        raise Refusal(400, "malformed", "claim and itemId are not those of the decision")
    accepted = await guide.respond(
        said.decision_id,
        said.type,
        id=_event_id(said.event_id, who),
        step=said.step_id,
        end_reason=said.end_reason,
        snooze=said.snooze,
        answers=said.answers,
        reason=said.reason,
        at=_believed(guide, said.occurred_at, since=about.at),
    )
    return _answer(wire.WireHeard(accepted=accepted), status=202)


async def hear_event(guide: AsyncGuidepath, request: Request, who: Identity) -> Response:
    """POST v1/track: an event that the playbook takes from browsers."""
    said = _read(request, wire.WireTrack)
    declared = guide.playbook.events.get(said.event)
    if declared is None or declared.source != "browser":
        raise Refusal(
            403,
            "not_from_browser",
            f"the playbook does not take {said.event[:80]!a} from a browser; "
            "declare it with `from: browser`, or track it on the server",
        )
    await guide.track(
        said.event,
        user=who.user,
        account=who.account,
        properties=said.properties,
        id=_event_id(said.event_id, who),
        at=_believed(guide, said.occurred_at),
    )
    return _answer(wire.WireTracked(), status=202)


def named_in_query(request: Request) -> Identity:
    """Of whom a server asks.

    Raises:
        Refusal: it names no user.
    """
    try:
        group = request.query.get("groupId")
        return Identity(
            checked_id(request.query.get("userId"), "userId"),
            None if group is None else checked_id(group, "groupId"),
        )
    except EventError as problem:
        raise Refusal(400, "malformed", f"in the query: {problem}") from None


def named_in_decision(request: Request) -> Identity:
    """For whom the decision was made whose answer a server passes on.

    Raises:
        Refusal: it is no feedback; EventError: there is no such decision.
    """
    about = Reference.read(_read(request, wire.WireFeedback).decision_id).subject
    return Identity(about.user or "", about.account)


async def tell_health(guide: AsyncGuidepath) -> Response:
    """GET healthz: whether the store answers."""
    await guide.answers()
    return json(wire.WireHealth(), headers={"cache-control": "no-store"})


def _read(request: Request, kind: type[T]) -> T:
    try:
        return wire.read(request.body, kind)
    except ValueError as problem:
        raise Refusal(400, "malformed", str(problem)) from None


def _event_id(said: str, who: Identity) -> str:
    # a browser that could choose the stored id could use up one of the host's
    return derive_id("web", who.user, checked_id(said, "eventId"))


def _believed(guide: AsyncGuidepath, said: datetime | None, *, since: int = 0) -> datetime | None:
    """The browser's own time, or None (then it is now) where its clock must be wrong.

    A clock that is years off must not move a person's start, and nobody answers a decision before
    it is made (`since`, microseconds). What lies ahead is cut by the engine.
    """
    if said is None:
        return None
    earliest = max(since, micros(guide.clock() - BELIEVED))
    return said if micros(said) >= earliest else None


def _locale(request: Request) -> str | None:
    """What is asked for, else the first language of the browser; None where that is no language."""
    accepted = request.headers.get("accept-language", "").split(",")[0].partition(";")[0]
    wanted = (request.query.get("locale") or accepted).strip().replace("_", "-")
    return wanted if well_formed(wanted) else None


def _answer(body: object, *, status: int = 200) -> Response:
    return json(body, status=status, headers=PRIVATE)
