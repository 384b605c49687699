"""A mapping that cannot change."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, WrapSerializer

K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V]):
    """A mapping that cannot change; equal to any mapping with the same items.

    >>> FrozenMap({"a": 1}) == {"a": 1}
    True
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        self._items = dict(items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


def _plain(value: Mapping[K, V], inner: Callable[[Mapping[K, V]], object]) -> object:
    return inner(dict(value))


Frozen = Annotated[Mapping[K, V], AfterValidator(FrozenMap), WrapSerializer(_plain)]
