"""The orchestration, written once, for any store.

    load -> fold or decide -> save; where the versions have changed meanwhile, all of it again

The first attempt locks nothing. One that lost takes a turn for the next, so that it cannot be
overtaken for ever on an account where many write.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from guidepath.attention import Exposure, active, answer
from guidepath.base import without
from guidepath.batch import Batch, at_once, change, new, rows, too_late, up_to, whose
from guidepath.decision import Decision, claimed, decide
from guidepath.deck import Deck
from guidepath.driver import Call, Flow
from guidepath.errors import EventError
from guidepath.event import Envelope, Event
from guidepath.fold import stale
from guidepath.insight.report import Standing
from guidepath.item import Writer
from guidepath.past import feedback_of, past
from guidepath.ports import Change, DeadLetter, Draft, Snapshot
from guidepath.progress import News, Pair, Progress, fresh, waking
from guidepath.recall import Asked, Recall, Versions
from guidepath.saying import heard
from guidepath.subject import Context, Subject

_ALL = 1_000_000  # dead letters; a store is asked for some at most


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What became of some events: how many were new, what they reached, what was ignored.

    `forgotten` came too late: their user was erased, or their time is no longer kept.
    """

    stored: int
    news: tuple[tuple[Subject, News], ...] = ()
    ignored: tuple[str, ...] = ()
    forgotten: int = 0


class Held(NamedTuple):
    """How much is known of a subject: users, events, and what was said and what of it is dead."""

    users: int
    events: int
    envelopes: int
    dead: int


class Found(NamedTuple):
    """A user and her account as they are now, and the rows they came from."""

    snapshot: Snapshot
    pair: Pair
    news: tuple[News, ...]


def ingest(
    deck: Deck, events: Sequence[Event], *, found: Snapshot | None = None, turn: bool = False
) -> Flow[Receipt]:
    """Take in events of one account, in order, in one commit. Those it knows do nothing.

    Args:
        deck: what the product declares.
        events: some of one account.
        found: what was loaded for them, where `at_once` could not tell what to save.
        turn: whether to wait for a turn, as who lost a save does.

    Raises:
        EventConflict: an id is known with other content; nothing of the batch is stored.
    """
    account = events[0].account
    asked = (account, *_asked(events))
    lone = events[0] if len(events) == 1 else None
    while True:
        snapshot: Snapshot = found or (yield Call("load", asked, {"turn": True} if turn else {}))
        plain = at_once(deck, snapshot, lone) if lone is not None and found is None else None
        found = None
        if plain is not None:
            saved, receipt = plain[0], Receipt(1, ignored=tuple(plain[1]))
        else:
            living, forgotten = _in_time(events, snapshot)
            if not living:
                return Receipt(0, ignored=forgotten, forgotten=len(forgotten))
            batch = Batch(deck, snapshot)
            for event in living:
                yield from batch.take(event, plain=lone is None)
            saved = batch.change(account)
            ignored = (*batch.ignored, *forgotten)
            receipt = Receipt(len(living), tuple(batch.news), ignored, len(forgotten))
        if (yield Call("save", (saved,))):
            return receipt
        turn = True


def _in_time(
    events: Sequence[Event], snapshot: Snapshot
) -> tuple[Sequence[Event], tuple[str, ...]]:
    """Those that are new and in time, and why others come too late.

    Raises:
        EventConflict: an id is known with other content.
    """
    unknown = new(events, snapshot.known)
    account = snapshot.account.progress
    if not snapshot.erased and (account is None or account.cut is None):
        return unknown, ()  # as most are
    reasons = [too_late(one, snapshot) for one in unknown]
    living = [one for one, why in zip(unknown, reasons, strict=True) if why is None]
    return living, tuple(why for why in reasons if why is not None)


def _asked(events: Sequence[Event]) -> tuple[list[str], list[str]]:
    """The users and the ids of events."""
    if len(events) == 1:  # as most come
        (one,) = events
        return [] if one.user is None else [one.user], [one.id]
    return sorted({one.user for one in events if one.user is not None}), [one.id for one in events]


def standing(deck: Deck, subject: Subject, now: int, *, turn: bool = False) -> Flow[Found]:
    """The user and her account at `now`, with what waiting has made true; nothing is saved."""
    users = [] if subject.user is None else [subject.user]
    snapshot: Snapshot = yield Call("load", (subject.account, users, ()), {"turn": turn})
    told = yield from up_to(deck, snapshot.pair(subject.user), subject, now)
    return Found(snapshot, told.pair, told.news)


