from pathlib import Path

import pytest
from tests.cli.ledgerly import Run

ADA = ("--user", "ada", "--account", "acme")


def known(run: Run, playbook: Path, store: str, *who: str) -> bool:
    return run("export", playbook, "--store", store, *who).code == 0


def test_a_user_is_forgotten_and_others_stay(run: Run, playbook: Path, store: str) -> None:
    done = run("erase", "--store", store, *ADA, "--yes")
    what = "the user ada in acme (2 events, 4 said of her, 0 dead letters)"
    assert done == (0, f"forgotten: {what}\n", "")
    assert not known(run, playbook, store, *ADA)
    assert known(run, playbook, store, "--user", "bob", "--account", "acme")
    assert run("erase", "--store", store, *ADA, "--yes").code == 1


def test_an_account_goes_with_all_its_users(run: Run, playbook: Path, store: str) -> None:
    done = run("erase", "--store", store, "--account", "acme", "--yes")
    assert done.out.startswith("forgotten: the account acme (3 users, 5 events, ")
    assert not known(run, playbook, store, *ADA)
    assert known(run, playbook, store, "--account", "zeta")


def test_a_dry_run_says_what_would_be_forgotten_and_forgets_nothing(
    run: Run, playbook: Path, store: str
) -> None:
    done = run("erase", "--store", store, *ADA, "--dry-run")
    what = "the user ada in acme (2 events, 4 said of her, 0 dead letters)"
    assert done == (0, f"would forget: {what}\n", "")
    assert known(run, playbook, store, *ADA)


def test_where_nobody_can_be_asked_it_does_nothing(run: Run, playbook: Path, store: str) -> None:
    done = run("erase", "--store", store, *ADA)
    assert done == (1, "", "guidepath: nobody is there to be asked; add --yes\n")
    assert known(run, playbook, store, *ADA)


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1)])
def test_it_asks_first(
    run: Run,
    playbook: Path,
    store: str,
    answer: bytes,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("guidepath.cli.erase.somebody_is_there", lambda: True)
    done = run("erase", "--store", store, *ADA, stdin=answer)
    assert done.code == code
    assert "Forget the user ada in acme (2 events, 4 said of her, 0 dead letters) for" in done.out
    assert known(run, playbook, store, *ADA) == bool(code)


def test_somebody_must_be_named(run: Run, store: str) -> None:
    done = run("erase", "--store", store, "--yes")
    assert done.code == 1
    assert "neither a user nor an account" in done.err
