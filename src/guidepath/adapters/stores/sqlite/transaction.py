"""All that is written inside, or with an exception nothing of it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from guidepath.adapters.stores.sqlite.connection import Connection
from guidepath.adapters.stores.sqlite.mend import answer_of


class Transaction:
    """A transaction of the connection there is then, or the rest of its turn: for one `with`.

    Errors of SQLite and of the system come out as StoreError.
    """

    __slots__ = ("_connect", "_connection", "_file")

    def __init__(self, connect: Callable[[], Connection], file: Path) -> None:
        self._connect = connect
        self._file = file

    def __enter__(self) -> sqlite3.Cursor:
        try:
            self._connection = connection = self._connect()
            connection.begin()
        except (sqlite3.Error, OSError) as problem:
            raise answer_of(problem, self._file) from problem
        return connection.rows

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._connection.commit()
            else:
                self._connection.rollback()
        except (sqlite3.Error, OSError) as problem:
            raise answer_of(problem, self._file) from problem
        if isinstance(error, sqlite3.Error | OSError):
            raise answer_of(error, self._file) from error