def next_item(
    deck: Deck, recall: Recall, asked: Asked, subject: Subject, context: Context, now: int
) -> Flow[Decision]:
    """Decide, and save the claim. One read, and no write where nothing changed."""
    held = recall.held(asked, now)
    if held is not None and (yield Call("versions", subject)) == held.versions:
        return held.decision
    turn = False
    while True:
        found = yield from standing(deck, subject, now, turn=turn)
        pair = found.pair
        decision = decide(deck, subject, pair, context, now)
        user = pair.user or fresh(deck, "user")
        attention = claimed(user.attention, decision)
        if attention is not user.attention:
            pair = Pair(pair.account, replace(user, attention=attention))
        saved = difference(deck, subject, found._replace(pair=pair), now)
        if not saved.drafts:
            decision = shown(deck, decision, pair, context)
            recall.keep(decision, asked, _versions(found.snapshot, subject), pair)
            return decision
        if (yield Call("save", (saved,))):
            return shown(deck, decision, pair, context)
        turn = True


def explain(deck: Deck, subject: Subject, context: Context, now: int, at: int) -> Flow[Decision]:
    """The decision at an instant, with every gate's answer for every piece of guidance.

    Nothing is claimed or saved. An instant before `now` is told from the history.
    """
    if at < now:
        pair = yield from past(deck, subject, at)
    else:
        found = yield from standing(deck, subject, at)
        pair = found.pair
    decision = decide(deck, subject, pair, context, at, everything=True)
    return shown(deck, decision, pair, context)


def shown(deck: Deck, decision: Decision, pair: Pair, context: Context) -> Decision:
    """The decision with its item as the person sees it."""
    if decision.guidance is None:
        return decision
    writer = Writer(deck, pair, context)
    guidance = deck.guidance[decision.guidance]
    return replace(decision, item=writer.item(guidance, decision.claim, decision.steps))


def reach(deck: Deck, subject: Subject, now: int) -> Flow[Pair]:
    """Save what waiting has made true, and give the pair as it then is."""
    turn = False
    while True:
        found = yield from standing(deck, subject, now, turn=turn)
        if (yield from _saved(deck, subject, found, now)):
            return found.pair
        turn = True


def tell(deck: Deck, account: str, now: int) -> Flow[None]:
    """Bring the users of an account up to date with what it has reached, if they are untold.

    It may end anywhere and be done again, also by two at once.
    """
    snapshot: Snapshot = yield Call("load", (account,))
    marked = snapshot.account.progress
    if marked is None or marked.untold is None:
        return
    for user in sorted((yield from users(account))):
        yield from reach(deck, Subject(account, user), now)
    turn = False
    while True:
        snapshot = yield Call("load", (account,), {"turn": turn})
        progress, version = snapshot.account.progress, snapshot.account.version
        if progress is None or progress.untold is None or progress.reached != marked.reached:
            return  # it was erased, another has told them, or there is more to tell
        drafts: dict[str | None, Draft] = {
            None: Draft(waking(progress, progress.wakes, None), version)
        }
        if (yield Call("save", (Change(account, drafts, at=now),))):
            return
        turn = True


def respond(deck: Deck, event: Event) -> Flow[bool]:
    """Take in what became of an item; False where the right to show it has passed to another.

    False, too, where she was erased since, or it is too old: nothing of it is stored.

    Raises:
        EventConflict: the feedback's id is known with other content.
        EventError: it is no feedback, or the playbook has no such item.
    """
    feedback = feedback_of(event)
    guidance = deck.guidance.get(feedback.item)
    if guidance is None:
        raise EventError(f"the playbook has no item {feedback.item!r}")
    keep = 0 if guidance.moment == "celebrate" else deck.impressions_kept
    persistent = guidance.type in ("tour", "checklist")
    steps = [one.id for one in guidance.steps]
    turn = False
    while True:
        asked = (event.account, [event.user], [event.id])
        snapshot: Snapshot = yield Call("load", asked, {"turn": turn})
        if not new([event], snapshot.known):
            return True
        if too_late(event, snapshot) is not None:
            return False
        row = snapshot.users[event.user or ""]
        progress = row.progress or fresh(deck, "user")
        before = active(progress.attention, feedback.at)
        after = answer(before, feedback, keep=keep, persistent=persistent, steps=steps)
        if after is None:
            return False
        pair = Pair(snapshot.account.progress, progress)
        envelopes = heard(deck, event, feedback, before, after, pair)
        progress = replace(progress, attention=after, emitted=progress.emitted + len(envelopes))
        drafts = {event.user: Draft(progress, row.version)}
        saved = Change(event.account, drafts, (event,), envelopes, event.received_at)
        if (yield Call("save", (saved,))):
            return True
        turn = True


