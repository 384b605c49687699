"""Folding events into progress in the order in which they occurred, and reaching milestones.

    stale(deck, pair, event, now)      whose progress only the history can tell
    fold(deck, pair, event)            one more event
    settle(deck, pair, now)            what time alone has done since
    refold(deck, pair, subject, …)     all of it anew: late events, a new playbook
    stood(deck, pair, subject, …)      how it stood at an instant, for a base

Milestones latch: what was reached stays reached and keeps its time. The account is folded before
the user, and the user sees the account as it then is.
"""

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge

from msgspec.structs import replace

from guidepath.base import base_of
from guidepath.deck import Deck
from guidepath.event import EARLIEST, Event
from guidepath.progress import Folded, Pair, Progress, fresh, situation, waking
from guidepath.rules.expression import Of
from guidepath.subject import Subject
from guidepath.walk import BOTH, Latch, Walk, head, renamed, touches_account, triggers_of


def stale(deck: Deck, pair: Pair, event: Event | None, now: int) -> frozenset[Of]:
    """Whose progress must be told from the history before it can go on.

    Because the playbook asks for facts that it lacks, because the event is late and may have made
    something true in the past, or because the account went on unseen by the user.
    """
    found: set[Of] = {
        of
        for of in BOTH
        if (one := pair.of(of)) is not None and one.fingerprint != deck.fingerprint
    }
    if event is not None:
        found |= _late(deck, pair, event)
    if not found and _unseen(deck, pair, now if event is None else event.occurred_at):
        found.add("user")
    return frozenset(found)


def fold(deck: Deck, pair: Pair, event: Event, *, only: Of | None = None) -> Folded | None:
    """The pair with one more event, which the store has not seen before; `only` one of the two.

    None where the event is late and a milestone holds with it: when that began to hold, only the
    history tells.
    """
    walk = Walk(deck, pair, only=only)
    walk.advance(event.occurred_at)
    walk.take(event, mine=event.user is not None and only != "account")
    for news in walk.news:
        if news.reached and head(deck, pair, news.of, event) > event.occurred_at:
            return None
    return walk.folded()


def behind(deck: Deck, pair: Pair, event: Event) -> frozenset[Of]:
    """Whose clock is ahead of the event."""
    found: set[Of] = set()
    if event.user is not None and pair.user is not None and pair.user.clock > event.occurred_at:
        found.add("user")
    touched = touches_account(deck, pair.account, event)
    if touched and pair.account is not None and pair.account.clock > event.occurred_at:
        found.add("account")
    return frozenset(found)


def settle(deck: Deck, pair: Pair, now: int) -> Folded:
    """The pair at `now`: the same objects, unless waiting alone has made something true."""
    walk = Walk(deck, pair)
    walk.advance(now)
    return walk.folded() if walk.news else Folded(pair)


def refold(
    deck: Deck, pair: Pair, subject: Subject, history: Iterable[Event], now: int = EARLIEST
) -> Folded:
    """The pair with the progress of the subject told anew from its history, in order.

    What was reached stays. What is reached only now, because the playbook changed, is marked as
    backfilled, and of a deadline that a changed playbook has before `now` nothing is said. The
    history of an account is all its events. That of a user is her own events, or,
    where milestones of users read the account, all of them; the account must be told before her.
    Where there is a base, it begins from that, and what happened before counts no more.
    """
    of: Of = "account" if subject.user is None else "user"
    prior, latched = pair.of(of), _latched(deck, pair, of)
    settled = {*latched, *_overdue(deck, of, prior)}
    known = {**_outside(pair, of), **latched}
    walk = Walk(deck, Pair(), only=of, known=known, settled=settled)
    _retell(walk, pair, subject, history)
    if prior is not None and prior.fingerprint != deck.fingerprint:
        walk.excuse(of, renamed(deck, of, prior.deadlines), now)
    return _told(deck, pair, of, walk, latched)


def stood(deck: Deck, pair: Pair, subject: Subject, history: Iterable[Event], at: int) -> Progress:
    """How a subject of whom something is known stood at an instant, told from the same history.

    At an instant before its base, it is how it stood at that.
    """
    of: Of = "account" if subject.user is None else "user"
    known = {**_outside(pair, of), **_latched(deck, pair, of)}
    walk = Walk(deck, Pair(), only=of, known=known)
    _retell(walk, pair, subject, history, until=at)
    walk.advance(at)
    return walk.pair.of(of) or fresh(deck, of)


def _latched(deck: Deck, pair: Pair, of: Of) -> Mapping[str, int]:
    """What it has reached, which stays so."""
    prior = pair.of(of)
    return {} if prior is None else renamed(deck, of, prior.reached)


def _outside(pair: Pair, of: Of) -> Mapping[str, int]:
    """What the account has reached, for the telling of a user."""
    return pair.account.reached if of == "user" and pair.account is not None else {}


