"""The command line in a process that dies, as by kill -9, before its Nth SQL statement.

python -m tests.acceptance.dying N replay …
"""

import os
import signal
import sqlite3
import sys
from itertools import count
from typing import Any

from guidepath.cli import main

_connect = sqlite3.connect
_statements = count(1)


def _mortal(*args: Any, **named: Any) -> sqlite3.Connection:
    database: sqlite3.Connection = _connect(*args, **named)
    database.set_trace_callback(_die_in_time)
    return database


def _die_in_time(_statement: str) -> None:
    if next(_statements) == _last:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    _last = int(sys.argv.pop(1))
    vars(sqlite3)["connect"] = _mortal  # the library looks it up when it opens a file
    main()
