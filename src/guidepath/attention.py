"""What a user was shown and what became of it: bounded, and the right to show the next item.

A claim is the right to show one item, the same in every tab, until it is answered or its lease
ends. An impression belongs to a claim and is counted once, when the browser says it was rendered.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from guidepath.clock import MINUTE, SECOND

FeedbackType = Literal[
    "item.shown",
    "step.shown",
    "step.completed",
    "action.clicked",
    "item.completed",
    "item.dismissed",
    "item.snoozed",
    "target.missing",
]
EndReason = Literal[
    "done", "close", "escape", "overlay", "replaced", "api", "target_missing", "navigated"
]

UNSHOWN = 10 * SECOND  # a browser shows what it was told within this, or not at all
SESSION_GAP = 30 * MINUTE  # activity after a longer pause begins a new session


class Exposure(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """What became of one item for one user. Times are microseconds."""

    shown: int = 0
    shown_at: int | None = None
    completed_at: int | None = None
    dismissed_at: int | None = None
    snoozed_until: int | None = None
    missing_at: int | None = None  # its target was not on the page


class Claim(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """The right to show one item."""

    token: str
    number: int
    item: str
    version: str
    made_at: int
    expires_at: int
    shown_at: int | None = None
    step: str | None = None
    steps_done: int = 0
    left: bool = False  # the page was left while it was shown: it goes on where it fits next

    def abides(self, now: int) -> bool:
        """Whether it keeps others away where its item does not fit.

        One that was left does not, nor one that nobody showed soon: its page was gone too quickly.
        """
        return not self.left and (self.shown_at is not None or now < self.made_at + UNSHOWN)


class Attention(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """All of it for one user."""

    items: dict[str, Exposure] = {}
    impressions: tuple[int, ...] = ()  # newest first; celebrations are not among them
    session_start: int | None = None
    active_at: int | None = None
    sessions: int = 0
    claim: Claim | None = None
    claims: int = 0

    def of(self, item: str) -> Exposure:
        """What became of the item so far."""
        return self.items.get(item, _NOTHING)

    def session(self, now: int) -> tuple[int, int]:
        """The number of the session that `now` falls in (from 1), and when it began."""
        if (
            self.active_at is None
            or self.session_start is None
            or now - self.active_at > SESSION_GAP
        ):
            return self.sessions + 1, now
        return self.sessions, self.session_start


_NOTHING = Exposure()


class Feedback(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the browser or the host says of an item. `at` is microseconds."""

    type: FeedbackType
    item: str
    token: str | None
    at: int
    step: str | None = None
    end_reason: EndReason | None = None
    snooze: int | None = None  # how long, microseconds


def active(attention: Attention, at: int) -> Attention:
    """The user did something: her session goes on, or a new one begins."""
    if attention.active_at is not None and at <= attention.active_at:
        return attention
    number, start = attention.session(at)
    return replace(attention, sessions=number, session_start=start, active_at=at)


def answer(
    attention: Attention, feedback: Feedback, *, keep: int, persistent: bool
) -> Attention | None:
    """The attention after the feedback; None where the right to show has passed to another item.

    `keep` is how many impressions the limits need to see, 0 for an item outside the budgets (a
    celebration). A `persistent` item stays after a click on its action (a tour, a checklist).
    """
    claim = attention.claim if _current(attention.claim, feedback) else None
    match feedback.type:
        case "item.shown":
            return None if claim is None else _shown(attention, claim, feedback, keep)
        case "step.shown":
            return (
                None
                if claim is None
                else _claimed(attention, _kept(replace(claim, step=feedback.step), feedback.at))
            )
        case "step.completed":
            if claim is None:
                return None
            return _claimed(
                attention, _kept(replace(claim, steps_done=claim.steps_done + 1), feedback.at)
            )
        case "action.clicked":
            return attention if persistent else _released(attention, claim)
        case "item.completed":
            return _ended(attention, claim, feedback, completed_at=feedback.at)
        case "item.snoozed":
            until = feedback.at + (feedback.snooze or 0)
            return _ended(attention, claim, feedback, snoozed_until=until)
        case "target.missing":
            return _ended(attention, claim, feedback, missing_at=feedback.at)
        case "item.dismissed":
            return _dismissed(attention, claim, feedback)


def _current(claim: Claim | None, feedback: Feedback) -> bool:
    return claim is not None and claim.item == feedback.item and claim.token == feedback.token


def _shown(attention: Attention, claim: Claim, feedback: Feedback, keep: int) -> Attention:
    if claim.shown_at is not None:
        return attention  # one impression a claim, whatever the number of tabs
    before = attention.of(feedback.item)
    impressions = attention.impressions
    if keep:
        impressions = tuple(sorted((feedback.at, *impressions), reverse=True)[:keep])
    return replace(
        attention,
        items={
            **attention.items,
            feedback.item: replace(before, shown=before.shown + 1, shown_at=feedback.at),
        },
        impressions=impressions,
        claim=_kept(replace(claim, shown_at=feedback.at, left=False), feedback.at),
    )


def _dismissed(attention: Attention, claim: Claim | None, feedback: Feedback) -> Attention:
    match feedback.end_reason:
        case "navigated":
            return attention if claim is None else _claimed(attention, replace(claim, left=True))
        case "replaced" | "api":
            return _released(attention, claim)
        case "done":
            return _ended(attention, claim, feedback, completed_at=feedback.at)
        case "target_missing":
            return _ended(attention, claim, feedback, missing_at=feedback.at)
        case _:
            return _ended(attention, claim, feedback, dismissed_at=feedback.at)


def _ended(
    attention: Attention, claim: Claim | None, feedback: Feedback, **became: int
) -> Attention:
    exposure = replace(attention.of(feedback.item), **became)
    items = {**attention.items, feedback.item: exposure}
    return _released(replace(attention, items=items), claim)


def _claimed(attention: Attention, claim: Claim) -> Attention:
    return replace(attention, claim=claim)


def _kept(claim: Claim, at: int) -> Claim:
    """What is on the screen stays hers for as long as a session lasts without a sign of life."""
    return replace(claim, expires_at=max(claim.expires_at, at + SESSION_GAP))


def _released(attention: Attention, claim: Claim | None) -> Attention:
    return attention if claim is None else replace(attention, claim=None)
