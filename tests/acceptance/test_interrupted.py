"""A replay that is killed and started again ends where one that is left alone ends."""

import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.acceptance import stored
from tests.acceptance.command import LOG, PLAYBOOK, ROOT, Replay, guidepath

SEED = 20260821


def started(module: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def replaying(file: Path) -> tuple[object, ...]:
    return ("replay", PLAYBOOK, LOG, "--store", f"sqlite:///{file}", "--format", "json")


def killed_before_a_statement(file: Path, number: int) -> None:
    """Between any two statements, inside a transaction or between two."""
    process = started("tests.acceptance.dying", number, *replaying(file))
    assert process.wait() == -signal.SIGKILL


def killed_once_it_has_stored(file: Path, events: int) -> None:
    """From outside, at whatever it is doing a moment after so many events were committed."""
    process = started("guidepath", *replaying(file))
    while process.poll() is None and _stored(file) < events:
        pass
    process.kill()
    assert process.wait() == -signal.SIGKILL


def _stored(file: Path) -> int:
    with (
        suppress(sqlite3.OperationalError),  # it has not made its tables yet
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database,
    ):
        found: int | None = database.execute("SELECT max(seq) FROM guidepath_history").fetchone()[0]
        return found or 0
    return 0


@pytest.fixture(scope="module")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store whose replay was killed six times before it came to its end; the final report."""
    file = tmp_path_factory.mktemp("killed") / "guidepath.db"
    chance = random.Random(SEED)
    killed_before_a_statement(file, chance.randrange(1, 40))
    killed_before_a_statement(file, chance.randrange(100, 1000))
    killed_once_it_has_stored(file, chance.randrange(1, 1000))
    killed_before_a_statement(file, chance.randrange(1000, 4000))
    killed_once_it_has_stored(file, chance.randrange(5000, 6000))
    killed_before_a_statement(file, chance.randrange(500, 1000))
    before = _stored(file)
    assert 5000 <= before < 9130
    return file, guidepath(*replaying(file), "--by", "role").stdout


def test_the_report_is_that_of_an_undisturbed_replay(
    replay: Replay, survivor: tuple[Path, str]
) -> None:
    _, printed = survivor
    assert printed == replay.printed


def test_no_event_is_lost_or_doubled(replay: Replay, survivor: tuple[Path, str]) -> None:
    file, _ = survivor
    assert stored.history(file) == stored.history(replay.file)
    assert len(stored.history(file)) == 9130


def test_everyone_has_the_same_progress(replay: Replay, survivor: tuple[Path, str]) -> None:
    file, _ = survivor
    assert stored.progress(file) == stored.progress(replay.file)


def test_each_envelope_is_there_once_with_its_time(
    replay: Replay, survivor: tuple[Path, str]
) -> None:
    file, _ = survivor

    def told(file: Path) -> list[tuple[str, str, int, int]]:
        return sorted(
            (one["id"], one["type"], one["occurredAt"], one["seq"])
            for one in stored.envelopes(file)
        )

    assert told(file) == told(replay.file)


def test_the_envelopes_of_each_subject_are_in_order(survivor: tuple[Path, str]) -> None:
    file, _ = survivor
    for whose, numbers in stored.numbering(file):
        assert numbers == list(range(1, len(numbers) + 1)), whose
