"""Work in a forked child."""

import os
from collections.abc import Callable


def done_by_a_child(work: Callable[[], object]) -> None:
    """See that a forked child does it without an error."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - a child must not run the parent's tests on
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
