import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from guidepath.demo import server

SERVE = """
import sys
from pathlib import Path
from guidepath.demo.server import serve
folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
serve(host="127.0.0.1", port=0, folder=folder, fresh=False)
"""


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """The demo in a process of its own, interrupted at the end; gives its address."""
    command = [sys.executable, "-c", SERVE, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            assert said.startswith("Ledgerly is open at http://127.0.0.1:")
            yield said.split()[4]
        finally:
            process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""
    assert process.returncode in (0, -signal.SIGINT)


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_it_says_where_it_answers_and_answers_there(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with served(str(folder)) as address:
        answer = httpx.get(f"{address}/sign-in")
        assert answer.status_code == 200
        assert "Who would you like to be?" in answer.text
        health = httpx.get(f"{address}/guidepath/healthz")
        assert health.json() == {"status": "ok"}
    assert {"guidepath.db", "ledger.db"} <= names(folder)


def test_beginning_anew_removes_the_demos_own_files_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ["guidepath.db", "guidepath.db-wal", "ledger.db"]
    others = ["guidepath.db.backup", "customers.db", "notes.txt"]
    for name in [*own, *others]:
        (tmp_path / name).write_text("old")
    seen: list[set[str]] = []
    monkeypatch.setattr(server, "_serve", lambda *_: seen.append(names(tmp_path)))
    server.serve(host="127.0.0.1", port=0, folder=tmp_path, fresh=True)
    assert seen == [set(others)]


def test_without_a_folder_its_state_lasts_as_long_as_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Path] = []

    def stub(_host: str, _port: int, folder: Path) -> None:
        assert folder.is_dir()
        seen.append(folder)

    monkeypatch.setattr(server, "_serve", stub)
    server.serve(host="127.0.0.1", port=0, folder=None, fresh=False)
    assert not seen[0].exists()
