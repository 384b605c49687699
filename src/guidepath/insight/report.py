"""The numbers of each milestone, from what every subject reached.

The clock of a subject starts at its earliest event of any kind and ends at the milestone, or at
`until`. Who starts after `until` is not counted; what is reached after `until` is not known yet.
Role and cohort (the UTC month of the start) are those of the start.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from guidepath.clock import DAY, iso, moment
from guidepath.insight.survival import KaplanMeier, Table, group, kaplan_meier
from guidepath.insight.targets import Aim

By = Literal["role", "cohort"]
NO_ROLE = "(no role)"
WITHIN = (7 * DAY, 30 * DAY, 90 * DAY)
HORIZON = 90 * DAY

# Fewer say "not enough yet": a band over them is as wide as the chart.
_ENOUGH_SUBJECTS = 10
_ENOUGH_REACHED = 5


class Standing(NamedTuple):
    """What one subject reached, and when, in microseconds since 1970; `user` is None: an account.

    `role` is the one at the start.
    """

    account: str
    user: str | None
    start: int
    reached: Mapping[str, int]
    role: str | None = None


class MilestoneSpec(NamedTuple):
    """The milestone to report on."""

    id: str
    title: str
    scope: Literal["user", "account"] = "user"
    first_value: bool = False


class Share(NamedTuple):
    """The share of subjects that reach the milestone within a time, and its confidence limits.

    Not `known` where nobody was watched that long: then it is the last share that was seen.
    """

    value: float
    low: float
    high: float
    known: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """How soon one group reaches one milestone. Times are microseconds; None: not known."""

    subjects: int
    reached: int
    curve: KaplanMeier
    median: int | None
    median_band: tuple[int | None, int | None]
    within: Mapping[int, Share | None]
    horizon: int
    restricted_mean: tuple[float, float] | None

    @property
    def enough(self) -> bool:
        """Whether there are enough subjects to say anything: 10, of whom 5 reached it."""
        return self.subjects >= _ENOUGH_SUBJECTS and self.reached >= _ENOUGH_REACHED

    def to_json(self) -> dict[str, object]:
        """The numbers with days in place of microseconds."""
        mean, error = self.restricted_mean or (None, None)
        shares = {str(_days(time)): share for time, share in self.within.items()}
        return {
            "subjects": self.subjects,
            "reached": self.reached,
            "enough": self.enough,
            "followed_days": self.curve.followed / DAY if self.subjects else None,
            "median_days": _float_days(self.median),
            "median_band_days": [_float_days(limit) for limit in self.median_band],
            "p_within": {days: share and share.value for days, share in shares.items()},
            "p_within_band": {
                days: [share.low, share.high] if share else [None, None]
                for days, share in shares.items()
            },
            "rmst": {
                "horizon_days": _days(self.horizon),
                "days": _float_days(mean),
                "se": _float_days(error),
            },
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A milestone with its numbers, of all its subjects and of each group of them."""

    milestone: MilestoneSpec
    numbers: Numbers
    groups: Mapping[str, Numbers]


@dataclass(frozen=True, slots=True)
class Report:
    """The time to value of all subjects as it was known at `until` (microseconds since 1970)."""

    until: int
    messages: int | None
    users: int
    accounts: int
    outcomes: tuple[Outcome, ...]
    within: tuple[int, ...]
    horizon: int
    by: By | None
    targets: tuple[Aim, ...] = ()

    @property
    def first_value(self) -> Outcome | None:
        """The outcome of the milestone that is the first value, if it is in the report."""
        return next((one for one in self.outcomes if one.milestone.first_value), None)

    @property
    def longest(self) -> int:
        """The longest time the report asks about, in microseconds."""
        return max((self.horizon, *self.within))

    def outcome(self, milestone: str) -> Outcome:
        """The outcome of one milestone.

        Raises:
            KeyError: the report has no milestone of this id.
        """
        for one in self.outcomes:
            if one.milestone.id == milestone:
                return one
        raise KeyError(milestone)

    def to_json(self) -> dict[str, object]:
        """The object that `report --format json` prints."""
        return {
            "until": iso(self.until),
            "messages": self.messages,
            "users": self.users,
            "accounts": self.accounts,
            "milestones": {one.milestone.id: self._milestone(one) for one in self.outcomes},
            "targets": {one.item: one.to_json() for one in self.targets},
        }

    def _milestone(self, outcome: Outcome) -> dict[str, object]:
        found = {"scope": outcome.milestone.scope, **outcome.numbers.to_json()}
        if self.by is not None:
            found["by"] = {name: one.to_json() for name, one in outcome.groups.items()}
        return found


