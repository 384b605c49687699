"""Segment's own Python SDK, unchanged, pointed at a server that is killed in the middle."""

import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from segment.analytics import Client

from guidepath import Guidepath, Playbook

KEY = "acceptance-write-key"
TRACKS, USERS, ACCOUNTS = 10_000, 300, 60
LUCKY = "a7"  # the one account that reaches its first value, by three of its users at once
PLAYBOOK = """\
guidepath: 1
name: ledgerly
roles: [owner, member]
attributes:
  account: {size: {type: integer, optional: true}}
events: {invoice.sent: {}, contact.imported: {properties: {number: integer}}}
milestones:
  - id: first_invoice
    title: Send your first invoice
    scope: account
    reached_when: did("invoice.sent")
    first_value: true
  - {id: contacts_in, title: Bring your contacts, reached_when: count("contact.imported") >= 3}
guidance:
  - {id: send, type: banner, moment: onboard, toward: first_invoice, title: Send it}
"""


class Kept(NamedTuple):
    """What the SDK sent, by id, what became of it, and what it gave up."""

    sent: dict[str, dict[str, Any]]
    given_up: list[object]
    exports: dict[str, dict[str, Any]]  # by account


@contextmanager
def serving(folder: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    """The server, once it answers."""
    command = ["serve", "guidepath.yaml", "--store", "sqlite:///guidepath.db", "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", "guidepath", *command, "--write-key", KEY],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("guidepath answers at")
        try:
            yield process
        finally:
            process.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def stored(file: Path) -> int:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        found: int = database.execute("SELECT count(*) FROM guidepath_history").fetchone()[0]
        return found


def say_all(clients: list[Client]) -> dict[str, dict[str, Any]]:
    """Everything into the queues of the clients in turn; the messages by their ids."""
    said: list[tuple[bool, dict[str, Any]]] = []
    for number in range(TRACKS + USERS + ACCOUNTS):
        client = clients[number % len(clients)]
        user, account = f"u{number % USERS}", f"a{number % USERS % ACCOUNTS}"
        context = {"groupId": account}
        if number < ACCOUNTS:
            said.append(client.group(user, account, {"size": number}))
        elif number < ACCOUNTS + USERS:
            traits = {"role": "owner" if number % 2 else "member"}
            said.append(client.identify(user, traits, context=context))
        elif account == LUCKY and TRACKS // 2 < number < TRACKS // 2 + USERS:
            said.append(client.track(user, "invoice.sent", context=context))
        else:
            properties = {"number": number}
            said.append(client.track(user, "contact.imported", properties, context=context))
    assert all(taken for taken, _ in said)
    return {message["messageId"]: message for _, message in said}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("served")
    (folder / "guidepath.yaml").write_text(PLAYBOOK, "utf-8")
    file, port = folder / "guidepath.db", free_port()
    given_up: list[object] = []
    with serving(folder, port) as first:
        clients = [
            Client(
                KEY,
                host=f"http://127.0.0.1:{port}",
                gzip=packed,
                on_error=lambda error, _: given_up.append(error),
            )
            for packed in (True, False)
        ]
        sent = say_all(clients)
        while stored(file) < TRACKS // 3:
            assert first.poll() is None
        first.kill()
        assert first.wait() == -signal.SIGKILL
        assert stored(file) < TRACKS
    with serving(folder, port) as second:
        for client in clients:
            client.shutdown()  # returns once its queue is empty
        second.terminate()
        assert second.wait(timeout=20) == 0
    with Guidepath(Playbook.parse(PLAYBOOK), f"sqlite:///{file}") as guide:
        exports = {f"a{one}": guide.export(account=f"a{one}") for one in range(ACCOUNTS)}
    return Kept(sent, given_up, exports)


def test_every_message_arrives_once_though_the_server_was_killed(kept: Kept) -> None:
    assert kept.given_up == []
    arrived = [
        (account, event["id"])
        for account, told in kept.exports.items()
        for event in told["history"]
    ]
    expected = {
        (one.get("groupId") or one["context"]["groupId"], name) for name, one in kept.sent.items()
    }
    assert len(arrived) == len(expected) == TRACKS + USERS + ACCOUNTS
    assert set(arrived) == expected


def test_each_message_says_what_was_said(kept: Kept) -> None:
    for told in kept.exports.values():
        for event in told["history"]:
            message = kept.sent[event["id"]]
            assert event["kind"] == message["type"]
            assert event["name"] == message.get("event", "")
            assert event["user"] == (None if event["kind"] == "group" else message["userId"])
            body = dict(message.get("properties", message.get("traits", {})))
            assert event["role"] == body.pop("role", None)
            assert event["properties"] == body


def test_the_first_value_is_said_once_and_of_the_one_account_alone(kept: Kept) -> None:
    sayings = [one for told in kept.exports.values() for one in told["said"]]
    values = [one for one in sayings if one["type"] == "first_value.reached"]
    assert [(one["account"], one["user"]) for one in values] == [(LUCKY, None)]
    assert sum(one["name"] == "invoice.sent" for one in kept.exports[LUCKY]["history"]) >= 3
    ids = [one["id"] for one in sayings]
    assert len(ids) == len(set(ids))


def test_every_user_reaches_her_milestone_at_her_third_contact(kept: Kept) -> None:
    reached = [
        one["user"]
        for told in kept.exports.values()
        for one in told["said"]
        if one["type"] == "milestone.reached" and one["data"]["milestone"] == "contacts_in"
    ]
    assert sorted(reached) == sorted(f"u{number}" for number in range(USERS))
