"""What the browser reads and writes, as JSON: camelCase, with `object` telling what it is.

People who use a product never see the candidates of a decision: those are for `explain`.
"""

import json
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from guidepath.attention import Answers, Claim, EndReason, FeedbackType, MissingReason
from guidepath.clock import iso
from guidepath.decision import Decision
from guidepath.item import Item, WireLine, WireState, WireStep
from guidepath.overview import MilestoneView, Overview
from guidepath.playbook.reason import Code

T = TypeVar("T")
Id = Annotated[str, Meta(min_length=1, max_length=256)]
Time = Annotated[str, Meta(description="ISO 8601 in UTC, ending in Z")]
Aware = Annotated[datetime, Meta(tz=True)]


class _Wire(msgspec.Struct, frozen=True, rename="camel", gc=False):
    pass


class WireItem(_Wire, frozen=True, kw_only=True, tag_field="object", tag="item"):
    """A piece of guidance, ready to be shown; `items` are the lines of a checklist."""

    id: str
    version: str
    type: str
    moment: str
    toward: str
    steps: tuple[WireStep, ...]
    items: tuple[WireLine, ...] | UnsetType = UNSET
    state: WireState
    snooze_options: tuple[str, ...]
    theme: str


class WireReason(_Wire, frozen=True, kw_only=True):
    """Why there is an item, or none: the gate's code."""

    code: Code


class WireClaim(_Wire, frozen=True, kw_only=True):
    """The right to show the item, the same in every tab, until it is answered or expires."""

    token: str
    expires_at: Time


class WireDecision(_Wire, frozen=True, kw_only=True, tag_field="object", tag="decision"):
    """What to show now; no item is a right answer."""

    schema_version: Literal[1] = 1
    decision_id: str
    evaluated_at: Time
    next_evaluation_at: Time | None
    locale: str
    item: WireItem | None
    reason: WireReason
    claim: WireClaim | None


class WireOverview(_Wire, frozen=True, kw_only=True, tag_field="object", tag="progress"):
    """All milestones in playbook order, and for the person's role the checklists.

    `announcements` are those she has had, the newest first, at most 20.
    """

    milestones: tuple[MilestoneView, ...]
    checklists: tuple[WireItem, ...]
    announcements: tuple[WireItem, ...]


class WireFeedback(_Wire, frozen=True, kw_only=True):
    """What became of an item. The same `eventId` again does nothing."""

    event_id: Id
    decision_id: Annotated[str, Meta(max_length=4096)]
    type: FeedbackType
    claim: str | None = None
    item_id: str | None = None
    step_id: Id | None = None
    occurred_at: Aware | None = None
    end_reason: EndReason | None = None
    snooze: timedelta | None = None
    answers: Answers | None = None
    reason: MissingReason | None = None
    target_found: bool | None = None
    waited_ms: float | None = None


class WireHeard(_Wire, frozen=True, kw_only=True, tag_field="object", tag="feedback"):
    """Not accepted: the right to show has passed to another item; take this one away."""

    accepted: bool


class WireTrack(_Wire, frozen=True, kw_only=True):
    """Something that happened in the browser. The same `eventId` again does nothing."""

    event: Id
    event_id: Id
    properties: dict[str, object] = {}
    occurred_at: Aware | None = None


class WireTracked(_Wire, frozen=True, kw_only=True, tag_field="object", tag="track"):
    """It is kept."""

    accepted: Literal[True] = True


class WireRefused(_Wire, frozen=True, kw_only=True):
    """A message that cannot be taken in. Sent again as it is, it would be refused again."""

    message_id: str | None
    reason: str


class WireTaken(_Wire, frozen=True, kw_only=True):
    """All that can be stored is stored; `reasons` names the first of those that were refused."""

    success: Literal[True] = True
    stored: int
    repeated: int
    ignored: int
    refused: int
    reasons: tuple[WireRefused, ...]


class WireHealth(_Wire, frozen=True, kw_only=True):
    """The store answers."""

    status: Literal["ok"] = "ok"


def decision(decided: Decision, *, locale: str) -> WireDecision:
    """A decision as the browser gets it; `locale` is that of silence."""
    item, then = decided.item, decided.next_evaluation_at
    return WireDecision(
        decision_id=decided.id,
        evaluated_at=iso(decided.evaluated_at),
        next_evaluation_at=None if then is None else iso(then),
        locale=locale if item is None else item.locale,
        item=None if item is None else _item(item),
        reason=WireReason(code=decided.reason),
        claim=None if decided.claim is None else _claim(decided.claim),
    )


def overview(found: Overview) -> WireOverview:
    """How far a person has come, as the browser gets it."""
    return WireOverview(
        milestones=found.milestones,
        checklists=tuple(_item(one) for one in found.checklists),
        announcements=tuple(_item(one) for one in found.announcements),
    )


def read(body: bytes, kind: type[T]) -> T:
    """A body read as one of the kinds above.

    Raises:
        ValueError: it is no JSON, not of this kind, or names a key twice; the sentence says where.
    """
    try:
        found = msgspec.json.decode(body, type=kind)
        # two readers of such a body may see two things; nobody means to write one
        json.loads(body, object_pairs_hook=_each_once, parse_int=str, parse_float=str)
    except msgspec.ValidationError as problem:
        raise ValueError(f"the body does not fit: {problem}") from None
    except UnicodeDecodeError as problem:
        raise ValueError(f"the body is not UTF-8 (byte {problem.start})") from None
    except msgspec.DecodeError as problem:
        raise ValueError(f"the body cannot be read as JSON: {problem}") from None
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    return found


def _each_once(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise ValueError(f"the body has the key {key[:80]!a} twice")
        seen.add(key)


def _item(item: Item) -> WireItem:
    return WireItem(
        id=item.id,
        version=item.version,
        type=item.type,
        moment=item.moment,
        toward=item.toward,
        steps=item.steps,
        items=item.items if item.type == "checklist" else UNSET,
        state=item.state,
        snooze_options=item.snooze_options,
        theme=item.theme,
    )


def _claim(claim: Claim) -> WireClaim:
    return WireClaim(token=claim.token, expires_at=iso(claim.expires_at))
