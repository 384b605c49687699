"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """Call it for the time; move it with `tick`.

    >>> clock = FrozenClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.tick(days=1)
    >>> clock().isoformat()
    '2026-01-02T00:00:00+00:00'
    """

    def __init__(self, now: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def tick(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """Move it forward, or back with negative numbers."""
        self.now += timedelta(days=days, hours=hours, minutes=minutes)
