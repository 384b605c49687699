"""One pass through the time of an account and one of its users, event by event.

Milestones are reached where events or waiting make their rules true, and are overdue once time has
passed their deadline and they are not reached; at the deadline itself they are still in time.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from guidepath.base import Base, standing_on
from guidepath.deck import ROLE, Deck, Trigger, Watch, Watched
from guidepath.event import EARLIEST, Event
from guidepath.progress import (
    Folded,
    News,
    Pair,
    Progress,
    Typed,
    applied,
    fresh,
    situation,
    typed,
    waking,
)
from guidepath.rules.expression import Of
from guidepath.rules.schedule import next_change

BOTH: tuple[Of, Of] = ("account", "user")  # in the order in which they are folded


class Latch(NamedTuple):
    """In a timeline: a milestone that is known to have been reached then."""

    occurred_at: int
    name: str


class Walk:
    """One pass through time, event by event: the only mutable thing in the fold.

    `only` is whose milestones are told: with "account" the user is left alone, with "user" the
    account reaches only what is known. What is `known` is reached at its known time and no other.
    What is `settled` is not said to be overdue: it was said before, or has been reached since.
    """

    def __init__(
        self,
        deck: Deck,
        pair: Pair,
        *,
        only: Of | None = None,
        known: Mapping[str, int] = MappingProxyType({}),
        settled: Collection[str] = (),
    ) -> None:
        self.deck = deck
        self.pair = pair
        self.news: list[News] = []
        self.ignored: list[str] = []
        self._only = only
        self._known = known
        self._settled = settled
        self._told_until = EARLIEST - 1  # up to here the account's base has everything

    def folded(self) -> Folded:
        """Where the walk has come to; the user has now seen the account as it is."""
        account, user = self.pair.account, self.pair.user
        if account is not None and user is not None and user.seen != account.folds:
            self.pair = Pair(account, replace(user, seen=account.folds))
        return Folded(self.pair, tuple(self.news), tuple(self.ignored))

    def stand(self, of: Of, base: Base, latched: Mapping[str, int]) -> None:
        """Begin from a base, with what is known to have been reached by then.

        What the base reached that nobody knew of is news. With another playbook, so is what holds
        at the base by what is left of its past.
        """
        at, scope = base.at, self.deck.scope(of)
        before = renamed(self.deck, of, base.progress.reached)
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

    def excuse(self, of: Of, planned: Mapping[str, int], now: int) -> None:
        """Say nothing of deadlines before `now`, save those that were planned just so."""
        progress = self.pair.of(of)
        if progress is None:
            return
        self.news = [
            one
            for one in self.news
            if not one.overdue or planned.get(one.milestone or "") == one.at
        ]
        passed = {
            one for one, at in progress.deadlines.items() if at < now and planned.get(one) != at
        }
        overdue = tuple(sorted({*progress.overdue, *passed}))
        self.pair = self.pair.put(of, replace(progress, overdue=overdue))
        self._plan(progress.clock)

    def advance(self, until: int) -> None:
        """Do what time alone does up to and including `until`, in order of time."""
        while True:
            dues: list[tuple[int, Of]] = []
            for of in BOTH:
                one = self.pair.of(of)
                at = None if one is None else one.wakes
                if at is not None and at <= until and self._tells(of):
                    dues.append((at, of))
            if not dues:
                return
            at, of = min(dues)
            self._remind(at)  # before all else: what is reached now has missed what was due before
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
        touched = event.occurred_at > self._told_until and touches_account(
            self.deck, pair.account, event
        )
        if touched:
            begins = self._apply("account", event, properties)
            new = self._settle(
                "account",
                head(self.deck, pair, "account", event),
                self._touched("account", event, begins=begins),
                event.user,
            )
            if begins:
                watches.append(self.deck.user.reading_account_watch)
        if mine or touched:
            begins = self._apply("user", event, properties) if mine else False
            watches += [*self._touched("user", event, begins=begins), *self._following(new)]
            by = event.user if mine else None  # what a colleague did is the account's to tell
            self._settle("user", head(self.deck, pair, "user", event), watches, by)
        self._plan(event.occurred_at)

    def latch(self, moment: Latch, of: Of) -> None:
        """Reach what is known to have been reached at this time."""
        progress = self.pair.of(of) or fresh(self.deck, of)
        if moment.name in progress.reached:
            return
        at = moment.occurred_at
        reached = {**progress.reached, moment.name: at}
        overdue = tuple(one for one in progress.overdue if one != moment.name)
        self.pair = self.pair.put(of, replace(progress, reached=reached, overdue=overdue))
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
        return [scope.all] if begins else [scope.watch(one) for one in triggers_of(event)]

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
        if of == "account" and any(self._following(set(ids) - self._known.keys())):
            progress = waking(progress, progress.wakes, at)
        progress = replace(
            progress,
            reached={**progress.reached, **dict.fromkeys(ids, at)},
            overdue=tuple(one for one in progress.overdue if one not in ids),
            reached_by=progress.reached_by
            if by is None
            else {**progress.reached_by, **dict.fromkeys(ids, by)},
            folds=progress.folds + (of == "account"),
        )
        self.pair = self.pair.put(of, progress)
        self.news.extend(News(of, one, at, by) for one in ids if one not in self._known)

    def _remind(self, at: int) -> None:
        """Tell of the deadlines that have passed."""
        for of in BOTH:
            progress = self.pair.of(of)
            if progress is None or not self._tells(of):
                continue
            passed = {
                one: due
                for one, due in progress.deadlines.items()
                if due < at and one not in progress.reached
            }
            if passed:
                overdue = tuple(sorted({*progress.overdue, *passed}))
                self.pair = self.pair.put(of, replace(progress, overdue=overdue))
                self.news.extend(
                    News(of, one, due, overdue=True)
                    for one, due in sorted(passed.items(), key=itemgetter(1))
                )

    def _plan(self, now: int) -> None:
        """Note when time alone next does something."""
        for of in BOTH:
            progress = self.pair.of(of)
            scope = self.deck.scope(of)
            idle = not (scope.waiting.milestones or scope.deadlines)
            if progress is None or (idle and progress.wakes is None) or not self._tells(of):
                continue
            deadlines = self._deadlines(of, progress)
            due = self._due(of, progress, max(now, progress.clock))
            if deadlines:
                first = min(deadlines.values()) + 1  # at the deadline itself it is in time
                due = first if due is None else min(due, first)
            if due != progress.wakes or deadlines != progress.deadlines:
                told = waking(progress, due, progress.untold)
                self.pair = self.pair.put(of, replace(told, deadlines=deadlines))

    def _deadlines(self, of: Of, progress: Progress) -> dict[str, int]:
        """When each milestone is due that is neither reached nor overdue."""
        start, lengths = progress.start, self.deck.scope(of).deadlines
        if start is None or not lengths or self._only not in (None, of):
            return {}
        over = {*progress.reached, *progress.overdue, *self._settled}
        return {one: start + length for one, length in lengths if one not in over}

    def _due(self, of: Of, progress: Progress, now: int) -> int | None:
        waiting = [
            one
            for one in self.deck.scope(of).waiting.milestones
            if one.id not in progress.reached
            and self._may_reach(of, one.id, self._known.get(one.id, now))
        ]
        return _ripening(self.deck, self.pair, waiting, now)


def ripens_at(deck: Deck, pair: Pair, now: int) -> int | None:
    """When waiting alone next reaches a milestone, which may be later than what is due next."""
    found: list[int | None] = []
    for of in BOTH:
        progress = pair.of(of)
        if progress is None or progress.wakes is None:
            continue
        if progress.wakes - 1 in progress.deadlines.values():
            waiting = deck.scope(of).waiting.milestones
            open_ = [one for one in waiting if one.id not in progress.reached]
            found.append(_ripening(deck, pair, open_, now))
        else:
            found.append(progress.wakes)
    return min((one for one in found if one is not None), default=None)


def _ripening(deck: Deck, pair: Pair, waiting: Sequence[Watched], now: int) -> int | None:
    """When waiting alone first makes one of these milestones true."""
    if not waiting:
        return None
    asked = situation(deck, pair, now)
    changes = [next_change(one.rule, deck.facts, asked) for one in waiting]
    return min((one for one in changes if one is not None), default=None)


def triggers_of(event: Event) -> list[Trigger]:
    """What an event may change, beside the start."""
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


def touches_account(deck: Deck, account: Progress | None, event: Event) -> bool:
    """An account is folded only where one of its rules reads the event, or its start moves."""
    return (
        account is None
        or account.start is None
        or event.occurred_at < account.start
        or event.kind == "group"
        or (event.kind == "track" and deck.facts.mentioned("account", event.name))
    )


def head(deck: Deck, pair: Pair, of: Of, event: Event) -> int:
    """The newest instant known of the account, or of the user and what her milestones read."""
    account, user = pair.account, pair.user
    clocks = [event.occurred_at]
    if account is not None and (of == "account" or deck.user.reading_account):
        clocks.append(account.clock)
    if user is not None and of == "user":
        clocks.append(user.clock)
    return max(clocks)


def renamed(deck: Deck, of: Of, reached: Mapping[str, int]) -> dict[str, int]:
    """Milestones and their times, under the names that they have now."""
    found = dict(reached)
    for one in deck.scope(of).milestones:
        old = one.milestone.renamed_from
        if old in found and one.id not in found:
            found[one.id] = found.pop(old)
    return found
