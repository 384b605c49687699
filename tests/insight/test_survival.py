import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from guidepath.clock import DAY
from guidepath.insight.report import Standing
from guidepath.insight.survival import KaplanMeier, Row, group, kaplan_meier

Durations = list[tuple[int, bool]]

# E. J. Freireich et al., Blood 21 (1963): weeks of remission of 21 children under 6-MP, and of 21
# under placebo. The example of every textbook.
SIX_MP: Durations = [
    *((t, True) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)),
    *((t, False) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
]
PLACEBO: Durations = [
    (t, True) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
]

durations = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=50)
slowly = settings(max_examples=40, deadline=None)
unhurried = settings(deadline=None)  # how long an example takes is no test


def curve(those: Durations) -> KaplanMeier:
    return kaplan_meier(group(those))


def oracle(those: Durations) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit([float(t) for t, _ in those], [reached for _, reached in those])


def exact(those: Durations, time: int) -> Fraction:
    """S(time) in exact fractions, straight from the definition."""
    survival = Fraction(1)
    for at in sorted({t for t, reached in those if reached and t <= time}):
        at_risk = sum(t >= at for t, _ in those)
        survival *= 1 - Fraction(those.count((at, True)), at_risk)
    return survival


def assert_equals_lifelines(those: Durations, horizon: int) -> None:
    ours, theirs = curve(those), oracle(those)
    limits = theirs.confidence_interval_
    for time in theirs.timeline:
        assert ours.survival(int(time)) == pytest.approx(theirs.predict(time), abs=1e-9)
        assert ours.band(int(time)) == pytest.approx(tuple(limits.loc[time]), abs=1e-9)
    mean, _ = ours.restricted_mean(horizon)
    assert mean == pytest.approx(
        restricted_mean_survival_time(theirs, t=float(horizon)), rel=1e-9, abs=1e-9
    )
    first = {name: limits.index[limits[name] <= 0.5] for name in limits}
    crossed = tuple(int(found[0]) if len(found) else None for found in first.values())
    assert ours.median_band() == crossed


@slowly
@given(durations, st.integers(1, 40))
@example([(5, True)], 7)
@example([(5, False)], 7)
@example([(3, True)] * 9, 3)
@example([(0, True), (0, False), (4, True)], 4)
@example([(2, False)] * 5, 1)
@example(SIX_MP, 35)
def test_curve_band_and_restricted_mean_equal_lifelines(those: Durations, horizon: int) -> None:
    assert_equals_lifelines(those, horizon)


@slowly
@given(durations)
def test_median_equals_lifelines_wherever_floats_can_tell(those: Durations) -> None:
    theirs = oracle(those)
    assume(all(abs(value - 0.5) > 1e-9 for value in theirs.survival_function_.iloc[:, 0]))
    expected = theirs.median_survival_time_
    assert curve(those).median() == (None if math.isinf(expected) else expected)


@unhurried
@given(durations, st.sampled_from(["0.1", "0.25", "0.5", "0.75", "0.9", "1.0"]))
def test_a_quantile_is_the_first_time_the_exact_curve_is_that_low(
    those: Durations, share: str
) -> None:
    level = 1 - Fraction(share)
    times = sorted({t for t, reached in those if reached})
    expected = next((time for time in times if exact(those, time) <= level), None)
    assert curve(those).quantile(float(share)) == expected


@unhurried
@given(durations, st.integers(0, 40))
def test_the_standard_error_of_the_mean_is_the_sum_written_out_in_fractions(
    those: Durations, horizon: int
) -> None:
    variance = Fraction(0)
    for at in sorted({t for t, reached in those if reached and t < horizon}):
        at_risk = sum(t >= at for t, _ in those)
        reached = those.count((at, True))
        area = sum((exact(those, time) for time in range(at, horizon)), Fraction(0))
        if at_risk > reached:
            variance += area**2 * Fraction(reached, at_risk * (at_risk - reached))
    mean = sum((exact(those, time) for time in range(horizon)), Fraction(0))
    assert curve(those).restricted_mean(horizon) == pytest.approx(
        (float(mean), math.sqrt(variance)), rel=1e-12, abs=1e-12
    )


def test_the_textbook_example_comes_out_as_printed() -> None:
    six_mp = curve(SIX_MP)
    printed = {6: (0.857, 0.0764), 10: (0.753, 0.0963), 16: (0.627, 0.1141), 23: (0.448, 0.1346)}
    for week, (survival, error) in printed.items():
        assert six_mp.survival(week) == pytest.approx(survival, abs=5e-4)
        assert math.sqrt(six_mp.variance(week)) == pytest.approx(error, abs=5e-5)
    assert six_mp.median() == 23
    assert six_mp.restricted_mean(35) == pytest.approx((23.29, 2.83), abs=5e-3)
    assert curve(PLACEBO).restricted_mean(23) == pytest.approx((8.67, 1.38), abs=5e-3)


