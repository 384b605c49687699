"""Fifty tabs of one person ask at once: all of them show the same item, by the same right."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.acceptance.command import ROOT
from tests.faults.product import PLAYBOOK
from tests.faults.tabs import TABS, answers

from guidepath import Guidepath
from guidepath.adapters.stores.memory import MemoryStore
from guidepath.ports import Store
from guidepath.registry import open_store

USERS = [f"user {number}" for number in range(200)]
PROCESSES = 5


def claims(store: Store) -> dict[str, int]:
    """How many claims were ever made for each user."""
    found = store.load("acme", USERS).users
    return {
        user: row.progress.attention.claims if row.progress else 0 for user, row in found.items()
    }


def test_fifty_threads_get_one_claim_a_user() -> None:
    store = MemoryStore()
    guide = Guidepath(PLAYBOOK, store)
    with ThreadPoolExecutor(50) as threads:
        for user in USERS:
            got = answers(guide, threads, user, 50)
            assert got == got[:1] * 50
            assert got[0][0] == "send"
    assert claims(store) == dict.fromkeys(USERS, 1)


def test_fifty_tabs_of_five_processes_get_one_claim_a_user(shared: str) -> None:
    store = open_store(shared)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.tabs", shared],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    try:
        for user in USERS:
            for one in running:
                assert one.stdin is not None
                one.stdin.write(user + "\n")
                one.stdin.flush()
            got = []
            for one in running:
                assert one.stdout is not None
                got += json.loads(one.stdout.readline())
            assert got == got[:1] * (PROCESSES * TABS)
            assert got[0][0] == "send"
    finally:
        for one in running:
            one.communicate()
    assert [one.returncode for one in running] == [0] * PROCESSES
    assert claims(store) == dict.fromkeys(USERS, 1)
    store.close()
