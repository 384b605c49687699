import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from lifelines import KaplanMeierFitter

from guidepath.clock import DAY, HOUR, micros
from guidepath.insight.report import NO_ROLE, MilestoneSpec, Report, Standing, report


def number(found: Report, milestone: str = "sent") -> dict[str, object]:
    """What the JSON says of one milestone."""
    milestones = json.loads(json.dumps(found.to_json(), allow_nan=False))["milestones"]
    return dict(milestones[milestone])


def test_the_json_has_the_promised_shape(people: Sequence[Standing], sent: MilestoneSpec) -> None:
    found = report(people, [sent], until=100 * DAY, messages=70)
    assert found.to_json() | {"milestones": None} == {
        "until": "1970-04-11T00:00:00Z",
        "messages": 70,
        "users": 40,
        "accounts": 0,
        "milestones": None,
        "targets": {},
    }
    one = number(found)
    assert (one["scope"], one["subjects"], one["reached"]) == ("user", 40, 30)
    assert one["median_days"] == 27.0
    assert one["p_within"] == {"7": 0.125, "30": 0.55, "90": 0.75}
    assert one["rmst"] == {
        "horizon_days": 90,
        "days": 38.25,
        "se": pytest.approx(4.980430453284134),
    }
    assert one["enough"] is True
    assert one["followed_days"] == 100.0
    assert "by" not in one


def test_the_real_log_gives_what_lifelines_gives(contributors: Sequence[Standing]) -> None:
    until = micros(datetime(2026, 11, 1, tzinfo=UTC))
    second = MilestoneSpec("second_day", "Second day", first_value=True)
    first = MilestoneSpec("first_commit", "First commit")
    found = report(contributors, [first, second], until=until, by="role")
    assert (found.users, found.accounts) == (1022, 0)
    for role in ("code", "docs", "maintenance", None):
        those = [one for one in contributors if role in (None, one.role)]
        reached = [one.reached.get("second_day") for one in those]
        days = [((at or until) - one.start) / DAY for at, one in zip(reached, those, strict=True)]
        theirs = KaplanMeierFitter().fit(days, [at is not None for at in reached])
        outcome = found.outcome("second_day")
        numbers = outcome.numbers if role is None else outcome.groups[role]
        for time in found.within:
            share = numbers.within[time]
            assert share is not None
            assert share.value == pytest.approx(1 - theirs.predict(time / DAY), abs=1e-9)
    assert number(found, "first_commit")["median_days"] == 0.0


def test_reached_at_exactly_the_mark_counts_as_within_it(sent: MilestoneSpec) -> None:
    people = [Standing("a", "u", 0, {"sent": 7 * DAY}), Standing("a", "v", 0, {"sent": 8 * DAY})]
    assert number(report(people, [sent], until=9 * DAY))["p_within"] == {
        "7": 0.5,
        "30": 1.0,
        "90": 1.0,
    }


def test_reached_at_exactly_until_is_known_and_later_is_not(sent: MilestoneSpec) -> None:
    people = [Standing("a", "u", 0, {"sent": 5 * DAY})]
    assert number(report(people, [sent], until=5 * DAY))["reached"] == 1
    earlier = number(report(people, [sent], until=5 * DAY - 1))
    assert (earlier["subjects"], earlier["reached"], earlier["median_days"]) == (1, 0, None)
    assert earlier["followed_days"] == (5 * DAY - 1) / DAY


def test_who_starts_after_until_is_not_counted(sent: MilestoneSpec) -> None:
    people = [Standing("a", "u", 3 * DAY, {}), Standing("a", "v", 3 * DAY + 1, {})]
    found = report(people, [sent], until=3 * DAY)
    assert found.users == 1
    assert number(found)["subjects"] == 1


