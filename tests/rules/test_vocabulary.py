"""Values of declared types: nothing is converted, what does not fit is missing."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest

from guidepath.clock import DAY
from guidepath.rules.vocabulary import ValueType, Vocabulary


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("string", "x", "x"),
        ("string", "e\u0301", "\u00e9"),
        ("string", "\ud800", None),
        ("string", 7, None),
        ("string", None, None),
        ("integer", 7, 7),
        ("integer", 7.0, None),
        ("integer", True, None),
        ("integer", "7", None),
        ("integer", 2**63 - 1, 2**63 - 1),
        ("integer", -(2**63), -(2**63)),
        ("integer", 2**63, None),
        ("integer", 10**400, None),
        ("number", 7, 7),
        ("number", 7.5, 7.5),
        ("number", True, None),
        ("number", float("nan"), None),
        ("number", float("inf"), None),
        ("number", -(2**63) - 1, None),
        ("boolean", False, False),
        ("boolean", 0, None),
        ("time", "1970-01-02T01:00:00+01:00", DAY),
        ("time", datetime(1970, 1, 2, tzinfo=UTC), DAY),
        ("time", datetime(1970, 1, 2, 1, tzinfo=timezone(timedelta(hours=1))), DAY),
        ("time", "1970-01-02T00:00:00", None),
        ("time", "1970-01-02", None),
        ("time", "yesterday", None),
        ("time", "9" * 5_000, None),
        ("time", DAY, None),
        ("time", datetime(1970, 1, 2), None),  # noqa: DTZ001 - naive on purpose
        ("time", "0001-01-01T00:00:00+23:00", None),
        ("time", "9999-12-31T23:00:00-23:00", None),
    ],
)
def test_a_value_is_of_its_type_or_missing(kind: Any, value: object, read: object) -> None:
    found = ValueType(kind).read(value)
    assert (found, type(found)) == (read, type(read))


def test_an_enum_holds_its_values_only() -> None:
    plan = ValueType("enum", ("free", "pro"))
    assert [plan.read(one) for one in ("free", "Free", None, 1)] == ["free", None, None, None]


def test_a_zone_that_knows_no_offset_makes_no_instant() -> None:
    class Nowhere(tzinfo):
        def utcoffset(self, dt: datetime | None) -> None:
            return None

        dst = utcoffset

        def tzname(self, dt: datetime | None) -> None:
            return None

    assert ValueType("time").read(datetime(1970, 1, 2, tzinfo=Nowhere())) is None


def test_an_empty_vocabulary_is_a_vocabulary() -> None:
    assert Vocabulary() == Vocabulary(user={}, roles=())
