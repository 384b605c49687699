import json
from pathlib import Path

import pytest
from tests.cli.ledgerly import Run

from guidepath.gate import GATES

WHO = ("--user", "ada", "--account", "acme")


def test_it_names_the_item_and_for_each_other_the_first_closed_gate_and_when_it_opens(
    run: Run, playbook: Path, store: str
) -> None:
    bob = ("--user", "bob", "--account", "acme", "--at", "2024-01-01T10:00")
    done = run("explain", playbook, "--store", store, *bob)
    assert done.code == 0
    assert done.out.splitlines()[:3] == [
        "bob in acme, 2024-01-01T10:00:00Z",
        "shows send-one “Send your first invoice”: CHOSEN",
        "ask again 2024-01-01T10:05:00Z (in 5 minutes)",
    ]
    head, import_ = done.out.splitlines()[-2:]
    assert head.split() == ["item", "gate", "is", "must", "be", "opens"]
    assert import_.split()[:2] == ["import", "DONE"]
    assert import_.endswith("-")


def test_silence_is_told_with_its_reason_and_when_time_alone_ends_it(
    run: Run, playbook: Path, store: str
) -> None:
    cyd = ("--user", "cyd", "--account", "acme", "--at", "2024-01-03T06:00")
    done = run("explain", playbook, "--store", store, *cyd)
    assert "shows nothing: RULE" in done.out
    line = next(one for one in done.out.splitlines() if one.startswith("import"))
    cells = [cell for cell in line.split("  ") if cell]
    assert cells[:2] == ["import", "RULE"]
    assert "6 hours" in line
    assert "more than 1 day" in line
    assert line.endswith("2024-01-04T00:00:00.000001Z (in 18 hours)")


def test_json_has_every_gate_of_every_item(run: Run, playbook: Path, store: str) -> None:
    asked = ("explain", playbook, "--store", store, *WHO, "--at", "2024-01-01T06:00")
    found = json.loads(run(*asked, "--format", "json").out)
    assert (found["account"], found["user"]) == ("acme", "ada")
    assert (found["item"], found["reason"]) == (None, "DONE")
    assert found["evaluatedAt"] == "2024-01-01T06:00:00Z"
    assert [one["item"] for one in found["candidates"]] == ["send-one", "import"]
    for one in found["candidates"]:
        assert [gate["code"] for gate in one["gates"][:-1]] == [code for code, _ in GATES]
        closed = [gate for gate in one["gates"] if not gate["open"]]
        assert one["verdict"] == closed[0]["code"]
        assert closed[0]["actual"]
        assert closed[0]["required"]


def test_over_a_log_the_time_is_its_newest(run: Run, playbook: Path, events: Path) -> None:
    asked = ("explain", playbook, "--events", events, *WHO, "--format", "json")
    assert json.loads(run(*asked).out)["evaluatedAt"] == "2024-01-05T00:00:00Z"


def test_page_locale_and_device_are_where_she_is(run: Run, playbook: Path, events: Path) -> None:
    text = playbook.read_text("utf-8")
    here = 'page: /in/*\n    device: [mobile]\n    title: {en: "Hi", de: "Hallo"}'
    playbook.write_text(
        text.replace("title: Send your first invoice\n  - id: import", f"{here}\n  - id: import"),
        "utf-8",
    )
    asked = ("explain", playbook, "--events", events, "--user", "dan", "--account", "zeta")
    assert "no page" in run(*asked).out
    away = run(*asked, "--page", "/in/1", "--device", "desktop").out
    assert "desktop" in away
    there = run(*asked, "--page", "/in/1", "--device", "mobile", "--locale", "de-AT").out
    assert "shows send-one “Hallo”: CHOSEN" in there


def test_a_user_nobody_knows_is_told_and_where_she_is_known(
    run: Run, playbook: Path, store: str
) -> None:
    done = run("explain", playbook, "--store", store, "--user", "eve", "--account", "acme")
    assert done == (1, "", "guidepath: no user 'eve' is known in the account 'acme'\n")
    done = run("explain", playbook, "--store", store, "--user", "ada")
    assert done.code == 1
    assert done.err.endswith("she is known in acme: add --account\n")


def test_nothing_is_claimed(run: Run, playbook: Path, store: str) -> None:
    before = Path("guidepath.db").read_bytes()
    assert run("explain", playbook, "--store", store, *WHO).code == 0
    assert Path("guidepath.db").read_bytes() == before


@pytest.mark.parametrize("user", ["", "a\x1b[2J", "x" * 300])
def test_what_cannot_be_an_id_is_refused(run: Run, playbook: Path, store: str, user: str) -> None:
    done = run("explain", playbook, "--store", store, "--user", user)
    assert done.code == 1
    assert "printable characters" in done.err
    assert "\x1b" not in done.err
