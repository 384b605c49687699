"""Eight processes track one user at once: nothing is lost, nothing is said twice.

What is told of SQLite is in the acceptance tests, which also read its file past the library.
"""

import subprocess
import sys

import pytest
from tests.acceptance.command import ROOT
from tests.acceptance.crowd import EVENTS, PLAYBOOK
from tests.faults.checker import look, violations
from tests.faults.conftest import SHARED
from tests.faults.journal import Calls

from guidepath.deck import Deck
from guidepath.registry import open_store
from guidepath.subject import Subject

PROCESSES = 8
ADA = Subject("acme", "ada")


@pytest.mark.parametrize("shared", [one for one in SHARED if one != "sqlite"], indirect=True)
def test_of_eight_processes_on_one_user_no_event_is_lost_and_each_milestone_said_once(
    shared: str,
) -> None:
    open_store(shared).close()  # its tables are made once
    calls = Calls()
    for process in range(PROCESSES):
        for number in range(EVENTS):
            calls.invoked(ADA, f"p{process}-{number}")
            calls.ended(ADA, f"p{process}-{number}", "ok")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.crowd", "track", shared, f"p{number}"],
            cwd=ROOT,
        )
        for number in range(PROCESSES)
    ]
    assert [one.wait() for one in running] == [0] * PROCESSES
    store = open_store(shared)
    kept = look(store)
    store.close()
    assert violations(Deck(PLAYBOOK), calls, kept, calm=True) == []
    assert kept.progress[ADA].memory.counters == (PROCESSES * EVENTS,)
    assert sorted(
        str(one.data["milestone"]) for one in kept.said if one.type == "milestone.reached"
    ) == [*("all", "first", "hundreds", "team")]
