"""The face for hosts that block: a thin shell that drives the flows. `asyncio` has its twin."""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar

from guidepath.attention import EndReason, MissingReason
from guidepath.batch import at_once
from guidepath.clock import Clock, utc_now
from guidepath.compaction import accounts
from guidepath.decision import Decision
from guidepath.driver import Flow, run
from guidepath.errors import ConfigurationError
from guidepath.event import Event
from guidepath.face import Face, Properties, background, nobody_looks, silent
from guidepath.host import Answer, HostCalls, about
from guidepath.insight.report import By, Report
from guidepath.overview import Overview
from guidepath.playbook.playbook import Playbook
from guidepath.ports import Sink, Store
from guidepath.receipt import Compacted, Imported, Receipt, compacted
from guidepath.registry import open_sink, open_store
from guidepath.subject import Context, subject

T = TypeVar("T")


class Guidepath(Face):
    """Guides the users of one product. Safe for threads and forks; make one a process and keep it.

    Args:
        playbook: what the product declares.
        store: where progress lives, an object or a URL (`memory:`, `sqlite:///guidepath.db`).
        sinks: where guidepath's own events go, objects or URLs (`log:`, `jsonl:events.jsonl`). A
            thread carries them; pass none where `guidepath relay` runs.
        clock: what time it is, as an aware datetime.

    Raises:
        ConfigurationError: a URL names no store or sink.
        StoreError: the store cannot be opened; each call may raise it too.

    >>> playbook = Playbook.parse('''
    ... name: ledgerly
    ... events: {invoice.sent: {}}
    ... milestones:
    ...   - {id: first, title: Send it, reached_when: did("invoice.sent"), first_value: true}
    ... guidance:
    ...   - {id: send, type: banner, moment: onboard, toward: first, title: Send your first invoice}
    ... ''')
    >>> with Guidepath(playbook) as guide:
    ...     shown = guide.next(user="u1").item
    ...     receipt = guide.track("invoice.sent", user="u1")
    ...     after = guide.next(user="u1").item
    >>> shown.steps[0].title, [one.milestone for one in receipt.reached], after
    ('Send your first invoice', ['first'], None)
    """

    def __init__(
        self,
        playbook: Playbook,
        store: Store | str = "memory:",
        sinks: Sequence[Sink | str] = (),
        *,
        clock: Clock = utc_now,
    ) -> None:
        self.store: Store = open_store(store) if isinstance(store, str) else store
        self._calls = HostCalls(playbook, clock)
        self._sinks = [open_sink(one) if isinstance(one, str) else one for one in sinks]
        self._relay = background(self.store, self._sinks, self._calls)

    def identify(
        self,
        *,
        user: str,
        account: str | None = None,
        role: str | None = None,
        attributes: Properties | None = None,
        id: str | None = None,  # noqa: A002 - the field's standard name
        at: datetime | None = None,
    ) -> Receipt:
        """Say what a user is: her role in the account, her attributes. None takes one away.

        Raises:
            EventError: it cannot be stored; EventConflict: the id was used for other content.
        """
        said = self._calls.said(
            "identify",
            "",
            about=about(user, account),
            properties=attributes,
            role=role,
            id=id,
            at=at,
        )
        return self._take(said)

    def group(
        self,
        *,
        account: str,
        attributes: Properties | None = None,
        id: str | None = None,  # noqa: A002 - the field's standard name
        at: datetime | None = None,
    ) -> Receipt:
        """Say what an account is. None takes an attribute away.

        Raises:
            EventError: it cannot be stored; EventConflict: the id was used for other content.
        """
        said = self._calls.said(
            "group", "", about=subject(None, account), properties=attributes, id=id, at=at
        )
        return self._take(said)

    def track(
        self,
        event: str,
        *,
        user: str,
        account: str | None = None,
        properties: Properties | None = None,
        id: str | None = None,  # noqa: A002 - the field's standard name
        at: datetime | None = None,
    ) -> Receipt:
        """Say that something happened. When it returns, nothing of it can be lost.

        Args:
            event: its name; one the playbook does not know is kept for playbooks to come.
            user: who did it.
            account: the customer; without it, the user is her own account.
            properties: what else is known of it.
            id: repeating a call with the same id is safe.
            at: when it happened; default: now.

        Raises:
            EventError: it cannot be stored; EventConflict: the id was used for other content.
        """
        said = self._calls.said(
            "track", event, about=about(user, account), properties=properties, id=id, at=at
        )
        return self._take(said)

    def ingest(
        self, messages: Iterable[object], *, progress: Callable[[int], None] = silent
    ) -> Imported:
        """Take in many Segment messages (dictionaries), in order of time, some hundred a commit.

        Running it again with the same messages changes nothing.

        Raises:
            EventConflict: a message's id was used for other content; earlier commits stay.
        """
        return self._run(self._calls.take_in(messages, progress))

    def next(
        self,
        *,
        user: str,
        account: str | None = None,
        page: str | None = None,
        locale: str | None = None,
        device: str | None = None,
    ) -> Decision:
        """What to show this person now: one item, or none and the reason.

        Args:
            user: the person.
            account: the customer; without it, the user is her own account.
            page: the path where she is.
            locale: BCP 47; default: her attribute `locale`, else the playbook's.
            device: desktop, tablet or mobile.
        """
        asked = user, account, page, locale, device
        held = self._calls.recalled(asked)
        if held is not None:  # most calls; a flow would do the same in twice the time
            if self.store.versions(*held.subject) == held.versions:
                return held.decision
            self._calls.changed(asked)
        return self._run(self._calls.next(asked))

    def respond(
        self,
        decision_id: str,
        answer: Answer,
        *,
        id: str | None = None,  # noqa: A002 - the field's standard name
        step: str | None = None,
        end_reason: EndReason | None = None,
        snooze: timedelta | None = None,
        answers: Properties | None = None,
        reason: MissingReason | None = None,
        at: datetime | None = None,
    ) -> bool:
        """Say what became of a decision's item.

        False where the right to show it has passed to another item, or a survey was answered
        before: take it away.

        Args:
            decision_id: the decision's id.
            answer: what became of it, as `"shown"` or, in the words of the wire, `"item.shown"`.
            id: repeating a call with the same id is safe.
            step: of a tour: which step is shown or done.
            end_reason: with `"dismissed"`: how it ended.
            snooze: with `"snoozed"`: for how long; default: the first of its options, or a day.
            answers: with `"answered"`: what a survey was answered, by the id of the question; a
                whole number to a rating or nps, a list of options' ids to a choice, a text.
            reason: with `"missing"`: why its target was not to be seen.
            at: when it was; default: now.

        Raises:
            EventError: it is no answer, it does not fit the survey's questions, or the decision
                showed nothing.
        """
        return self._run(
            self._calls.respond(
                decision_id,
                answer,
                id=id,
                step=step,
                end_reason=end_reason,
                snooze=snooze,
                answers=answers,
                reason=reason,
                at=at,
            )
        )

    def progress(
        self, *, user: str, account: str | None = None, locale: str | None = None
    ) -> Overview:
        """How far a user and her account have come: milestones and checklists."""
        return self._run(self._calls.progress(about(user, account), Context(locale=locale)))

    def explain(
        self,
        *,
        user: str,
        account: str | None = None,
        page: str | None = None,
        locale: str | None = None,
        device: str | None = None,
        at: datetime | None = None,
    ) -> Decision:
        """Why this item, why not the others, and when; `candidates` has every gate's answer.

        Nothing is claimed or saved. With `at` in the past it is told from the history.
        """
        context = Context(page, locale, device)
        return self._run(self._calls.explain(about(user, account), context, at))

    def report(
        self,
        *,
        until: datetime | None = None,
        within: Sequence[timedelta] | None = None,
        horizon: timedelta | None = None,
        by: By | None = None,
    ) -> Report:
        """Time to value of every milestone.

        Args:
            until: who has not reached it by then is censored; default: the newest time in the data.
            within: the marks of P(reached within); default: 7, 30 and 90 days.
            horizon: of the restricted mean; default: 90 days.
            by: groups, "role" or "cohort" (the month of the start), fixed at the start.
        """
        return self._run(self._calls.report(until=until, within=within, horizon=horizon, by=by))

    def compact(
        self, *, older_than: timedelta, progress: Callable[[int, int], None] = nobody_looks
    ) -> Compacted:
        """Fold history that is older into what is known of each subject, and drop its events.

        Milestones, decisions and the report stay as they are. What happened before is known in sum
        only from then on: it is neither exported nor explained, and what comes as late is ignored.

        Args:
            older_than: at least a day; take the longest time for which anything comes late, or a
                new rule should look back.
            progress: called with how many accounts are done, and of how many.

        Raises:
            ConfigurationError: that is less than a day.
        """
        cut = self._calls.cut(older_than)
        known = self._run(accounts())
        dropped: list[int] = []
        for account in known:
            dropped.append(self._run(self._calls.compact(account, cut)))
            progress(len(dropped), len(known))
        return compacted(dropped, cut)

    def erase(self, *, user: str | None = None, account: str | None = None) -> None:
        """Forget a user, or an account with all its users: progress, history, unsent events.

        Without an account, she is her own, which goes too. What she told of a time before counts
        no more, however late it comes; what she does after it begins a new life.
        """
        self._run(self._calls.erase(subject(user, account)))

    def export(self, *, user: str | None = None, account: str | None = None) -> dict[str, object]:
        """All that is known of a user or an account, as JSON values."""
        return self._run(self._calls.export(subject(user, account)))

    def within(self, connection: object) -> Self:
        """The same guide in a host's own transaction, for as long as that lasts.

        What is tracked through it exists if and only if the host commits. Nothing it returned is
        settled before that, and other callers on the same account may wait for it.

        Args:
            connection: sqlite3's or psycopg's, SQLAlchemy's Connection or Session, or Django's
                `connection`, to the store's own database.

        Raises:
            ConfigurationError: the store cannot join a transaction, or not this one.
        """
        joining = getattr(self.store, "within", None)
        if joining is None:
            raise ConfigurationError(f"{type(self.store).__name__} joins no transaction of a host")
        self._wake()  # the relay will carry what the host commits
        twin = copy(self)
        twin.store, twin._calls = joining(connection), self._calls.within()  # noqa: SLF001
        twin._sinks, twin._relay = [], None  # noqa: SLF001 - one guide, another connection
        return twin

    def close(self) -> None:
        """Deliver what waits for the sinks, and let go of connections."""
        if self._relay is not None:
            self._relay.close()
        for sink in self._sinks:
            sink.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take(self, said: Event) -> Receipt:
        """Take in one event; most need no flow, which would do the same in more time."""
        users = [] if said.user is None else [said.user]
        found = self.store.load(said.account, users, [said.id])
        plain = at_once(self._calls.deck, found, said)
        if plain is None:
            return self._calls.told(self._run(self._calls.take(said, found=found)))
        saved, ignored = plain
        if not self.store.save(saved):
            return self._calls.told(self._run(self._calls.take(said, turn=True)))
        self._wake()
        return self._calls.stored(ignored)

    def _run(self, asked: Flow[T]) -> T:
        answer = run(asked, self.store)
        self._wake()
        return answer
