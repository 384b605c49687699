"""One of many processes that track the same user at once.

python -m tests.acceptance.crowd track URL NAME     500 events
python -m tests.acceptance.crowd fork URL NAME      25 here, then 25 in each of 4 threads of each
                                                     of 2 children that inherit the open store
"""

import os
import sys
from threading import Thread

from guidepath import Guidepath, Playbook

PLAYBOOK = Playbook.parse("""
name: crowd
events: {clicked: {}}
milestones:
  - {id: first, title: First, reached_when: did("clicked"), first_value: true}
  - {id: all, title: All, reached_when: count("clicked") >= 4000}
  - {id: hundreds, title: Hundreds, reached_when: count("clicked") >= 225}
  - {id: team, title: Team, scope: account, reached_when: account.count("clicked") >= 4000}
""")
EVENTS = 500
FEW = 25
THREADS = 4
CHILDREN = 2


def track(guide: Guidepath, name: str, events: int) -> None:
    """So many clicks of the one user, each with an id of its own."""
    for number in range(events):
        guide.track("clicked", user="ada", account="acme", id=f"{name}-{number}")


def fork(guide: Guidepath, name: str) -> bool:
    """Use the store, then use it in children and their threads; whether all went well."""
    track(guide, name, FEW)
    children = [child for number in range(CHILDREN) if (child := _child(guide, f"{name}{number}"))]
    statuses = [os.waitpid(child, 0)[1] for child in children]
    return not any(statuses)


def _child(guide: Guidepath, name: str) -> int:
    child = os.fork()
    if child:
        return child
    failed = True
    try:
        failed = not _threads(guide, name)
    finally:
        os._exit(failed)


def _threads(guide: Guidepath, name: str) -> bool:
    done: list[int] = []

    def work(number: int) -> None:
        track(guide, f"{name}-{number}", FEW)
        done.append(number)

    threads = [Thread(target=work, args=(number,)) for number in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return len(done) == THREADS


if __name__ == "__main__":
    how, url, name = sys.argv[1:]
    with Guidepath(PLAYBOOK, url) as guide:
        if how == "track":
            track(guide, name, EVENTS)
        elif not fork(guide, name):
            sys.exit(1)
