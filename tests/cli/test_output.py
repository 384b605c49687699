import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from guidepath.cli import output


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text("before", "utf-8")

    def broken() -> Iterator[object]:
        yield {"n": 1}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        output.lines(file, broken())
    assert file.read_text("utf-8") == "before"
    output.lines(file, [{"n": 1}, {"n": 2}])
    assert [json.loads(one) for one in file.read_text("utf-8").splitlines()] == [{"n": 1}, {"n": 2}]
    assert [one.name for one in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_file_may_be_read_as_any_other_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    output.lines(tmp_path / "out", [])
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("other", "out")}
    assert len(modes) == 1


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    output.lines(tmp_path / "link", [1])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text("utf-8") == "1\n"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    output.lines(pipe, [1, 2])
    assert pipe.is_fifo()
    assert os.read(reader, 100) == b"1\n2\n"
    os.close(reader)


def test_what_could_steer_a_terminal_is_replaced() -> None:
    assert output.plain("a\x1b[2J\u202eb é") == "a�[2J�b é"
