"""Old history folded into bases and dropped, an account at a time.

    from now on the account takes in nothing older than the cut
    each of its users, then the account itself, gets a base at the cut
    their events up to the cut are dropped

Each step is a commit of its own, decided on the versions it saw, and harmless alone. So it may be
killed anywhere and done again, with the same cut or another, while others track.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from guidepath.attention import Attention
from guidepath.base import base_of, founded
from guidepath.deck import Deck
from guidepath.driver import Call, Flow
from guidepath.event import Event
from guidepath.flow import difference, standing, users
from guidepath.fold import stood
from guidepath.past import recalled
from guidepath.ports import Change, Draft, Snapshot
from guidepath.progress import Pair, fresh
from guidepath.rules.expression import Of
from guidepath.subject import Subject


def compact(deck: Deck, account: str, *, cut: int, now: int) -> Flow[int]:
    """Fold what happened in an account by the cut into bases; how many events were dropped."""
    if not (yield Call("history", (account,), {"until": cut})):
        return 0
    yield from _close(deck, account, cut, now)
    # nothing of the account's own can come to it any more; of a user's, see `_base`
    old: list[Event] = yield Call("history", (account,), {"until": cut})
    based: list[str | None] = []
    for user in (*(yield from users(account)), None):
        if (yield from _base(deck, Subject(account, user), cut, now, old)):
            based.append(user)  # noqa: PERF401 - a flow goes into no comprehension
    return (yield Call("prune", (account, based), {"until": cut}))  # type: ignore[no-any-return]  # the store's answer


def accounts() -> Flow[list[str]]:
    """All accounts, in order."""
    found: dict[str, None] = {}
    after: Subject | None = None
    while page := (yield Call("subjects", (), {"after": after})):
        found.update((subject.account, None) for subject, _ in page)
        after = page[-1][0]
    return list(found)


def old_events(account: str, cut: int) -> Flow[int]:
    """How many events of an account occurred by the cut."""
    return len((yield Call("history", (account,), {"until": cut})))


def _close(deck: Deck, account: str, cut: int, now: int) -> Flow[None]:
    """Have the account take in nothing older than the cut."""
    turn = False
    while True:
        snapshot: Snapshot = yield Call("load", (account,), {"turn": turn})
        progress, version = snapshot.account.progress, snapshot.account.version
        progress = progress or fresh(deck, "account")
        if progress.cut is not None and progress.cut >= cut:
            return
        drafts: dict[str | None, Draft] = {None: Draft(replace(progress, cut=cut), version)}
        if (yield Call("save", (Change(account, drafts, at=now),))):
            return
        turn = True


def _base(deck: Deck, subject: Subject, cut: int, now: int, old: Sequence[Event]) -> Flow[bool]:
    """Save a base of the subject at the cut; whether it has one.

    `old` is the account's history up to the cut. A user's own is read after her progress: who
    tracked something of hers in between has changed that, and she is looked at again.
    """
    of: Of = "account" if subject.user is None else "user"
    turn = False
    while True:
        found = yield from standing(deck, subject, now, turn=turn)
        progress = found.pair.of(of)
        if progress is None:
            return False  # erased meanwhile
        before = base_of(progress)
        if before is not None and before.at >= cut:
            return True
        own: list[Event] = yield Call("history", tuple(subject), {"until": cut})
        if before is None and not own and of == "user":
            return False  # she came later
        reads = of == "user" and deck.user.reading_account
        others = [one for one in old if one.user != subject.user] if reads else []
        events = sorted([*others, *own], key=lambda one: (one.occurred_at, one.seq))
        then = stood(deck, found.pair, subject, events, cut)
        if of == "user":
            seen = [one for one in own if before is None or one.occurred_at > before.at]
            shown = Attention() if before is None else before.progress.attention
            then = replace(then, attention=recalled(deck, seen, shown))
        pair: Pair = found.pair.put(of, founded(deck, of, progress, cut, then))
        if (yield Call("save", (difference(deck, subject, found._replace(pair=pair), now),))):
            return True
        turn = True
