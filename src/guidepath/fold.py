"""Folding events into progress in the order in which they occurred, and reaching milestones.

    stale(deck, pair, event, now)      whose progress only the history can tell
    fold(deck, pair, event)            one more event
    settle(deck, pair, now)            what time alone has made true since
    refold(deck, pair, subject, …)     all of it anew: late events, a new playbook
    stood(deck, pair, subject, …)      how it stood at an instant, for a base

Milestones latch: what was reached stays reached and keeps its time. The account is folded before
the user, and the user sees the account as it then is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from guidepath.base import Base, base_of, standing_on
from guidepath.deck import ROLE, Deck, Trigger, Watch, Watched
from guidepath.event import EARLIEST, Event
from guidepath.progress import Folded, News, Pair, Progress, Typed, applied, fresh, situation, typed
from guidepath.rules.expression import Of
from guidepath.rules.schedule import next_change
from guidepath.subject import Subject

BOTH: tuple[Of, Of] = ("account", "user")  # in the order in which they are folded


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
    walk = _Walk(deck, pair, only=only)
    walk.advance(event.occurred_at)
    walk.take(event, mine=event.user is not None and only != "account")
    for news in walk.news:
        if news.milestone is not None and _head(deck, pair, news.of, event) > event.occurred_at:
            return None
    return walk.folded()


def behind(deck: Deck, pair: Pair, event: Event) -> frozenset[Of]:
    """Whose clock is ahead of the event."""
    found: set[Of] = set()
    if event.user is not None and pair.user is not None and pair.user.clock > event.occurred_at:
        found.add("user")
    touched = _touches_account(deck, pair.account, event)
    if touched and pair.account is not None and pair.account.clock > event.occurred_at:
        found.add("account")
    return frozenset(found)


def settle(deck: Deck, pair: Pair, now: int) -> Folded:
    """The pair at `now`: the same objects, unless waiting alone has made something true."""
    walk = _Walk(deck, pair)
    walk.advance(now)
    return walk.folded() if walk.news else Folded(pair)


def refold(deck: Deck, pair: Pair, subject: Subject, history: Iterable[Event]) -> Folded:
    """The pair with the progress of the subject told anew from its history, in order.

    What was reached stays. What is reached only now, because the playbook changed, is marked as
    backfilled. The history of an account is all its events. That of a user is her own events, or,
    where milestones of users read the account, all of them; the account must be told before her.
    Where there is a base, it begins from that, and what happened before counts no more.
    """
    of: Of = "account" if subject.user is None else "user"
    latched = _latched(deck, pair, of)
    walk = _Walk(deck, Pair(), only=of, known={**_outside(pair, of), **latched})
    _retell(walk, pair, subject, history)
    return _told(deck, pair, of, walk, latched)


def stood(deck: Deck, pair: Pair, subject: Subject, history: Iterable[Event], at: int) -> Progress:
    """How a subject of whom something is known stood at an instant, told from the same history.

    At an instant before its base, it is how it stood at that.
    """
    of: Of = "account" if subject.user is None else "user"
    known = {**_outside(pair, of), **_latched(deck, pair, of)}
    walk = _Walk(deck, Pair(), only=of, known=known)
    _retell(walk, pair, subject, history, until=at)
    walk.advance(at)
    return walk.pair.of(of) or fresh(deck, of)


def _latched(deck: Deck, pair: Pair, of: Of) -> Mapping[str, int]:
    """What it has reached, which stays so."""
    prior = pair.of(of)
    return {} if prior is None else _renamed(deck, of, prior.reached)


def _outside(pair: Pair, of: Of) -> Mapping[str, int]:
    """What the account has reached, for the telling of a user."""
    return pair.account.reached if of == "user" and pair.account is not None else {}


def _retell(
    walk: "_Walk",
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
        if isinstance(moment, _Latch):
            walk.latch(moment, "account" if moment.name in outside else of)
        else:
            mine = of == "user" and moment.user == subject.user
            walk.take(moment, mine=mine and ahead is None)  # until then her base has it
    if ahead is not None:
        walk.advance(ahead.at)
        walk.stand("user", ahead, latched)


class _Latch(NamedTuple):
    """In a timeline: a milestone that is known to have been reached then."""

    occurred_at: int
    name: str


class _Walk:
    """One pass through time, event by event: the only mutable thing in the fold.

    `only` is whose milestones are told: with "account" the user is left alone, with "user" the
    account reaches only what is known. What is `known` is reached at its known time and no other.
    """

    def __init__(
        self,
        deck: Deck,
        pair: Pair,
        *,
        only: Of | None = None,
        known: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.deck = deck
        self.pair = pair
        self.news: list[News] = []
        self.ignored: list[str] = []
        self._only = only
        self._known = known
        self._told_until = EARLIEST - 1  # up to here the account's base has everything

    def folded(self) -> Folded:
        """Where the walk has come to; the user has now seen the account as it is."""
        account, user = self.pair
        if account is not None and user is not None and user.seen != account.folds:
            self.pair = Pair(account, replace(user, seen=account.folds))
        return Folded(self.pair, tuple(self.news), tuple(self.ignored))

    def stand(self, of: Of, base: Base, latched: Mapping[str, int]) -> None:
        """Begin from a base, with what is known to have been reached by then.

        What the base reached that nobody knew of is news. With another playbook, so is what holds
        at the base by what is left of its past.
        """
        at, scope = base.at, self.deck.scope(of)
        before = _renamed(self.deck, of, base.progress.reached)
        unknown = {
            one.id: before[one.id]
            for one in scope.milestones
            if one.id in before and one.id not in latched and self._only == of
        }
        reached = {name: when for name, when in latched.items() if when <= at} | unknown
        self.pair = self.pair.put(of, standing_on(self.deck, of, base, reached))
        by = base.progress.reached_by
        self.news.extend(News(of, one, when, by.get(one)) for one, when in unknown.items())
        if of == "account":
            self._told_until = at
        if base.progress.fingerprint != self.deck.fingerprint:
            self._settle(of, at, [scope.all])
        self._plan(at)

    def advance(self, until: int) -> None:
        """Reach what waiting alone makes true up to and including `until`, in order of time."""
        while True:
            dues: list[tuple[int, Of]] = []
            for of in BOTH:
                one = self.pair.of(of)
                if one is not None and one.due is not None and one.due <= until and self._tells(of):
                    dues.append((one.due, of))
            if not dues:
                return
            at, of = min(dues)
            new: list[str] = []
            if of == "account":
                new = self._settle("account", at, [self.deck.account.waiting])
            self._settle("user", at, [self.deck.user.waiting, *self._following(new)])
            self._plan(at)

    def take(self, event: Event, *, mine: bool) -> None:
        """Fold an event in, and reach what it makes true; it is the user's own, or not."""
        pair = self.pair  # a late event is looked at from where its subject is by now; see `fold`
        properties, ignored = typed(self.deck, event)
        self.ignored.extend(ignored)
        new: list[str] = []
        watches: list[Watch | None] = []
        touched = event.occurred_at > self._told_until and _touches_account(
            self.deck, pair.account, event
        )
        if touched:
            begins = self._apply("account", event, properties)
            new = self._settle(
                "account",
                _head(self.deck, pair, "account", event),
                self._touched("account", event, begins=begins),
                event.user,
            )
            if begins:
                watches.append(self.deck.user.reading_account_watch)
        if mine or touched:
            begins = self._apply("user", event, properties) if mine else False
            watches += [*self._touched("user", event, begins=begins), *self._following(new)]
            by = event.user if mine else None  # what a colleague did is the account's to tell
            self._settle("user", _head(self.deck, pair, "user", event), watches, by)
        self._plan(event.occurred_at)

    def latch(self, moment: _Latch, of: Of) -> None:
        """Reach what is known to have been reached at this time."""
        progress = self.pair.of(of) or fresh(self.deck, of)
        if moment.name in progress.reached:
            return
        at = moment.occurred_at
        reached = {**progress.reached, moment.name: at}
        self.pair = self.pair.put(of, replace(progress, reached=reached))
        watch = self.deck.scope(of).watch(Trigger("reached", moment.name))
        new = self._settle(of, at, [watch])
        if of == "account":
            self._settle("user", at, self._following([moment.name, *new]))
        self._plan(at)

    def _apply(self, of: Of, event: Event, properties: Typed) -> bool:
        """Remember the event; whether the subject begins with it."""
        prior = self.pair.of(of)
        progress = applied(self.deck, prior, of, event, properties)
        if of == "account":
            progress = replace(progress, folds=progress.folds + 1)
        self.pair = self.pair.put(of, progress)
        if prior is None or prior.start is None:
            self.news.append(News(of, None, event.occurred_at))
            return True
        return progress.start != prior.start

    def _touched(self, of: Of, event: Event, *, begins: bool) -> list[Watch | None]:
        """What to look at: all where the start is new, since any age may have changed."""
        scope = self.deck.scope(of)
        return [scope.all] if begins else [scope.watch(one) for one in _triggers(event)]

    def _following(self, milestones: Iterable[str]) -> list[Watch | None]:
        return [self.deck.user.watch(Trigger("reached", one)) for one in milestones]

    def _settle(
        self, of: Of, at: int, watches: Sequence[Watch | None], by: str | None = None
    ) -> list[str]:
        """Reach what now holds, and what follows from it, until nothing new is; what that was."""
        reached: list[str] = []
        if not any(watches) or not self._tells(of):
            return reached
        scope = self.deck.scope(of)
        while any(watches):
            asked = situation(self.deck, self.pair, at)
            newly = {
                one.id: one
                for watch in watches
                if watch is not None
                for one in watch.newly(asked)
                if self._may_reach(of, one.id, at)
            }
            if newly:
                self._reach(of, at, list(newly.values()), by)
            reached += newly
            watches = [scope.watch(Trigger("reached", name)) for name in newly]
        return reached

    def _tells(self, of: Of) -> bool:
        progress = self.pair.of(of)
        started = progress is not None and progress.start is not None
        return started and not (of == "user" and self._only == "account")

    def _may_reach(self, of: Of, milestone: str, at: int) -> bool:
        if milestone in self._known:
            return self._known[milestone] == at
        return self._only in (None, of)

    def _reach(self, of: Of, at: int, milestones: Sequence[Watched], by: str | None) -> None:
        progress = self.pair.of(of) or fresh(self.deck, of)
        ids = [one.id for one in milestones]
        progress = replace(
            progress,
            reached={**progress.reached, **dict.fromkeys(ids, at)},
            reached_by=progress.reached_by
            if by is None
            else {**progress.reached_by, **dict.fromkeys(ids, by)},
            folds=progress.folds + (of == "account"),
        )
        self.pair = self.pair.put(of, progress)
        self.news.extend(News(of, one, at, by) for one in ids if one not in self._known)

    def _plan(self, now: int) -> None:
        """Note when waiting alone next makes something true."""
        for of in BOTH:
            progress = self.pair.of(of)
            waits = self.deck.scope(of).waiting.milestones
            if progress is not None and (waits or progress.due is not None) and self._tells(of):
                due = self._due(of, progress, max(now, progress.clock))
                if due != progress.due:
                    self.pair = self.pair.put(of, replace(progress, due=due))

    def _due(self, of: Of, progress: Progress, now: int) -> int | None:
        waiting = [
            one
            for one in self.deck.scope(of).waiting.milestones
            if one.id not in progress.reached
            and self._may_reach(of, one.id, self._known.get(one.id, now))
        ]
        if not waiting:
            return None
        asked = situation(self.deck, self.pair, now)
        changes = [next_change(one.rule, self.deck.facts, asked) for one in waiting]
        return min((one for one in changes if one is not None), default=None)


