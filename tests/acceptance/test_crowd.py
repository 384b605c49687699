"""Many processes and threads track one user on one SQLite file at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance import stored
from tests.acceptance.command import ROOT
from tests.acceptance.crowd import CHILDREN, EVENTS, FEW, THREADS

PROCESSES = 8


def crowd(how: str, file: Path, processes: int) -> None:
    url = f"sqlite:///{file}"
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.crowd", how, url, f"p{number}"],
            cwd=ROOT,
        )
        for number in range(processes)
    ]
    assert [one.wait() for one in running] == [0] * processes


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store after 8 processes tracked 500 events each of one user."""
    file = tmp_path_factory.mktemp("crowd") / "guidepath.db"
    crowd("track", file, PROCESSES)
    return file


def reached(file: Path) -> list[tuple[str, str]]:
    return sorted(
        (one["user"] or "", one["data"]["milestone"])
        for one in stored.envelopes(file)
        if one["type"] == "milestone.reached"
    )


def counters(file: Path) -> dict[str, object]:
    """What is counted of the user and of the account, by user."""
    found = stored.progress(file)
    return {user: found["acme", user]["memory"][0] for user in ("", "ada")}


def test_no_event_of_eight_processes_is_lost_or_doubled(crowded: Path) -> None:
    ids = [one for one, _ in stored.history(crowded)]
    assert sorted(ids) == sorted(f"p{p}-{n}" for p in range(PROCESSES) for n in range(EVENTS))


def test_every_event_of_eight_processes_is_counted(crowded: Path) -> None:
    assert counters(crowded) == {"": [4000], "ada": [4000]}


def test_each_milestone_is_said_once_whoever_was_first(crowded: Path) -> None:
    expected = [("", "team"), ("ada", "all"), ("ada", "first"), ("ada", "hundreds")]
    assert reached(crowded) == expected
    said = stored.envelopes(crowded)
    assert len({one["id"] for one in said}) == len(said)


def test_the_last_event_reaches_what_needs_them_all(crowded: Path) -> None:
    times = [row[5] for row in stored.rows(crowded, "history")]
    user, account = (stored.progress(crowded)["acme", one]["reached"] for one in ("ada", ""))
    assert user["first"] == min(times)
    assert user["all"] == account["team"] == max(times)


def test_the_envelopes_are_numbered_without_a_gap(crowded: Path) -> None:
    assert {who: len(numbers) for who, numbers in stored.numbering(crowded)} == {
        ("acme", ""): 2,
        ("acme", "ada"): 5,
    }
    for whose, numbers in stored.numbering(crowded):
        assert numbers == list(range(1, len(numbers) + 1)), whose


def test_threads_of_forked_children_share_a_store_that_their_parent_opened(tmp_path: Path) -> None:
    file = tmp_path / "guidepath.db"
    crowd("fork", file, 1)
    total = FEW + CHILDREN * THREADS * FEW
    assert len(stored.history(file)) == total == 225
    assert counters(file) == {"": [total], "ada": [total]}
    assert reached(file) == [("ada", "first"), ("ada", "hundreds")]
