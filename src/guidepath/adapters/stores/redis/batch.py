"""What a store asks of a server, before it is known whether the answer is waited for or awaited.

steps -> a batch of commands -> a driver -> their replies -> steps -> …
"""

from collections.abc import Generator
from typing import Any, NamedTuple, TypeVar

from guidepath.adapters.stores.redis.scripting import Command

T = TypeVar("T")


class Batch(NamedTuple):
    """Commands that are sent together.

    `reads`: they change nothing, so that they may be sent again when a connection breaks. `waits`:
    the server answers late on purpose. `everywhere`: each node of a cluster that holds data is
    asked; the reply is a list of theirs.
    """

    commands: tuple[Command, ...]
    reads: bool = False
    waits: bool = False
    everywhere: bool = False


# the replies to a batch are what its commands give
Steps = Generator[Batch, list[Any], T]


def reading(*commands: Command) -> Batch:
    """Commands that change nothing."""
    return Batch(commands, reads=True)


def writing(*commands: Command) -> Batch:
    """Commands that may change something."""
    return Batch(commands)
