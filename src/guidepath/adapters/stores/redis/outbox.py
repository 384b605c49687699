"""The outbox: a lane a partition. A sink has a cursor in each; that it pauses is told to all."""

from collections import deque
from collections.abc import Sequence
from itertools import chain
from secrets import token_hex
from typing import Any

import msgspec

from guidepath.adapters.stores.redis.batch import Steps, reading, writing
from guidepath.adapters.stores.redis.keys import Lane, Layout, name
from guidepath.adapters.stores.redis.progress import encode, new_version
from guidepath.adapters.stores.redis.scripting import (
    BURY,
    CLAIM,
    DROP,
    FORGET,
    PEEK,
    QUEUE,
    SETTLE,
    Command,
)
from guidepath.event import Envelope
from guidepath.ports import DeadLetter, Parcel, Problem, Queue

TRIMMED_AT_ONCE = 500

_envelope = msgspec.msgpack.Decoder(Envelope).decode


class Rounds:
    """For each sink the lanes where something was seen; each is served once before any is again."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[int]] = {}

    def next(self, sink: str) -> int | None:
        """The lane whose turn it is; None where all that was seen is served."""
        try:
            return self._seen[sink].popleft()
        except (KeyError, IndexError):
            return None

    def see(self, sink: str, lanes: Sequence[int]) -> None:
        """Something waits in these lanes."""
        self._seen[sink] = deque(lanes)


def claim(
    layout: Layout, rounds: Rounds, sink: str, now: int, lease: int, most: int
) -> Steps[Parcel | None]:
    """See ports.Store. While there is something, one call a parcel; else one over all lanes."""
    while (number := rounds.next(sink)) is not None:
        parcel = yield from _claim(layout.lanes[number], sink, now, lease, most)
        if parcel is not None:
            return parcel
    seen = yield reading(*(PEEK([one.cursor(sink), one.outbox], now) for one in layout.lanes))
    rounds.see(sink, [number for number, waits in enumerate(seen) if waits])
    while (number := rounds.next(sink)) is not None:
        parcel = yield from _claim(layout.lanes[number], sink, now, lease, most)
        if parcel is not None:
            return parcel
    return None


def _claim(lane: Lane, sink: str, now: int, lease: int, most: int) -> Steps[Parcel | None]:
    token = token_hex(16)
    keys = [lane.cursor(sink), lane.outbox, lane.sinks]
    (reply,) = yield writing(CLAIM(keys, sink, now, now + lease, token, most))
    if not reply:
        return None
    failures, found = reply
    envelopes = [posted_envelope(one) for one in found[::2]]
    return Parcel(sink, lane.number, token, [int(one) for one in found[1::2]], envelopes, failures)


def settle(
    layout: Layout,
    parcel: Parcel,
    now: int,
    done: int,
    dead: Sequence[Problem],
    retry_at: int,
    reason: str | None,
) -> Steps[bool]:
    """See ports.Store."""
    lane, sink = layout.lanes[parcel.lane], parcel.sink
    accounts: dict[str, int] = {}  # account -> number of its rows
    arguments: list[bytes | str | int] = []
    for which, why in dead:
        envelope = parcel.envelopes[which]
        place = accounts.setdefault(envelope.account, len(accounts) + 1)
        whose = name(envelope.account, envelope.user)
        arguments += (parcel.positions[which], whose, envelope.id, place, why)
    keys = [lane.cursor(sink), lane.outbox, lane.said, lane.letters(sink), lane.deaths(sink)]
    keys += [lane.rows(account) for account in accounts]
    position = parcel.positions[done - 1] if done else ""
    told = (position, now, retry_at or "", reason or "", new_version())
    (reply,) = yield writing(SETTLE(keys, sink, parcel.lease, *told, *arguments))
    if not reply:
        return False
    failures, before = reply
    if failures or before:
        others = [one for one in layout.lanes if one is not lane]
        yield writing(*(_paused(one.cursor(sink), retry_at, failures, reason) for one in others))
    return True


def _paused(cursor: bytes, until: int, failures: int, reason: str | None) -> Command:
    """What tells a lane that a sink fails, or fails no longer."""
    if not failures:
        return "HDEL", cursor, "pause", "failures", "reason"
    return "HSET", cursor, "pause", until, "failures", failures, "reason", reason or ""


def queues(layout: Layout, sinks: Sequence[str]) -> Steps[list[Queue]]:
    """See ports.Store."""
    known = yield from _sinks(layout)
    asked = sorted({*sinks, *known})
    if not asked:
        return []
    lanes = yield reading(
        *(
            QUEUE([one.outbox, *chain(*((one.cursor(sink), one.deaths(sink)) for sink in asked))])
            for one in layout.lanes
        )
    )
    return [
        _queue(sink, parts) for sink, parts in zip(asked, zip(*lanes, strict=True), strict=True)
    ]


def _queue(sink: str, parts: Sequence[Any]) -> Queue:
    """A sink's queue, from those of the lanes."""
    failing = [(int(pause), int(failures), why) for _, _, failures, pause, why, _ in parts if pause]
    retry_at, failures, reason = max(failing, default=(None, 0, b""))
    return Queue(
        sink,
        sum(waiting for waiting, *_ in parts),
        min((int(oldest) for _, oldest, *_ in parts if oldest), default=None),
        failures,
        retry_at,
        reason.decode() or None,
        sum(dead for *_, dead in parts),
    )


