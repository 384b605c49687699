"""Turns: who lost a save is alone on that account until the next.

Those who wait are served in the order in which they came.
A turn expires, so one who dies with it holds up nobody for long. Nothing hangs on it but fairness:
a save checks versions all the same.
"""

from secrets import token_hex
from time import monotonic
from typing import Any

from guidepath.adapters.stores.redis.batch import Batch, Steps, reading, writing
from guidepath.adapters.stores.redis.keys import Layout
from guidepath.adapters.stores.redis.scripting import GIVE, TAKE, Command

KEPT_MS = 2000
WAIT_S = 1.0  # then one who waits looks for herself: a turn may have expired


class Turn:
    """The turn that a thread or a task has, or none: then `token` is empty."""

    def __init__(self) -> None:
        self.account = ""
        self.token = ""

    def forget(self) -> None:
        """Have none any more."""
        self.account = self.token = ""


def in_turn(
    layout: Layout, turn: Turn, account: str, command: Command, timeout_s: float
) -> Steps[Any]:
    """What the command gives once the turn is taken; without it, where that takes too long."""
    if turn.token and turn.account != account:
        yield from give_back(layout, turn)
    lane = layout.lane(account)
    keys = [lane.turn(account), lane.baton(account)]
    wait_s = min(WAIT_S, timeout_s / 2)
    token = turn.token or token_hex(8)
    handed = 0
    end = monotonic() + timeout_s
    while monotonic() < end:
        taken, reply = yield writing(TAKE(keys, token, KEPT_MS, handed), command)
        if taken:
            turn.account, turn.token = account, token
            return reply
        (baton,) = yield Batch((("BLPOP", keys[1], wait_s),), waits=True)
        handed = int(bool(baton))
    (reply,) = yield reading(command)
    return reply


def give_back(layout: Layout, turn: Turn) -> Steps[None]:
    """End a turn; without one, nothing."""
    if turn.token:
        lane = layout.lane(turn.account)
        keys = [lane.turn(turn.account), lane.baton(turn.account)]
        token = turn.token
        turn.forget()
        yield writing(GIVE(keys, token))
