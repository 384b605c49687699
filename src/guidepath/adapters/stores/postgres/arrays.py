"""Lists as PostgreSQL's arrays, written in its binary format at once.

psycopg writes lists as well, item by item: for the short lists here that took as long as the
statement itself. It also gives them a type by their items, and a statement is prepared anew for
each set of types; these have always the same.
"""

from collections.abc import Sequence
from struct import Struct
from typing import ClassVar

from psycopg.abc import AdaptContext
from psycopg.abc import Dumper as AnyDumper
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.numeric import Int8BinaryDumper

_EMPTY = Struct("!IIi").pack
_HEAD = Struct("!IIiii").pack  # dimensions, whether one is missing, type of the items, length, 1
_SIZE = Struct("!i").pack
_NUMBER = Struct("!iq").pack  # its size, and the number
_MISSING = _SIZE(-1)


class Texts(tuple[str, ...]):
    """For text[]."""

    __slots__ = ()


class Blobs(tuple[bytes | None, ...]):
    """For bytea[]; None is NULL."""

    __slots__ = ()


class Numbers(tuple[int | None, ...]):
    """For bigint[]; None is NULL."""

    __slots__ = ()


class _ArrayDumper(Dumper):
    format = Format.BINARY
    item: ClassVar[int]

    def _array(self, items: Sequence[bytes]) -> bytes:
        """The array of items that are written with their sizes."""
        if not items:
            return _EMPTY(0, 0, self.item)
        return _HEAD(1, _MISSING in items, self.item, len(items), 1) + b"".join(items)


class _TextsDumper(_ArrayDumper):
    oid, item = 1009, 25

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        encoding = context.connection.info.encoding if context and context.connection else "utf-8"
        self._encoding = "utf-8" if encoding == "ascii" else encoding

    def dump(self, obj: Texts) -> bytes:
        encoding = self._encoding
        return self._array([_sized(one.encode(encoding)) for one in obj])


class _BlobsDumper(_ArrayDumper):
    oid, item = 1001, 17

    def dump(self, obj: Blobs) -> bytes:
        return self._array([_MISSING if one is None else _sized(one) for one in obj])


class _NumbersDumper(_ArrayDumper):
    oid, item = 1016, 20

    def dump(self, obj: Numbers) -> bytes:
        return self._array([_MISSING if one is None else _NUMBER(8, one) for one in obj])


DUMPERS: dict[type, type[AnyDumper]] = {
    Texts: _TextsDumper,
    Blobs: _BlobsDumper,
    Numbers: _NumbersDumper,
    int: Int8BinaryDumper,  # psycopg would choose by the size of each
}


def _sized(item: bytes) -> bytes:
    return _SIZE(len(item)) + item
