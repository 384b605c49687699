"""The store for threads: each call waits for its answer."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

from redis import Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, ResponseError
from redis.retry import Retry

from guidepath.adapters.stores.redis import erasure, opening, outbox, progress
from guidepath.adapters.stores.redis.address import Address, address
from guidepath.adapters.stores.redis.batch import Batch, Steps
from guidepath.adapters.stores.redis.keys import Layout
from guidepath.adapters.stores.redis.line import Line
from guidepath.adapters.stores.redis.replies import FAILURES, checked, options, unanswered, unknown
from guidepath.adapters.stores.redis.scripting import Command, spelled_out
from guidepath.adapters.stores.redis.turn import Turn, give_back
from guidepath.errors import ConfigurationError, StoreError
from guidepath.event import Envelope, Event
from guidepath.ports import Change, DeadLetter, Draft, Parcel, Problem, Queue, Snapshot, Totals
from guidepath.progress import Progress
from guidepath.subject import Subject

P = ParamSpec("P")
T = TypeVar("T")


class RedisStore:
    """A store on Redis, Valkey or Redis Cluster. A turn belongs to the thread.

    Raises:
        ConfigurationError: the URL is wrong, or the server would forget what it confirmed.
        StoreError: the server does not answer.
    """

    def __init__(self, url: str) -> None:
        self._address = address(url)
        self._mine = threading.local()
        self._rounds = outbox.Rounds()
        self._clients: dict[int, Any] = {}  # by process: the locks of one go over a fork, held
        try:
            self._layout = self._driven(opening.opened(self._address))
        except BaseException:
            self.close()
            raise

    @classmethod
    def from_url(cls, url: str) -> "RedisStore":
        """See address.address for what a URL may say.

        Raises:
            ConfigurationError: the URL is wrong, or the server would forget what it confirmed.
            StoreError: the server does not answer.
        """
        return cls(url)

    def load(
        self,
        account: str,
        users: Sequence[str] = (),
        ids: Sequence[str] = (),
        *,
        turn: bool = False,
    ) -> Snapshot:
        """See ports.Store."""
        mine = self._turn() if turn else None
        timeout = self._address.timeout_s
        return self._run(progress.load, mine, account, users, ids, timeout)

    def versions(self, account: str, user: str | None = None) -> tuple[int, int]:
        """See ports.Store."""
        return self._run(progress.versions, account, user)

    def release(self) -> None:
        """See ports.Store."""
        turn = self._turn()
        if turn.token:
            with suppress(StoreError):  # then it expires
                self._run(give_back, turn)

    def save(self, change: Change) -> bool:
        """See ports.Store. Also False while another has the turn."""
        return self._run(progress.save, self._turn(), change)

    def history(
        self, account: str, user: str | None = None, *, until: int | None = None
    ) -> list[Event]:
        """See ports.Store."""
        return self._run(progress.history, account, user, until)

    def prune(self, account: str, users: Sequence[str | None], *, until: int) -> int:
        """See ports.Store."""
        return self._run(progress.prune, account, users, until)

    def subjects(
        self, *, after: Subject | None = None, due: int | None = None, most: int = 500
    ) -> list[tuple[Subject, Progress]]:
        """See ports.Store."""
        return self._run(progress.subjects, after, due, most)

    def totals(self) -> Totals:
        """See ports.Store."""
        return self._run(progress.totals)

    def claim(self, sink: str, *, now: int, lease: int, most: int) -> Parcel | None:
        """See ports.Store."""
        return self._run(outbox.claim, self._rounds, sink, now, lease, most)

    def settle(
        self,
        parcel: Parcel,
        *,
        now: int,
        done: int,
        dead: Sequence[Problem] = (),
        retry_at: int = 0,
        reason: str | None = None,
    ) -> bool:
        """See ports.Store."""
        return self._run(outbox.settle, parcel, now, done, dead, retry_at, reason)

    def queues(self, sinks: Sequence[str]) -> list[Queue]:
        """See ports.Store."""
        return self._run(outbox.queues, sinks)

    def dead(self, sink: str | None = None, *, most: int = 500) -> list[DeadLetter]:
        """See ports.Store."""
        return self._run(outbox.dead, sink, most)

    def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See ports.Store."""
        self._run(outbox.bury, letters)

    def said(self, account: str, user: str | None = None) -> list[Envelope]:
        """See ports.Store."""
        return self._run(outbox.said, account, user)

    def trim(self, *, before: int, most: int = 10_000) -> int:
        """See ports.Store."""
        return self._run(outbox.trim, before, most)

    def forget(self, sink: str) -> None:
        """See ports.Store."""
        self._run(outbox.forget, sink)

    def erase(self, subject: Subject, *, at: int, account: Draft | None = None) -> bool:
        """See ports.Store."""
        timeout = self._address.timeout_s
        return self._run(erasure.erase, self._turn(), subject, at, account, timeout)

    def close(self) -> None:
        """See ports.Store. A later call connects again."""
        client = self._clients.pop(os.getpid(), None)
        if client is not None:
            client.close()

    @property
    def _client(self) -> Any:
        """The client of this process."""
        pid = os.getpid()
        client = self._clients.get(pid)
        return self._clients.setdefault(pid, _client(self._address)) if client is None else client

    def _turn(self) -> Turn:
        turn: Turn | None = getattr(self._mine, "turn", None)
        if turn is None:
            turn = self._mine.turn = Turn()
        return turn

    def _run(
        self,
        asked: Callable[Concatenate[Layout, P], Steps[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        return self._driven(asked(self._layout, *arguments, **named))

    def _driven(self, steps: Steps[T]) -> T:
        try:
            batch = next(steps)
            while True:
                batch = steps.send(self._replies(batch))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's value has no type here
        except FAILURES as problem:
            self._turn().forget()  # it expires; to ask once more would only wait once more
            raise unanswered(self._address, problem) from problem

    def _replies(self, batch: Batch) -> list[Any]:
        if batch.everywhere:
            return self._everywhere(batch.commands[0])
        try:
            replies = self._sent(batch.commands)
        except ConnectionLost:
            if not batch.reads:
                raise  # it may have been done: the caller finds out
            replies = self._sent(batch.commands)
        for at in unknown(replies):
            replies[at] = self._client.execute_command(*spelled_out(batch.commands[at]))
        return replies

    def _line(self) -> Line:
        client = self._client
        line: Line | None = getattr(self._mine, "line", None)
        if line is None or line.client is not client:
            line = self._mine.line = Line(client)
        return line

    def _sent(self, commands: Sequence[Command]) -> list[Any]:
        if len(commands) == 1:
            try:
                line = None if self._address.cluster else self._line()
                if line is not None and line.takes(commands[0]):
                    return [line.ask(commands[0])]
                return [self._client.execute_command(*commands[0])]
            except NoScriptError as problem:
                return [problem]
        with self._client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            return checked(pipeline.execute(raise_on_error=False))

    def _everywhere(self, command: Command) -> list[Any]:
        client: Any = self._client
        if not self._address.cluster:
            return [_told(client, command)]
        return [_told(self._client, command, target_nodes=node) for node in client.get_primaries()]


def _told(client: Any, command: Command, **where: Any) -> Any:
    """The reply of one node, also where it is that it does not say."""
    try:
        return client.execute_command(*command, **where)
    except ResponseError as problem:
        return problem


def _client(address: Address) -> Any:
    """A client; one for a cluster asks at once where everything is."""
    kind = RedisCluster if address.cluster else Redis
    try:
        return kind.from_url(address.url, **options(address), retry=Retry(NoBackoff(), 0))
    except FAILURES as problem:
        raise unanswered(address, problem) from problem
    except ValueError as problem:
        raise ConfigurationError(f"the store {address.shown}: {problem}") from problem
