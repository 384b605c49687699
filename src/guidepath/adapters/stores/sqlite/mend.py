"""SQLite's errors as ours, with what can be done about them."""

import sqlite3
from pathlib import Path
from types import TracebackType

from guidepath.errors import StoreError

_WRITABLE = "; this process must be able to write to the file and to its folder"
_MENDS = {
    sqlite3.SQLITE_BUSY: "; another program keeps it locked: does one leave a transaction open?",
    sqlite3.SQLITE_READONLY: _WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _WRITABLE,
    sqlite3.SQLITE_PERM: _WRITABLE,
    sqlite3.SQLITE_NOTADB: "; is the path right?",
    sqlite3.SQLITE_FULL: "; make room on the disk, and it goes on",
    sqlite3.SQLITE_CORRUPT: "; the file is damaged: restore it from a copy",
}


class translated:  # noqa: N801 - it is used as a word of the language
    """Errors of SQLite and of the system, raised inside, come out as StoreError."""

    __slots__ = ("_file",)

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: object, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(problem, sqlite3.Error | OSError):
            raise answer_of(problem, self._file) from problem


def answer_of(problem: sqlite3.Error | OSError, file: Path) -> StoreError:
    """The error as ours."""
    denied = isinstance(problem, PermissionError)
    mend = _WRITABLE if denied else _MENDS.get(code(problem), "")
    return StoreError(f"the store {file} did not answer: {problem}{mend}")


def code(problem: BaseException) -> int:
    """SQLite's own code of an error, without its extension; 0 where it is none of SQLite's."""
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF
