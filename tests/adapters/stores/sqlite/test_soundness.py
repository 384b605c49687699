"""Of SQLite's fault in WAL mode is warned where it can strike, and once."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from guidepath.adapters.stores.sqlite import SqliteStore, soundness

FAULTY, MENDED = (3, 40, 1), (3, 51, 3)


@pytest.fixture(autouse=True)
def _unsaid(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(soundness, "_said", set())
    monkeypatch.setattr(sqlite3, "sqlite_version_info", FAULTY)
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")
    caplog.set_level(logging.DEBUG)


def shared(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE invoice (number INTEGER)")
    return file


def levels(caplog: pytest.LogCaptureFixture) -> list[int]:
    return [one.levelno for one in caplog.records if one.name == "guidepath.sqlite"]


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 6, 23), True),
        ((3, 7, 0), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_with_the_fault_are_known(version: tuple[int, ...], sound: bool) -> None:
    assert soundness.sound(version) is sound


def test_a_file_that_others_write_to_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        SqliteStore(shared(tmp_path / f"{_}.db")).close()
    assert levels(caplog) == [logging.WARNING]
    assert "SQLite 3.40.1" in caplog.text
    assert "SQLite 3.51.3 has it mended" in caplog.text


def test_a_host_that_joins_is_warned(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = SqliteStore(tmp_path / "a.db")
    assert levels(caplog) == [logging.DEBUG]
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        store.within(database)
    assert levels(caplog) == [logging.DEBUG, logging.WARNING]
    store.close()


def test_a_mended_version_is_silent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", MENDED)
    SqliteStore(shared(tmp_path / "a.db")).close()
    assert levels(caplog) == []


def test_without_file_locks_every_file_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundness, "FAIR", False)
    SqliteStore(tmp_path / "a.db").close()
    assert levels(caplog) == [logging.WARNING]
