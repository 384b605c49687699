"""Progress and history: what is asked for each, and what the answers mean."""

from collections.abc import Sequence
from itertools import chain, groupby
from random import getrandbits
from typing import Any

import msgspec

from guidepath.adapters.stores import packing
from guidepath.adapters.stores.redis.batch import Steps, reading, writing
from guidepath.adapters.stores.redis.keys import Lane, Layout, name, subject, users
from guidepath.adapters.stores.redis.scripting import DUE, LOAD, PRUNE, SAVE, Command
from guidepath.adapters.stores.redis.turn import Turn, give_back, in_turn
from guidepath.event import Envelope, Event
from guidepath.ports import Change, Draft, Row, Snapshot, Totals
from guidepath.progress import Progress
from guidepath.subject import Subject, mark

HISTORIES = 100  # how many users' histories are asked for at once
PRUNED_AT_ONCE = 1000  # events
NOBODY = Row(None, 0)

encode = msgspec.msgpack.Encoder().encode
_event = msgspec.msgpack.Decoder(Event).decode


def load(
    layout: Layout,
    turn: Turn | None,
    account: str,
    asked: Sequence[str],
    ids: Sequence[str],
    timeout_s: float,
) -> Steps[Snapshot]:
    """See ports.Store; with a Turn it is waited for."""
    lane = layout.lane(account)
    command: Command = ("HMGET", lane.rows(account), "", *asked)
    if ids:
        marks = [mark(account, one, layout.secret) for one in (None, *asked)]
        keys = [lane.rows(account), lane.known(account), lane.erased]
        command = LOAD(keys, len(asked) + 1, len(ids), "", *asked, *ids, *marks)
    if turn is None:
        (reply,) = yield reading(command)
    else:
        reply = yield from in_turn(layout, turn, account, command, timeout_s)
    rows, known, erased = reply if ids else (reply, [], [])
    found = zip(("", *asked), rows, strict=True)
    first, *others = [_row(account, user, row) for user, row in found]
    return Snapshot(
        first,
        dict(zip(asked, others, strict=True)),
        # without ids neither is looked for
        {
            one: digest.decode()
            for one, digest in zip(ids, known, strict=True)
            if digest is not None
        },
        {user: int(at) for user, at in zip((None, *asked), erased, strict=False) if at},
    )


def versions(layout: Layout, account: str, user: str | None) -> Steps[tuple[int, int]]:
    """See ports.Store. The rows come along: to cut them off there costs more than to send them."""
    fields = ("",) if user is None else ("", user)
    (rows,) = yield reading(("HMGET", layout.lane(account).rows(account), *fields))
    found = [int(one.partition(b":")[0]) if one else 0 for one in rows]
    return found[0], found[1] if user is not None else 0


def save(layout: Layout, turn: Turn, change: Change) -> Steps[bool]:
    """See ports.Store."""
    account = change.account
    if turn.token and turn.account != account:
        yield from give_back(layout, turn)
    if len({one.id for one in change.events}) < len(change.events):
        yield from give_back(layout, turn)
        return False
    command = _saving(layout.lane(account), change, turn.token)
    (done,) = yield writing(command)
    turn.forget()  # the script has given it back
    return bool(done)


def _saving(lane: Lane, change: Change, token: str) -> Command:
    account, events = change.account, change.events
    places: dict[str, int] = {}  # user -> number of her history
    newest: dict[str, int] = {}
    arguments: list[bytes | str | int] = []
    for user, draft in change.drafts.items():
        arguments += drafted(account, user, draft)
    for event in events:
        user = event.user or ""
        place = places.setdefault(user, len(places) + 1)
        arguments += (place, user, event.id, event.digest, event.kind, encode(event))
        if event.kind != "feedback":
            newest[user] = max(event.occurred_at, newest.get(user, event.occurred_at))
    for envelope in change.envelopes:
        arguments += (name(account, envelope.user), posted(change.at, envelope))
    for user, at in newest.items():
        arguments += (name(account, user), at)
    keys = [
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
        *(lane.history(account, user) for user in places),
    ]
    counts = (len(change.drafts), len(events), len(change.envelopes), len(newest))
    return SAVE(keys, token, new_version(), *counts, *arguments)


def drafted(account: str, user: str | None, draft: Draft) -> tuple[bytes | str | int, ...]:
    """What a script is told of a draft."""
    progress, version = draft.progress, draft.version
    expected = f"{version}:" if version else ""
    if progress is None:
        return user or "", expected, name(account, user), "", ""
    due = "" if progress.due is None else progress.due
    stored = packing.packed(account, user or "", progress)
    return user or "", expected, name(account, user), due, stored


def posted(at: int, envelope: Envelope) -> bytes:
    """An envelope as the outbox has it, with the time when it was said."""
    return b"%d:%b" % (at, encode(envelope))


def new_version() -> int:
    """A version that no other save gets.

    It is drawn by chance, so that not even a server that lost its last moments, and goes on from
    before them, has one given twice.
    """
    return getrandbits(62) + 1  # nought is of whom nothing is known


