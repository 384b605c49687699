import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.statistics import logrank_test

from guidepath.insight.logrank import LogRank, log_rank
from guidepath.insight.survival import Table, group

durations = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(durations, durations)
def test_the_test_equals_lifelines(
    one: list[tuple[int, bool]], other: list[tuple[int, bool]]
) -> None:
    found = log_rank(group(one), group(other))
    times, events = zip(*one, strict=True), zip(*other, strict=True)
    (ours, ours_reached), (theirs, theirs_reached) = times, events
    expected = logrank_test(ours, theirs, ours_reached, theirs_reached)
    if found.statistic:
        assert found.statistic == pytest.approx(expected.test_statistic, abs=1e-9)
        assert found.p == pytest.approx(expected.p_value, abs=1e-9)
    else:  # lifelines has no number where nothing can be compared
        assert not expected.test_statistic > 1e-9


def test_the_textbook_example_comes_out_as_printed() -> None:
    six_mp = group(
        [
            *((t, True) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)),
            *((t, False) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
        ]
    )
    weeks = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
    found = log_rank(six_mp, group((t, True) for t in weeks))
    assert found.statistic == pytest.approx(16.79, abs=5e-3)
    assert found.p == pytest.approx(4.17e-5, abs=5e-8)


def test_groups_change_places_without_changing_the_answer() -> None:
    one, other = group([(1, True), (4, False)]), group([(2, True), (3, True), (9, True)])
    assert log_rank(one, other) == pytest.approx(log_rank(other, one))


@pytest.mark.parametrize("other", [group([]), group([(3, False)])])
def test_where_nothing_can_be_compared_there_is_no_sign_of_a_difference(other: Table) -> None:
    assert log_rank(group([(4, True)]), other) == LogRank(0.0, 1.0)
