"""A known fault of older versions of SQLite, and whether it can strike here.

In WAL mode a checkpoint that runs while another connection commits may corrupt the file, in rare
cases, from 3.7.0 on; 3.51.3 mended it, 3.50.7 and 3.44.6 too. The store commits and checkpoints
under its file lock, so it cannot strike unless others write to the same file.
"""

import logging
import sqlite3

from guidepath.adapters.stores.filelock import FAIR

_log = logging.getLogger("guidepath.sqlite")
_said: set[int] = set()  # levels; once a process each


def sound(version: tuple[int, ...]) -> bool:
    """Whether this version of SQLite has the fault no more.

    >>> sound((3, 51, 2)), sound((3, 51, 3)), sound((3, 50, 7)), sound((3, 49, 9))
    (False, True, True, False)
    """
    if (3, 7, 0) <= version < (3, 51, 3):
        return version[:2] in ((3, 44), (3, 50)) and version >= (*version[:2], _MENDED[version[1]])
    return True


def tell(*, shared: bool) -> None:
    """Say in the log that this SQLite has the fault: a warning where others write to the file."""
    if sound(sqlite3.sqlite_version_info):
        return
    exposed = shared or not FAIR
    level = logging.WARNING if exposed else logging.DEBUG
    if level not in _said:
        _said.add(level)
        _log.log(
            level,
            "SQLite %s may damage a file, in rare cases, where several connections write to it at "
            "once; %s; SQLite 3.51.3 has it mended (3.50.7 and 3.44.6, too)",
            sqlite3.sqlite_version,
            "your product may do so beside the store" if exposed else "the store's never do",
        )


_MENDED = {44: 6, 50: 7}