def dead(layout: Layout, sink: str | None, most: int) -> Steps[list[DeadLetter]]:
    """See ports.Store."""
    asked = (yield from _sinks(layout)) if sink is None else [sink]
    places = [(lane, one) for lane in layout.lanes for one in asked]
    if not places:
        return []
    replies = yield reading(
        *(("ZRANGE", lane.deaths(one), 0, most - 1, "WITHSCORES") for lane, one in places)
    )
    found = [
        (int(float(reply[at + 1])), reply[at], lane, one)
        for (lane, one), reply in zip(places, replies, strict=True)
        for at in range(0, len(reply), 2)
    ]
    found = sorted(found, key=lambda letter: letter[:2])[:most]
    if not found:
        return []
    letters = yield reading(*(("HGET", lane.letters(one), id_) for _, id_, lane, one in found))
    return [
        DeadLetter(one, envelope, reason, failed_at)
        for (failed_at, _, _, one), letter in zip(found, letters, strict=True)
        if letter is not None  # buried meanwhile
        for reason, envelope in [lettered(letter)]
    ]


def bury(layout: Layout, letters: Sequence[DeadLetter]) -> Steps[None]:
    """See ports.Store."""
    commands = []
    for sink, envelope, *_ in letters:
        lane = layout.lane(envelope.account)
        keys = [lane.letters(sink), lane.deaths(sink), lane.said]
        commands.append(BURY(keys, envelope.id, _entry_of_letter(sink, envelope)))
    if commands:
        yield writing(*commands)


def said(layout: Layout, account: str, user: str | None) -> Steps[list[Envelope]]:
    """See ports.Store."""
    lane = layout.lane(account)
    places = yield from entries(lane, account, user)
    found = {one.id: one for one, _ in (yield from kept(lane, places)) if one is not None}
    return sorted(found.values(), key=lambda one: (one.user or "", one.seq))


def entries(lane: Lane, account: str, user: str | None) -> Steps[list[bytes]]:
    """Where the envelopes and dead letters are of an account, or of one user or with "" itself."""
    before = f"{account}\0".encode() if user is None else name(account, user) + b"\0"
    (found,) = yield reading(("ZRANGEBYLEX", lane.said, b"[" + before, b"(" + before[:-1] + b"\1"))
    return list(found)


def place(entry: bytes) -> tuple[str, int] | tuple[str, str]:
    """Where an entry points: "" and a place in the outbox, or a sink and the id of a letter."""
    where = entry.split(b"\0", 2)[2]
    if where[:1] == b"o":
        return "", int(where[1:])
    sink, _, id_ = where[1:].decode().rpartition("\0")
    return sink, id_


