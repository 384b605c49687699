"""What a host asks, as flows: the part that the two faces share.

Times that hosts give and get are aware datetimes; inside everything is microseconds.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from guidepath import flow, segment
from guidepath.attention import Answers, EndReason, FeedbackType, MissingReason
from guidepath.base import base_of
from guidepath.clock import Clock, length, micros, now_by
from guidepath.compaction import compact
from guidepath.decision import Decision, Reference
from guidepath.deck import Deck
from guidepath.driver import Call, Flow
from guidepath.errors import ConfigurationError, EventConflict, EventError
from guidepath.event import Envelope, Event, EventKind, event
from guidepath.insight.report import HORIZON, WITHIN, By, MilestoneSpec, Report, report
from guidepath.insight.targets import Aims
from guidepath.item import Writer
from guidepath.lock import Lock
from guidepath.overview import Overview, overview
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Snapshot, Totals
from guidepath.progress import Pair, Progress
from guidepath.recall import Asked, Held, Recall
from guidepath.receipt import STORED, Imported, Receipt, Received, handed
from guidepath.subject import Context, Subject, subject
from guidepath.survey import checked

Answer = (
    Literal["shown", "completed", "dismissed", "snoozed", "clicked", "answered", "missing"]
    | FeedbackType
)

_ANSWERS: Mapping[str, FeedbackType] = {
    "shown": "item.shown",
    "completed": "item.completed",
    "dismissed": "item.dismissed",
    "snoozed": "item.snoozed",
    "clicked": "action.clicked",
    "answered": "survey.answered",
    "missing": "target.missing",
}
CHUNK = 500  # events of an import in one commit
YOUNGEST = timedelta(days=1)  # what is younger than this stays in the history


class HostCalls:
    """Turns calls into flows, for one deck and one clock."""

    def __init__(self, playbook: Playbook, clock: Clock) -> None:
        self.deck = Deck(playbook)
        self.clock = clock
        self.ignored: Counter[str] = Counter()
        self._counting = Lock()
        self._recall = Recall()

    def within(self) -> "HostCalls":
        """The same for a transaction of a host's: what is decided in it may be undone."""
        calls = copy(self)
        calls._recall = Recall(most=0)  # noqa: SLF001 - its own copy
        return calls

    @property
    def now(self) -> int:
        """The clock, in microseconds."""
        return now_by(self.clock)

    def said(
        self,
        kind: EventKind,
        name: str,
        *,
        about: Subject,
        properties: Mapping[str, object] | None,
        id: str | None,  # noqa: A002 - the field's standard name
        at: datetime | None,
        role: str | None = None,
    ) -> Event:
        """What a host says, as an event."""
        return event(
            kind,
            name,
            subject=about,
            id=_new_id() if id is None else id,
            now=now_by(self.clock),
            at=None if at is None else _instant(at, "at"),
            properties=properties,
            role=role,
        )

    def take(
        self, said: Event, *, found: Snapshot | None = None, turn: bool = False
    ) -> Flow[flow.Receipt]:
        """Take in one event; `told` makes of the receipt what the host gets."""
        return flow.ingest(self.deck, [said], found=found, turn=turn)

    def told(self, receipt: flow.Receipt) -> Receipt:
        """What a host is told of its event; what was ignored of it is counted."""
        self._count(receipt.ignored)
        return handed(receipt)

    def stored(self, ignored: Sequence[str]) -> Receipt:
        """The same of an event that was saved at once."""
        if ignored:
            self._count(ignored)
        return STORED

    def take_in(
        self, messages: Iterable[object], progress: Callable[[int], None]
    ) -> Flow[Imported]:
        """Take in Segment messages in order of time, in commits of some hundred.

        `progress` is called with how many messages are done.
        """
        events, refused = self._read(messages)
        events.sort(key=lambda one: one.occurred_at)
        stored = reached = forgotten = 0
        for first in range(0, len(events), CHUNK):
            chunk = events[first : first + CHUNK]
            for account in dict.fromkeys(one.account for one in chunk):
                mine = [one for one in chunk if one.account == account]
                receipt = yield from flow.ingest(self.deck, mine)
                self._count(receipt.ignored)
                stored += receipt.stored
                forgotten += receipt.forgotten
                reached += sum(news.reached for _, news in receipt.news)
            progress(first + len(chunk) + sum(refused.values()))
        repeated = len(events) - stored - forgotten
        return Imported(stored, repeated, refused, reached, forgotten)

    def receive(self, events: Sequence[Event]) -> Flow[Received]:
        """Take in events of any accounts, in order of time, in commits of some hundred.

        Unlike with an import, one whose id was used for other content is left out, and costs no
        other.
        """
        parts: list[Received] = []
        for account in dict.fromkeys(one.account for one in events):
            mine = sorted(
                (one for one in events if one.account == account), key=lambda one: one.occurred_at
            )
            for first in range(0, len(mine), CHUNK):
                part = yield from self._received(mine[first : first + CHUNK])
                parts.append(part)
        return Received(
            sum(one.stored for one in parts),
            sum(one.repeated for one in parts),
            sum(one.forgotten for one in parts),
            tuple(each for one in parts for each in one.refused),
        )

    def recalled(self, asked: Asked) -> Held | None:
        """What was decided for this question, if time has not changed it; compare its versions."""
        return self._recall.held(asked, self.now)

    def changed(self, asked: Asked) -> None:
        """What was decided for this question holds no more."""
        self._recall.drop(asked)

    def next(self, asked: Asked) -> Flow[Decision]:
        """Decide, and save the claim."""
        user, account, page, locale, device = asked
        whose, context = about(user, account), Context(page, locale, device)
        return flow.next_item(self.deck, self._recall, asked, whose, context, self.now)

    def respond(
        self,
        decision_id: str,
        answer: Answer,
        *,
        id: str | None,  # noqa: A002 - the field's standard name
        step: str | None,
        end_reason: EndReason | None,
        snooze: timedelta | None,
        answers: Mapping[str, object] | None,
        reason: MissingReason | None,
        at: datetime | None,
    ) -> Flow[bool]:
        """Take in what became of a decision's item."""
        reference = Reference.read(decision_id)
        kind = _ANSWERS.get(answer, answer)
        said = event(
            "feedback",
            kind,
            subject=reference.subject,
            id=_new_id() if id is None else id,
            now=self.now,
            at=None if at is None else _instant(at, "at"),
            properties=_present(
                item=reference.item,
                token=reference.token,
                step=step,
                end_reason=end_reason,
                snooze=self._snooze(reference.item, kind, snooze),
                answers=self._answers(reference.item, kind, answers),
                reason=reason,
            ),
        )
        return flow.respond(self.deck, said)

    def progress(self, about: Subject, context: Context) -> Flow[Overview]:
        """Milestones and checklists, with what waiting has made true."""
        pair = yield from flow.reach(self.deck, about, self.now)
        return overview(self.deck, pair, context)

    def explain(self, about: Subject, context: Context, at: datetime | None) -> Flow[Decision]:
        """The decision with every gate's answer."""
        now = self.now
        instant = now if at is None else _instant(at, "at")
        return flow.explain(self.deck, about, context, now, instant)

    def report(
        self,
        *,
        until: datetime | None,
        within: Sequence[timedelta] | None,
        horizon: timedelta | None,
        by: By | None,
    ) -> Flow[Report]:
        """Time to value of every milestone."""
        totals: Totals = yield Call("totals")
        end = totals.newest if until is None else _instant(until, "until")
        end = self.now if end is None else end
        aims = Aims(one.id for one in self.deck.playbook.guidance if _points(one))
        standings = yield from flow.survey(self.deck, end, aims.add)
        writer = Writer(self.deck, Pair(), Context())
        return report(
            standings,
            [
                MilestoneSpec(one.id, writer.text(one.title), one.scope, one.first_value)
                for one in self.deck.playbook.milestones
            ],
            until=end,
            messages=totals.messages,
            within=WITHIN if within is None else list(map(length, within)),
            horizon=HORIZON if horizon is None else length(horizon),
            by=by,
            targets=aims.counted(),
        )

    def export(self, about: Subject) -> Flow[dict[str, object]]:
        """All that is known of a subject, as JSON values."""
        found = yield from flow.standing(self.deck, about, self.now)
        history: list[Event] = yield Call("history", tuple(about))
        said: list[Envelope] = yield Call("said", tuple(about))
        letters = yield from flow.dead(about)
        progress = found.pair.account if about.user is None else found.pair.user
        known: dict[str, object] = {
            "account": about.account,
            "user": about.user,
            "progress": _plain(progress),
            "history": [msgspec.to_builtins(one) for one in history],
            "said": [msgspec.to_builtins(one) for one in said],
            "dead": [one._asdict() | {"envelope": one.envelope.id} for one in letters],
        }
        if about.user is None:
            users = yield from flow.users(about.account)
            known["users"] = {user: _plain(one) for user, one in users.items()}
        return known

    def erase(self, about: Subject) -> Flow[None]:
        """Forget a subject; what happened before now can not bring it back."""
        yield from flow.erase(about, self.now)
        self._recall.forget(about)

    def cut(self, older_than: timedelta) -> int:
        """The instant up to which history is folded, in microseconds.

        Raises:
            ConfigurationError: it is too soon; what comes late would be refused.
        """
        if older_than < YOUNGEST:
            raise ConfigurationError(
                f"older_than is {older_than}; a day of history is kept at least, for late events"
            )
        return self.now - length(older_than)

    def compact(self, account: str, cut: int) -> Flow[int]:
        """Fold the history of one account up to the cut; how many events were dropped."""
        return compact(self.deck, account, cut=cut, now=self.now)

    def _snooze(self, item: str, kind: str, asked: timedelta | None) -> int | None:
        """How long: what was asked, else the item's first option, else a day."""
        if kind != "item.snoozed":
            return None
        guidance = self.deck.guidance.get(item)
        options = guidance.snooze if guidance else ()
        if asked is not None and asked not in options:
            raise EventError(f"{asked} is none of the item's snooze options")
        return length(asked or next(iter(options), None) or timedelta(days=1))

    def _answers(self, item: str, kind: str, given: Mapping[str, object] | None) -> Answers | None:
        """The answers to a survey, as its questions want them."""
        guidance = self.deck.guidance.get(item)
        if kind == "survey.answered" and guidance is not None:
            return checked(guidance, given or {})
        if given is not None:
            raise EventError("answers are those to a survey; say that it was answered")
        return None

    def _read(self, messages: Iterable[object]) -> tuple[list[Event], Counter[str]]:
        now = self.now
        events: list[Event] = []
        refused: Counter[str] = Counter()
        for message in messages:
            try:
                events.append(segment.read(message, now=now))
            except EventError as problem:
                refused[str(problem)] += 1
        return events, refused

    def _received(self, events: Sequence[Event]) -> Flow[Received]:
        """One commit of one account."""
        refused: list[str] = []
        while events:
            try:
                receipt = yield from flow.ingest(self.deck, events)
            except EventConflict:
                events, unfit = yield from _sifted(events)
                refused += unfit
                continue
            self._count(receipt.ignored)
            repeated = len(events) - receipt.stored - receipt.forgotten
            return Received(receipt.stored, repeated, receipt.forgotten, tuple(refused))
        return Received(0, 0, 0, tuple(refused))

    def _count(self, ignored: Sequence[str]) -> None:
        if ignored:
            with self._counting:
                self.ignored.update(ignored)


