"""Ten tabs of one process that ask what to show, again and again.

python -m tests.faults.tabs URL

For each line on its input, a user's name, all tabs ask at once; the answer is one line with the
claim that each of them got.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.faults.product import PLAYBOOK

from guidepath import Guidepath

TABS = 10


def answers(guide: Guidepath, threads: ThreadPoolExecutor, user: str, tabs: int) -> list[list[str]]:
    """The item and the claim that each tab got, asked at the same time."""
    ready = Barrier(tabs)

    def ask(_: int) -> list[str]:
        ready.wait()
        decision = guide.next(user=user, account="acme", page="/")
        claim = decision.claim
        return [claim.item, claim.token] if claim else [decision.reason, ""]

    return list(threads.map(ask, range(tabs)))


if __name__ == "__main__":
    with Guidepath(PLAYBOOK, sys.argv[1]) as guide, ThreadPoolExecutor(TABS) as threads:
        for line in sys.stdin:
            said = answers(guide, threads, line.strip(), TABS)
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
