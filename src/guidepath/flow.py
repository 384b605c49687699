"""The orchestration, written once: generators that yield calls to the store, and two drivers.

    load -> fold or decide -> save; where the versions have changed meanwhile, all of it again

The first attempt locks nothing. One that lost takes a turn for the next, so that it cannot be
overtaken for ever on an account where many write.
"""

from collections.abc import Generator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from guidepath.attention import Attention, Claim, Feedback, active, answer
from guidepath.clock import SECOND
from guidepath.decision import Decision, claimed, decide
from guidepath.deck import Deck
from guidepath.errors import EventConflict, EventError
from guidepath.event import Envelope, Event
from guidepath.fold import behind, fold, refold, settle, stale
from guidepath.insight.report import Standing
from guidepath.item import Writer
from guidepath.ports import AsyncStore, Change, Draft, Row, Snapshot, Store
from guidepath.progress import Folded, News, Pair, Progress, fresh
from guidepath.rules.expression import Of
from guidepath.saying import heard, said
from guidepath.subject import Context, Subject

T = TypeVar("T")

JOSTLE = 10 * SECOND  # how far callers at the same time may be apart


class Call(NamedTuple):
    """A call to the store, to be made by a driver."""

    method: str
    args: tuple[object, ...] = ()
    named: Mapping[str, object] = MappingProxyType({})


# a driver sends what the store answered; its type is the store's business
Flow = Generator[Call, Any, T]


def run(flow: Flow[T], store: Store) -> T:
    """Drive a flow against a store."""
    try:
        call = next(flow)
        while True:
            call = flow.send(getattr(store, call.method)(*call.args, **call.named))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's value has no type here
    finally:
        store.release()


async def run_async(flow: Flow[T], store: AsyncStore) -> T:
    """Drive a flow against a store for asyncio."""
    try:
        call = next(flow)
        while True:
            call = flow.send(await getattr(store, call.method)(*call.args, **call.named))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's value has no type here
    finally:
        await store.release()


class Receipt(NamedTuple):
    """What became of some events: how many were new, what they reached, what was ignored."""

    stored: int
    news: tuple[tuple[Subject, News], ...] = ()
    ignored: tuple[str, ...] = ()


class Found(NamedTuple):
    """A user and her account as they are now, and the rows they came from."""

    snapshot: Snapshot
    pair: Pair
    news: tuple[News, ...]


def ingest(deck: Deck, events: Sequence[Event]) -> Flow[Receipt]:
    """Take in events of one account, in order, in one commit. Those it knows do nothing.

    Raises:
        EventConflict: an id is known with other content; nothing of the batch is stored.
    """
    account = events[0].account
    users = sorted({one.user for one in events if one.user is not None})
    ids = [one.id for one in events]
    turn = False
    while True:
        snapshot: Snapshot = yield Call("load", (account, users, ids), {"turn": turn})
        new = _new(events, snapshot.known)
        if not new:
            return Receipt(0)
        batch = _Batch(deck, snapshot)
        for event in new:
            yield from batch.take(event)
        if (yield Call("save", (batch.change(account),))):
            return Receipt(len(new), tuple(batch.news), tuple(batch.ignored))
        turn = True


def standing(deck: Deck, subject: Subject, now: int, *, turn: bool = False) -> Flow[Found]:
    """The user and her account at `now`, with what waiting has made true; nothing is saved."""
    users = [] if subject.user is None else [subject.user]
    snapshot: Snapshot = yield Call("load", (subject.account, users, ()), {"turn": turn})
    told = yield from _up_to(deck, snapshot.pair(subject.user), subject, now)
    return Found(snapshot, told.pair, told.news)


def next_item(deck: Deck, subject: Subject, context: Context, now: int) -> Flow[Decision]:
    """Decide, and save the claim. One read, and no write where nothing changed."""
    turn = False
    while True:
        found = yield from standing(deck, subject, now, turn=turn)
        pair = found.pair
        decision = decide(deck, subject, pair, context, now)
        user = pair.user or fresh(deck, "user")
        attention = claimed(user.attention, decision)
        if attention is not user.attention:
            pair = Pair(pair.account, replace(user, attention=attention))
        if (yield from _saved(deck, subject, found._replace(pair=pair))):
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
    return replace(decision, item=writer.item(deck.guidance[decision.guidance], decision.claim))


