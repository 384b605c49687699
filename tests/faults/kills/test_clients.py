"""Clients killed in the middle of `track`, several at once on one user, others beside them.

After a call that was never answered nobody knows; to say it again is safe, and completes the set.
"""

from typing import NamedTuple

import pytest
from tests.faults.kills.aftermath import repeat_the_unknown, stored, sweep, unknown, wrong
from tests.faults.kills.nursery import Nursery
from tests.faults.kills.victims import killed
from tests.faults.scale import times

from guidepath.registry import open_store


class Many(NamedTuple):
    """How many are killed, and on how many accounts at the same time."""

    kills: int
    at_once: int


VICTIMS = 5  # on one account, with one who survives
MANY = {
    "sqlite": Many(200, at_once=3),
    "postgres": Many(100, at_once=4),
    "redis": Many(100, at_once=8),  # a dead one's turn takes two seconds to end
}


@pytest.mark.parametrize("shared", MANY, indirect=True)
def test_of_clients_killed_in_the_middle_of_track_nothing_is_lost_torn_or_doubled(
    nursery: Nursery,
    shared: str,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> None:
    usual, at_once = MANY[request.node.callspec.params["shared"]]
    folder, kills = tmp_path_factory.mktemp("journals"), times(usual)
    calls = killed(nursery, shared, folder, kills, victims=VICTIMS, at_once=at_once)
    unanswered = len(unknown(calls))
    assert unanswered >= kills / 2  # the others were hit between two calls
    store = open_store(shared)
    assert wrong(store, calls) == []
    assert 0 < repeat_the_unknown(store, calls) < unanswered  # on both sides of the commit
    assert wrong(store, calls) == []
    assert wrong(store, calls, looked_at=sweep(store)) == []
    assert stored(store, calls) == calls.keys()
    store.close()
