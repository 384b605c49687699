"""Forgetting a subject: what there is of it is found first, and goes in one script.

The script does nothing where something was saved in the account meanwhile: then it is found again.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from guidepath.adapters.stores import packing
from guidepath.adapters.stores.redis.batch import Steps, reading, writing
from guidepath.adapters.stores.redis.keys import Lane, Layout, name, users
from guidepath.adapters.stores.redis.outbox import entries, kept, place, restored
from guidepath.adapters.stores.redis.progress import drafted, history, new_version
from guidepath.adapters.stores.redis.scripting import ERASE
from guidepath.adapters.stores.redis.turn import Turn, in_turn
from guidepath.event import Event, unnamed
from guidepath.ports import Draft
from guidepath.subject import Subject, mark

Lists = list[Sequence[Sequence[bytes | str | int]]]


def erase(
    layout: Layout, turn: Turn, subject: Subject, at: int, draft: Draft | None, timeout_s: float
) -> Steps[bool]:
    """See ports.Store. Who is overtaken by a save, or finds another's turn, takes one."""
    account = subject.account
    while True:
        done = yield from _erase(layout, turn.token, subject, at, draft)
        turn.forget()  # the script has given it back
        if done:
            packing.forget()
            return done > 0
        rows = layout.lane(account).rows(account)
        yield from in_turn(layout, turn, account, ("HLEN", rows), timeout_s)


class _Found(NamedTuple):
    """What there is of a subject."""

    saved: bytes | None  # what was saved last in the account
    whom: list[str]
    events: list[Event]
    entries: list[bytes]
    posts: list[tuple[int | str, bytes]]
    letters: list[tuple[str, int | str, bytes]]
    sinks: list[str]

    def keys(self, lane: Lane, account: str) -> list[bytes]:
        """The keys that the script touches, in its order."""
        return [
            lane.rows(account),
            lane.known(account),
            lane.turn(account),
            lane.baton(account),
            lane.counts,
            lane.subjects,
            lane.due,
            lane.newest,
            lane.outbox,
            lane.said,
            lane.erased,
            *chain.from_iterable((lane.letters(one), lane.deaths(one)) for one in self.sinks),
            *(lane.history(account, one) for one in self.whom),
        ]

    def lists(self, account: str) -> Lists:
        """What the script goes through, in its order."""
        numbers = {sink: number for number, sink in enumerate(self.sinks, 1)}
        places = [place(one) for one in self.entries]
        letters = [one for one in places if one[0] in numbers]
        return [
            [(one, name(account, one)) for one in self.whom],
            [(one.id,) for one in self.events],
            [(one,) for one in self.entries],
            [(where,) for sink, where in places if not sink],
            [(numbers[sink], where) for sink, where in letters],
            self.posts,
            [(numbers[sink], id_, again) for sink, id_, again in self.letters if sink in numbers],
        ]


def _erase(
    layout: Layout, token: str, subject: Subject, at: int, draft: Draft | None
) -> Steps[int]:
    """1 where it is done, -1 where the draft is no longer right, 0 where it must be tried again."""
    account = subject.account
    lane = layout.lane(account)
    found = yield from _found(layout, subject)
    messages = sum(one.kind != "feedback" for one in found.events)
    drafts = [] if draft is None else [drafted(account, None, draft)]
    lists: Lists = [*found.lists(account), drafts]
    (done,) = yield writing(
        ERASE(
            found.keys(lane, account),
            token,
            found.saved or "",
            mark(*subject, layout.secret),
            at,
            int(subject.user is None),
            -messages,
            new_version(),
            len(found.sinks),
            *map(len, lists),
            *chain.from_iterable(chain.from_iterable(lists)),
        )
    )
    return int(done)


def _found(layout: Layout, subject: Subject) -> Steps[_Found]:
    """Of a whole account the history goes with its keys: its events need not be found."""
    account, user = subject
    lane = layout.lane(account)
    saved, fields = yield from _known_of(lane, account)
    whom = users(fields) if user is None else [user]
    events = [] if user is None else (yield from history(layout, account, user))
    gone = yield from entries(lane, account, user)
    posts, letters = ([], []) if user is None else (yield from _renamed(lane, account, user))
    sinks = yield from _sinks(lane)  # last, so that all are known: one that is not was let go of
    return _Found(saved, whom, events, gone, posts, letters, sinks)


def _known_of(lane: Lane, account: str) -> Steps[tuple[bytes | None, list[bytes]]]:
    """What was saved last, and the fields of the rows: read first, so that later saves show."""
    saved, fields = yield reading(
        ("HGET", lane.rows(account), "\0saved"), ("HKEYS", lane.rows(account))
    )
    return saved, list(fields)


def _sinks(lane: Lane) -> Steps[list[str]]:
    (found,) = yield reading(("SMEMBERS", lane.sinks))
    return sorted(one.decode() for one in found)


def _renamed(
    lane: Lane, account: str, user: str
) -> Steps[tuple[list[tuple[int | str, bytes]], list[tuple[str, int | str, bytes]]]]:
    """What is said of the account, without her name: in the outbox, and among dead letters."""
    own = yield from entries(lane, account, "")
    posts: list[tuple[int | str, bytes]] = []
    letters: list[tuple[str, int | str, bytes]] = []
    for entry, (envelope, stored) in zip(own, (yield from kept(lane, own)), strict=True):
        if envelope is None or (after := unnamed(envelope, user)) is envelope:
            continue
        sink, where = place(entry)
        again = restored(stored, after, letter=bool(sink))
        if sink:
            letters.append((sink, where, again))
        else:
            posts.append((where, again))
    return posts, letters
