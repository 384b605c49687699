"""Numbers for what a deck asks, so that rows can carry them."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Numbers(Generic[Key]):
    """A number for each key, from 1 in the order in which they are first asked for."""

    def __init__(self) -> None:
        self._of: dict[Key, int] = {}

    def __getitem__(self, key: Key) -> int:
        return self._of.setdefault(key, len(self._of) + 1)

    def __iter__(self) -> Iterator[tuple[Key, int]]:
        return iter(tuple(self._of.items()))