def _triggers(event: Event) -> list[Trigger]:
    match event.kind:
        case "track":
            return [Trigger("event", event.name)]
        case "identify":
            named = [Trigger("attribute", f"user.{name}") for name in event.properties]
            return [*named, ROLE] if event.role is not None else named
        case "group":
            return [Trigger("attribute", f"account.{name}") for name in event.properties]
        case _:
            return []


def _touches_account(deck: Deck, account: Progress | None, event: Event) -> bool:
    """An account is folded only where one of its rules reads the event, or its start moves."""
    return (
        account is None
        or account.start is None
        or event.occurred_at < account.start
        or event.kind == "group"
        or (event.kind == "track" and deck.facts.mentioned("account", event.name))
    )


def _late(deck: Deck, pair: Pair, event: Event) -> set[Of]:
    """Whose past a late event may have changed without it being seen now."""
    return {of for of in behind(deck, pair, event) if _matters(deck, pair.of(of), of, event)}


def _head(deck: Deck, pair: Pair, of: Of, event: Event) -> int:
    """The newest instant known of the account, or of the user and what her milestones read."""
    account, user = pair
    clocks = [event.occurred_at]
    if account is not None and (of == "account" or deck.user.reading_account):
        clocks.append(account.clock)
    if user is not None and of == "user":
        clocks.append(user.clock)
    return max(clocks)


