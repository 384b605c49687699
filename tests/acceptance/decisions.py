"""The decisions of the first 200 users of a store, as bytes: asked for, then claimed.

python -m tests.acceptance.decisions FILE
"""

import sys
from itertools import islice

import msgspec
from tests.acceptance.command import PLAYBOOK

from guidepath import Guidepath, Playbook
from guidepath.cli.source import subjects
from guidepath.clock import micros, moment

USERS = 200


def decisions(file: str) -> list[bytes]:
    with Guidepath(Playbook.load(PLAYBOOK), f"sqlite:///{file}") as guide:
        newest = guide.store.totals().newest
        assert newest is not None
        later = Guidepath(guide.playbook, guide.store, clock=lambda: moment(newest))
        users = (one for one, _ in subjects(guide.store) if one.user is not None)
        told: list[bytes] = []
        for account, user in islice(users, USERS):
            assert user is not None
            told.append(msgspec.json.encode(later.explain(user=user, account=account)))
            told.append(msgspec.json.encode(later.next(user=user, account=account)))
            assert micros(later.clock()) == newest
        return told


if __name__ == "__main__":
    sys.stdout.write(b"\n".join(decisions(sys.argv[1])).decode())
