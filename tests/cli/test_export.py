import json
from pathlib import Path

from tests.cli.ledgerly import Run


def test_a_user_is_exported_with_her_progress_and_history(
    run: Run, playbook: Path, store: str
) -> None:
    done = run("export", playbook, "--store", store, "--user", "ada", "--account", "acme")
    found = json.loads(done.out)
    assert (found["account"], found["user"]) == ("acme", "ada")
    assert [one["id"] for one in found["history"]] == ["m1", "m2"]
    assert "first_invoice" in found["progress"]["reached"]


def test_an_account_is_exported_with_the_history_of_all(
    run: Run, playbook: Path, store: str
) -> None:
    found = json.loads(run("export", playbook, "--store", store, "--account", "acme").out)
    assert (found["user"], len(found["history"])) == (None, 5)


def test_whom_nobody_knows_is_told(run: Run, playbook: Path, store: str) -> None:
    done = run("export", playbook, "--store", store, "--account", "nope")
    assert done == (1, "", "guidepath: no account 'nope' is known\n")
