"""How long ago, or how far ahead: `2d`, `1d12h`, `90s`, and `0s` for this very moment."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_UNITS = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,  # a rule turns at a microsecond, so a persona can stand on either side of it
}
_ONE = re.compile(r"([0-9]{1,9})(us|ms|[wdhms])")
_ALL = re.compile(rf"(?:{_ONE.pattern})+")
LONGEST = 15_000 * _UNITS["d"]
_MICROSECOND = timedelta(microseconds=1)


def read_age(value: object) -> int:
    """A length of time in microseconds; a timedelta is one, too.

    Raises:
        PydanticCustomError: it is none, or longer than 15000d.

    >>> read_age("1d12h") // 3_600_000_000
    36
    """
    if isinstance(value, str) and _ALL.fullmatch(value):
        us = sum(int(number) * _UNITS[unit] for number, unit in _ONE.findall(value))
    elif isinstance(value, timedelta):
        us = value // _MICROSECOND
    else:
        raise PydanticCustomError(
            "bad-duration", "a length of time is expected, such as 2d, 1d12h, 90s or 0s"
        )
    if not 0 <= us <= LONGEST:
        raise PydanticCustomError("bad-duration", "a length of time is 0s to 15000d here")
    return us


def write_age(us: int) -> str:
    """The short form, exact; days are the largest unit.

    >>> write_age(36 * 3_600_000_000), write_age(172_800_000_001), write_age(0)
    ('1d12h', '2d1us', '0s')
    """
    parts = []
    for unit in ("d", "h", "m", "s", "ms", "us"):
        number, us = divmod(us, _UNITS[unit])
        parts += [f"{number}{unit}"] if number else []
    return "".join(parts) or "0s"


def _listed(value: object) -> object:
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            raise PydanticCustomError("bad-duration", "no time is listed here; write one, as 2d")
        return value
    return [value]


def _short(ages: tuple[int, ...]) -> str | list[str]:
    written = [write_age(one) for one in ages]
    return written[0] if len(written) == 1 else written


_SCHEMA = {"type": "string", "pattern": f"^{_ALL.pattern}$", "examples": ["2d", "1d12h"]}

Age = Annotated[
    int,
    BeforeValidator(read_age),
    PlainSerializer(write_age, return_type=str),
    WithJsonSchema(_SCHEMA),
]
Ages = Annotated[
    tuple[Age, ...],
    BeforeValidator(_listed),
    PlainSerializer(_short),
    WithJsonSchema({"oneOf": [_SCHEMA, {"type": "array", "items": _SCHEMA, "minItems": 1}]}),
]
