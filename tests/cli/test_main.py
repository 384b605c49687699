"""The command as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.ledgerly import MESSAGES, PLAYBOOK, Run, track

from guidepath import cli

COMMAND = [sys.executable, "-W", "error", "-m", "guidepath"]


def started(*arguments: object, **environment: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


def test_a_log_is_read_from_stdin_and_json_stands_alone_on_stdout(playbook: Path) -> None:
    log = "".join(json.dumps(one) + "\n" for one in MESSAGES).encode()
    with started("replay", playbook, "-", "--format", "json") as process:
        out, err = process.communicate(log)
    assert process.returncode == 0
    assert json.loads(out)["messages"] == 7
    assert err == b"7 messages: 7 new, 0 known before; 7 milestones newly reached\n"


def test_ctrl_c_while_reading_ends_with_a_sentence(playbook: Path) -> None:
    line = (json.dumps(track(1, "ada", "invoice.sent", hours=1)) + "\n").encode()
    with started("replay", playbook, "-") as process:
        assert process.stdin is not None
        process.stdin.write(line * 3_000)  # more than a pipe holds: it is reading
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr is not None
        assert process.stderr.read().startswith(b"interrupted; what was committed stays")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_relay_that_is_asked_to_end_ends_in_order(
    playbook: Path, store: str, number: signal.Signals
) -> None:
    with started("relay", "--store", store, "--sink", "jsonl:out.jsonl") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith(b"carrying to jsonl:")
        process.send_signal(number)
        assert process.wait() == 0
        assert process.stderr.read() == b"stopped; what was not carried waits in the store\n"


def test_a_reader_that_has_had_enough_is_no_mistake(playbook: Path) -> None:
    with started("schema") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_narrow_terminal_and_no_colour_are_respected(playbook: Path, store: str) -> None:
    asked = ("report", playbook, "--store", store)
    with started(*asked, PYTHONIOENCODING="latin-1", NO_COLOR="1") as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert b"\\u2605 Send your first invoice" in out
    assert b"\x1b" not in out


def test_without_the_extra_one_line_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "guidepath.cli.app")
    monkeypatch.setitem(sys.modules, "typer", None)
    for name in [one for one in sys.modules if one.startswith("guidepath.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert told.err == "the command line is an extra: pip install 'guidepath[cli]'\n"
    assert told.out == ""


def test_the_version_is_told(run: Run) -> None:
    done = run("--version")
    assert done.code == 0
    assert done.out.startswith("guidepath ")


COMMANDS = (
    *("init", "check", "schema", "replay", "explain", "report", "relay"),
    *("backfill", "export", "erase", "demo", "diff", "test", "fmt"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert f"Example: guidepath {command}" in " ".join(done.out.split())


def test_the_help_names_every_command(run: Run) -> None:
    done = run("--help")
    for command in COMMANDS:
        assert f"│ {command} " in done.out
    assert run("chek").err.count("Did you mean 'check'") == 1


def test_the_playbook_of_these_tests_is_right(run: Run, playbook: Path) -> None:
    assert playbook.read_text("utf-8") == PLAYBOOK
    assert run("check", playbook).code == 0
