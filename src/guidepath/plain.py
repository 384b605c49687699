"""The short way for what happens most: an event of a known user, in order, that reaches nothing.

`fold` takes it where it can, and tells the same on its long way.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from guidepath.attention import active
from guidepath.deck import Deck
from guidepath.event import Event
from guidepath.progress import Pair, Progress, situation, typed

Plain = tuple[Progress, Sequence[str]]  # the user's, and what was ignored of the event


def plainly(deck: Deck, account: Progress, user: Progress, event: Event) -> Plain | None:
    """The user with one more event; None where there may be more to it than to remember it."""
    at = event.occurred_at
    for one in (account, user):
        if one.fingerprint != deck.fingerprint or one.start is None or at < one.start:
            return None
        if one.due is not None and one.wakes is not None and at >= one.wakes:  # most wait for none
            return None
    if event.kind != "track" or at < user.clock or user.seen != account.folds:
        return None
    if at < account.clock and deck.user.reading_account:
        return None  # she is looked at from where the account is by now
    touched = deck.touched(event.name)
    if touched.account:
        return None
    if touched.waits and any(one not in user.reached for one in touched.waits):
        return None  # when waiting alone reaches it may have moved
    properties, ignored = typed(deck, event)
    memory = deck.facts.insert(
        user.memory,
        "user",
        event=event.name,
        at=at,
        user=event.user,
        properties=properties,
        matches=deck.accepts,
    )
    told = replace(user, clock=at, memory=memory, attention=active(user.attention, at))
    if touched.watch is not None and touched.watch.newly(situation(deck, Pair(account, told), at)):
        return None
    return told, ignored
