from pathlib import Path

from tests.cli.ledgerly import Run


def test_a_changed_playbook_is_told_from_the_history_once(
    run: Run, playbook: Path, store: str
) -> None:
    assert run("backfill", playbook, "--store", store).out == "6 subjects looked at, 0 rebuilt\n"
    text = playbook.read_text("utf-8")
    playbook.write_text(text.replace("within 30d) >= 3", "within 30d) >= 2"), "utf-8")
    assert run("backfill", playbook, "--store", store).out == "6 subjects looked at, 6 rebuilt\n"
    assert run("backfill", playbook, "--store", store).out == "6 subjects looked at, 0 rebuilt\n"
