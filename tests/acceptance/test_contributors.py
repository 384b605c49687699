"""The real event log against a scan of its raw lines, and against lifelines."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from tests.acceptance.command import LOG, Replay
from tests.acceptance.oracle import DAY, MICRO, History, Reached

MILESTONES = ("first_commit", "second_day", "regular", "well_rounded", "settled", "core_team")
USERS = MILESTONES[:-1]
ROLES = ("code", "docs", "maintenance")

Durations = Sequence[tuple[int, bool]]  # microseconds, and whether it was reached


@pytest.fixture(scope="session")
def history() -> History:
    return History(LOG)


@pytest.fixture(scope="session")
def reached(history: History) -> list[Reached]:
    return list(history.reached())


def micros(text: str) -> int:
    at = datetime.fromisoformat(text)
    return int(at.replace(microsecond=0).timestamp()) * MICRO + at.microsecond


def durations(history: History, reached: list[Reached], milestone: str) -> dict[str, Durations]:
    """How long each subject took, or was watched in vain, by role; "" is all of them."""
    at = {(one.account, one.user): one.at for one in reached if one.milestone == milestone}
    found: dict[str, list[tuple[int, bool]]] = {name: [] for name in ("", *ROLES)}
    if milestone in USERS:
        for (account, user), person in history.people.items():
            took = _took(at.get((account, user)), person.start, history.end)
            found[""].append(took)
            found[person.role].append(took)
    else:
        for account in history.accounts:
            start = min(one.start for (of, _), one in history.people.items() if of == account)
            found[""].append(_took(at.get((account, None)), start, history.end))
    return {name: those for name, those in found.items() if those}


def _took(at: int | None, start: int, end: int) -> tuple[int, bool]:
    return (end * MICRO if at is None else at) - start * MICRO, at is not None


def test_the_replay_reports_what_the_log_holds(replay: Replay) -> None:
    report = replay.report
    assert (report["messages"], report["users"], report["accounts"]) == (9130, 1022, 2)
    assert set(report["milestones"]) == set(MILESTONES)


@pytest.mark.parametrize("milestone", MILESTONES)
def test_who_reached_a_milestone_and_when_is_what_the_raw_log_tells(
    replay: Replay, reached: list[Reached], milestone: str
) -> None:
    ours = {
        Reached(one["account"], one["user"], milestone, micros(one["reachedAt"]))
        for one in replay.milestones
        if one["milestone"] == milestone
    }
    theirs = {one for one in reached if one.milestone == milestone}
    assert ours == theirs
    assert len(theirs) > 1
    assert replay.report["milestones"][milestone]["reached"] == len(theirs)


def test_every_milestone_is_listed_once(replay: Replay) -> None:
    listed = Counter((one["account"], one["user"], one["milestone"]) for one in replay.milestones)
    assert set(listed.values()) == {1}


def test_some_settle_between_two_commits_as_time_passes(reached: list[Reached]) -> None:
    waited = [one for one in reached if one.milestone == "settled" and one.at % MICRO == 1]
    assert waited


@pytest.mark.parametrize("milestone", MILESTONES)
def test_the_figures_of_time_to_value_equal_lifelines(
    replay: Replay, history: History, reached: list[Reached], milestone: str
) -> None:
    found = replay.report["milestones"][milestone]
    reported = {"": found, **found["by"]}
    measured = durations(history, reached, milestone)
    assert reported.keys() == measured.keys()
    for name, those in measured.items():
        assert_equals_lifelines(reported[name], those)


def assert_equals_lifelines(ours, those: Durations) -> None:  # type: ignore[no-untyped-def]
    theirs = KaplanMeierFitter().fit(
        [time / MICRO / DAY for time, _ in those], [reached for _, reached in those]
    )
    assert ours["subjects"] == len(those)
    median = theirs.median_survival_time_
    expected = None if median == float("inf") else pytest.approx(median, abs=1e-9)
    assert ours["median_days"] == expected
    for days in (7, 30, 90):
        within = 1 - theirs.predict(days)
        assert ours["p_within"][str(days)] == pytest.approx(within, abs=1e-9)
    assert ours["rmst"]["horizon_days"] == 90
    mean = restricted_mean_survival_time(theirs, t=90)
    assert ours["rmst"]["days"] == pytest.approx(mean, abs=1e-9)