def _retell(
    walk: "Walk",
    pair: Pair,
    subject: Subject,
    history: Iterable[Event],
    *,
    until: int | None = None,
) -> None:
    """Walk through a history from the bases of the pair on, to its end or to an instant.

    A user's base is never older than her account's, so the account is told up to hers first.
    """
    of: Of = "account" if subject.user is None else "user"
    outside, latched = _outside(pair, of), _latched(walk.deck, pair, of)
    account = base_of(pair.account)
    if account is not None:
        walk.stand("account", account, outside if of == "user" else latched)
    ahead = base_of(pair.user) if of == "user" else None
    said = (one for one in history if one.kind != "feedback")  # what guidance did is no progress
    for moment in _timeline(said, {**outside, **latched}):
        if until is not None and moment.occurred_at > until:
            break
        if ahead is not None and moment.occurred_at > ahead.at:
            walk.advance(ahead.at)
            walk.stand("user", ahead, latched)
            ahead = None
        walk.advance(moment.occurred_at)
        if isinstance(moment, Latch):
            walk.latch(moment, "account" if moment.name in outside else of)
        else:
            mine = of == "user" and moment.user == subject.user
            walk.take(moment, mine=mine and ahead is None)  # until then her base has it
    if ahead is not None:
        walk.advance(ahead.at)
        walk.stand("user", ahead, latched)


def _late(deck: Deck, pair: Pair, event: Event) -> set[Of]:
    """Whose past a late event may have changed without it being seen now."""
    return {of for of in behind(deck, pair, event) if _matters(deck, pair.of(of), of, event)}


def _matters(deck: Deck, progress: Progress | None, of: Of, event: Event) -> bool:
    """A milestone whose rule only ever turns true needs no look back: if it held, it holds now."""
    if progress is None or progress.start is None:
        return False
    scope = deck.scope(of)
    watches = [scope.watch(trigger) for trigger in triggers_of(event)]
    if event.occurred_at < progress.start:
        watches.append(scope.all)
    return any(
        one.id not in progress.reached and not one.monotone
        for watch in watches
        if watch is not None
        for one in watch.milestones
    )


def _unseen(deck: Deck, pair: Pair, at: int) -> bool:
    """Whether the account went on since the user was folded, so that her past may hold more.

    A milestone whose rule only ever turns true, and that is not true even now, was not true before.
    """
    account, user = pair.account, pair.user
    if account is None or user is None or user.start is None or user.seen == account.folds:
        return False
    open_ = [one for one in deck.user.reading_account if one.id not in user.reached]
    if not open_:
        return False
    if not all(one.monotone for one in open_):
        return True
    now = max(at, account.clock)
    return bool(deck.user.reading_account_watch.newly(situation(deck, pair, now)))


def _overdue(deck: Deck, of: Of, progress: Progress | None) -> Iterable[str]:
    """What was said to be overdue, by the names it has now."""
    return () if progress is None else renamed(deck, of, dict.fromkeys(progress.overdue, 0))


def _timeline(history: Iterable[Event], latched: Mapping[str, int]) -> Iterator[Event | Latch]:
    """Events and known milestones in order of time; at the same instant the events first."""
    latches = sorted(Latch(at, name) for name, at in latched.items())
    return merge(history, latches, key=lambda one: one.occurred_at)


def _told(deck: Deck, pair: Pair, of: Of, walk: Walk, latched: Mapping[str, int]) -> Folded:
    """The pair with what the walk told, and what it cannot tell carried over."""
    prior = pair.of(of)
    told = walk.folded().pair.of(of) or fresh(deck, of)
    changed = prior is not None and prior.fingerprint != deck.fingerprint
    news = tuple(
        one._replace(backfilled=changed and not one.overdue)
        for one in walk.news
        if one.of == of and (prior is None or prior.start is None or one.milestone)
    )
    backfilled = {one.milestone for one in news if one.milestone and one.reached and changed}
    if prior is not None:
        reached = {**told.reached, **latched}
        overdue = {*told.overdue, *_overdue(deck, of, prior)} - reached.keys()
        untold = prior.untold if told.untold is None else told.untold
        told = replace(
            waking(told, told.wakes, untold),
            reached=reached,
            overdue=tuple(sorted(overdue)),
            reached_by={**told.reached_by, **prior.reached_by},
            backfilled=tuple(sorted({*prior.backfilled, *backfilled})),
            base=prior.base,
            cut=prior.cut,
            emitted=prior.emitted,
            folds=prior.folds + (of == "account"),
            attention=prior.attention,
        )
    if of == "user" and pair.account is not None:
        told = replace(told, seen=pair.account.folds)
    return Folded(pair.put(of, told), news)
