"""Work in a forked child, and what became of it."""

import os
from collections.abc import Callable

NOBODY = 65534


def told(work: Callable[[], object]) -> str:
    """What a forked child has to say: what its work gave, or the error it ended in."""
    mine, its = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(mine)
            try:
                words = str(work())
            except Exception as problem:  # noqa: BLE001 - told, whatever it is
                words = f"{type(problem).__name__}: {problem}"
            os.write(its, words.encode())
        finally:
            os._exit(0)
    os.close(its)
    with os.fdopen(mine, "rb") as pipe:
        words = pipe.read().decode()
    os.waitpid(child, 0)
    return words


def as_nobody(work: Callable[[], object]) -> str:
    """The same, by a user who may do little, also where root runs the tests."""

    def little() -> object:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return work()

    return told(little)
