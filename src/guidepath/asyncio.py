"""The face for asyncio: the same names as Guidepath, awaited, over the same flows."""

import os
from asyncio import get_running_loop
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Self, TypeVar, cast

from guidepath import flow
from guidepath.attention import EndReason, MissingReason
from guidepath.clock import Clock, utc_now
from guidepath.compaction import accounts
from guidepath.decision import Decision
from guidepath.driver import Flow, run, run_async
from guidepath.engine import Guidepath
from guidepath.errors import ConfigurationError
from guidepath.event import Event
from guidepath.face import Face, Properties, background, nobody_looks, silent
from guidepath.host import Answer, HostCalls, about
from guidepath.insight.report import By, Report
from guidepath.overview import Overview
from guidepath.playbook.playbook import Playbook
from guidepath.ports import AsyncStore, Sink, Store
from guidepath.progress import Pair
from guidepath.receipt import Compacted, Imported, Receipt, Received, compacted
from guidepath.registry import open_async_store, open_sink, open_store
from guidepath.subject import Context, subject

T = TypeVar("T")


class AsyncGuidepath(Face):
    """Guides the users of one product, for asyncio; see Guidepath for the arguments.

    A store that blocks runs in a thread of this object's own, never on the event loop.

    Raises:
        ConfigurationError: a URL names no store or sink, or sinks are given with a store for
            asyncio only: run `guidepath relay` for it.
    """

    def __init__(
        self,
        playbook: Playbook,
        store: AsyncStore | Store | str = "memory:",
        sinks: Sequence[Sink | str] = (),
        *,
        clock: Clock = utc_now,
    ) -> None:
        self.store: AsyncStore | Store = _opened(store) if isinstance(store, str) else store
        self._calls = HostCalls(playbook, clock)
        self._sinks = [open_sink(one) if isinstance(one, str) else one for one in sinks]
        self._thread: _Thread | None = None
        self._relay = None
        self._blocking: Store | None = None  # the relay's own, where the store is for asyncio
        if not iscoroutinefunction(self.store.load):
            self._thread = _Thread()
            self._relay = background(cast("Store", self.store), self._sinks, self._calls)
        elif self._sinks and isinstance(store, str):
            self._blocking = open_store(store)
            self._relay = background(self._blocking, self._sinks, self._calls)
        elif self._sinks:
            raise ConfigurationError(
                "a store object for asyncio has no relay in this process; give its URL, or run "
                "`guidepath relay` beside it"
            )

    @classmethod
    def beside(cls, guide: Guidepath) -> Self:
        """The same guide for asyncio: one store, one relay, one count of what was ignored.

        Closing `guide` closes both.
        """
        twin = cls.__new__(cls)
        twin.store, twin._sinks = guide.store, []  # noqa: SLF001 - one guide, two faces
        twin._calls, twin._relay = guide._calls, guide._relay  # noqa: SLF001
        twin._thread, twin._blocking = _Thread(), None  # noqa: SLF001
        return twin

    async def identify(
        self,
        *,
        user: str,
        account: str | None = None,
        role: str | None = None,
        attributes: Properties | None = None,
        id: str | None = None,  # noqa: A002 - the field's standard name
        at: datetime | None = None,
    ) -> Receipt:
        """See Guidepath.identify."""
        said = self._calls.said(
            "identify",
            "",
            about=about(user, account),
            properties=attributes,
            role=role,
            id=id,
            at=at,
        )
        return self._calls.told(await self._run(self._calls.take(said)))

    async def group(
        self,
        *,
        account: str,
        attributes: Properties | None = None,
        id: str | None = None,  # noqa: A002 - the field's standard name
        at: datetime | None = None,
    ) -> Receipt:
        """See Guidepath.group."""
        said = self._calls.said(
            "group", "", about=subject(None, account), properties=attributes, id=id, at=at
        )
        return self._calls.told(await self._run(self._calls.take(said)))

    async def track(
        self,
        event: str,
        *,
        user: str,
        account: str | None = None,
        properties: Properties | None = None,
        id: str | None = None,  # noqa: A002 - the field's standard name
        at: datetime | None = None,
    ) -> Receipt:
        """See Guidepath.track."""
        said = self._calls.said(
            "track", event, about=about(user, account), properties=properties, id=id, at=at
        )
        return self._calls.told(await self._run(self._calls.take(said)))

    async def ingest(
        self, messages: Iterable[object], *, progress: Callable[[int], None] = silent
    ) -> Imported:
        """See Guidepath.ingest."""
        return await self._run(self._calls.take_in(messages, progress))

    async def next(
        self,
        *,
        user: str,
        account: str | None = None,
        page: str | None = None,
        locale: str | None = None,
        device: str | None = None,
    ) -> Decision:
        """See Guidepath.next."""
        return await self._run(self._calls.next((user, account, page, locale, device)))

    async def respond(
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
        """See Guidepath.respond."""
        return await self._run(
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

    async def progress(
        self, *, user: str, account: str | None = None, locale: str | None = None
    ) -> Overview:
        """See Guidepath.progress."""
        return await self._run(self._calls.progress(about(user, account), Context(locale=locale)))

    async def explain(
        self,
        *,
        user: str,
        account: str | None = None,
        page: str | None = None,
        locale: str | None = None,
        device: str | None = None,
        at: datetime | None = None,
    ) -> Decision:
        """See Guidepath.explain."""
        context = Context(page, locale, device)
        return await self._run(self._calls.explain(about(user, account), context, at))

    async def report(
        self,
        *,
        until: datetime | None = None,
        within: Sequence[timedelta] | None = None,
        horizon: timedelta | None = None,
        by: By | None = None,
    ) -> Report:
        """See Guidepath.report."""
        return await self._run(
            self._calls.report(until=until, within=within, horizon=horizon, by=by)
        )

    async def compact(
        self, *, older_than: timedelta, progress: Callable[[int, int], None] = nobody_looks
    ) -> Compacted:
        """See Guidepath.compact. Other calls go on between two accounts."""
        cut = self._calls.cut(older_than)
        known = await self._run(accounts())
        dropped: list[int] = []
        for account in known:
            dropped.append(await self._run(self._calls.compact(account, cut)))
            progress(len(dropped), len(known))
        return compacted(dropped, cut)

    async def erase(self, *, user: str | None = None, account: str | None = None) -> None:
        """See Guidepath.erase."""
        await self._run(self._calls.erase(subject(user, account)))

    async def export(
        self, *, user: str | None = None, account: str | None = None
    ) -> dict[str, object]:
        """See Guidepath.export."""
        return await self._run(self._calls.export(subject(user, account)))

    async def receive(self, events: Sequence[Event]) -> Received:
        """Take in events that were read already; for adapters.

        One whose id was used for other content is left out, and costs no other.
        """
        return await self._run(self._calls.receive(events))

    def within(self, connection: object) -> Self:
        """See Guidepath.within; takes the connections for asyncio of the same libraries.

        Raises:
            ConfigurationError: the store is not for asyncio, or cannot join this transaction.
        """
        joining = getattr(self.store, "within", None)
        if joining is None or self._thread is not None:
            raise ConfigurationError(
                f"{type(self.store).__name__} joins no transaction under asyncio; Guidepath may"
            )
        self._wake()  # the relay will carry what the host commits
        twin = copy(self)
        twin.store, twin._calls = joining(connection), self._calls.within()  # noqa: SLF001
        twin._sinks, twin._relay, twin._blocking = [], None, None  # noqa: SLF001
        return twin

    async def standing(self, *, user: str, account: str | None = None) -> Pair:
        """What is known of a user and of her account at this moment; nothing is saved."""
        calls = self._calls
        found = await self._run(flow.standing(calls.deck, about(user, account), calls.now))
        return found.pair

    async def answers(self) -> None:
        """Ask the store for something small.

        Raises:
            StoreError: it does not answer.
        """
        await self._run(flow.answers())

    async def close(self) -> None:
        """See Guidepath.close."""
        executor = None if self._thread is None else self._thread.executor
        await get_running_loop().run_in_executor(executor, self._close)
        if executor is None:
            await cast("AsyncStore", self.store).close()
        else:
            executor.shutdown()

    def _close(self) -> None:
        if self._relay is not None:
            self._relay.close()
        for sink in self._sinks:
            sink.close()
        if self._blocking is not None:
            self._blocking.close()
        if self._thread is not None:
            cast("Store", self.store).close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _run(self, asked: Flow[T]) -> T:
        if self._thread is None:
            answer = await run_async(asked, cast("AsyncStore", self.store))
        else:
            drive = partial(run, asked, cast("Store", self.store))
            answer = await get_running_loop().run_in_executor(self._thread.executor, drive)
        self._wake()
        return answer


def _opened(url: str) -> AsyncStore | Store:
    return open_async_store(url) or open_store(url)


class _Thread:
    """Where a store that blocks is asked: a whole flow is one hop to it.

    One thread, since a store has one writer at a time anyway. A fork leaves it behind: what is
    asked in the child is asked in another.
    """

    def __init__(self) -> None:
        self._begin()

    @property
    def executor(self) -> ThreadPoolExecutor:
        """What runs it in this process."""
        if self._pid != os.getpid():
            self._begin()
        return self._executor

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="guidepath")
