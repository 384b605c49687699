"""From what was loaded to what is saved: events folded in, the history asked where it must be."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from guidepath.clock import SECOND
from guidepath.deck import Deck
from guidepath.driver import Call, Flow
from guidepath.errors import EventConflict
from guidepath.event import Envelope, Event
from guidepath.fold import behind, fold, refold, settle, stale
from guidepath.plain import plainly
from guidepath.ports import Change, Draft, Row, Snapshot
from guidepath.progress import Folded, News, Pair, Progress, typed
from guidepath.rules.expression import Of
from guidepath.saying import said
from guidepath.subject import Subject

ERASED = "it is of a time before its user or account was erased"
TOO_OLD = "it is older than the history that is kept"
JOSTLE = 10 * SECOND  # how far callers at the same time may be apart


class Batch:
    """The rows of one account while a batch is folded in."""

    def __init__(self, deck: Deck, snapshot: Snapshot) -> None:
        self.deck = deck
        self.news: list[tuple[Subject, News]] = []
        self.ignored: list[str] = []
        self._snapshot = snapshot
        self._account = snapshot.account.progress
        self._users = {user: row.progress for user, row in snapshot.users.items()}
        self._taken: list[Event] = []

    def take(self, event: Event, *, plain: bool = True) -> Flow[None]:
        """Fold one more event in, with a look at the history where only that can tell.

        It is not `plain` where that was tried.
        """
        pair = Pair(self._account, None if event.user is None else self._users[event.user])
        event = _in_order(pair, event)
        self._taken.append(event)
        folded = self._plainly(pair, event) if plain else None
        needs: frozenset[Of] = frozenset()
        if folded is None:
            needs = stale(self.deck, pair, event, event.occurred_at)
            folded = None if needs else fold(self.deck, pair, event)
        if folded is None:
            needs |= behind(self.deck, pair, event)
            folded = yield from _from_history(
                self.deck, pair, event.subject, needs, self._taken, event.received_at, event
            )
        self._account = folded.pair.account
        if event.user is not None:
            self._users[event.user] = folded.pair.user
        self.ignored.extend(folded.ignored)
        self.news.extend((whose(event.subject, one.of), one) for one in folded.news)

    def _plainly(self, pair: Pair, event: Event) -> Folded | None:
        if pair.account is None or pair.user is None:
            return None
        plain = plainly(self.deck, pair.account, pair.user, event)
        return None if plain is None else Folded(Pair(pair.account, plain[0]), (), tuple(plain[1]))

    def change(self, account: str) -> Change:
        """What is to be saved of all that was taken."""
        after: dict[str | None, Progress | None] = {None: self._account}
        after.update(self._users)
        self.news = list(self._agreed(after))
        now = max(event.received_at for event in self._taken)
        saved = change(self.deck, account, rows(self._snapshot), after, self.news, self._taken, now)
        drafts = _with_account_read(self.deck, saved.drafts, self._snapshot.account)
        return replace(saved, drafts=drafts)

    def _agreed(
        self, after: Mapping[str | None, Progress | None]
    ) -> Iterator[tuple[Subject, News]]:
        """The news without what one event made overdue and a later one tells to be in time."""
        for subject, one in self.news:
            progress = after[subject.user]
            reached = {} if progress is None else progress.reached
            if not one.overdue or reached.get(one.milestone or "", one.at + 1) > one.at:
                yield subject, one


def at_once(deck: Deck, snapshot: Snapshot, event: Event) -> tuple[Change, Sequence[str]] | None:
    """What is to be saved of one event alone, and what is ignored of it, where it says nothing new.

    Most are like that. None where `Batch` must look closer.
    """
    if event.user is None or snapshot.known:
        return None
    row = snapshot.users[event.user]
    account, user = snapshot.account.progress, row.progress
    if account is None or user is None:
        return None
    if (snapshot.erased or account.cut is not None) and too_late(event, snapshot) is not None:
        return None
    if not event.timed and event.occurred_at < max(account.clock, user.clock):
        event = _in_order(Pair(account, user), event)
    plain = plainly(deck, account, user, event)
    if plain is None:
        return None
    drafts: Mapping[str | None, Draft] = {event.user: Draft(plain[0], row.version)}
    if deck.user.reading_account:
        drafts = _with_account_read(deck, drafts, snapshot.account)
    return Change(event.account, drafts, (event,), (), event.received_at), plain[1]


def too_late(event: Event, snapshot: Snapshot) -> str | None:
    """Why an event of so long ago is not taken in, if it is not."""
    times = (snapshot.erased.get(user) for user in {None, event.user})
    if any(at is not None and event.occurred_at <= at for at in times):
        return ERASED
    account = snapshot.account.progress
    cut = None if account is None else account.cut
    return None if cut is None or event.occurred_at > cut else TOO_OLD


def _with_account_read(
    deck: Deck, drafts: Mapping[str | None, Draft], account: Row
) -> Mapping[str | None, Draft]:
    """The drafts, and the account as it was read where what a user may yet reach depends on it.

    Else somebody else's event, saved meanwhile, would be missed until she is looked at again.
    """
    reading = deck.user.reading_account
    if not reading or None in drafts or not account.version:
        return drafts
    users = [draft.progress for draft in drafts.values() if draft.progress is not None]
    if any(one.id not in user.reached for one in reading for user in users):
        return {None: Draft(None, account.version), **drafts}
    return drafts


def _in_order(pair: Pair, event: Event) -> Event:
    """The event, at the newest instant known where its time was ours to give and it is just behind.

    Callers that track at the same time would otherwise be late by the moment they waited.
    """
    if event.timed:
        return event
    newest = event.occurred_at
    for one in (pair.account, pair.user):
        if one is not None and one.clock > newest:
            newest = one.clock
    if 0 < newest - event.occurred_at <= JOSTLE:
        return replace(event, occurred_at=newest)
    return event


def up_to(deck: Deck, pair: Pair, subject: Subject, now: int) -> Flow[Folded]:
    """The pair at `now`: told anew where it must be, and with what waiting has made true."""
    news: tuple[News, ...] = ()
    if needs := stale(deck, pair, None, now):
        told = yield from _from_history(deck, pair, subject, needs, (), now)
        pair, news = told.pair, told.news
    settled = settle(deck, pair, now)
    return Folded(settled.pair, (*news, *settled.news))


def _from_history(
    deck: Deck,
    pair: Pair,
    subject: Subject,
    needs: frozenset[Of],
    pending: Sequence[Event],
    now: int,
    event: Event | None = None,
) -> Flow[Folded]:
    """Tell the account, the user or both anew; `pending` events are not in the store yet."""
    whole = "account" in needs or bool(deck.user.reading_account)
    stored: list[Event] = yield Call("history", (subject.account, None if whole else subject.user))
    mine = [one for one in pending if whole or one.user == subject.user]
    events = sorted([*stored, *mine], key=lambda one: one.occurred_at)  # arrival breaks ties
    steps: list[Folded] = []
    if "account" in needs:
        steps.append(refold(deck, pair, Subject(subject.account), events, now))
    elif event is not None:
        alone = fold(deck, pair, event, only="account")  # it is not behind, or it would be needed
        steps.append(alone or Folded(pair))
    pair = steps[-1].pair if steps else pair
    if subject.user is not None and ("user" in needs or event is not None):
        steps.append(refold(deck, pair, subject, events, now))
    return Folded(
        steps[-1].pair,
        tuple(one for step in steps for one in step.news),
        () if event is None else tuple(typed(deck, event)[1]),
    )


def change(
    deck: Deck,
    account: str,
    before: Mapping[str | None, Row],
    after: Mapping[str | None, Progress | None],
    news: Sequence[tuple[Subject, News]],
    events: Sequence[Event],
    now: int,
) -> Change:
    """The rows that differ, with the envelopes of what is new, numbered for each subject."""
    envelopes: list[Envelope] = []
    drafts: dict[str | None, Draft] = {}
    for user, progress in after.items():
        if progress is None:
            continue
        mine = [one for subject, one in news if subject.user == user]
        if mine:
            pair = Pair(after[None], None if user is None else progress)
            spoken = said(deck, Subject(account, user), pair, mine)
            envelopes += spoken
            progress = replace(progress, emitted=progress.emitted + len(spoken))  # noqa: PLW2901
        if progress is not before[user].progress:
            drafts[user] = Draft(progress, before[user].version)
    return Change(account, drafts, events, envelopes, now)


def rows(snapshot: Snapshot) -> dict[str | None, Row]:
    """The rows of a snapshot by user, the account's under None."""
    rows: dict[str | None, Row] = {None: snapshot.account}
    rows.update(snapshot.users)
    return rows


def new(events: Sequence[Event], known: Mapping[str, str]) -> Sequence[Event]:
    """The events that are not known yet, each once.

    Raises:
        EventConflict: an id is known with other content.
    """
    if len(events) == 1 and not known:
        return events  # as most are
    seen = dict(known)
    found = []
    for event in events:
        digest = seen.get(event.id)
        if digest is None:
            seen[event.id] = event.digest
            found.append(event)
        elif digest != event.digest:
            raise EventConflict(event.id)
    return found


def whose(subject: Subject, of: Of) -> Subject:
    """The account of the subject, or the subject."""
    return Subject(subject.account) if of == "account" else subject
