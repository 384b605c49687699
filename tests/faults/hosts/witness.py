"""What a product under an application server is told, and what it knows."""

import os
from pathlib import Path

from tests.faults.hosts.gunicorn import FOLDER, PREFIX, SINK, STORE
from tests.faults.journal import Journal

from guidepath.subject import Subject


class Witness:
    """Journals for which events `track` returned, each process in a file of its own.

    So these count even where an answer never went out.
    """

    def __init__(self) -> None:
        self.store = os.environ[STORE]
        self.sink = os.environ[SINK]
        self._folder = Path(os.environ[FOLDER])
        self._journals: dict[int, Journal] = {}

    def kept(self, account: str, user: str, event: str) -> None:
        """`track` has returned."""
        pid = os.getpid()
        if pid not in self._journals:
            self._journals[pid] = Journal(self._folder / f"{PREFIX}{pid}")
        self._journals[pid].ended(Subject(account, user), event, "ok")
