"""The past as the history tells it: who had reached and seen what, at an instant."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from guidepath.attention import Attention, Claim, Feedback, active, answer
from guidepath.deck import Deck
from guidepath.driver import Call, Flow
from guidepath.errors import EventError
from guidepath.event import Event
from guidepath.fold import refold, settle
from guidepath.progress import Pair, fresh
from guidepath.subject import Subject


def past(deck: Deck, subject: Subject, at: int) -> Flow[Pair]:
    """The user and her account as the history tells of that instant, with what was shown then."""
    stored: list[Event] = yield Call("history", (subject.account, None))
    events = [one for one in stored if one.occurred_at <= at]
    pair = refold(deck, Pair(), Subject(subject.account), events).pair
    mine = [one for one in events if one.user == subject.user]
    if not mine:
        return settle(deck, pair, at).pair
    pair = refold(deck, pair, subject, events).pair
    user = pair.user or fresh(deck, "user")
    return settle(deck, Pair(pair.account, replace(user, attention=_recalled(deck, mine))), at).pair


def feedback_of(event: Event) -> Feedback:
    """What a stored event of kind feedback says.

    Raises:
        EventError: it does not say it in the way feedback does.
    """
    said = {**event.properties, "type": event.name, "at": event.occurred_at}
    try:
        return msgspec.convert(said, Feedback)
    except msgspec.ValidationError as problem:
        raise EventError(f"the feedback cannot be read: {problem}") from None


def _recalled(deck: Deck, events: Sequence[Event]) -> Attention:
    """What the user had been shown, from her history alone: only what counted is in it."""
    attention = Attention()
    for event in events:
        attention = active(attention, event.occurred_at)
        if event.kind != "feedback":
            continue
        feedback = feedback_of(event)
        guidance = deck.guidance.get(feedback.item)
        if guidance is None:
            continue
        claim = attention.claim
        if claim is None or claim.token != feedback.token:
            claim = Claim(feedback.token or "", 0, feedback.item, "", event.occurred_at, 0)
        keep = 0 if guidance.moment == "celebrate" else deck.impressions_kept
        told = answer(replace(attention, claim=claim), feedback, keep=keep, persistent=True)
        attention = told or attention
    return replace(attention, claim=None)
