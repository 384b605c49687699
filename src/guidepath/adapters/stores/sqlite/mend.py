"""SQLite's errors as ours, with what can be done about them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def translated(file: Path) -> Iterator[None]:
    """Errors of SQLite and of the system, raised inside, come out as StoreError."""
    try:
        yield
    except (sqlite3.Error, OSError) as problem:
        mend = _WRITABLE if isinstance(problem, PermissionError) else _MENDS.get(code(problem), "")
        raise StoreError(f"the store {file} did not answer: {problem}{mend}") from problem


def code(problem: BaseException) -> int:
    """SQLite's own code of an error, without its extension; 0 where it is none of SQLite's."""
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF
