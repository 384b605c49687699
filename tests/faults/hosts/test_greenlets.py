"""Under gevent: greenlets wait for each other and for the store, and never for ever."""

import json
from pathlib import Path

import pytest
from tests.faults.conftest import SHARED
from tests.faults.hosts.scripts import ran

GREENLETS, EACH, PROCESSES = 40, 5, 2

PATCH = """
from gevent import monkey
monkey.patch_all()
"""

MAKE = """
import os, sys
from tests.faults.product import PLAYBOOK
from guidepath import Guidepath

guide = Guidepath(PLAYBOOK, sys.argv[1], [sys.argv[2]])
"""

FORK = """
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        break
    children.append(child)
if children[1:]:
    assert [os.waitpid(one, 0)[1] for one in children] == [0, 0]
    history = guide.export(account="acme")["history"]
    said = [one["type"] for one in guide.export(account="acme")["said"]]
    print(len(history), said.count("milestone.reached"))
    guide.close()
    sys.exit()
"""

LATE = """
import warnings
warnings.simplefilter("ignore")  # gevent says that this is late, which it is
"""

CROWD = f"""
import gevent

def work(one):
    for number in range({EACH}):
        user, id = f"user {{one % 5}}", f"{{os.getpid()}} {{one}} {{number}}"
        guide.track("sent", user=user, account="acme", id=id)
        guide.next(user=user, account="acme")
        gevent.sleep(0)

gevent.joinall([gevent.spawn(work, one) for one in range({GREENLETS})], raise_error=True)
os._exit(0)
"""
SCRIPTS = {
    "first": PATCH + MAKE + FORK + CROWD,
    "in the worker": MAKE + FORK + LATE + PATCH + CROWD,  # as gunicorn does with --preload
}

OPENED = """
from gevent import monkey
monkey.patch_all()
import gevent, sqlite3, sys
from guidepath.adapters.stores.sqlite import SqliteStore

other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("CREATE TABLE theirs (one)")
other.execute("BEGIN")
other.execute("SELECT * FROM theirs").fetchall()  # so nobody can change over to WAL

def opened():
    SqliteStore(sys.argv[1]).close()

both = [gevent.spawn(opened) for _ in range(2)]
gevent.sleep(0.1)  # the first sleeps with the lock, the second wants it
other.execute("ROLLBACK")
gevent.joinall(both, raise_error=True)
"""

HELD = """
from gevent import monkey
monkey.patch_all()
import gevent, sys
from pathlib import Path
from guidepath.adapters.stores.filelock import FileLock

inside = []

def work(name):
    lock = FileLock(Path(sys.argv[1]))
    lock.acquire()
    inside.append(name)
    gevent.sleep(0.01)
    assert inside == [name]
    inside.clear()
    lock.release()
    lock.close()

gevent.joinall([gevent.spawn(work, one) for one in range(5)], raise_error=True)
"""


@pytest.mark.parametrize("patched", SCRIPTS)
@pytest.mark.parametrize("shared", SHARED, indirect=True)
def test_a_crowd_of_greenlets_tracks_at_once_and_nothing_is_lost_or_said_twice(
    shared: str, patched: str, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    (line,) = ran(SCRIPTS[patched], shared, f"jsonl:{said}")
    # of five users each reaches two milestones, and their account two: what sending alone can reach
    assert line == f"{PROCESSES * GREENLETS * EACH} {5 * 2 + 2}"
    ids = [json.loads(one)["id"] for one in said.read_text().splitlines()]
    assert len(set(ids)) >= 5 * 2 + 2


def test_greenlets_that_open_a_file_which_another_program_reads_wait_for_it(tmp_path: Path) -> None:
    ran(OPENED, tmp_path / "a.db")


def test_a_greenlet_that_sleeps_with_the_file_lock_holds_up_those_that_want_it_and_no_others(
    tmp_path: Path,
) -> None:
    ran(HELD, tmp_path / "lock")
