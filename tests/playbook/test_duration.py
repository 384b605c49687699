from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from guidepath.playbook.duration import read, read_instant, write


@given(st.integers(1, 3650 * 86_400))
def test_what_is_written_is_read_the_same(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert read(write(duration)) == read(duration) == duration


LENGTHS = ["", "3", "3 d", "d", "-3d", "0d", "1.5h", "3651d", "1M", "9" * 5000 + "s", 3, None, True]
TIMEDELTAS = [timedelta(0), timedelta(days=-1), timedelta(days=3651), timedelta(microseconds=1)]


@pytest.mark.parametrize("value", [*LENGTHS, *TIMEDELTAS])
def test_any_other_length_is_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError, match="duration"):
        read(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00+00:00"),
        ("2026-03-01T09:00+02:00", "2026-03-01T07:00:00+00:00"),
        (date(2026, 3, 1), "2026-03-01T00:00:00+00:00"),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00+00:00"),
        (datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=1))), "2026-02-28T23:00:00+00:00"),
    ],
)
def test_an_instant_is_kept_in_utc(value: object, expected: str) -> None:
    assert read_instant(value).isoformat() == expected


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T09:00", datetime(2026, 3, 1), "tomorrow", "2026-02-30", 7, None],  # noqa: DTZ001 - naive on purpose
)
def test_a_time_whose_instant_is_not_known_is_refused(value: object) -> None:
    with pytest.raises(PydanticCustomError, match="time"):
        read_instant(value)
