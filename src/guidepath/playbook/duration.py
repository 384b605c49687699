"""Lengths of time and instants as people write them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_WRITTEN = re.compile(r"([0-9]{1,9})([smhdw])")
_PATTERN = f"^{_WRITTEN.pattern}$".replace("(", "").replace(")", "")
LONGEST = timedelta(days=3650)


def read(value: object) -> timedelta:
    """The duration: `30s`, `15m`, `12h`, `7d`, `2w`, or a timedelta of whole seconds.

    Raises:
        PydanticCustomError: it is none, not positive, or longer than 3650d.

    >>> read("7d")
    datetime.timedelta(days=7)
    """
    if isinstance(value, str) and (found := _WRITTEN.fullmatch(value)):
        value = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if not isinstance(value, timedelta):
        raise PydanticCustomError(
            "bad-duration", "a duration is expected, such as 30s, 15m, 12h, 7d or 2w"
        )
    if value.microseconds or not timedelta(0) < value <= LONGEST:
        raise PydanticCustomError(
            "bad-duration", "a duration is whole seconds, more than nothing and at most 3650d"
        )
    return value


def write(value: timedelta) -> str:
    """The short form, in the largest unit up to days that loses nothing.

    >>> write(timedelta(hours=48)), write(timedelta(seconds=90))
    ('2d', '90s')
    """
    seconds = value // timedelta(seconds=1)
    unit = next(unit for unit in "dhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def read_instant(value: object) -> datetime:
    """The aware datetime; a bare date is its midnight in UTC.

    Raises:
        PydanticCustomError: it is none, or its time zone is not said.

    >>> read_instant("2026-03-01").isoformat()
    '2026-03-01T00:00:00+00:00'
    """
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise PydanticCustomError(
            "bad-time", "a time is expected, such as 2026-03-01 or 2026-03-01T09:00:00Z"
        )
    if value.tzinfo is None:
        raise PydanticCustomError(
            "bad-time", "this time has no time zone; add Z for UTC, as in 2026-03-01T09:00:00Z"
        )
    return value.astimezone(UTC)


def _parsed(text: str) -> date | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return None


Duration = Annotated[
    timedelta,
    BeforeValidator(read),
    PlainSerializer(write, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "title": "Duration",
            "pattern": _PATTERN,
            "examples": ["30s", "15m", "12h", "7d", "2w"],
        }
    ),
]
Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema(
        {
            "type": "string",
            "title": "Time",
            "examples": ["2026-03-01", "2026-03-01T09:00:00Z"],
        }
    ),
]