def kept(lane: Lane, places: Sequence[bytes]) -> Steps[list[tuple[Envelope | None, bytes]]]:
    """What lies at each entry, read and as it is stored; None where it is gone meanwhile."""
    if not places:
        return []
    commands: list[Command] = []
    for sink, where in map(place, places):
        if sink:
            commands.append(("HGET", lane.letters(sink), where))
        else:
            commands.append(("ZRANGEBYSCORE", lane.outbox, where, where))
    replies = yield reading(*commands)
    found: list[tuple[Envelope | None, bytes]] = []
    for reply in replies:
        stored = reply[0] if isinstance(reply, list) and reply else reply
        if not stored:
            found.append((None, b""))
        elif isinstance(reply, list):
            found.append((posted_envelope(stored), stored))
        else:
            found.append((lettered(stored)[1], stored))
    return found


def trim(layout: Layout, before: int, most: int) -> Steps[int]:
    """See ports.Store."""
    sinks = yield from _sinks(layout)
    if not sinks:
        return 0
    dropped = 0
    for lane in layout.lanes:
        positions = yield reading(*(("HGET", lane.cursor(one), "position") for one in sinks))
        passed = min(int(one or 0) for one in positions)
        while passed and dropped < most:
            some = min(most - dropped, TRIMMED_AT_ONCE)
            gone, more = yield from _trim(lane, passed, before, some)
            dropped += gone
            if not more:
                break
    return dropped


def _trim(lane: Lane, passed: int, before: int, most: int) -> Steps[tuple[int, bool]]:
    """Drop the oldest of a lane; how many, and whether there may be more to drop."""
    (found,) = yield reading(
        ("ZRANGEBYSCORE", lane.outbox, "-inf", passed, "WITHSCORES", "LIMIT", 0, most)
    )
    arguments: list[bytes | str | int] = []
    for stored, score in zip(found[::2], found[1::2], strict=True):
        if int(stored.partition(b":")[0]) < before:
            envelope, position = posted_envelope(stored), int(score)
            entry = name(envelope.account, envelope.user) + f"\0o{position}".encode()
            arguments += (position, entry)
    if not arguments:
        return 0, False
    (gone,) = yield writing(DROP([lane.outbox, lane.said], *arguments))
    return int(gone), len(arguments) == 2 * most


def forget(layout: Layout, sink: str) -> Steps[None]:
    """See ports.Store."""
    for lane in layout.lanes:
        (letters,) = yield reading(("HVALS", lane.letters(sink)))
        entries = [_entry_of_letter(sink, lettered(one)[1]) for one in letters]
        keys = [lane.cursor(sink), lane.letters(sink), lane.deaths(sink), lane.sinks, lane.said]
        yield writing(FORGET(keys, sink, *entries))


def _entry_of_letter(sink: str, envelope: Envelope) -> bytes:
    """How a dead letter stands among what is said."""
    return name(envelope.account, envelope.user) + f"\0d{sink}\0{envelope.id}".encode()


def _sinks(layout: Layout) -> Steps[list[str]]:
    """Who has been here."""
    replies = yield reading(*(("SMEMBERS", one.sinks) for one in layout.lanes))
    return sorted({one.decode() for one in chain.from_iterable(replies)})


def posted_envelope(stored: Any) -> Envelope:
    """An envelope of the outbox."""
    return _envelope(stored.partition(b":")[2])


def lettered(stored: bytes) -> tuple[str, Envelope]:
    """Why an envelope is a dead letter, and the envelope."""
    length, _, rest = stored.partition(b":")
    return rest[: int(length)].decode(), posted_envelope(rest[int(length) :])


def restored(stored: bytes, envelope: Envelope, *, letter: bool) -> bytes:
    """What is stored of an envelope, with another in its place."""
    length, _, rest = stored.partition(b":")
    if not letter:
        return length + b":" + encode(envelope)
    why, post = rest[: int(length)], rest[int(length) :]
    return length + b":" + why + restored(post, envelope, letter=False)
