"""Whether a store kept what was promised: read after the faults, against what the callers know.

acknowledged ⊆ stored ⊆ invoked
nothing torn: progress is the fold of the stored history, counters count the stored events
each milestone said once, under one id, numbered without a gap
what is due is planned, reached, or said once to be overdue, with the instant at which it was due
a sink got everything, in order for each subject, doubles with the same id and time
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace
from tests.faults.journal import Calls, Key

from guidepath.adapters.stores.memory import MemoryStore
from guidepath.clock import iso
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.event import Envelope, Event
from guidepath.flow import ingest
from guidepath.ports import Store
from guidepath.progress import Progress
from guidepath.subject import Subject


class Kept(NamedTuple):
    """What a store holds."""

    history: Mapping[str, Sequence[Event]]  # by account
    progress: Mapping[Subject, Progress]
    said: Sequence[Envelope]


class Delivered(NamedTuple):
    """What one sink got, in the order in which it came, and the ids of its dead letters."""

    envelopes: Sequence[Envelope]
    dead: Collection[str] = ()


def look(
    store: Store, accounts: Collection[str] = (), said: Sequence[Envelope] | None = None
) -> Kept:
    """All that the store has, of these accounts and of those it knows itself.

    What was `said` is what a sink gets that comes last and takes everything, if it is not told.
    """
    progress: dict[Subject, Progress] = {}
    after = None
    while page := store.subjects(after=after):
        progress.update(page)
        after = page[-1][0]
    known = sorted({*accounts, *(one.account for one in progress)})
    history = {one: store.history(one) for one in known}
    return Kept(history, progress, list(_outbox(store)) if said is None else said)


def _outbox(store: Store) -> Iterator[Envelope]:
    while parcel := store.claim("checker", now=0, lease=1, most=500):
        yield from parcel.envelopes
        store.settle(parcel, now=0, done=len(parcel.envelopes))


def violations(
    deck: Deck,
    calls: Calls,
    kept: Kept,
    sinks: Mapping[str, Delivered] | None = None,
    *,
    erased: Collection[Subject] = (),
    calm: bool = False,
    looked_at: int | None = None,
) -> list[str]:
    """What is not as promised, one sentence each; none where all is well.

    Of `erased` subjects nothing is expected to be there. Where it was `calm` nothing may have
    failed either. Where everybody was `looked_at` then, no deadline before it may be open.
    """
    found = [
        *_kept_as_known(calls, kept, erased),
        *_torn(deck, kept, erased),
        *_said_once(deck, kept),
        *_due(deck, kept, looked_at),
    ]
    for name, delivered in (sinks or {}).items():
        found += _arrived(name, kept.said, delivered, erased)
    if calm:
        found += [
            f"{key.event} of {key.account} was not acknowledged, and no fault excuses it"
            for key, call in calls.items()
            if call.outcomes.count("ok") < call.attempts
        ]
    return found


def _of(subject: Subject, erased: Collection[Subject]) -> bool:
    return subject in erased or Subject(subject.account) in erased


def _kept_as_known(calls: Calls, kept: Kept, erased: Collection[Subject]) -> Iterator[str]:
    stored = Counter(Key(account, one.id) for account, all in kept.history.items() for one in all)
    owners = {Key(account, one.id): one for account, all in kept.history.items() for one in all}
    for key, count in stored.items():
        if count > 1:
            yield f"{key.event} of {key.account} is stored {count} times"
        call = calls.get(key)
        if call is None:
            yield f"{key.event} of {key.account} is stored, and nobody said it"
        elif call.refused:
            yield f"{key.event} of {key.account} was refused, and is stored"
        elif call.subject != owners[key].subject:
            yield f"{key.event} of {key.account} is stored of {owners[key].user}"
    for key, call in calls.items():
        if call.acknowledged and not stored[key] and not _of(call.subject, erased):
            yield f"{key.event} of {key.account} was acknowledged, and is lost"


def _torn(deck: Deck, kept: Kept, erased: Collection[Subject]) -> Iterator[str]:
    told = MemoryStore()
    for events in kept.history.values():
        happened = [one for one in events if one.kind != "feedback"]
        for part in range(0, len(happened), 1000):
            run(ingest(deck, happened[part : part + 1000]), told)
    expected = dict(told.subjects(most=1_000_000))
    gone = {one.account for one in erased}
    for subject in sorted({*expected, *kept.progress}, key=lambda one: (one[0], one[1] or "")):
        if subject.user is None and subject.account in gone:
            continue  # her counts stay in her account's progress: no history tells them any more
        progress, fold = kept.progress.get(subject), expected.get(subject)
        if fold is None:
            if progress is not None and progress.start is not None:
                yield f"{_who(subject)} has progress and no history"
        elif progress is None:
            yield f"{_who(subject)} has a history and no progress"
        elif subject.account in gone:
            yield from _differences(subject, progress, fold, excused=fold.reached)
        else:
            untold = _untold(deck, subject, kept)
            yield from _differences(subject, progress, fold, excused=untold)


def _untold(deck: Deck, subject: Subject, kept: Kept) -> Collection[str]:
    """What a user may yet be told by a sweep, or when she comes: her account says that it is so.

    Of two callers at once the later event may be saved first; the history has it second.
    """
    account = kept.progress.get(Subject(subject.account))
    if subject.user is None or account is None or account.untold is None:
        return ()
    return [one.id for one in deck.user.reading_account]


def _differences(
    subject: Subject, progress: Progress, fold: Progress, *, excused: Collection[str]
) -> Iterator[str]:
    names = ["memory", "start", "attributes", "role", "first_role"]
    if subject.user is not None:
        names.append("clock")  # an account is touched by more events where they come in disorder
    for name in names:
        one, other = getattr(progress, name), getattr(fold, name)
        if one != other:
            yield f"{_who(subject)} has {name} {one}, and the history tells {other}"
    missing = fold.reached.keys() - progress.reached.keys() - set(excused)
    if missing:
        yield f"{_who(subject)} has not reached {', '.join(sorted(missing))}, and the history has"


def _said_once(deck: Deck, kept: Kept) -> Iterator[str]:
    by_subject: dict[Subject, list[Envelope]] = {subject: [] for subject in kept.progress}
    for one in kept.said:
        by_subject.setdefault(Subject(one.account, one.user), []).append(one)
    for subject, envelopes in by_subject.items():
        who, progress = _who(subject), kept.progress.get(subject)
        numbers = [one.seq for one in envelopes]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"what is said of {who} is numbered {numbers}"
        for id, count in Counter(one.id for one in envelopes).items():
            if count > 1:
                yield f"{id} of {who} is said {count} times"
        emitted = progress.emitted if progress else 0
        if emitted != len(envelopes):
            yield f"{len(envelopes)} are said of {who}, who counted {emitted}"
        told = [
            (str(one.data["milestone"]), one.occurred_at)
            for one in envelopes
            if one.type == "milestone.reached"
        ]
        reached = {} if progress is None else progress.reached
        asked = {name: at for name, at in reached.items() if name in deck.milestones}
        if sorted(told) != sorted(asked.items()):
            yield f"of {who} is said {sorted(told)}, and she reached {sorted(asked.items())}"


def _due(deck: Deck, kept: Kept, looked_at: int | None) -> Iterator[str]:
    said: dict[Subject, list[Envelope]] = {}
    for one in kept.said:
        if one.type == "milestone.overdue":
            said.setdefault(Subject(one.account, one.user), []).append(one)
    for subject, progress in kept.progress.items():
        who, overdue = _who(subject), said.get(subject, [])
        lengths = dict(deck.scope("account" if subject.user is None else "user").deadlines)
        for one in overdue:
            name, started = str(one.data["milestone"]), str(one.data["startedAt"])
            if iso(one.occurred_at - lengths[name]) != started:
                at = iso(one.occurred_at)
                yield f"{name} of {who} is said to have been due at {at}, who started at {started}"
        names = {str(one.data["milestone"]) for one in overdue} - progress.reached.keys()
        if set(progress.overdue) != names:
            yield f"of {who} is said {sorted(names)} to be overdue, who knows {progress.overdue}"
        over = {*progress.reached, *progress.overdue}
        start = progress.start
        open_ = {} if start is None else {m: start + n for m, n in lengths.items() if m not in over}
        if progress.deadlines != open_:
            yield f"{who} has the deadlines {progress.deadlines}, and should have {open_}"
        late = [one for one, at in open_.items() if looked_at is not None and at < looked_at]
        if late:
            yield f"{', '.join(late)} of {who} is overdue, and nobody said it"


def _arrived(
    sink: str, said: Sequence[Envelope], delivered: Delivered, erased: Collection[Subject]
) -> Iterator[str]:
    owed = {one.id: one for one in said}
    first: dict[str, Envelope] = {}
    newest: dict[Subject, int] = {}
    gone = {one.account for one in erased}
    buried = {_place(owed[one]) for one in delivered.dead if one in owed}
    for one in delivered.envelopes:
        subject = Subject(one.account, one.user)
        if _of(subject, erased):
            continue
        if one.id not in owed:
            yield f"{sink} got {one.id}, and nobody said it"
        elif _plain(one, gone) != _plain(owed[one.id], gone):
            yield f"{sink} got {one.id} otherwise than it was said"
        if one.id in first:
            continue
        first[one.id] = one
        expected = newest.get(subject, 0) + 1
        while (*subject, expected) in buried:
            expected += 1
        if one.seq < expected:
            yield f"{sink} got {one.type} {one.seq} of {_who(subject)} after {expected - 1}"
        elif one.seq > expected:
            yield f"{sink} got {one.type} {one.seq} of {_who(subject)} before {expected}"
        newest[subject] = max(one.seq, newest.get(subject, 0))
    for one in owed.values():
        subject = Subject(one.account, one.user)
        if one.id not in first and _place(one) not in buried and not _of(subject, erased):
            yield f"{sink} never got {one.type} {one.seq} of {_who(subject)}"


def _plain(envelope: Envelope, gone: Collection[str]) -> Envelope:
    """Without what only some sinks are told, and who it was where somebody was erased."""
    if envelope.account not in gone:
        return replace(envelope, private={})
    data = {name: value for name, value in envelope.data.items() if name != "by"}
    return replace(envelope, private={}, data=data)


def _place(envelope: Envelope) -> tuple[str, str | None, int]:
    return envelope.account, envelope.user, envelope.seq


def _who(subject: Subject) -> str:
    return subject.account if subject.user is None else f"{subject.user} of {subject.account}"
