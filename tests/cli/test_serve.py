"""The command as a user has it: a process of its own, asked over HTTP, ended by signals."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.cli.ledgerly import Run

STORE = ("--store", "sqlite:///served.db")
KEY = ("--write-key", "one-key")
TRACK = {"userId": "ada", "event": "invoice.sent", "messageId": "m1"}


@contextmanager
def serving(
    playbook: Path, *more: str, end: int = signal.SIGTERM, keys: Mapping[str, str] | None = None
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The command until it is told to end; its address and its process. It must end well."""
    command = [sys.executable, "-m", "guidepath", "serve", str(playbook), *STORE, "--port", "0"]
    with subprocess.Popen(
        [*command, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(keys or {})},
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("guidepath answers at http://127.0.0.1:"), process.communicate()
            yield said.split()[3], process
            process.send_signal(end)
            out, err = process.communicate(timeout=20)
            assert (process.returncode, out, err.splitlines()[-1]) == (0, "", "stopped"), err
        finally:
            process.kill()


def said(address: str, message: object = TRACK, key: str = "one-key") -> httpx.Response:
    return httpx.post(f"{address}/v1/track", json=message, auth=(key, ""))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_answers_and_ends_when_asked(run: Run, playbook: Path, end: int) -> None:
    with serving(playbook, *KEY, end=end) as (address, _):
        assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
        assert "/v1/batch" in httpx.get(f"{address}/openapi.json").json()["paths"]
        assert said(address).json()["stored"] == 1
        query = {"userId": "ada"}
        found = httpx.get(f"{address}/v1/progress", params=query, auth=("one-key", ""))
        reached = [one["id"] for one in found.json()["milestones"] if one["reachedAt"]]
        assert reached == ["first_invoice"]
    exported = run("export", playbook, *STORE, "--user", "ada", "--account", "ada")
    assert [one["id"] for one in json.loads(exported.out)["history"]] == ["m1"]


def test_a_request_under_way_is_answered_before_it_ends(playbook: Path) -> None:
    body = json.dumps({**TRACK, "writeKey": "one-key"}).encode()
    with serving(playbook, *KEY) as (address, process):
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
            answered = connection.makefile("rb")
            head = f"POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
            connection.sendall(f"{head}expect: 100-continue\r\n\r\n".encode())
            assert answered.readline().startswith(b"HTTP/1.1 100")  # it has begun to read
            process.send_signal(signal.SIGTERM)
            connection.sendall(body)
            assert b'"stored":1' in answered.read()


def test_keys_come_from_the_environment_or_the_command_line(playbook: Path) -> None:
    variable = {"GUIDEPATH_WRITE_KEY": "red-key blue-key"}
    with serving(playbook, keys=variable) as (address, _):
        assert [said(address, key=one).status_code for one in ("red-key", "blue-key")] == [200, 200]
        assert said(address, key="red-key blue-key").status_code == 401
    with serving(playbook, *KEY, "--write-key", "other-key") as (address, _):
        assert [said(address, key=one).status_code for one in ("one-key", "other-key")] == [200] * 2
        assert said(address, key="red-key").status_code == 401


def test_without_a_key_it_does_not_start_and_says_how_to_make_one(
    run: Run, playbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUIDEPATH_WRITE_KEY", "")
    done = run("serve", playbook, *STORE, "--port", "0")
    assert (done.code, done.out) == (2, "")
    assert "openssl rand -hex 24" in done.err
    assert "GUIDEPATH_WRITE_KEY" in done.err
    assert not Path("served.db").exists()


@pytest.mark.parametrize("key", ["", "a:b", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_a_mistake(run: Run, playbook: Path, key: str) -> None:
    done = run("serve", playbook, *STORE, "--port", "0", "--write-key", key)
    assert done.code == 2
    assert "write_keys is a list of secrets" in done.err


def test_its_own_events_go_to_the_sinks(playbook: Path) -> None:
    with serving(playbook, *KEY, "--sink", "jsonl:told.jsonl") as (address, _):
        said(address)
    types = [json.loads(line)["type"] for line in Path("told.jsonl").read_text().splitlines()]
    assert types.count("first_value.reached") == 1


def test_a_refused_message_is_told_on_stderr(playbook: Path) -> None:
    command = [sys.executable, "-m", "guidepath", "serve", str(playbook), *STORE, *KEY]
    with subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[3]
        said(address, {"anonymousId": "x", "event": "invoice.sent", "messageId": "m7"})
        process.terminate()
        _, err = process.communicate(timeout=20)
    assert "refused message m7: anonymousId alone names no user" in err


def test_an_address_that_is_taken_is_a_mistake_in_a_sentence(run: Run, playbook: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", playbook, *STORE, *KEY, "--port", str(port))
    assert done.code == 1
    assert (
        done.err == f"guidepath: cannot answer at 127.0.0.1, port {port}: Address already in use\n"
    )


def test_an_address_of_another_machine_is_a_mistake_in_a_sentence(run: Run, playbook: Path) -> None:
    done = run("serve", playbook, *STORE, *KEY, "--host", "no.such.host.invalid", "--port", "0")
    assert done.code == 1
    assert done.err.startswith("guidepath: cannot answer at no.such.host.invalid, port 0: ")


def test_the_help_teaches(run: Run) -> None:
    words = run("serve", "--help").out
    assert "GUIDEPATH_WRITE_KEY" in words
    assert "openssl rand" in words
    assert "v1/next" in words