def test_until_before_everyone_gives_no_numbers_and_no_error(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    assert number(report(people, [sent], until=-1)) == {
        "scope": "user",
        "subjects": 0,
        "reached": 0,
        "enough": False,
        "followed_days": None,
        "median_days": None,
        "median_band_days": [None, None],
        "p_within": {"7": None, "30": None, "90": None},
        "p_within_band": {"7": [None, None], "30": [None, None], "90": [None, None]},
        "rmst": {"horizon_days": 90, "days": None, "se": None},
    }


def test_a_milestone_of_accounts_is_measured_over_accounts(sent: MilestoneSpec) -> None:
    standings = [
        Standing("a", "u", 0, {"sent": DAY}),
        Standing("a", None, 0, {"team": 2 * DAY}),
        Standing("b", None, 0, {}),
    ]
    found = report(standings, [sent, MilestoneSpec("team", "Team", "account")], until=9 * DAY)
    assert (found.users, found.accounts) == (1, 2)
    assert (number(found, "team")["scope"], number(found, "team")["subjects"]) == ("account", 2)
    assert number(found)["subjects"] == 1


def test_nothing_takes_less_than_no_time(sent: MilestoneSpec) -> None:
    found = report([Standing("a", "u", DAY, {"sent": 0})], [sent], until=DAY)
    assert number(found)["median_days"] == 0.0


def test_groups_by_role_have_the_same_numbers_each(
    people: Sequence[Standing], sent: MilestoneSpec
) -> None:
    stranger = Standing("a", "x", 0, {})
    found = report([*people, stranger], [sent], until=100 * DAY, by="role")
    groups = number(found)["by"]
    assert isinstance(groups, dict)
    assert {name: (one["subjects"], one["reached"]) for name, one in groups.items()} == {
        NO_ROLE: (1, 0),
        "member": (20, 10),
        "owner": (20, 20),
    }
    owners = [one for one in people if one.role == "owner"]
    alone = number(report(owners, [sent], until=100 * DAY))
    del alone["scope"]
    assert groups["owner"] == alone


def test_a_cohort_is_the_utc_month_of_the_start(sent: MilestoneSpec) -> None:
    february = 31 * DAY
    starts = {"u": february - 1, "v": february, "w": february}
    people = [Standing("a", user, start, {}) for user, start in starts.items()]
    found = report(people, [sent], until=february, by="cohort")
    groups = found.outcome("sent").groups
    assert {name: one.subjects for name, one in groups.items()} == {"1970-01": 1, "1970-02": 2}


def test_accounts_are_split_by_cohort_but_have_no_role() -> None:
    team = MilestoneSpec("team", "Team", "account")
    standings = [Standing("a", None, 0, {})]
    assert number(report(standings, [team], until=DAY, by="role"), "team")["by"] == {}
    by_cohort = report(standings, [team], until=DAY, by="cohort")
    assert list(by_cohort.outcome("team").groups) == ["1970-01"]


@pytest.mark.parametrize(
    ("subjects", "reached", "enough"), [(10, 5, True), (9, 9, False), (40, 4, False)]
)
def test_ten_subjects_of_whom_five_reached_it_are_enough(
    subjects: int, reached: int, enough: bool, sent: MilestoneSpec
) -> None:
    people = [
        Standing("a", f"u{n}", 0, {"sent": DAY} if n < reached else {}) for n in range(subjects)
    ]
    assert number(report(people, [sent], until=DAY))["enough"] is enough


def test_a_mark_that_nobody_was_watched_for_says_so(sent: MilestoneSpec) -> None:
    people = [Standing("a", "u", 0, {"sent": DAY}), Standing("a", "v", 0, {})]
    shares = report(people, [sent], until=30 * DAY).outcome("sent").numbers.within
    assert [share.known for share in shares.values() if share] == [True, True, False]
    everyone = report(people[:1], [sent], until=30 * DAY).outcome("sent").numbers.within
    assert all(share.known for share in everyone.values() if share)


def test_marks_and_horizon_are_in_days_as_the_shortest_number(sent: MilestoneSpec) -> None:
    found = report(
        [Standing("a", "u", 0, {})], [sent], until=0, within=(12 * HOUR, DAY), horizon=36 * HOUR
    )
    assert list(number(found)["p_within"]) == ["0.5", "1"]  # type: ignore[call-overload]
    assert number(found)["rmst"] == {"horizon_days": 1.5, "days": 1.5, "se": 0.0}


def test_a_milestone_that_is_not_in_the_report_is_a_key_error(sent: MilestoneSpec) -> None:
    with pytest.raises(KeyError, match="paid"):
        report([], [sent], until=0).outcome("paid")


def test_a_report_needs_no_marks_but_times_after_the_start(sent: MilestoneSpec) -> None:
    bare = report([], [sent], until=0, within=(), horizon=DAY)
    assert (bare.longest, number(bare)["p_within"]) == (DAY, {})
    with pytest.raises(ValueError, match="0 µs after the start"):
        report([], [sent], until=0, horizon=0)
    with pytest.raises(ValueError, match="-1 µs after the start"):
        report([], [sent], until=0, within=(DAY, -1))
