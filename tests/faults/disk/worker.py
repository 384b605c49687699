"""A product on a disk that fails: it tracks, and keeps a journal of what it was told.

LD_PRELOAD=shim.so python -m tests.faults.disk.worker FOLDER

Each line of its input is a run: NAME KIND AT MANY SEED SYNCHRONOUS. A child does it, on
FOLDER/NAME.db with the journal FOLDER/NAME.journal, and how it ended is a line of the output.
"""

import ctypes
import os
import sqlite3
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from guidepath import Guidepath, Playbook, StoreError
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.testing import FrozenClock

PLAYBOOK = Playbook.parse("""
name: faults
events: {clicked: {}}
milestones:
  - {id: first, title: First, reached_when: did("clicked"), first_value: true}
  - {id: fifth, title: Fifth, reached_when: count("clicked") >= 5}
  - id: team
    title: Team
    scope: account
    reached_when: account.users("clicked") >= 3
""")
EVENTS = 30
TRIES = 6  # of what fails: there are fewer faults than that in a run


class Run:
    """One life of the product on its file."""

    def __init__(self, file: Path, journal: Path, synchronous: str) -> None:
        self.file = file
        self.synchronous = synchronous
        self.journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.clock = FrozenClock(datetime(2026, 3, 2, tzinfo=UTC))
        self.guide = self.opened()

    def note(self, *words: object) -> None:
        os.write(self.journal, f"{' '.join(map(str, words))}\n".encode())

    def opened(self) -> Guidepath:
        store = self.tried(lambda: SqliteStore(self.file, synchronous=self.synchronous), "open")
        return Guidepath(PLAYBOOK, store, clock=self.clock)

    def tried(self, call: Callable[[], Any], *name: object) -> Any:
        """Until it succeeds: a fault passes, and the store must go on after it."""
        for _ in range(TRIES):
            self.note("invoke", *name)
            try:
                answer = call()
            except StoreError as problem:
                self.note("fail", *name, str(problem).replace("\n", " "))
                continue
            self.note("ok", *name)
            return answer
        self.note("stuck", *name)
        os._exit(3)

    def track(self, number: int) -> None:
        self.clock.tick(minutes=1)
        self.guide.track("clicked", user=f"u{number % 3}", account="acme", id=f"e{number}")

    def relay(self) -> None:
        store = self.guide.store
        parcel = store.claim("s", now=self.now(), lease=1, most=3)
        if parcel is not None and store.settle(parcel, now=self.now(), done=len(parcel.positions)):
            self.note("settled", *(one.id for one in parcel.envelopes))

    def now(self) -> int:
        self.clock.tick(minutes=1)
        return int(self.clock().timestamp() * 1_000_000)

    def live(self) -> None:
        failed = []
        for number in range(EVENTS):
            name = f"e{number}"
            self.note("invoke", name)
            try:
                self.track(number)
                self.note("ok", name)
            except StoreError as problem:
                self.note("fail", name, problem)
                failed.append(number)
            if number % 6 == 5:
                with suppress(StoreError):
                    self.relay()
            if number == EVENTS // 2:
                self.guide.close()
                self.guide = self.opened()
        for number in failed:
            self.tried(partial(self.track, number), f"e{number}")
        self.tried(self.relay, "relay")
        self.guide.close()


def checkpointing(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    """Connections that checkpoint often, so that little is enough to see much."""

    def connected(*args: Any, **named: Any) -> sqlite3.Connection:
        database = connect(*args, **named)
        database.execute("PRAGMA wal_autocheckpoint = 15").fetchone()
        return database

    return connected


def main() -> None:
    folder = Path(sys.argv[1])
    shim = ctypes.CDLL(None)
    vars(sqlite3)["connect"] = checkpointing(sqlite3.connect)
    for line in sys.stdin:
        name, kind, at, many, seed, synchronous = line.split()
        child = os.fork()
        if child == 0:
            try:
                file = folder / f"{name}.db"
                shim.fault_arm(str(file).encode(), ord(kind), int(at), int(many), int(seed))
                run = Run(file, folder / f"{name}.journal", synchronous)
                run.live()
                run.note("done", shim.fault_calls())
                os._exit(0)
            except Exception:  # noqa: BLE001 - whatever it is, the test shows it
                traceback.print_exc()
            finally:
                os._exit(1)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{name} {ended}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