def history(
    layout: Layout, account: str, user: str | None, until: int | None = None
) -> Steps[list[Event]]:
    """See ports.Store."""
    lane = layout.lane(account)
    asked = [user]
    if user is None:
        (fields,) = yield reading(("HKEYS", lane.rows(account)))
        asked = list(users(fields))
    events: list[Event] = []
    for first in range(0, len(asked), HISTORIES):
        some = asked[first : first + HISTORIES]
        replies = yield reading(
            *(("LRANGE", lane.history(account, one or ""), 0, -1) for one in some)
        )
        told = map(_arrived, chain.from_iterable(replies))
        events += [one for one in told if until is None or one.occurred_at <= until]
    return sorted(events, key=lambda one: (one.occurred_at, one.seq))


def prune(layout: Layout, account: str, asked: Sequence[str | None], until: int) -> Steps[int]:
    """See ports.Store. It goes through a history in pieces, so that no script takes long."""
    dropped = 0
    for user in asked:
        first = 0
        while True:
            gone, looked_at = yield from _prune(layout, account, user or "", first, until)
            dropped += gone
            first += looked_at - gone
            if looked_at < PRUNED_AT_ONCE:
                break
    return dropped


def _prune(
    layout: Layout, account: str, user: str, first: int, until: int
) -> Steps[tuple[int, int]]:
    """Drop what is old in one piece of a history; how many were dropped, and looked at."""
    lane = layout.lane(account)
    rows, place = lane.rows(account), lane.history(account, user)
    while True:
        pruned, found = yield reading(
            ("HGET", rows, "\0pruned"), ("LRANGE", place, first, first + PRUNED_AT_ONCE - 1)
        )
        events = list(enumerate(map(_arrived, found), first))
        old = [(number, event) for number, event in events if event.occurred_at <= until]
        if not old:
            return 0, len(found)
        times = [event.occurred_at for _, event in old if event.kind != "feedback"]
        keys = [rows, lane.known(account), lane.counts, place]
        told = (pruned or "", new_version(), -len(times), max(times, default=""))
        names: list[str | int] = []
        for number, event in old:
            names += (number, event.id)
        (done,) = yield writing(PRUNE(keys, *told, *names))
        if done:
            return len(old), len(found)


def subjects(
    layout: Layout, after: Subject | None, due: int | None, most: int
) -> Steps[list[tuple[Subject, Progress]]]:
    """See ports.Store."""
    begin = b"-" if after is None else b"(" + name(*after)
    found: list[tuple[Subject, Progress]] = []
    while len(found) < most:
        named = yield from _named(layout, begin, due, most - len(found))
        if not named:
            break
        begin = b"(" + named[-1]
        found += yield from _told(layout, [subject(one) for one in named])
    return found


def _named(layout: Layout, begin: bytes, due: int | None, most: int) -> Steps[list[bytes]]:
    """The names of the next subjects, of all partitions, as far as they are in order.

    Each partition is asked for its share and a little more. Where one gives all it was asked for,
    it may have more that come before what others gave.
    """
    share = min(most, 3 * most // (2 * len(layout.lanes)) + 8)
    if due is None:
        pages = yield reading(
            *(("ZRANGEBYLEX", one.subjects, begin, "+", "LIMIT", 0, share) for one in layout.lanes)
        )
    else:
        pages = yield writing(
            *(DUE([one.due, one.scratch], due, begin, share) for one in layout.lanes)
        )
    full = [page[-1] for page in pages if len(page) == share]
    end = min(full, default=None)
    named = sorted(chain.from_iterable(pages))
    return [one for one in named if end is None or one <= end][:most]


def _told(layout: Layout, asked: Sequence[Subject]) -> Steps[list[tuple[Subject, Progress]]]:
    """The progress of subjects; who was erased meanwhile is left out."""
    commands: list[Command] = []
    for account, some in groupby(asked, lambda one: one.account):
        rows = layout.lane(account).rows(account)
        commands.append(("HMGET", rows, *(one.user or "" for one in some)))
    replies = yield reading(*commands)
    found = zip(asked, chain.from_iterable(replies), strict=True)
    return [(one, packing.anew(_versioned(row)[1])) for one, row in found if row]


def totals(layout: Layout) -> Steps[Totals]:
    """See ports.Store."""
    counts = yield reading(*(("HMGET", one.counts, "messages", "pruned") for one in layout.lanes))
    newest = yield reading(*(("ZREVRANGE", one.newest, 0, 0, "WITHSCORES") for one in layout.lanes))
    times = [int(float(score)) for _, score in filter(None, newest)]
    times += [int(pruned) for _, pruned in counts if pruned]
    return Totals(sum(int(one or 0) for one, _ in counts), max(times, default=None))


def _row(account: str, user: str, stored: bytes | None) -> Row:
    if not stored:
        return NOBODY
    version, progress = _versioned(stored)
    return Row(packing.unpacked(account, user, progress), version)


def _versioned(stored: bytes) -> tuple[int, bytes]:
    version, _, progress = stored.partition(b":")
    return int(version), progress


def _arrived(stored: Any) -> Event:
    seq, _, event = stored.partition(b":")
    return _event(event).arrived(int(seq))
