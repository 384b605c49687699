"""Replaying what is known changes nothing and says nothing."""

import random
from pathlib import Path

import msgspec
import pytest
from tests.acceptance import stored
from tests.acceptance.command import END, LOG, PLAYBOOK, guidepath
from tests.acceptance.conftest import Replay
from tests.acceptance.oracle import History

from guidepath import Guidepath, Playbook
from guidepath.cli.log import Log
from guidepath.clock import iso
from guidepath.host import Imported


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
            for subject, progress in _subjects(guide)
            for milestone, at in progress["reached"].items()
        }
    assert reached == {
        (*whose, milestone): at
        for whose, progress in stored.progress(replay.file).items()
        for milestone, at in progress["reached"].items()
    }


def test_the_envelopes_tell_every_start_and_every_milestone_once(replay: Replay) -> None:
    said = stored.envelopes(replay.file)
    assert len({one["id"] for one in said}) == len(said)
    history = History(LOG)
    expected = [(one.account, one.user, one.milestone, one.at) for one in history.reached()]
    told = [
        (one["account"], one["user"], one["data"]["milestone"], one["occurredAt"])
        for one in said
        if one["type"] == "milestone.reached"
    ]
    assert sorted(told, key=repr) == sorted(expected, key=repr)
    started = [one for one in said if one["type"] == "subject.started"]
    assert len(started) == len(history.people) + len(history.accounts)


def test_the_log_ends_when_the_tests_believe(replay: Replay) -> None:
    assert replay.report["until"] == END == iso(History(LOG).end * 1_000_000)


def _subjects(guide: Guidepath):  # type: ignore[no-untyped-def]
    after = None
    while page := guide.store.subjects(after=after):
        for subject, progress in page:
            yield subject, msgspec.to_builtins({"reached": progress.reached})
        after = page[-1][0]
