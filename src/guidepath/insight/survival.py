"""How long it takes, when not everyone is there yet: the Kaplan-Meier curve of one group.

A subject either reached the milestone after some time, or was still without it when the watching
ended: then it is censored, and counts as "not yet" for as long as it was watched. Times are
integer microseconds since the subject's start. Reached at exactly H counts as within H; who is
censored at the very instant of another's milestone was still being watched then.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist
from typing import NamedTuple

# Closer to a level than this, floats cannot tell which side they are on: whole numbers decide.
_CLOSE = 1e-9


class Row(NamedTuple):
    """How many subjects leave at a time: because they reached the milestone, or censored."""

    time: int
    reached: int
    censored: int


@dataclass(frozen=True, slots=True)
class Table:
    """The times of a group, each once and in order."""

    rows: tuple[Row, ...]

    @property
    def subjects(self) -> int:
        """How many there are."""
        return sum(row.reached + row.censored for row in self.rows)

    @property
    def reached(self) -> int:
        """How many of them reached the milestone."""
        return sum(row.reached for row in self.rows)

    @property
    def followed(self) -> int:
        """How long the longest-watched subject was watched, in microseconds; 0 for nobody."""
        return self.rows[-1].time if self.rows else 0


def group(durations: Iterable[tuple[int, bool]]) -> Table:
    """The table of (microseconds since the start, reached or not) of each subject.

    Raises:
        ValueError: a duration is negative.

    >>> group([(5, True), (3, False), (5, True)]).rows
    (Row(time=3, reached=0, censored=1), Row(time=5, reached=2, censored=0))
    """
    counts = Counter(durations)
    times = sorted({time for time, _ in counts})
    if times and times[0] < 0:
        raise ValueError(f"a duration of {times[0]} µs: nothing is reached before the start")
    return Table(tuple(Row(time, counts[time, True], counts[time, False]) for time in times))


class Step(NamedTuple):
    """The curve from `time` until the next step.

    `at_risk` subjects were still without the milestone, and watched, just before `time`.
    `spread` is Greenwood's sum of d / (n (n - d)) so far: the variance is survival² x spread.
    """

    time: int
    at_risk: int
    reached: int
    survival: float
    spread: float


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """The share that has not reached the milestone, over time: S(t), the product of (n - d) / n.

    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53
    (1958) 457-481. Past the longest-watched subject the curve stays where it ended: there it is
    what was last seen, and not `known`.

    >>> curve = kaplan_meier(group([(1, True), (2, True), (2, False), (4, True), (5, False)]))
    >>> [round(curve.survival(t), 2) for t in (0, 1, 2, 3, 4)]
    [1.0, 0.8, 0.6, 0.6, 0.3]
    >>> curve.median()
    4
    """

    steps: tuple[Step, ...]
    subjects: int
    followed: int
    confidence: float
    _z: float = field(repr=False)

    def survival(self, time: int) -> float:
        """The share that has not reached the milestone at `time`; who reaches it then has."""
        step = self._at(time)
        return 1.0 if step is None else step.survival

    def within(self, time: int) -> float:
        """The share that reached the milestone within `time`, at exactly `time` included."""
        return 1.0 - self.survival(time)

    def known(self, time: int) -> bool:
        """Whether S(time) was seen: someone was watched that long, or all had reached it."""
        return time <= self.followed or self.survival(time) == 0

    def at_risk(self, time: int) -> int:
        """How many were watched and still without the milestone just before `time`."""
        left = bisect_right(self.steps, time - 1, key=_time)
        return self.steps[left].at_risk if left < len(self.steps) else 0

    def variance(self, time: int) -> float:
        """The variance of S(t), by M. Greenwood, "The natural duration of cancer" (1926)."""
        step = self._at(time)
        return 0.0 if step is None else step.survival**2 * step.spread

    def band(self, time: int) -> tuple[float, float]:
        """The pointwise confidence limits of S(t), on the scale of log(-log S).

        J. D. Kalbfleisch and R. L. Prentice, "The Statistical Analysis of Failure Time Data"
        (1980), section 1.3. The limits never leave [0, 1]. Where S is 1 or 0 they equal it: there
        the formula knows no width.
        """
        step = self._at(time)
        return (1.0, 1.0) if step is None else self._limits(step)

    def within_band(self, time: int) -> tuple[float, float]:
        """The confidence limits of `within(time)`."""
        low, high = self.band(time)
        return 1.0 - high, 1.0 - low

    def median(self) -> int | None:
        """The time by which half have reached the milestone; None where that was not seen."""
        return self.quantile(0.5)

    def median_band(self) -> tuple[int | None, int | None]:
        """The confidence limits of the median; None where the limit was not seen."""
        return self.quantile_band(0.5)

    def quantile(self, share: float) -> int | None:
        """The first time by which `share` of the subjects have reached the milestone, or None.

        Raises:
            ValueError: the share is not in (0, 1].
        """
        level = _level(share)
        for index, step in enumerate(self.steps):
            if step.reached and self._fell_to(level, index):
                return step.time
        return None

    def quantile_band(self, share: float) -> tuple[int | None, int | None]:
        """The confidence limits of `quantile(share)`: where the band of the curve crosses it.

        R. Brookmeyer and J. Crowley, "A confidence interval for the median survival time",
        Biometrics 38 (1982) 29-41, with the limits of `band`.

        Raises:
            ValueError: the share is not in (0, 1].
        """
        level = float(_level(share))
        limits = [(step.time, *self._limits(step)) for step in self.steps]
        earliest = next((time for time, low, _ in limits if low <= level), None)
        latest = next((time for time, _, high in limits if high <= level), None)
        return earliest, latest

    def restricted_mean(self, horizon: int) -> tuple[float, float]:
        """The mean time without the milestone up to `horizon`, and its standard error.

        Both in microseconds. The mean is the area under S up to the horizon: J. O. Irwin, "The
        standard error of an estimate of expectation of life", Journal of Hygiene 47 (1949)
        188-189. Its variance is the sum over the steps of (area from there to the horizon)² x
        d / (n (n - d)): J. P. Klein and M. L. Moeschberger, "Survival Analysis" (2nd ed. 2003),
        section 4.5.

        Raises:
            ValueError: the horizon is negative.
        """
        if horizon < 0:
            raise ValueError(f"a horizon of {horizon} µs lies before the start")
        steps = [step for step in self.steps if step.time < horizon]
        times = [0, *(step.time for step in steps), horizon]
        heights = [1.0, *(step.survival for step in steps)]
        areas = [
            height * (end - begin)
            for height, (begin, end) in zip(heights, pairwise(times), strict=True)
        ]
        variance = []
        beyond = 0.0
        for step, area in zip(reversed(steps), reversed(areas[1:]), strict=True):
            beyond += area
            variance.append(beyond**2 * _greenwood(step.at_risk, step.reached))
        return math.fsum(areas), math.sqrt(math.fsum(variance))

    def _at(self, time: int) -> Step | None:
        index = bisect_right(self.steps, time, key=_time)
        return self.steps[index - 1] if index else None

    def _limits(self, step: Step) -> tuple[float, float]:
        survival = step.survival
        if survival in (0.0, 1.0):
            return survival, survival
        log = math.log(survival)
        width = self._z * math.sqrt(step.spread) / -log
        return survival ** math.exp(width), survival ** math.exp(-width)

    def _fell_to(self, level: Fraction, index: int) -> bool:
        distance = self.steps[index].survival - float(level)
        if abs(distance) > _CLOSE:
            return distance < 0
        steps = self.steps[: index + 1]
        left = math.prod(step.at_risk - step.reached for step in steps)
        return left * level.denominator <= level.numerator * math.prod(s.at_risk for s in steps)


def kaplan_meier(table: Table, confidence: float = 0.95) -> KaplanMeier:
    """The curve of a table, with limits that hold with the given confidence.

    Raises:
        ValueError: the confidence is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence}; give a share between 0 and 1, e.g. 0.95")
    steps = []
    subjects = at_risk = table.subjects
    survival, spread = 1.0, 0.0
    before, of = 1.0, subjects  # while nobody is censored, factors cancel: 9 left of 18 is a half
    for time, reached, censored in table.rows:
        if reached:
            survival = before * (at_risk - reached) / of
        spread += _greenwood(at_risk, reached)
        steps.append(Step(time, at_risk, reached, survival, spread))
        at_risk -= reached + censored
        if censored:
            before, of = survival, at_risk
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return KaplanMeier(tuple(steps), subjects, table.followed, confidence, z)


def _greenwood(at_risk: int, reached: int) -> float:
    # the last ones leave nobody behind: S is 0 from there on, whatever would be added
    left = at_risk - reached
    return reached / (at_risk * left) if left else 0.0


def _level(share: float) -> Fraction:
    if not 0 < share <= 1:
        raise ValueError(f"a share of {share}; give one above 0 and up to 1")
    return 1 - Fraction(repr(share))  # 0.9 as people read it: nine tenths


def _time(step: Step) -> int:
    return step.time
