"""The past as the history tells it: who had reached and seen what, at an instant."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from guidepath.attention import Attention, Claim, Feedback, active, answer
from guidepath.base import base_of
from guidepath.clock import iso
from guidepath.deck import Deck
from guidepath.driver import Call, Flow
from guidepath.errors import EventError
from guidepath.event import Event
from guidepath.fold import refold, settle
from guidepath.ports import Snapshot
from guidepath.progress import Pair, Progress, fresh
from guidepath.rules.expression import Of
from guidepath.subject import Subject


def past(deck: Deck, subject: Subject, at: int) -> Flow[Pair]:
    """The user and her account as the history tells of that instant, with what was shown then.

    Raises:
        EventError: it is before what is kept of the history.
    """
    # the history first: a base that is loaded then has all that was dropped meanwhile
    stored: list[Event] = yield Call("history", (subject.account, None))
    users = [] if subject.user is None else [subject.user]
    snapshot: Snapshot = yield Call("load", (subject.account, users))
    pair = snapshot.pair(subject.user)
    account, user = pair.account, pair.user
    if account is not None and account.cut is not None and at < account.cut:
        raise EventError(
            f"the history of {subject.account!a} is kept from {iso(account.cut)} on; what was "
            "before is known in sum only"
        )
    events = [one for one in stored if one.occurred_at <= at]
    pair = Pair(_bare(deck, "account", account))
    pair = refold(deck, pair, Subject(subject.account), events).pair
    base = base_of(user)
    mine = [one for one in events if one.user == subject.user]
    if not mine and base is None:
        return settle(deck, pair, at).pair
    pair = refold(deck, pair.put("user", _bare(deck, "user", user)), subject, events).pair
    shown = base.progress.attention if base is not None else Attention()
    seen = [one for one in mine if base is None or one.occurred_at > base.at]
    attention = replace(recalled(deck, seen, shown), claim=None, aside={})
    told = replace(pair.user or fresh(deck, "user"), attention=attention)
    return settle(deck, Pair(pair.account, told), at).pair


def _bare(deck: Deck, of: Of, progress: Progress | None) -> Progress:
    """Nothing but the base."""
    bare = fresh(deck, of)
    return bare if progress is None else replace(bare, base=progress.base)


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


def recalled(deck: Deck, events: Sequence[Event], attention: Attention) -> Attention:
    """What the user had been shown, from her history alone: only what counted is in it.

    It goes on from what was known before these events.
    """
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
    return attention