def _matters(deck: Deck, progress: Progress | None, of: Of, event: Event) -> bool:
    """A milestone whose rule only ever turns true needs no look back: if it held, it holds now."""
    if progress is None or progress.start is None:
        return False
    scope = deck.scope(of)
    watches = [scope.watch(trigger) for trigger in _triggers(event)]
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
    account, user = pair
    if account is None or user is None or user.start is None or user.seen == account.folds:
        return False
    open_ = [one for one in deck.user.reading_account if one.id not in user.reached]
    if not open_:
        return False
    if not all(one.monotone for one in open_):
        return True
    now = max(at, account.clock)
    return bool(deck.user.reading_account_watch.newly(situation(deck, pair, now)))


def _renamed(deck: Deck, of: Of, reached: Mapping[str, int]) -> dict[str, int]:
    """What was reached, with milestones under the names they have now."""
    found = dict(reached)
    for one in deck.scope(of).milestones:
        old = one.milestone.renamed_from
        if old in found and one.id not in found:
            found[one.id] = found.pop(old)
    return found


def _timeline(history: Iterable[Event], latched: Mapping[str, int]) -> Iterator[Event | _Latch]:
    """Events and known milestones in order of time; at the same instant the events first."""
    latches = sorted(_Latch(at, name) for name, at in latched.items())
    return merge(history, latches, key=lambda one: one.occurred_at)


def _told(deck: Deck, pair: Pair, of: Of, walk: _Walk, latched: Mapping[str, int]) -> Folded:
    """The pair with what the walk told, and what it cannot tell carried over."""
    prior = pair.of(of)
    told = walk.folded().pair.of(of) or fresh(deck, of)
    changed = prior is not None and prior.fingerprint != deck.fingerprint
    news = tuple(
        one._replace(backfilled=changed)
        for one in walk.news
        if one.of == of and (prior is None or prior.start is None or one.milestone)
    )
    backfilled = {one.milestone for one in news if one.milestone and changed}
    if prior is not None:
        told = replace(
            told,
            reached={**told.reached, **latched},
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