def reach(deck: Deck, subject: Subject, now: int) -> Flow[Pair]:
    """Save what waiting has made true, and give the pair as it then is."""
    turn = False
    while True:
        found = yield from standing(deck, subject, now, turn=turn)
        if (yield from _saved(deck, subject, found)):
            return found.pair
        turn = True


def respond(deck: Deck, event: Event) -> Flow[bool]:
    """Take in what became of an item; False where the right to show it has passed to another.

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
    turn = False
    while True:
        asked = (event.account, [event.user], [event.id])
        snapshot: Snapshot = yield Call("load", asked, {"turn": turn})
        if not _new([event], snapshot.known):
            return True
        row = snapshot.users[event.user or ""]
        progress = row.progress or fresh(deck, "user")
        before = active(progress.attention, feedback.at)
        after = answer(before, feedback, keep=keep, persistent=persistent)
        if after is None:
            return False
        envelopes = heard(deck, event, feedback, before, after, progress.emitted)
        progress = replace(progress, attention=after, emitted=progress.emitted + len(envelopes))
        drafts = {event.user: Draft(progress, row.version)}
        if (yield Call("save", (Change(event.account, drafts, (event,), envelopes),))):
            return True
        turn = True


def survey(deck: Deck, until: int) -> Flow[list[Standing]]:
    """What every subject has reached, with what waiting makes true by `until`; nothing is saved."""
    standings: list[Standing] = []
    after: Subject | None = None
    account: Progress | None = None
    while page := (yield Call("subjects", (), {"after": after})):
        for subject, stored in page:
            progress: Progress | None = stored
            pair = Pair(progress) if subject.user is None else Pair(account, progress)
            dues = [one.due for one in pair if one is not None and one.due is not None]
            if any(due <= until for due in dues) or stale(deck, pair, None, until):
                told = yield from _up_to(deck, pair, subject, until)
                progress = told.pair.account if subject.user is None else told.pair.user
            if subject.user is None:
                account = progress
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


def erase(subject: Subject) -> Flow[None]:
    """Forget a subject; an account with all its users."""
    yield Call("erase", (subject,))


def answers() -> Flow[None]:
    """Ask the store for something small, to see whether it answers."""
    yield Call("load", ("",))


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


class _Batch:
    """The rows of one account while a batch is folded in."""

    def __init__(self, deck: Deck, snapshot: Snapshot) -> None:
        self.deck = deck
        self.news: list[tuple[Subject, News]] = []
        self.ignored: list[str] = []
        self._snapshot = snapshot
        self._account = snapshot.account.progress
        self._users = {user: row.progress for user, row in snapshot.users.items()}
        self._taken: list[Event] = []

    def take(self, event: Event) -> Flow[None]:
        pair = Pair(self._account, None if event.user is None else self._users[event.user])
        event = _in_order(pair, event)
        needs = stale(self.deck, pair, event, event.occurred_at)
        folded = None if needs else fold(self.deck, pair, event)
        self._taken.append(event)
        if folded is None:
            needs |= behind(self.deck, pair, event)
            folded = yield from _from_history(
                self.deck, pair, event.subject, needs, self._taken, event
            )
        self._account = folded.pair.account
        if event.user is not None:
            self._users[event.user] = folded.pair.user
        self.ignored.extend(folded.ignored)
        self.news.extend((_subject(event.subject, one.of), one) for one in folded.news)

    def change(self, account: str) -> Change:
        after: dict[str | None, Progress | None] = {None: self._account}
        after.update(self._users)
        return _change(self.deck, account, _rows(self._snapshot), after, self.news, self._taken)


def _in_order(pair: Pair, event: Event) -> Event:
    """The event, at the newest instant known where its time was ours to give and it is just behind.

    Callers that track at the same time would otherwise be late by the moment they waited.
    """
    newest = max((one.clock for one in pair if one is not None), default=event.occurred_at)
    if event.timed or not 0 < newest - event.occurred_at <= JOSTLE:
        return event
    return replace(event, occurred_at=newest)


def _up_to(deck: Deck, pair: Pair, subject: Subject, now: int) -> Flow[Folded]:
    """The pair at `now`: told anew where it must be, and with what waiting has made true."""
    news: tuple[News, ...] = ()
    if needs := stale(deck, pair, None, now):
        told = yield from _from_history(deck, pair, subject, needs, ())
        pair, news = told.pair, told.news
    settled = settle(deck, pair, now)
    return Folded(settled.pair, (*news, *settled.news))


def _from_history(
    deck: Deck,
    pair: Pair,
    subject: Subject,
    needs: frozenset[Of],
    pending: Sequence[Event],
    event: Event | None = None,
) -> Flow[Folded]:
    """Tell the account, the user or both anew; `pending` events are not in the store yet."""
    whole = "account" in needs or bool(deck.user.reading_account)
    stored: list[Event] = yield Call("history", (subject.account, None if whole else subject.user))
    mine = [one for one in pending if whole or one.user == subject.user]
    events = sorted([*stored, *mine], key=lambda one: one.occurred_at)  # arrival breaks ties
    steps: list[Folded] = []
    if "account" in needs:
        steps.append(refold(deck, pair, Subject(subject.account), events))
    elif event is not None:
        alone = fold(deck, pair, event, only="account")  # it is not behind, or it would be needed
        steps.append(alone or Folded(pair))
    pair = steps[-1].pair if steps else pair
    if subject.user is not None and ("user" in needs or event is not None):
        steps.append(refold(deck, pair, subject, events))
    return Folded(
        steps[-1].pair,
        tuple(one for step in steps for one in step.news),
        steps[-1].ignored,
    )


def _saved(deck: Deck, subject: Subject, found: Found) -> Flow[bool]:
    """Save what is new; True at once where nothing is."""
    after = {None: found.pair.account, subject.user: found.pair.user}
    news = [(_subject(subject, one.of), one) for one in found.news]
    change = _change(deck, subject.account, _rows(found.snapshot), after, news, ())
    if not change.drafts:
        return True
    return (yield Call("save", (change,)))  # type: ignore[no-any-return]  # the store's answer


def _change(
    deck: Deck,
    account: str,
    before: Mapping[str | None, Row],
    after: Mapping[str | None, Progress | None],
    news: Sequence[tuple[Subject, News]],
    events: Sequence[Event],
) -> Change:
    """The rows that differ, with the envelopes of what is new, numbered for each subject."""
    envelopes: list[Envelope] = []
    drafts: dict[str | None, Draft] = {}
    for user, progress in after.items():
        if progress is None:
            continue
        mine = [one for subject, one in news if subject.user == user]
        spoken = said(deck, Subject(account, user), progress, mine)
        envelopes += spoken
        if spoken:
            progress = replace(progress, emitted=progress.emitted + len(spoken))  # noqa: PLW2901
        if progress is not before[user].progress:
            drafts[user] = Draft(progress, before[user].version)
    return Change(account, drafts, events, envelopes)


def _rows(snapshot: Snapshot) -> dict[str | None, Row]:
    """The rows of a snapshot by user, the account's under None."""
    rows: dict[str | None, Row] = {None: snapshot.account}
    rows.update(snapshot.users)
    return rows


def _new(events: Sequence[Event], known: Mapping[str, str]) -> list[Event]:
    seen = dict(known)
    new = []
    for event in events:
        digest = seen.get(event.id)
        if digest is None:
            seen[event.id] = event.digest
            new.append(event)
        elif digest != event.digest:
            raise EventConflict(event.id)
    return new


def _subject(subject: Subject, of: Of) -> Subject:
    return Subject(subject.account) if of == "account" else subject


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