def about(user: str | None, account: str | None) -> Subject:
    """The user of a call that needs one.

    Raises:
        EventError: no user is given.
    """
    if user is None:
        raise EventError("no user is given; guidance is for a person")
    return subject(user, account)


def _sifted(events: Sequence[Event]) -> Flow[tuple[list[Event], list[str]]]:
    """Those events of one account whose ids are free or their own, and the ids of the others."""
    yield Call("release")
    ids = [one.id for one in events]
    snapshot: Snapshot = yield Call("load", (events[0].account, (), ids))
    owners = dict(snapshot.known)
    fit = [one for one in events if owners.setdefault(one.id, one.digest) == one.digest]
    unfit = [one.id for one in events if owners[one.id] != one.digest]
    return fit, unfit


def _points(guidance: Guidance) -> bool:
    """Whether it has a target, or a step of it has one."""
    return guidance.target is not None or any(one.target is not None for one in guidance.steps)


def _new_id() -> str:
    return f"gen_{os.urandom(16).hex()}"


def _plain(progress: Progress | None) -> object:
    """Progress as JSON values, with its base opened."""
    base = base_of(progress)
    if progress is None or base is None:
        return msgspec.to_builtins(progress)
    told = msgspec.to_builtins(msgspec.structs.replace(progress, base=b""))
    stood = msgspec.to_builtins(base.progress)
    return {**told, "base": {"at": base.at, "progress": stood}}


def _instant(value: datetime, what: str) -> int:
    try:
        return micros(value)
    except (ValueError, AttributeError, TypeError) as problem:
        raise EventError(f"{what}: {problem}") from None


def _present(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
