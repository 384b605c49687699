"""The JSON Lines sink passes the contract, and mends what a crash left."""

import fcntl
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from guidepath import ConfigurationError
from guidepath.adapters.sinks.jsonl import JsonlSink
from guidepath.testing import SinkContract
from guidepath.testing.sample import spoken


def ids(file: Path) -> list[str]:
    return [json.loads(line)["id"] for line in file.read_text().splitlines()]


class TestJsonlSink(SinkContract):
    @pytest.fixture
    def sink(self, tmp_path: Path) -> JsonlSink:
        return JsonlSink(tmp_path / "events.jsonl")

    @pytest.fixture
    def delivered(self, tmp_path: Path) -> Callable[[], list[str]]:
        return lambda: ids(tmp_path / "events.jsonl")


@pytest.mark.parametrize("torn", ["{", '{"id":"evt_9","type":"mile', "x" * 9000])
def test_a_line_that_a_crash_left_unfinished_is_taken_away(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "events.jsonl"
    sink = JsonlSink(file)
    sink.deliver([spoken(1)])
    with file.open("a") as broken:
        broken.write(torn)
    sink.deliver([spoken(2)])
    assert ids(file) == ["evt_1", "evt_2"]


def test_a_file_with_nothing_but_an_unfinished_line_begins_anew(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id":')
    JsonlSink(file).deliver([spoken(1)])
    assert ids(file) == ["evt_1"]


def test_a_line_that_another_process_is_about_to_finish_is_not_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    with file.open("ab", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b'{"id":')
        delivering = Thread(target=JsonlSink(file).deliver, args=([spoken(2)],))
        delivering.start()
        delivering.join(0.2)  # it cannot end: it waits
        other.write(b'"evt_1"}\n')
    delivering.join()
    assert ids(file) == ["evt_1", "evt_2"]


def test_addresses_name_a_file(tmp_path: Path) -> None:
    assert JsonlSink.from_url(f"jsonl:{tmp_path}/a.jsonl").name == f"jsonl:{tmp_path}/a.jsonl"
    assert JsonlSink.from_url(f"jsonl:///{tmp_path}/a.jsonl").name == f"jsonl:{tmp_path}/a.jsonl"
    with pytest.raises(ConfigurationError, match="names no file"):
        JsonlSink.from_url("jsonl:")
    with pytest.raises(ConfigurationError, match="does not exist"):
        JsonlSink.from_url("jsonl:/none/of/this.jsonl")


def test_a_child_forked_in_the_middle_of_a_delivery_delivers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "events.jsonl"
    sink = JsonlSink(file)
    children: list[int] = []

    def forking(_: int) -> None:
        monkeypatch.undo()
        if child := os.fork():
            children.append(child)
            return
        signal.alarm(30)  # a child that waits for itself dies
        try:
            sink.deliver([spoken(2)])
            os._exit(0)
        finally:
            os._exit(1)

    monkeypatch.setattr(os, "fsync", forking)
    sink.deliver([spoken(1)])
    assert os.waitpid(children[0], 0)[1] == 0
    assert ids(file) == ["evt_1", "evt_2"]
