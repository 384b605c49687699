from datetime import UTC, datetime, timedelta

import pytest

from guidepath.demo.clock import MovableClock

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_it_goes_on_from_where_it_was_moved_to() -> None:
    clock = MovableClock(lambda: NOW, timedelta(days=2))
    clock.move(timedelta(hours=1))
    assert clock() - NOW == clock.moved == timedelta(days=2, hours=1)


def test_it_never_goes_back() -> None:
    clock = MovableClock(lambda: NOW)
    with pytest.raises(ValueError, match="forward only"):
        clock.move(timedelta(seconds=-1))
    assert clock() == NOW
