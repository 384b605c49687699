"""What a product declares that its rules may speak of: names, and the type of each value."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from guidepath.clock import micros
from guidepath.rules.expression import Rule, Scalar
from guidepath.rules.number import number

TypeName = Literal["string", "integer", "number", "boolean", "time", "enum"]


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of an attribute or of an event's property. `values` are those of an enum."""

    kind: TypeName
    values: tuple[str, ...] = ()
    optional: bool = False
    pii: bool = False

    def read(self, value: object) -> Scalar | None:
        """The value where it is of this type, else None: it is missing.

        Nothing is converted, besides strings to NFC and times to microseconds. A time is an aware
        datetime, or ISO 8601 with its zone.

        >>> ValueType("integer").read(7), ValueType("integer").read("7")
        (7, None)
        >>> ValueType("time").read("1970-01-01T00:00:01Z")
        1000000
        """
        match self.kind:
            case "string":
                return _string(value)
            case "enum":
                text = _string(value)
                return text if text in self.values else None
            case "boolean":
                return value if isinstance(value, bool) else None
            case "integer":
                found = number(value)
                return found if isinstance(found, int) else None
            case "number":
                return number(value)
            case "time":
                return _time(value)


@dataclass(frozen=True)
class Vocabulary:
    """The names that rules may use.

    `milestones` maps each to its scope; `segments` holds their rules as parsed, not yet checked;
    `events` maps each to its properties.
    """

    user: Mapping[str, ValueType] = field(default_factory=dict)
    account: Mapping[str, ValueType] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, ValueType]] = field(default_factory=dict)
    milestones: Mapping[str, Literal["user", "account"]] = field(default_factory=dict)
    segments: Mapping[str, Rule] = field(default_factory=dict)
    roles: tuple[str, ...] = ()


def _string(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate cannot be stored or sent
        return None
    return unicodedata.normalize("NFC", value)


def _time(value: object) -> int | None:
    if isinstance(value, str):
        if len(value) > 40:
            return None
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return None
    try:
        return micros(value.astimezone(UTC))
    except OverflowError:  # its UTC lies before the year 1 or after 9999
        return None
