import stat
from pathlib import Path

import pytest
from tests.cli.ledgerly import PLAYBOOK, Run

from guidepath.playbook.canonical.form import canonical

ROOT = Path(__file__).parents[2]
OURS = sorted(
    [
        *ROOT.glob("examples/*/guidepath.yaml"),
        *ROOT.glob("src/**/guidepath.yaml"),
        ROOT / "src/guidepath/cli/starter.yaml",
    ]
)
FORM = canonical(PLAYBOOK, "guidepath.yaml")


def test_a_playbook_is_brought_into_form_in_place(run: Run, playbook: Path) -> None:
    assert FORM != PLAYBOOK
    done = run("fmt", playbook)
    assert (done.code, done.out) == (0, "")
    assert done.err == "1 file changed, 0 in form already\n"
    assert playbook.read_text("utf-8") == FORM
    assert run("fmt", playbook).err == "0 files changed, 1 in form already\n"


def test_line_ends_and_who_may_read_the_file_stay_as_they_are(run: Run, playbook: Path) -> None:
    playbook.write_bytes(PLAYBOOK.replace("\n", "\r\n").encode())
    playbook.chmod(0o640)
    assert run("fmt", playbook, "--quiet") == (0, "", "")
    assert playbook.read_bytes() == FORM.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(playbook.stat().st_mode) == 0o640


def test_check_names_what_would_change_and_writes_nothing(run: Run, playbook: Path) -> None:
    right = playbook.with_name("right.yaml")
    right.write_text(FORM, "utf-8")
    done = run("fmt", "--check", playbook, right)
    assert (done.code, done.out) == (1, "guidepath.yaml\n")
    assert done.err == "1 file would change, 1 in form already\n"
    assert playbook.read_text("utf-8") == PLAYBOOK
    assert run("fmt", "--check", right).code == 0


def test_diff_shows_what_would_change_and_writes_nothing(run: Run, playbook: Path) -> None:
    done = run("fmt", "--diff", playbook)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[:2] == ["--- guidepath.yaml", "+++ guidepath.yaml"]
    assert "+  contact.imported: {}" not in lines  # it stands there already
    assert '+    reached_when: did("contact.imported")' in lines
    assert playbook.read_text("utf-8") == PLAYBOOK
    assert run("fmt", "--diff", "--check", playbook).code == 1


def test_stdin_is_answered_on_stdout(run: Run) -> None:
    assert run("fmt", "--stdin", stdin=PLAYBOOK.encode()) == (0, FORM, "")
    assert run("fmt", "--stdin", stdin=FORM.encode()) == (0, FORM, "")


@pytest.mark.parametrize("wrong", [PLAYBOOK.replace("scope:", "skope:"), "a: [", "a: \xe4"])
def test_a_file_with_mistakes_is_left_alone_and_the_others_are_not(
    run: Run, playbook: Path, wrong: str
) -> None:
    other = playbook.with_name("wrong.yaml")
    other.write_bytes(wrong.encode("latin-1"))
    done = run("fmt", other, playbook)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("wrong.yaml:")
    assert done.err.endswith("1 file changed, 0 in form already, 1 left alone, with mistakes\n")
    assert other.read_bytes() == wrong.encode("latin-1")
    assert playbook.read_text("utf-8") == FORM
    from_stdin = run("fmt", "--stdin", stdin=wrong.encode("latin-1"))
    assert (from_stdin.code, from_stdin.out) == (1, "")
    assert from_stdin.err.startswith("<stdin>:")


def test_a_file_that_is_not_there_is_told(run: Run, here: Path) -> None:
    done = run("fmt", "nowhere.yaml", "--quiet")
    assert done.code == 1
    assert done.err.startswith("nowhere.yaml:1:1: error: this file cannot be read")


def test_files_and_stdin_exclude_each_other(run: Run, playbook: Path) -> None:
    assert run("fmt").code == 2
    assert run("fmt", "--stdin", playbook).code == 2


def test_our_own_playbooks_are_in_form(run: Run) -> None:
    done = run("fmt", "--check", *OURS)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"0 files would change, {len(OURS)} in form already\n"
    assert len(OURS) >= 7
