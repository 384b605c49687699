from hypothesis import example, given, settings
from hypothesis import strategies as st

from guidepath.clock import DAY
from guidepath.insight.corners import corners
from guidepath.insight.survival import group, kaplan_meier

durations = st.lists(st.tuples(st.integers(0, 30 * DAY), st.booleans()), min_size=1, max_size=80)


@settings(deadline=None)
@example([(0, False), (0, True), (1, False), (1, False), (3 * DAY + 9, False)], 10)
@given(durations, st.integers(5, 60))
def test_the_drawing_is_the_curve_to_within_a_pixel(
    those: list[tuple[int, bool]], columns: int
) -> None:
    curve, end = kaplan_meier(group(those)), 30 * DAY
    seen = corners(curve, end, columns)
    assert len(seen) <= columns + 3
    for corner in seen[1:]:
        assert corner["share"] == curve.within(round(corner["days"] * DAY))
    for column in range(columns):
        edge = end * (column + 1) // columns - 1  # the last instant of this column of pixels
        drawn = [one["share"] for one in seen if round(one["days"] * DAY) <= edge]
        if edge <= curve.followed:
            assert drawn[-1] == curve.within(edge)


def test_corners_are_in_order_and_within_the_plane() -> None:
    curve = kaplan_meier(group((time * 1000, True) for time in range(5000)))
    seen = corners(curve, 4_000_000, 100)
    assert [one["days"] for one in seen] == sorted(one["days"] for one in seen)
    assert seen[-1]["days"] == 4_000_000 / DAY
    assert all(0 <= one["low"] <= one["share"] <= one["high"] <= 1 for one in seen)


def test_a_curve_ends_where_the_watching_ended_unless_everyone_is_there() -> None:
    waiting = kaplan_meier(group([(DAY, True), (3 * DAY, False)]))
    assert corners(waiting, 9 * DAY, 90)[-1]["days"] == 3.0
    done = kaplan_meier(group([(DAY, True), (3 * DAY, True)]))
    assert corners(done, 9 * DAY, 90)[-1] == {"days": 9.0, "share": 1.0, "low": 1.0, "high": 1.0}


def test_nobody_draws_nothing() -> None:
    assert {one["share"] for one in corners(kaplan_meier(group([])), DAY, 10)} == {0.0}
