"""A lock that nobody holds in a forked child: the thread that held it is not there."""

import os
import threading
from weakref import WeakSet


class Lock:
    """As threading.Lock, in a `with`."""

    def __init__(self) -> None:
        self.renew()
        _all.add(self)

    def renew(self) -> None:
        """Be free, whoever had it."""
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


_all: WeakSet[Lock] = WeakSet()


def _renew() -> None:
    for one in _all:
        one.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
