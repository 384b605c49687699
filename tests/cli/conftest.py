from pathlib import Path

import pytest
from tests.cli.ledgerly import MESSAGES, PLAYBOOK, Done, Run, log_file
from typer.testing import CliRunner

from guidepath.cli.app import app


@pytest.fixture
def run() -> Run:
    def call(*arguments: object, stdin: bytes | None = None) -> Done:
        result = CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def playbook(here: Path) -> Path:
    file = Path("guidepath.yaml")
    file.write_text(PLAYBOOK, "utf-8")
    return file


@pytest.fixture
def events(here: Path) -> Path:
    return log_file(Path("events.jsonl"), MESSAGES)


@pytest.fixture
def store(run: Run, playbook: Path, events: Path) -> str:
    """A store into which the events were replayed."""
    url = "sqlite:///guidepath.db"
    assert run("replay", playbook, events, "--store", url).code == 0
    return url
