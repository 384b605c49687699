"""What is safe over a fork: a child has the locks that threads held, and not the threads."""

import os
import threading
from functools import cached_property  # noqa: TID251
from typing import Any, Self, TypeVar, overload
from weakref import WeakSet

T = TypeVar("T")

whole = threading.RLock()
"""What is done in here, a fork waits for: libraries have locks of their own.

For what takes little time, waits for nothing, and begins something that is kept from then on.
"""


class cached(cached_property[T]):  # noqa: N801  # it is used as what it is made from
    """As functools.cached_property, without the lock that it holds meanwhile in Python 3.11.

    Of two threads that ask first at once, both may compute the value; both are given one of them.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Self | T:
        if instance is None:
            return self
        value: T = instance.__dict__.setdefault(self.func.__name__, self.func(instance))
        return value


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
    # Python asks those first who came last: whoever waits for threads, as a store does for their
    # turns, has waited before this, since it is above this in the house.
    os.register_at_fork(
        before=whole.acquire, after_in_parent=whole.release, after_in_child=whole.release
    )
