import pytest

from guidepath.clock import DAY, HOUR
from guidepath.insight import wording
from guidepath.insight.report import MilestoneSpec, Report, Standing, report

SENT = MilestoneSpec("sent", "Send", first_value=True)


def after(days: list[float | None], until: float = 100) -> Report:
    """The report of users that all start at once and send after so many days, or never."""
    people = [
        Standing("a", f"u{n}", 0, {} if one is None else {"sent": int(one * DAY)})
        for n, one in enumerate(days)
    ]
    return report(people, [SENT], until=int(until * DAY))


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (
            [*range(1, 13), None, None],
            (
                "Half of 14 users reach “Send” within 7 days (95 % band 3 to 11 days); "
                "50 % within 7 days; 2 have not yet and count as such."
            ),
        ),
        (
            [0] * 12,
            "Half of 12 users reach “Send” at once; 100 % within 7 days; all of them have.",
        ),
        (
            [*[1] * 5, *[None] * 20],
            (
                "Fewer than half of 25 users were seen to reach “Send”; "
                "20 % within 7 days (95 % band 9 to 42 %); 20 have not yet and count as such."
            ),
        ),
        (
            [*range(1, 10), None],
            (
                "Half of 10 users reach “Send” within 5 days (95 % band 1 to 8 days); "
                "70 % within 7 days; 1 has not yet and counts as such."
            ),
        ),
        (
            [1, 2, None],
            "Not enough yet to say how soon users reach “Send”: 2 of 3 users reached it so far.",
        ),
        ([], "No user has started yet, so nobody could reach “Send”."),
    ],
)
def test_the_headline_says_how_soon_half_of_them_reach_first_value(
    days: list[float | None], sentence: str
) -> None:
    assert wording.headline(after(days)) == sentence


def test_the_headline_keeps_quiet_about_times_nobody_was_watched_for() -> None:
    told = wording.headline(after([*[1] * 10, None], until=3))
    assert "within 1 day" in told
    assert "within 7 days" not in told


def test_a_report_without_first_value_says_so() -> None:
    found = report([], [MilestoneSpec("sent", "Send")], until=0)
    assert wording.headline(found) == "No milestone of this report is the first value."


def test_a_band_names_both_units_where_they_differ_and_an_open_end_where_it_is_open() -> None:
    mixed = after([*[2 * HOUR / DAY] * 4, *range(1, 10)])
    assert wording.median_band(mixed.outcome("sent").numbers) == "2 hours to 6 days"
    half = after([*range(1, 8), *[None] * 7])
    assert wording.median_band(half.outcome("sent").numbers) == "3 days or more"


def test_numbers_over_too_few_are_not_told() -> None:
    few = after([1, 2, 3]).outcome("sent").numbers
    assert wording.median(few) == "not enough yet"
    assert wording.median_band(few) == ""
    assert wording.share(few, 7 * DAY) == "-"
    assert wording.mean(few) == "-"


def test_a_star_marks_what_nobody_was_watched_for_and_a_footnote_explains_it() -> None:
    found = after([*[1] * 10, None], until=10)
    numbers = found.outcome("sent").numbers
    assert [wording.share(numbers, time) for time in found.within] == ["91 %", "91 %*", "91 %*"]
    assert wording.unfollowed(found).startswith("* Nobody was followed that long")
    assert wording.unfollowed(after([1] * 10, until=10)) == ""
