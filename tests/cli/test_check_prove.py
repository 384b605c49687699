import json
from pathlib import Path

import pytest
from tests.cli.ledgerly import PLAYBOOK, Run

NEVER = (
    PLAYBOOK
    + """\
  - id: stuck
    type: banner
    moment: upgrade
    toward: settled
    when: role == "owner" and did("invoice.sent") and role == "member"
    title: Never
"""
)


def test_what_can_never_be_shown_is_told_with_its_place_where_that_is_asked_for(
    run: Run, playbook: Path
) -> None:
    playbook.write_text(NEVER, "utf-8")
    without = json.loads(run("check", playbook, "--format", "json").out)
    assert "never-true" not in {one["code"] for one in without}
    done = run("check", playbook, "--prove", "--format", "json")
    (found,) = (one for one in json.loads(done.out) if one["code"] == "never-true")
    lines = NEVER.splitlines()
    assert lines[found["line"] - 1][found["column"] - 1 :].startswith('role == "owner" and did')
    (related,) = found["related"]
    assert lines[related["line"] - 1][related["column"] - 1 :] == 'role == "member"'
    assert found["severity"] == "warning"
    assert done.code == 0  # it is a warning: the playbook runs


def test_text_names_file_line_and_column(run: Run, playbook: Path) -> None:
    playbook.write_text(NEVER, "utf-8")
    line = next(n for n, one in enumerate(NEVER.splitlines(), 1) if 'role == "member"' in one)
    done = run("check", playbook, "--prove")
    assert f"guidepath.yaml:{line}:11: warning: 'stuck' is never shown: " in done.out
    assert "[never-true]" in done.out


def test_a_proof_is_silenced_with_a_reason(run: Run, playbook: Path) -> None:
    silence = (
        "    # guidepath: allow never-true because the role is merged next week\n    when: role"
    )
    playbook.write_text(NEVER.replace("    when: role", silence), "utf-8")
    found = json.loads(run("check", playbook, "--prove", "--format", "json").out)
    assert not {"never-true", "unused-silence"} & {one["code"] for one in found}
    # where nothing is proven, the silence may well be needed
    found = json.loads(run("check", playbook, "--format", "json").out)
    assert "unused-silence" not in {one["code"] for one in found}


def test_a_time_limit_that_is_none_is_refused(run: Run, playbook: Path) -> None:
    done = run("check", playbook, "--prove", "--time-limit", "soon")
    assert done.code == 2
    assert "10m" in done.err or "duration" in done.err


def test_without_the_solver_the_extra_is_named(
    run: Run, playbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "z3", None)
    done = run("check", playbook, "--prove")
    assert done.code == 2
    assert "pip install 'guidepath[prove]'" in done.err


def test_the_solver_is_not_needed_where_nothing_is_proven(
    run: Run, playbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "z3", None)
    assert run("check", playbook).code == 0
