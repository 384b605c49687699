"""A client that tracks while its server is killed again and again.

python -m tests.faults.kills.client URL JOURNAL NAME

It writes a dot for each event that was acknowledged, and ends with its input. Of two calls that
fail it repeats one until it is acknowledged, and leaves the other for later.
"""

import os
import select
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Self

from tests.acceptance.command import ROOT
from tests.faults.journal import Journal
from tests.faults.kills.telling import journalled
from tests.faults.product import PLAYBOOK

from guidepath import Guidepath
from guidepath.errors import StoreError

PATIENCE_S = 60.0
IN_ONE_ACCOUNT = 8  # then the next, of which nothing is known yet
PAUSE_S = 0.05  # nobody tells a client that a server is back


class Client:
    """The process, as the tests see it."""

    def __init__(self, url: str, journal: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.kills.client", url, journal, journal.name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        self._dots = self._process.stdout.fileno()

    def acknowledged(self, events: int) -> None:
        """Wait for so many that are acknowledged from now on.

        Raises:
            RuntimeError: there are no more.
        """
        while select.select([self._dots], [], [], 0)[0]:
            if not os.read(self._dots, 65536):
                raise RuntimeError("the client has ended")
        while events > 0:
            if not select.select([self._dots], [], [], PATIENCE_S)[0]:
                raise RuntimeError("the client hangs")
            dots = os.read(self._dots, 65536)
            if not dots:
                raise RuntimeError("the client has ended")
            events -= len(dots)

    def end(self) -> int:
        """Ask it to end; its exit code."""
        self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def run(url: str, journal: Journal, name: str) -> None:
    """Track until the input ends."""
    end = select.poll()
    end.register(sys.stdin, select.POLLIN | select.POLLHUP)
    with Guidepath(PLAYBOOK, url) as guide:
        for number in count():
            while not _acknowledged(guide, journal, number, name) and number % 2:
                time.sleep(PAUSE_S)
            if end.poll(0):
                return


def _acknowledged(guide: Guidepath, journal: Journal, number: int, name: str) -> bool:
    try:
        journalled(guide, journal, f"account {number // IN_ONE_ACCOUNT}", f"{name}-{number}")
    except StoreError:
        return False
    os.write(sys.stdout.fileno(), b".")
    return True


if __name__ == "__main__":
    with Journal(Path(sys.argv[2])) as mine:
        run(sys.argv[1], mine, sys.argv[3])
