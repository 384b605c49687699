"""The short way for what happens most: an event of a known user, in order, that reaches nothing.

`fold` takes it where it can, and tells the same on its long way.
"""

from msgspec.structs import replace

from guidepath.attention import active
from guidepath.deck import Deck
from guidepath.event import Event
from guidepath.progress import Folded, Pair, Progress, situation, typed


def plainly(deck: Deck, pair: Pair, event: Event) -> Folded | None:
    """The pair with one more event; None where there may be more to it than to remember it."""
    account, user = pair.account, pair.user
    if account is None or user is None or event.kind != "track" or event.user is None:
        return None
    at = event.occurred_at
    if not (_follows(deck, account, at) and _follows(deck, user, at) and at >= user.clock):
        return None
    touched = deck.touched(event.name)
    if user.seen != account.folds or touched.account:
        return None
    if deck.user.reading_account and at < account.clock:
        return None  # she is looked at from where the account is by now
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
    told = Pair(
        account, replace(user, clock=at, memory=memory, attention=active(user.attention, at))
    )
    if touched.watch is not None and touched.watch.newly(situation(deck, told, at)):
        return None
    return Folded(told, (), tuple(ignored))


def _follows(deck: Deck, progress: Progress, at: int) -> bool:
    """Whether it is of this playbook, has begun, and waits for nothing that is due by then."""
    return (
        progress.fingerprint == deck.fingerprint
        and progress.start is not None
        and at >= progress.start
        and ((wakes := progress.wakes) is None or at < wakes)
    )
