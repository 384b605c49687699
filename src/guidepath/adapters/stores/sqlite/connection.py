"""A connection of one thread, its turn to write, and what becomes of it when the process forks.

SQLite cannot be carried over a fork: a child that inherits an open file believes to hold the locks
that its parent has. So before a fork every connection is closed, once its thread is out of SQLite,
and both sides open the file again when they need it.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from weakref import WeakSet

from guidepath.adapters.stores.filelock import FileLock
from guidepath.adapters.stores.sqlite.mend import answer_of, translated

T = TypeVar("T")
_MOMENT = 1.0  # seconds


class Connection:
    """A connection and its place in the queue of writers, of one thread of one process.

    SQLite itself never waits. Who finds the file locked by another program lets go of the queue and
    tries again later, so that one long transaction of a host's makes nobody wait for longer than
    his own time-out.

    In a `with` it is a transaction, or the rest of a turn: all that is written inside, or with an
    exception nothing of it. Errors of SQLite and of the system come out of there as StoreError.
    """

    def __init__(self, file: Path, synchronous: str, timeout: float) -> None:
        self.turn = False
        self.closed = False
        self._file = file
        self._synchronous = synchronous
        self._timeout = timeout
        self._inside = threading.RLock()  # held while in SQLite, and for as long as a turn lasts
        with self._inside, translated(file):
            with _opening:
                _open.add(self)
            try:
                self._connect()
            except BaseException:
                with suppress(AttributeError):  # as far as it came
                    self._let_go()
                raise

    def __enter__(self) -> sqlite3.Cursor:
        if not self.turn:
            try:
                self.begin()
            except (sqlite3.Error, OSError) as problem:
                raise answer_of(problem, self._file) from problem
        return self.rows

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.commit()
            else:
                self.rollback()
        except (sqlite3.Error, OSError) as problem:
            raise answer_of(problem, self._file) from problem
        if isinstance(error, sqlite3.Error | OSError):
            raise answer_of(error, self._file) from error

    def look(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows of one statement."""
        with self._inside:
            if self._opened_after != _forks:
                self._awake()
            try:
                return self.rows.execute(statement, parameters).fetchall()
            except sqlite3.OperationalError:  # seldom, so the way that waits is not taken at first
                return self.patiently(lambda: self.rows.execute(statement, parameters).fetchall())

    def patiently(self, call: Callable[[], T]) -> T:
        """The call's answer, tried again while another program has the file locked."""
        until: float | None = None
        pause = 0.001
        while True:
            try:
                return call()
            except sqlite3.OperationalError as problem:
                now = time.monotonic()
                until = now + self._timeout if until is None else until
                if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or now > until:
                    raise
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Cursor]:
        """What is read inside is of one instant; of the turn's, where there is one."""
        if self.turn:
            yield self.rows
            return
        with self._inside:
            self._awake()
            self.patiently(self._begin_to_read)
            try:
                yield self.rows
            finally:
                self._undo()

    def begin(self) -> None:
        """Wait for the turn to write, and take it; one that is held goes on."""
        if not self.turn:
            try:
                self._take()
            except sqlite3.OperationalError:  # seldom, so the way that waits is not taken at first
                self.patiently(self._take)
            self.turn = True

    def commit(self) -> None:
        """Commit, and give the turn to the next. SQLite checkpoints in here from time to time."""
        self.turn = False
        try:
            self.rows.execute("COMMIT")
        except BaseException:
            self._undo_and_give_back()
            raise
        self._give_back()

    def rollback(self) -> None:
        """Roll back, and give the turn to the next; without a turn, nothing."""
        if self.turn:
            self.turn = False
            self._undo_and_give_back()

    def empty_log(self) -> None:
        """Write the log back into the file and cut it off: what was deleted is in neither then.

        Who reads for longer than a moment is not waited for: the last to close the file does it.
        """
        until = time.monotonic() + _MOMENT
        with self._inside:
            self._awake()
            while self._emptied() != 0 and time.monotonic() < until:
                time.sleep(0.005)

    def close(self) -> None:
        """Let go of the file, once its thread is out of it; twice does nothing.

        Who closes the last connection checkpoints: SQLite sees to it that nobody else is there.
        """
        with self._inside:
            self._let_go()

    def suspend(self, *, wait: bool) -> bool:
        """Before a fork: keep its thread out of SQLite, and close the file.

        False where that thread is in there, and this one is not to wait. The thread that forks may
        be in a turn itself, and loses it: what it saves next is checked by version, as ever.
        """
        if not self._inside.acquire(blocking=wait):
            return False
        if not self.closed:
            with suppress(sqlite3.Error):
                self.rollback()
            self._database.close()
        return True

    def resume(self) -> None:
        """After a fork, in the parent: its thread may come again, and opens the file when it does.

        In the child too, where that thread is not, or is the only one.
        """
        self._inside.release()

    def abandon(self) -> None:
        """After a fork, in the child: another is opened in its place."""
        self.closed = True
        with suppress(AttributeError):  # it could not be opened
            self._lock.close()  # a copy of the parent's

    def __del__(self) -> None:
        with suppress(AttributeError):  # it could not be opened
            self._let_go()

    def _connect(self) -> None:
        beside = self._file.with_name(self._file.name + "-lock")
        self._open_file()
        self._lock = FileLock(beside)  # SQLite took the file: beside anything else none is made
        self._lock.acquire()
        try:
            self.patiently(lambda: self.rows.execute("PRAGMA journal_mode = WAL").fetchone())
        finally:
            self._lock.release()

    def _open_file(self) -> None:
        self._database = sqlite3.connect(
            self._file, timeout=0, isolation_level=None, check_same_thread=False
        )
        self._opened_after = _forks
        self.rows = self._database.cursor()
        self.patiently(lambda: self.rows.execute(f"PRAGMA synchronous = {self._synchronous}"))
        self.rows.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten

    def _emptied(self) -> int:
        """0 where the log is empty, 1 where somebody is in it."""
        self._lock.acquire()
        try:
            busy: int = self.rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            self._lock.release()
        return busy

    def _awake(self) -> None:
        """Open the file again where a fork has closed it."""
        if self._opened_after != _forks and not self.closed:
            self._open_file()

    def _take(self) -> None:
        self._inside.acquire()
        try:
            if self._opened_after != _forks:
                self._awake()
            self._lock.acquire()
            try:
                self.rows.execute("BEGIN IMMEDIATE")
            except BaseException:
                self._lock.release()
                raise
        except BaseException:
            self._inside.release()
            raise

    def _begin_to_read(self) -> None:
        self.rows.execute("BEGIN")
        try:
            self.rows.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except BaseException:
            self._undo()
            raise

    def _undo_and_give_back(self) -> None:
        try:
            self._undo()
        finally:
            self._give_back()

    def _give_back(self) -> None:
        if not self.closed:
            self._lock.release()
        self._inside.release()

    def _undo(self) -> None:
        """Roll back what is open. A connection that cannot is given up, and another is opened."""
        if self._database.in_transaction:
            try:
                self.rows.execute("ROLLBACK")
            except sqlite3.Error:
                self._let_go()
                raise

    def _let_go(self) -> None:
        if not self.closed:
            self.closed = True
            self._database.close()
            self._lock.close()


_open: WeakSet[Connection] = WeakSet()
_opening = threading.Lock()
_forks = 0  # of this process, so far: a connection knows after which it was opened
_forking = threading.Lock()
_suspended: list[Connection] = []


def _before() -> None:
    _forking.acquire()  # one thread at a time
    while True:
        _opening.acquire()
        more = [one for one in _open if one not in _suspended and not one.closed]
        if not more:
            return  # with the lock: nobody opens a file while the process forks
        _opening.release()  # a thread in its turn may want it
        for wait in (False, True):  # first the own turn, for which others may be waiting
            _suspended.extend(
                one for one in more if one not in _suspended and one.suspend(wait=wait)
            )


def _after(*, child: bool) -> None:
    global _forks  # noqa: PLW0603 - it is this module's own count
    _forks += 1
    _opening.release()
    for one in _suspended:
        if child:
            one.abandon()
        one.resume()
    _suspended.clear()
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before,
        after_in_parent=lambda: _after(child=False),
        after_in_child=lambda: _after(child=True),
    )
