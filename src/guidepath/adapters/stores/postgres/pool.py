"""The connections of one process: taken, given back, waited for."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.pq import TransactionStatus

from guidepath.adapters.stores.postgres.address import Address
from guidepath.adapters.stores.postgres.connection import Line


class Pool:
    """The connections of one process: the one that was used last is used next.

    So there are as many as are used at once, and the rest of them rest. Bounded, since a server has
    only so many for all: each place of the stack has a connection, or leave to open one.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._places: deque[Line | None] = deque([None] * address.pool)
        self._waiting: deque[_Waiting] = deque()  # who came first is served first
        self._serving = threading.Lock()
        self._turns: dict[int, Line] = {}  # by thread
        self._closed = False

    @property
    def turn(self) -> Line | None:
        """The connection on which this thread has its turn."""
        return self._turns.get(threading.get_ident()) if self._turns else None

    @turn.setter
    def turn(self, line: Line) -> None:
        self._turns[threading.get_ident()] = line

    def end_turn(self) -> Line:
        """The connection of this thread's turn, which is over."""
        return self._turns.pop(threading.get_ident())

    @contextmanager
    def lent(self) -> Iterator[Line]:
        """A connection for the time being."""
        line = self.take()
        try:
            yield line
        finally:
            self.take_back(line)

    def take(self) -> Line:
        """The connection that was used last, or a new one.

        Raises:
            StoreError: all are in use for as long as the time-out.
            psycopg.Error: a new one cannot be opened.
        """
        line = self._place()
        if line is not None and line.silent:
            return line
        try:
            if line is not None:
                line.close()  # the server has ended it meanwhile
            return Line.opened(self._address)
        except BaseException:
            self._put_back(None)
            raise

    def take_back(self, line: Line) -> None:
        """It is at rest again. One that broke is closed, with those at rest: they are as old."""
        if line.state == TransactionStatus.IDLE and not self._closed:
            self._put_back(line)
            return
        try:
            if line.lost:
                self._drop()
            line.close()
        finally:
            self._put_back(None)

    def close(self) -> None:
        """Close those at rest; those in use are closed when they are given back."""
        self._closed = True
        self._drop()

    def _place(self) -> Line | None:
        if not self._waiting:  # else it would overtake
            try:
                return self._places.pop()
            except IndexError:
                pass
        mine = _Waiting()
        with self._serving:
            self._waiting.append(mine)
            self._serve()
        served = False
        try:
            served = mine.served.wait(self._address.timeout)
        finally:
            if not served:
                self._leave(mine)
        if not served:
            raise self._address.exhausted()
        return mine.line

    def _put_back(self, line: Line | None) -> None:
        if line is None:
            self._places.appendleft(None)
        else:
            self._places.append(line)
        if self._waiting:
            with self._serving:
                self._serve()

    def _serve(self) -> None:
        while self._waiting:
            try:
                line = self._places.pop()
            except IndexError:
                return
            first = self._waiting.popleft()
            first.line = line
            first.served.set()

    def _leave(self, mine: "_Waiting") -> None:
        """Wait no more; what was handed over in this very moment is for the next."""
        with self._serving:
            if not mine.served.is_set():
                self._waiting.remove(mine)
                return
        self._put_back(mine.line)

    def _drop(self) -> None:
        for _ in range(len(self._places)):
            try:
                line = self._places.pop()
            except IndexError:
                return
            if line is not None:
                line.close()
            self._put_back(None)


class _Waiting:
    """One who waits for a connection, and what she is handed."""

    def __init__(self) -> None:
        self.served = threading.Event()
        self.line: Line | None = None