def survey(
    deck: Deck, until: int, seen: Callable[[Mapping[str, Exposure]], None] | None = None
) -> Flow[list[Standing]]:
    """What every subject has reached, with what waiting makes true by `until`; nothing is saved.

    `seen` is called for each user with what became of items for her.
    """
    standings: list[Standing] = []
    after: Subject | None = None
    account: Progress | None = None
    while page := (yield Call("subjects", (), {"after": after})):
        for subject, stored in page:
            progress: Progress | None = stored
            pair = Pair(progress) if subject.user is None else Pair(account, progress)
            dues = [one.wakes for one in pair.known if one.wakes is not None]
            if any(due <= until for due in dues) or stale(deck, pair, None, until):
                told = yield from up_to(deck, pair, subject, until)
                progress = told.pair.account if subject.user is None else told.pair.user
            if subject.user is None:
                account = progress
            elif seen is not None:
                seen(stored.attention.items)
            if progress is not None and progress.start is not None:
                role = progress.first_role
                standings.append(
                    Standing(
                        account=subject.account,
                        user=subject.user,
                        start=progress.start,
                        reached=progress.reached,
                        role=role,
                    )
                )
        after = page[-1][0]
    return standings


def users(account: str) -> Flow[dict[str, Progress]]:
    """The progress of all users of an account, as it is stored."""
    found: dict[str, Progress] = {}
    after = Subject(account)
    while True:
        page: list[tuple[Subject, Progress]] = yield Call("subjects", (), {"after": after})
        found.update((one.user, told) for one, told in page if one.account == account and one.user)
        if not page or page[-1][0].account != account:
            return found
        after = page[-1][0]


def erase(subject: Subject, now: int) -> Flow[None]:
    """Forget a subject; an account with all its users, one who is her own account with that.

    What was told of a time shortly ahead of `now` cannot bring it back either.
    """
    account, user = subject
    turn = False
    while True:
        asked = (account, [] if user is None else [user])
        snapshot: Snapshot = yield Call("load", asked, {"turn": turn})
        progress, version = snapshot.account.progress, snapshot.account.version
        members = (yield from users(account)) if user in (None, account) else {}
        if not members.keys() - {user} and user == account:
            subject = Subject(account)
        if subject.user is None:
            draft, rows = None, [progress, *members.values()]
        else:
            draft = None if progress is None else Draft(without(progress, subject.user), version)
            rows = [snapshot.users[subject.user].progress]
        at = max([now, *(one.clock for one in rows if one is not None)])
        if (yield Call("erase", (subject,), {"at": at, "account": draft})):
            return
        turn = True


def held(subject: Subject) -> Flow[Held]:
    """How much is known of a subject; of an account with all its users."""
    account, user = subject
    history: list[Event] = yield Call("history", (account, user))
    said: list[Envelope] = yield Call("said", (account, user))
    letters = yield from dead(subject)
    members = (yield from users(account)) if user is None else [user]
    return Held(len(members), len(history), len(said), len(letters))


def dead(subject: Subject) -> Flow[list[DeadLetter]]:
    """The dead letters of a subject; of an account with those of its users."""
    found: list[DeadLetter] = yield Call("dead", (), {"most": _ALL})
    return [
        one
        for one in found
        if one.envelope.account == subject.account and subject.user in (None, one.envelope.user)
    ]


def answers() -> Flow[None]:
    """Ask the store for something small, to see whether it answers."""
    yield Call("load", ("",))


def _saved(deck: Deck, subject: Subject, found: Found, now: int) -> Flow[bool]:
    """Save what is new; True at once where nothing is."""
    saved = difference(deck, subject, found, now)
    if not saved.drafts:
        return True
    return (yield Call("save", (saved,)))  # type: ignore[no-any-return]  # the store's answer


def difference(deck: Deck, subject: Subject, found: Found, now: int) -> Change:
    """What is to be saved of what was found."""
    after: dict[str | None, Progress | None] = {None: found.pair.account}
    if subject.user is not None:
        after[subject.user] = found.pair.user
    news = [(whose(subject, one.of), one) for one in found.news]
    return change(deck, subject.account, rows(found.snapshot), after, news, (), now)


def _versions(snapshot: Snapshot, subject: Subject) -> Versions:
    row = snapshot.users.get(subject.user or "")
    return Versions(snapshot.account.version, row.version if row else 0)
