"""What a user was shown and what became of it: bounded, and the right to show the next item.

A claim is the right to show one item, the same in every tab, until it is answered or its lease
ends. An impression belongs to a claim and is counted once, when the browser says it was rendered.
The claim of a tour that makes way for another item is set aside: the tour comes back where it fits.
"""

from collections.abc import Collection
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
    "survey.answered",
    "target.missing",
]
EndReason = Literal[
    "done", "close", "escape", "overlay", "replaced", "api", "target_missing", "navigated"
]
MissingReason = Literal["timeout", "hidden", "covered", "clipped"]
Answers = dict[str, int | str | list[str]]  # by question; a choice is the ids of its options

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
    """The right to show one item. Of a tour: at which step the person is, and which are done."""

    token: str
    number: int
    item: str
    version: str
    made_at: int
    expires_at: int
    shown_at: int | None = None
    step: str | None = None
    steps_counted: int = 0  # by earlier versions, which kept no names
    left: bool = False  # the page was left while it was shown: it goes on where it fits next
    done: tuple[str, ...] = ()
    left_at: int | None = None

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
    aside: dict[str, Claim] = {}  # of tours under way, by item

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
    answers: Answers | None = None
    reason: MissingReason | None = None  # why its target is missing


def active(attention: Attention, at: int) -> Attention:
    """The user did something: her session goes on, or a new one begins."""
    before = attention.active_at
    if before is not None:
        if at <= before:
            return attention
        if attention.session_start is not None and at - before <= SESSION_GAP:
            return replace(attention, active_at=at)  # as most do
    number, start = attention.session(at)
    return replace(attention, sessions=number, session_start=start, active_at=at)


def answer(
    attention: Attention,
    feedback: Feedback,
    *,
    keep: int,
    persistent: bool,
    steps: Collection[str] = (),
) -> Attention | None:
    """The attention after the feedback; None where the right to show has passed to another item.

    None, too, for a second answer to a survey. `keep` is how many impressions the limits need to
    see, 0 for an item outside the budgets (a celebration). A `persistent` item stays after a click
    on its action (a tour, a checklist). `steps` are those of the tour; no other is remembered.
    """
    claim = _claim_of(attention, feedback)
    match feedback.type:
        case "item.shown":
            return None if claim is None else _shown(attention, claim, feedback, keep)
        case "step.shown":
            return None if claim is None else _stepped(attention, claim, feedback, steps)
        case "step.completed":
            return None if claim is None else _stepped(attention, claim, feedback, steps, done=True)
        case "action.clicked":
            return attention if persistent else _released(attention, claim)
        case "item.completed":
            return _ended(attention, claim, feedback, completed_at=feedback.at)
        case "survey.answered":
            if attention.of(feedback.item).completed_at is not None:
                return None
            return _ended(attention, claim, feedback, completed_at=feedback.at)
        case "item.snoozed":
            until = feedback.at + (feedback.snooze or 0)
            return _ended(attention, claim, feedback, snoozed_until=until)
        case "target.missing":
            return _ended(attention, claim, feedback, missing_at=feedback.at)
        case "item.dismissed":
            return _dismissed(attention, claim, feedback, steps)


def _claim_of(attention: Attention, feedback: Feedback) -> Claim | None:
    """The claim that the feedback is about: the one that holds, or that of a tour set aside."""
    for one in (attention.claim, attention.aside.get(feedback.item)):
        if _current(one, feedback):
            return one
    return None


def _current(claim: Claim | None, feedback: Feedback) -> bool:
    return claim is not None and claim.item == feedback.item and claim.token == feedback.token


def _shown(attention: Attention, claim: Claim, feedback: Feedback, keep: int) -> Attention:
    if claim.shown_at is not None:
        return attention  # one impression a claim, whatever the number of tabs
    before = attention.of(feedback.item)
    impressions = attention.impressions
    if keep:
        impressions = tuple(sorted((feedback.at, *impressions), reverse=True)[:keep])
    seen = replace(before, shown=before.shown + 1, shown_at=feedback.at)
    told = replace(
        attention, items={**attention.items, feedback.item: seen}, impressions=impressions
    )
    # What a page says as it goes away may overtake what it said before.
    left = claim.left_at is not None and feedback.at <= claim.left_at
    return _claimed(told, _kept(replace(claim, shown_at=feedback.at, left=left), feedback.at))


def _stepped(
    attention: Attention,
    claim: Claim,
    feedback: Feedback,
    steps: Collection[str],
    *,
    done: bool = False,
) -> Attention:
    """The person is at a step, or is done with one."""
    step = feedback.step or claim.step
    if step is not None and step in steps:
        claim = _done(claim, step) if done else _at(claim, step)
    return _claimed(attention, _kept(claim, feedback.at))


def _at(claim: Claim, step: str) -> Claim:
    """She is at that step; where she was done with it, she went back."""
    return replace(claim, step=step, done=tuple(one for one in claim.done if one != step))


def _done(claim: Claim, step: str) -> Claim:
    """She is done with a step; where it is known that she is at another, she stays there."""
    elsewhere = claim.step is not None and claim.step not in claim.done
    done = (*(one for one in claim.done if one != step), step)
    return replace(claim, step=claim.step if elsewhere else step, done=done)


def _dismissed(
    attention: Attention, claim: Claim | None, feedback: Feedback, steps: Collection[str]
) -> Attention:
    match feedback.end_reason:
        case "navigated":
            return attention if claim is None else _left(attention, claim, feedback, steps)
        case "replaced" | "api":
            return _released(attention, claim)
        case "done":
            return _ended(attention, claim, feedback, completed_at=feedback.at)
        case "target_missing":
            return _ended(attention, claim, feedback, missing_at=feedback.at)
        case _:
            return _ended(attention, claim, feedback, dismissed_at=feedback.at)


def _left(
    attention: Attention, claim: Claim, feedback: Feedback, steps: Collection[str]
) -> Attention:
    """The page is left; where that was on the way to another step, she is at that one."""
    step = feedback.step
    if step is not None and step in steps and step != claim.step:
        claim = _at(claim, step)
    return _claimed(attention, replace(claim, left=True, left_at=feedback.at))


def _ended(
    attention: Attention, claim: Claim | None, feedback: Feedback, **became: int
) -> Attention:
    exposure = replace(attention.of(feedback.item), **became)
    items = {**attention.items, feedback.item: exposure}
    return _released(replace(attention, items=items), claim)


def _claimed(attention: Attention, claim: Claim) -> Attention:
    """The claim as it now is, in its place."""
    if attention.claim is not None and attention.claim.token == claim.token:
        return replace(attention, claim=claim)
    return replace(attention, aside={**attention.aside, claim.item: claim})


def _kept(claim: Claim, at: int) -> Claim:
    """What is on the screen stays hers for as long as a session lasts without a sign of life."""
    return replace(claim, expires_at=max(claim.expires_at, at + SESSION_GAP))


def _released(attention: Attention, claim: Claim | None) -> Attention:
    if claim is None:
        return attention
    if attention.claim is not None and attention.claim.token == claim.token:
        return replace(attention, claim=None)
    aside = {name: one for name, one in attention.aside.items() if one.token != claim.token}
    return replace(attention, aside=aside)
