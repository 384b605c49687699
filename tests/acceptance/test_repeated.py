"""Replaying what is known changes nothing and says nothing."""

import random
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from tests.acceptance import stored
from tests.acceptance.command import END, LOG, PLAYBOOK, Replay, guidepath
from tests.acceptance.oracle import History

from guidepath import Guidepath, Playbook
from guidepath.adapters.stores.sqlite import SqliteStore
from guidepath.cli.log import Log
from guidepath.cli.source import subjects
from guidepath.clock import iso
from guidepath.deck import Deck
from guidepath.receipt import Imported
from guidepath.relay import Relay


def take_in(guide: Guidepath, *, seed: int | None = None) -> Imported:
    """Take the real log in, shuffled where there is a seed."""
    with LOG.open("rb") as file:
        messages = list(Log("log", file).messages(lambda _done, _of: None))
    if seed is not None:
        random.Random(seed).shuffle(messages)
    return guide.ingest(messages)


@pytest.fixture(scope="module")
def twice(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A copy of the store after a second replay, and what the command printed and noted."""
    file = tmp_path_factory.mktemp("twice") / "guidepath.db"
    file.write_bytes(replay.file.read_bytes())
    told = guidepath(
        *("replay", PLAYBOOK, LOG, "--store", f"sqlite:///{file}"),
        *("--by", "role", "--format", "json"),
    )
    return file, told.stdout, told.stderr


def test_a_second_replay_leaves_every_row_of_the_store_as_it_was(
    replay: Replay, twice: tuple[Path, str, str]
) -> None:
    file, _, _ = twice
    before, after = stored.everything(replay.file), stored.everything(file)
    assert len(before["history"]) == 9130
    assert before["outbox"]
    assert after == before


def test_a_second_replay_says_so_and_reports_the_same(
    replay: Replay, twice: tuple[Path, str, str]
) -> None:
    _, printed, noted = twice
    assert printed == replay.printed
    assert "0 new, 9,130 known before; 0 milestones newly reached" in noted


def test_an_import_of_the_known_stores_and_reaches_nothing() -> None:
    with Guidepath(Playbook.load(PLAYBOOK)) as guide:
        first, second = take_in(guide), take_in(guide)
    assert (first.stored, first.repeated) == (9130, 0)
    assert (second.stored, second.repeated, second.reached) == (0, 9130, 0)


def test_the_order_of_the_lines_does_not_matter(replay: Replay) -> None:
    with Guidepath(Playbook.load(PLAYBOOK)) as guide:
        take_in(guide, seed=7)
        reached = {
            (subject.account, subject.user or "", milestone): at
            for subject, progress in subjects(guide.store)
            for milestone, at in progress.reached.items()
        }
    assert reached == {
        (*whose, milestone): at
        for whose, progress in stored.progress(replay.file).items()
        for milestone, at in progress["reached"].items()
    }


def test_everything_that_was_reached_is_said_once_when_waiting_was_looked_after(
    replay: Replay, tmp_path: Path
) -> None:
    file = tmp_path / "guidepath.db"
    file.write_bytes(replay.file.read_bytes())
    history = History(LOG)
    expected = {(one.account, one.user, one.milestone, one.at) for one in history.reached()}
    before = said(file)
    assert set(before) < expected  # what time alone makes true after her last event is not seen yet
    swept(file)
    after = said(file)
    assert set(after) == expected
    assert len(after) == len(expected)
    assert after[: len(before)] == before


def said(file: Path) -> list[tuple[str, str | None, str, int]]:
    """The milestones in the outbox, oldest first."""
    return [
        (one["account"], one["user"], one["data"]["milestone"], one["occurredAt"])
        for one in stored.envelopes(file)
        if one["type"] == "milestone.reached"
    ]


def swept(file: Path) -> None:
    """Reach what waiting alone made true by the end of the log."""
    with closing(SqliteStore(file)) as store:
        deck = Deck(Playbook.load(PLAYBOOK))
        Relay(store, [], deck=deck, clock=lambda: datetime.fromisoformat(END)).sweep()


def test_every_start_is_said_once(replay: Replay) -> None:
    told = stored.envelopes(replay.file)
    history = History(LOG)
    assert len({one["id"] for one in told}) == len(told)
    assert sum(one["type"] == "subject.started" for one in told) == len(history.people) + 2


def test_the_log_ends_when_the_tests_believe(replay: Replay) -> None:
    assert replay.report["until"] == END == iso(History(LOG).end * 1_000_000)
