"""How often one person may ask: a bucket a person, and one an address for those who are nobody.

Each process counts for itself. What is kept is one number for everybody who asked of late, and no
more of these than `MOST`: who asks seldom costs nothing.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from ipaddress import IPv6Address, ip_address

from guidepath.errors import ConfigurationError
from guidepath.lock import Lock

Rate = tuple[float, int]  # requests a second in the long run, and how many of them at once
USUAL: Rate = (10, 40)
MOST = 10_000  # of whom something is remembered; a number each


class Limits:
    """Counts requests against one rate; without a rate, everybody may ask.

    Raises:
        ConfigurationError: the rate lets nobody ask.
    """

    def __init__(
        self, rate: Rate | None, *, clock: Callable[[], float] = time.monotonic, most: int = MOST
    ) -> None:
        if rate is not None and not _is_rate(rate):
            raise ConfigurationError(
                f"rate is (requests a second, at once), such as {USUAL}, not {rate!r}; "
                "None is no limit"
            )
        self._rate = rate
        self._clock = clock
        self._most = most
        self._full_at: OrderedDict[Hashable, float] = (
            OrderedDict()
        )  # when each bucket is full again
        self._lock = Lock()

    def __len__(self) -> int:
        """Of how many something is remembered."""
        return len(self._full_at)

    def wait(self, who: Hashable) -> float:
        """Take one from somebody's bucket: 0, or after how many seconds there is one again.

        Who has to wait is not counted: asking too often does not make the wait longer.
        """
        if self._rate is None:
            return 0.0
        per_second, burst = self._rate
        each = 1 / per_second
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(who, now), now) + each
            early = full_at - now - each * burst
            if early > each * 1e-6:  # what is no more than the noise of floats is in time
                return early
            self._full_at[who] = full_at
            self._full_at.move_to_end(who)
            self._forget(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Leave out who has a full bucket, as if she had never asked, and whoever is too many."""
        while self._full_at:
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self._most:
                return
            del self._full_at[oldest]


def _is_rate(rate: object) -> bool:
    match rate:
        case (int() | float() as per_second, int(burst)):
            return 0 < per_second < math.inf and burst >= 1
    return False


def neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 the network, since whoever has one has all of it.

    >>> neighbourhood("192.0.2.7"), neighbourhood("2001:db8:1:2:3:4:5:6")
    ('192.0.2.7', '2001:db8:1:2::')
    """
    try:
        one = ip_address(address.partition("%")[0])
    except ValueError:  # a socket of the machine has none
        return address[:64]
    if not isinstance(one, IPv6Address):
        return str(one)
    if one.ipv4_mapped is not None:
        return str(one.ipv4_mapped)
    return str(IPv6Address(int(one) >> 64 << 64))
