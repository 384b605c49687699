from datetime import UTC, datetime, timedelta

import pytest
import typer

from guidepath.cli.option import instant, marks, span


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2024-01-02", 24),
        ("2024-01-01T06:00", 6),
        ("2024-01-01T06:00Z", 6),
        ("2024-01-01T06:00:00+02:00", 4),
    ],
)
def test_a_time_is_iso_8601_and_without_a_zone_in_utc(text: str, hours: int) -> None:
    found = instant(text)
    assert found == datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01", "0001-01-01T00:00+14:00", "\x1b"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"write ISO 8601, such as"):
        instant(text)


@pytest.mark.parametrize("text", ["", "7", "7 days", "0d", "99999d", "-1d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="a duration is"):
        span(text)


def test_marks_are_durations_between_commas_each_once() -> None:
    assert marks("7d, 30d,7d").times == (timedelta(days=7), timedelta(days=30))
    with pytest.raises(typer.BadParameter):
        marks("7d,")
