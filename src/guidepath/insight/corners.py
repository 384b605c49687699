"""The corners of a curve that are seen, out of thousands of steps."""

from collections.abc import Iterator
from typing import TypedDict

from guidepath.clock import DAY
from guidepath.insight.survival import KaplanMeier


class Corner(TypedDict):
    """A point of the curve: days, the share that reached the milestone, and its limits."""

    days: float
    share: float
    low: float
    high: float


def corners(curve: KaplanMeier, end: int, columns: int) -> list[Corner]:
    """The corners of the share reached from 0 to `end` (microseconds), in order.

    Of the steps within one of `columns` pixels the last is kept: the drawing is the same. Where
    some were still without it when the watching ended, the curve ends there too.

    >>> from guidepath.insight.survival import group, kaplan_meier
    >>> curve = kaplan_meier(group([(1 * DAY, True), (2 * DAY, False)]))
    >>> [(corner["days"], corner["share"]) for corner in corners(curve, 9 * DAY, 100)]
    [(0.0, 0.0), (1.0, 0.5), (2.0, 0.5)]
    """
    return [
        Corner(days=0.0, share=0.0, low=0.0, high=0.0),
        *(_corner(curve, time) for time in _times(curve, end, columns)),
    ]


def _times(curve: KaplanMeier, end: int, columns: int) -> Iterator[int]:
    last_in_column = {
        step.time * columns // end: step.time
        for step in curve.steps
        if step.reached and step.time < end
    }
    last = end if curve.known(end) else curve.followed
    yield from (time for time in last_in_column.values() if time != last)
    yield last


def _corner(curve: KaplanMeier, time: int) -> Corner:
    low, high = curve.within_band(time)
    return Corner(days=time / DAY, share=curve.within(time), low=low, high=high)
