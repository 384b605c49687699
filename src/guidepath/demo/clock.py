"""A clock that a visitor of the demo can move forward, never back."""

from datetime import datetime, timedelta
from threading import Lock

from guidepath.clock import Clock


class MovableClock:
    """Real time plus what it was moved by. It is a `Clock`, and safe for threads.

    >>> from datetime import UTC
    >>> clock = MovableClock(lambda: datetime(2026, 3, 2, tzinfo=UTC))
    >>> clock.move(timedelta(days=1))
    >>> clock().isoformat()
    '2026-03-03T00:00:00+00:00'
    """

    def __init__(self, real: Clock, moved: timedelta = timedelta(0)) -> None:
        self._real = real
        self._moved = moved
        self._moving = Lock()

    def __call__(self) -> datetime:
        """The time for the demo."""
        return self._real() + self._moved

    @property
    def moved(self) -> timedelta:
        """How far it is ahead of real time."""
        return self._moved

    def move(self, by: timedelta) -> None:
        """Put it forward.

        Raises:
            ValueError: that would put it back.
        """
        if by < timedelta(0):
            raise ValueError("the clock moves forward only")
        with self._moving:
            self._moved += by