def test_a_mean_worked_by_hand() -> None:
    # S is 1 until 2, 3/4 until 4, 3/8 until 6. Area 2 + 1.5 + 0.75; beyond 2 it is 2.25, beyond 4
    # it is 0.75; variance 2.25² x 1/(4 x 3) + 0.75² x 1/(2 x 1).
    mean, error = curve([(2, True), (3, False), (4, True), (9, False)]).restricted_mean(6)
    assert mean == 4.25
    assert error**2 == pytest.approx(2.25**2 / 12 + 0.75**2 / 2, rel=1e-15)


def test_the_real_log_equals_lifelines(contributors: Sequence[Standing]) -> None:
    until = max(one.start for one in contributors)
    those = []
    for one in contributors:
        at = one.reached.get("second_day", until + 1)
        those.append((min(at, until) - one.start, at <= until))
    assert len(those) == 1022
    assert_equals_lifelines(those, 90 * DAY)


def test_reached_at_exactly_the_time_counts_as_within_it() -> None:
    one = curve([(7 * DAY, True), (9 * DAY, False)])
    assert one.within(7 * DAY) == 0.5
    assert one.within(7 * DAY - 1) == 0.0
    assert one.restricted_mean(7 * DAY) == (7 * DAY, 0.0)


def test_who_is_censored_at_the_instant_of_a_milestone_was_still_at_risk() -> None:
    one = curve([(5, True), (5, False)])
    assert one.survival(5) == 0.5
    assert (one.at_risk(4), one.at_risk(5), one.at_risk(6)) == (2, 2, 0)


def test_half_is_half_where_floats_fall_short_of_it() -> None:
    # 14/15 x 9/12 x 5/7 is exactly 1/2; as floats it is a little more.
    reached = [(1, True), *[(3, True)] * 3, *[(5, True)] * 2]
    those = [*reached, *[(2, False)] * 2, *[(4, False)] * 2, *[(9, False)] * 5]
    assert exact(those, 5) == Fraction(1, 2)
    assert curve(those).survival(5) > 0.5
    assert curve(those).median() == 5


def test_without_censoring_the_curve_is_a_plain_share() -> None:
    one = curve([(time, True) for time in range(49)])
    assert [one.survival(time) for time in range(49)] == [left / 49 for left in range(48, -1, -1)]


@unhurried
@given(durations)
def test_the_curve_falls_at_milestones_and_nowhere_else(those: Durations) -> None:
    survival = 1.0
    for step in curve(those).steps:
        assert (step.survival < survival) == (step.reached > 0)
        assert step.survival <= survival
        survival = step.survival


def test_where_everyone_is_censored_nothing_is_known_but_that_they_waited() -> None:
    one = curve([(3, False), (8, False)])
    assert one.survival(100) == 1.0
    assert one.band(100) == (1.0, 1.0)
    assert one.median() is None
    assert one.median_band() == (None, None)
    assert one.restricted_mean(10) == (10.0, 0.0)


def test_one_subject_alone_is_its_own_median() -> None:
    one = curve([(3, True)])
    assert one.median() == 3
    assert one.within_band(3) == (1.0, 1.0)
    assert one.restricted_mean(10) == (3.0, 0.0)


def test_nobody_gives_a_curve_that_never_falls() -> None:
    nobody = curve([])
    assert (nobody.survival(5), nobody.median(), nobody.at_risk(0)) == (1.0, None, 0)


def test_a_wider_confidence_gives_a_wider_band() -> None:
    narrow, wide = (kaplan_meier(group(SIX_MP), share).band(10) for share in (0.8, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_a_table_has_each_time_once_and_in_order() -> None:
    table = group([(5, True), (3, False), (5, False), (5, True)])
    assert table.rows == (Row(3, 0, 1), Row(5, 2, 1))
    assert (table.subjects, table.reached, table.followed) == (4, 2, 5)


def test_what_makes_no_sense_is_refused_with_its_number() -> None:
    with pytest.raises(ValueError, match="-1 µs"):
        group([(-1, True)])
    with pytest.raises(ValueError, match="confidence of 95"):
        kaplan_meier(group([]), 95)
    with pytest.raises(ValueError, match="share of 0"):
        curve([]).quantile(0)
    with pytest.raises(ValueError, match="horizon of -5"):
        curve([]).restricted_mean(-5)
