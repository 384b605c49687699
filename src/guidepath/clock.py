"""Time comes from outside: a clock is a function, and inside everything is integer microseconds.

UTC throughout. `now` is read once for each decision.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import time_ns

Clock = Callable[[], datetime]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR  # exactly 24 hours, never a calendar day
WEEK = 7 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)


def utc_now() -> datetime:
    """The time of the machine."""
    return datetime.now(UTC)


def now_by(clock: Clock) -> int:
    """What time it is by a clock, in microseconds since 1970.

    Raises:
        ValueError: the clock gives a naive datetime.
    """
    # the machine's own is asked without the way over a datetime
    return time_ns() // 1_000 if clock is utc_now else micros(clock())


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly.

    Raises:
        ValueError: the datetime is naive: which instant it means is not known.

    >>> micros(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    if moment.tzinfo is None:
        msg = f"{moment.isoformat()} has no time zone; pass an aware datetime, e.g. in UTC"
        raise ValueError(msg)
    return (moment - _EPOCH) // _ONE


def moment(us: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970.

    >>> moment(86_400_000_000).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    return _EPOCH + us * _ONE


def length(span: timedelta) -> int:
    """The microseconds of a length of time.

    >>> length(timedelta(days=1)) == DAY
    True
    """
    return span // _ONE


def iso(us: int) -> str:
    """ISO 8601 in UTC with as many digits as needed.

    >>> iso(86_400_000_000), iso(86_400_000_001)
    ('1970-01-02T00:00:00Z', '1970-01-02T00:00:00.000001Z')
    """
    return moment(us).isoformat().replace("+00:00", "Z")
