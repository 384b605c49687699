"""A disk that refuses, is full, or loses what was not synced when the power goes.

The shim that does it stands before the C library of a child process. Every run is looked at
afterwards without it.
"""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.faults.disk.worker import EVENTS, PLAYBOOK
from tests.faults.scale import TORTURE

from guidepath import Guidepath
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.deck import Deck
from guidepath.driver import run
from guidepath.flow import ingest
from guidepath.progress import Progress
from guidepath.subject import Subject

SEED = 20261122
HERE = Path(__file__).parent
ROOT = HERE.parents[2]
POINTS = {"i": 34 * TORTURE, "s": 33 * TORTURE, "p": 33 * TORTURE}  # EIO, ENOSPC, loss of power
NAMES = {"i": "EIO", "s": "ENOSPC", "p": "power"}


class Told(NamedTuple):
    """What a run's journal says."""

    invoked: set[str]
    acknowledged: set[str]
    failed: list[str]
    settled: list[str]
    calls: int | None  # where it came to its end


class Worker:
    """A warm process under the shim, which forks a child for each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shim = folder / "shim.so"
        compiler = shutil.which("cc") or "cc"
        subprocess.run(
            [compiler, "-O1", "-shared", "-fPIC", "-o", shim, HERE / "shim.c", "-ldl"], check=True
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.disk.worker", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT / "src")},
            cwd=ROOT,
            text=True,
        )

    def run(
        self, name: str, kind: str = "i", at: int = 0, many: int = 0, synchronous: str = "FULL"
    ) -> int:
        """Do a run; how its process ended."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{name} {kind} {at} {many} {at * 7919 + SEED} {synchronous}\n")
        self.process.stdin.flush()
        said, code = self.process.stdout.readline().split()
        assert said == name
        return int(code)

    def told(self, name: str) -> Told:
        lines = [one.split() for one in (self.folder / f"{name}.journal").read_text().splitlines()]
        assert not [one for one in lines if one[0] == "stuck"], name

        def events(word: str) -> list[str]:
            return [
                one[1] for one in lines if one[0] == word and one[1][0] == "e" and one[1] != "open"
            ]

        return Told(
            set(events("invoke")),
            set(events("ok")),
            [" ".join(one[2:]) for one in lines if one[0] == "fail"],
            [each for one in lines if one[0] == "settled" for each in one[1:]],
            next((int(one[1]) for one in lines if one[0] == "done"), None),
        )


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    made = Worker(tmp_path_factory.mktemp("disk"))
    with made.process:  # ends with its input
        yield made


@pytest.fixture(scope="module")
def calls(worker: Worker) -> int:
    """How many calls an unharmed run makes that could fail."""
    assert worker.run("unharmed") == 0
    told = worker.told("unharmed")
    assert told.acknowledged == {f"e{number}" for number in range(EVENTS)}
    assert told.failed == []
    assert told.calls is not None
    assert told.calls > 500
    return told.calls


def progress(store: SqliteStore | MemoryStore) -> dict[Subject, Progress]:
    return dict(store.subjects())


def refolded(store: SqliteStore) -> dict[Subject, Progress]:
    """What the stored events come to in a store that nothing happened to."""
    deck, fresh = Deck(PLAYBOOK), MemoryStore()
    for event in sorted(store.history("acme"), key=lambda one: one.seq):
        run(ingest(deck, [event]), fresh)
    return progress(fresh)


def look_at(file: Path, told: Told) -> set[str]:
    """See that the file is whole, and true to the journal; the events that it lost."""
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(SqliteStore(file)) as store:
        history = [one.id for one in store.history("acme")]
        assert set(history) <= told.invoked
        assert len(set(history)) == len(history)
        assert progress(store) == refolded(store)
        said = store.said("acme")
        milestones = Counter(
            (one.user, one.data["milestone"]) for one in said if one.type == "milestone.reached"
        )
        reached = {
            (who.user, one) for who, found in progress(store).items() for one in found.reached
        }
        assert dict(milestones) == dict.fromkeys(reached, 1)
        parcel = store.claim("s", now=2**60, lease=1, most=500)
        waiting = [one.id for one in parcel.envelopes] if parcel else []
        assert not {*waiting} & {*told.settled}
        assert {*waiting, *told.settled} >= {one.id for one in said}
        with Guidepath(PLAYBOOK, store) as guide:
            assert guide.track("clicked", user="u0", account="acme", id="after").stored
        return told.acknowledged - set(history)


def points(kind: str, calls: int) -> Iterator[tuple[str, int, int]]:
    """The runs of a kind: where each fault is, drawn from equal parts of the whole way."""
    chance = random.Random(f"{SEED}{kind}")
    count = POINTS[kind]
    for number in range(count):
        at = 1 + (number * calls + chance.randrange(calls)) // count
        yield f"{NAMES[kind]}-{number}", at, chance.randint(1, 4)


@pytest.mark.parametrize("kind", ["i", "s"], ids=NAMES.get)
def test_what_fails_is_told_and_what_was_told_is_kept(
    worker: Worker, calls: int, kind: str
) -> None:
    """The process lives on, repeats what failed, and loses nothing."""
    failed = 0
    for name, at, many in points(kind, calls):
        assert worker.run(name, kind, at, many) == 0, name
        told = worker.told(name)
        assert told.acknowledged == {f"e{number}" for number in range(EVENTS)}, name
        assert look_at(worker.folder / f"{name}.db", told) == set(), name
        failed += bool(told.failed)
    assert failed > POINTS[kind] / 2  # the others hit a checkpoint, which is only put off


def test_when_the_power_goes_what_was_acknowledged_is_there(worker: Worker, calls: int) -> None:
    """Half of a write, and any part of what was not synced, may be lost; nothing else."""
    for name, at, _ in points("p", calls):
        assert worker.run(name, "p", at, 1) == -signal.SIGKILL, name
        assert look_at(worker.folder / f"{name}.db", worker.told(name)) == set(), name


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_a_store_that_does_not_sync_each_commit_is_found_out(
    worker: Worker, calls: int, synchronous: str
) -> None:
    """That the shim can lose something at all."""
    lost = 0
    for at in range(calls // 8, calls // 2, calls // 16):
        name = f"{synchronous}-{at}"
        if worker.run(name, "p", at, 1, synchronous) == -signal.SIGKILL:
            try:
                lost += bool(look_at(worker.folder / f"{name}.db", worker.told(name)))
            except (AssertionError, sqlite3.DatabaseError):
                lost += 1  # damaged
    assert lost > 0
