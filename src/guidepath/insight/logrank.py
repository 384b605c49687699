"""Whether two groups reach a milestone at the same pace."""

import math
from typing import NamedTuple

from guidepath.insight.survival import Table


class LogRank(NamedTuple):
    """The statistic (chi-square with one degree of freedom) and how often chance alone gives it."""

    statistic: float
    p: float


def log_rank(one: Table, other: Table) -> LogRank:
    """The log-rank test of whether two curves are the same.

    At each time the milestones of `one` are compared with what its share of those still without it
    would give: N. Mantel, "Evaluation of survival data and two new rank order statistics arising
    in its consideration", Cancer Chemotherapy Reports 50 (1966) 163-170. Groups between which
    nothing can be compared give (0, 1): no sign of a difference.

    >>> from guidepath.insight.survival import group
    >>> fast, slow = group((t, True) for t in range(9)), group((t + 9, True) for t in range(9))
    >>> log_rank(fast, slow).p < 0.001, log_rank(fast, fast).p
    (True, 1.0)
    """
    surplus = variance = 0.0
    for ours, reached_ours, at_risk, reached in _sets(one, other):
        share = ours / at_risk
        surplus += reached_ours - reached * share
        if at_risk > 1:
            variance += reached * share * (1 - share) * (at_risk - reached) / (at_risk - 1)
    statistic = surplus**2 / variance if variance else 0.0
    return LogRank(statistic, math.erfc(math.sqrt(statistic / 2)))


def _sets(one: Table, other: Table) -> list[tuple[int, int, int, int]]:
    """At each time of a milestone: at risk and reached in `one`, at risk and reached in both."""
    first = {row.time: row for row in one.rows}
    second = {row.time: row for row in other.rows}
    ours, theirs = one.subjects, other.subjects
    found = []
    for time in sorted(first.keys() | second.keys()):
        _, reached_ours, censored_ours = first.get(time, (time, 0, 0))
        _, reached_theirs, censored_theirs = second.get(time, (time, 0, 0))
        if reached := reached_ours + reached_theirs:
            found.append((ours, reached_ours, ours + theirs, reached))
        ours -= reached_ours + censored_ours
        theirs -= reached_theirs + censored_theirs
    return found