def report(
    standings: Iterable[Standing],
    milestones: Sequence[MilestoneSpec],
    *,
    until: int,
    messages: int | None = None,
    within: Sequence[int] = WITHIN,
    horizon: int = HORIZON,
    by: By | None = None,
    targets: Sequence[Aim] = (),
) -> Report:
    """The report of all subjects that had started by `until`.

    A milestone of users is measured over the standings of users, one of accounts over those of
    accounts. `within` and `horizon` are microseconds. With `by`, the same numbers for each role or
    cohort; an account has no role, so its milestones are not split by it. `targets` are the items
    with a target, as they were counted.

    Raises:
        ValueError: a time of `within`, or the horizon, is not above 0.

    >>> people = [Standing("a", f"u{n}", 0, {"sent": n * DAY}) for n in range(1, 11)]
    >>> found = report(people, [MilestoneSpec("sent", "Send", first_value=True)], until=5 * DAY)
    >>> found.outcome("sent").numbers.reached, found.outcome("sent").numbers.median == 5 * DAY
    (5, True)
    """
    for time in (horizon, *within):
        if time <= 0:
            raise ValueError(f"{time} µs after the start; give a time above 0")
    asked = _Question(until, tuple(within), horizon, by)
    started = [one for one in standings if one.start <= until]
    users = [one for one in started if one.user is not None]
    accounts = [one for one in started if one.user is None]
    return Report(
        until=until,
        messages=messages,
        users=len(users),
        accounts=len(accounts),
        outcomes=tuple(
            asked.outcome(spec, users if spec.scope == "user" else accounts) for spec in milestones
        ),
        within=asked.within,
        horizon=horizon,
        by=by,
        targets=tuple(targets),
    )


class _Question(NamedTuple):
    """What is asked of every milestone."""

    until: int
    within: tuple[int, ...]
    horizon: int
    by: By | None

    def outcome(self, spec: MilestoneSpec, those: Sequence[Standing]) -> Outcome:
        split = self.by == "cohort" or spec.scope == "user"
        parts = _split(those, self.by) if split else {}
        groups = {name: self.numbers(part, spec.id) for name, part in parts.items()}
        return Outcome(spec, self.numbers(those, spec.id), groups)

    def numbers(self, those: Iterable[Standing], milestone: str) -> Numbers:
        durations = group(_duration(one, milestone, self.until) for one in those)
        return _numbers(durations, self.within, self.horizon)


def _duration(one: Standing, milestone: str, until: int) -> tuple[int, bool]:
    at = one.reached.get(milestone)
    if at is None or at > until:
        return until - one.start, False
    return max(0, at - one.start), True  # nothing is reached before the start


def _numbers(table: Table, within: Sequence[int], horizon: int) -> Numbers:
    curve = kaplan_meier(table)
    someone = table.subjects > 0
    return Numbers(
        subjects=table.subjects,
        reached=table.reached,
        curve=curve,
        median=curve.median(),
        median_band=curve.median_band(),
        within={time: _share(curve, time) if someone else None for time in within},
        horizon=horizon,
        restricted_mean=curve.restricted_mean(horizon) if someone else None,
    )


def _share(curve: KaplanMeier, time: int) -> Share:
    return Share(curve.within(time), *curve.within_band(time), curve.known(time))


def _split(those: Iterable[Standing], by: By | None) -> dict[str, list[Standing]]:
    if by is None:
        return {}
    parts: dict[str, list[Standing]] = {}
    for one in those:
        parts.setdefault(group_of(one, by), []).append(one)
    return dict(sorted(parts.items()))


def group_of(one: Standing, by: By) -> str:
    """The name of a subject's group."""
    if by == "cohort":
        return moment(one.start).strftime("%Y-%m")
    return NO_ROLE if one.role is None else one.role


def _days(us: int) -> int | float:
    """Days as the shortest number: 7, not 7.0."""
    return us / DAY if us % DAY else us // DAY


def _float_days(us: float | None) -> float | None:
    return None if us is None else us / DAY
