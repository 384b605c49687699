"""Work for a database, written once for both drivers: generators that yield statements.

Whether the answer is waited for or awaited is the driver's business, as with flows.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Ask(NamedTuple):
    """A statement and its parameters."""

    statement: bytes
    parameters: Sequence[object] = ()


# a driver sends the rows of the answer, of which there are none where it has none
Asks = Generator[Ask, list[Any], T]


class Work(NamedTuple, Generic[T]):
    """What is asked, and what may be done with it.

    `reads` says that it writes nothing, so that it may be asked again on a new connection; `whole`
    that it has several statements that are one commit; `lasting` that it takes as long as there is
    much. `beaten` is its answer where the server undid it to let another pass.
    """

    asks: Callable[[], Asks[T]]
    reads: bool = False
    whole: bool = False
    lasting: bool = False
    beaten: T | None = None
