"""A guide that was already used when its process forked: in the child all that it needs is there.

Threads are not carried over a fork, locks that they held are, and connections are shared.
"""

import json
from pathlib import Path

import pytest
from tests.faults.conftest import SHARED
from tests.faults.hosts.scripts import ran

every_store = pytest.mark.parametrize("shared", SHARED, indirect=True)

RELAY = """
import os, sys
from tests.faults.product import PLAYBOOK
from guidepath import Guidepath

guide = Guidepath(PLAYBOOK, sys.argv[1], [sys.argv[2]])
guide.track("sent", user="parent", account="acme", id="before")  # its relay runs
for number in range(3):
    child = os.fork()
    if child == 0:
        guide.track("sent", user=f"child {number}", account="acme")
        guide.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    guide.track("sent", user="parent", account="acme")
guide.close()
"""

ASYNC = """
import asyncio, os, sys
from tests.faults.product import PLAYBOOK
from guidepath import AsyncGuidepath

guide = AsyncGuidepath(PLAYBOOK, sys.argv[1])
say = lambda user: guide.track("sent", user=user, account="acme")
asyncio.run(say("parent"))  # its thread runs, or its connection is open
for number in range(3):
    child = os.fork()
    if child == 0:
        asyncio.run(say(f"child {number}"))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    asyncio.run(say("parent"))

async def over():
    known = await guide.export(account="acme")
    print(sorted(one["user"] for one in known["history"]))
    await guide.close()

asyncio.run(over())
"""

BUSY = """
import os, sys, threading
from tests.faults.product import PLAYBOOK
from guidepath import Guidepath

guide = Guidepath(PLAYBOOK, sys.argv[1])
over = threading.Event()

def work(user):
    guide.next(user=user, account="acme")
    guide.track("unheard of", user=user, account="acme")

def keep_working(user):
    while not over.is_set():
        work(user)

threads = [threading.Thread(target=keep_working, args=(f"thread {one}",)) for one in range(3)]
for one in threads:
    one.start()
for number in range(20):
    child = os.fork()
    if child == 0:
        work(f"child {number}")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
over.set()
for one in threads:
    one.join()
users = {one["user"] for one in guide.export(account="acme")["history"]}
print(len(users))
"""


@every_store
def test_a_relay_that_ran_before_the_fork_runs_in_the_child(shared: str, tmp_path: Path) -> None:
    ran(RELAY, shared, f"jsonl:{tmp_path / 'said'}")
    said = [json.loads(one) for one in (tmp_path / "said").read_text().splitlines()]
    started = [one["user"] for one in said if one["type"] == "subject.started" and one["user"]]
    assert sorted(started) == ["child 0", "child 1", "child 2", "parent"]


@every_store
def test_a_guide_for_asyncio_that_was_used_before_the_fork_works_in_the_child(shared: str) -> None:
    assert ran(ASYNC, shared) == [str(["child 0", "child 1", "child 2", *["parent"] * 4])]


@every_store
def test_a_process_may_fork_while_its_threads_are_at_work(shared: str) -> None:
    assert ran(BUSY, shared) == ["23"]
