import json
import re
from pathlib import Path

from tests.cli.ledgerly import Run

ADA = ("--user", "ada", "--account", "acme")
OLD = ("--older-than", "30d")  # all of the log is older


def report(run: Run, playbook: Path, store: str) -> object:
    return json.loads(run("report", playbook, "--store", store, "--format", "json").out)


def test_a_dry_run_says_what_would_be_dropped_and_drops_nothing(
    run: Run, playbook: Path, store: str
) -> None:
    done = run("compact", playbook, "--store", store, *OLD, "--dry-run")
    assert re.fullmatch(r"would drop what was up to .*Z: 7 events in 2 of 2 accounts\n", done.out)
    exported = json.loads(run("export", playbook, "--store", store, *ADA).out)
    assert len(exported["history"]) == 2


def test_the_report_stays_while_the_events_go(run: Run, playbook: Path, store: str) -> None:
    before = report(run, playbook, store)
    done = run("compact", playbook, "--store", store, *OLD)
    assert re.fullmatch(r"dropped what was up to .*Z: 7 events in 2 of 2 accounts\n", done.out)
    assert report(run, playbook, store) == before
    exported = json.loads(run("export", playbook, "--store", store, *ADA).out)
    assert exported["history"] == []
    assert exported["progress"]["base"]["progress"]["reached"].keys() >= {"first_invoice"}
    again = run("compact", playbook, "--store", store, *OLD)
    assert again.out.endswith(": 0 events in 0 of 2 accounts\n")


def test_less_than_a_day_is_refused(run: Run, playbook: Path, store: str) -> None:
    done = run("compact", playbook, "--store", store, "--older-than", "23h")
    assert done.code == 2
    assert "a day of history is kept at least" in done.err


def test_an_age_is_needed(run: Run, playbook: Path, store: str) -> None:
    assert run("compact", playbook, "--store", store).code == 2


def test_the_past_before_it_is_a_clear_error(run: Run, playbook: Path, store: str) -> None:
    run("compact", playbook, "--store", store, *OLD)
    done = run("explain", playbook, "--store", store, *ADA, "--at", "2024-01-02")
    assert done.code == 1
    assert "the history of 'acme' is kept from" in done.err
