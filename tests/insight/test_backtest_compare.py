"""What differs, over hand-made people."""

from collections.abc import Mapping, Sequence

import pytest

from guidepath.clock import DAY
from guidepath.insight.backtest import Because, MilestoneChange, Place, Seen, Switch, Twin
from guidepath.insight.backtest_compare import Terms, compare
from guidepath.insight.backtest_sample import Drawn
from guidepath.insight.report import By, MilestoneSpec, Standing

SENT = MilestoneSpec("sent", "Send", first_value=True)
TEAM = MilestoneSpec("team", "Three people", scope="account")
END = 90 * DAY


def twin(
    name: str,
    before: Mapping[str, int],
    after: Mapping[str, int],
    *switches: Switch,
    account: str = "acme",
    role: str | None = None,
) -> Twin:
    user = None if name == account else name
    days = ({key: day * DAY for key, day in one.items()} for one in (before, after))
    old, new = (Standing(account, user, 0, one, role) for one in days)
    return Twin(old, new, switches)


PEOPLE = [
    twin("same", {"sent": 3}, {"sent": 3}),
    twin("nobody", {}, {}),
    twin("sooner", {"sent": 9}, {"sent": 7}),
    twin("much sooner", {"sent": 9}, {"sent": 1}, role="owner"),
    twin("slower", {"sent": 2}, {"sent": 5}, role="owner"),
    twin("lost", {"sent": 4}, {}),
    twin("won", {}, {"sent": 6}, role="owner"),
]


def milestone(
    people: Sequence[Twin], *, by: By | None = None, examples: int = 3
) -> MilestoneChange:
    found = compare(people, [SENT], [SENT], Terms(END, by=by, examples=examples))
    assert len(found.milestones) == 1
    return found.milestones[0]


def test_everybody_is_earlier_later_never_newly_or_as_before() -> None:
    moves = {one.way: one for one in milestone(PEOPLE).moves}
    names = {way: [one.user for one in move.examples] for way, move in moves.items()}
    assert names == {
        "earlier": ["much sooner", "sooner"],
        "later": ["slower"],
        "never": ["lost"],
        "newly": ["won"],
    }
    assert [(one.part.subjects, one.part.of) for one in moves.values()] == [
        *[(2, 7), (1, 7), (1, 7), (1, 7)]
    ]
    assert {one.part.band for one in moves.values()} == {None}


def test_the_shift_is_told_as_a_length_and_half_of_them_moved_by_more() -> None:
    moves = {one.way: one.median for one in milestone(PEOPLE).moves}
    assert moves == {"earlier": 5 * DAY, "later": 3 * DAY, "never": None, "newly": None}


def test_examples_are_those_who_move_most_and_no_more_than_asked() -> None:
    earlier = milestone(PEOPLE, examples=1).moves[0]
    assert [(one.user, one.before, one.after) for one in earlier.examples] == [
        ("much sooner", 9 * DAY, 1 * DAY)
    ]
    assert earlier.part.subjects == 2


def test_each_group_has_its_own_count_of_all_in_it() -> None:
    found = milestone(PEOPLE, by="role")
    groups = {one.way: dict(one.part.groups) for one in found.moves}
    assert groups["earlier"] == {"(no role)": (1, 4), "owner": (1, 3)}
    assert groups["never"] == {"(no role)": (1, 4), "owner": (0, 3)}
    before, after = found.groups["owner"]
    assert (before.reached, after.reached) == (2, 3)


def test_groups_by_cohort_are_months_of_the_start_also_of_accounts() -> None:
    account = twin("acme", {"team": 4}, {"team": 8})
    found = compare([account], [TEAM], [TEAM], Terms(END, by="cohort"))
    assert found.milestones[0].moves[1].part.groups == {"1970-01": (1, 1)}
    found = compare([account], [TEAM], [TEAM], Terms(END, by="role"))
    assert found.milestones[0].moves[1].part.groups == {}


def test_time_to_value_stands_side_by_side() -> None:
    found = milestone(PEOPLE)
    assert (found.before.reached, found.after.reached) == (5, 5)
    assert found.before.subjects == found.after.subjects == 7
    assert (found.before.median, found.after.median) == (9 * DAY, 6 * DAY)


def test_an_account_is_counted_among_accounts_only() -> None:
    people = [*PEOPLE, twin("acme", {"team": 4}, {"team": 8})]
    found = compare(people, [SENT, TEAM], [SENT, TEAM], Terms(END))
    later = found.milestones[1].moves[1]
    assert (later.part.subjects, later.part.of) == (1, 1)
    assert [(one.account, one.user) for one in later.examples] == [("acme", None)]
    assert found.milestones[0].moves[0].part.of == 7


@pytest.mark.parametrize(
    ("old", "new", "renamed", "same", "added", "removed"),
    [
        ("ab", "ab", {}, {"a": None, "b": None}, "", ""),
        ("ab", "ac", {}, {"a": None}, "c", "b"),
        ("ab", "ac", {"c": "b"}, {"a": None, "c": "b"}, "", ""),
        ("ab", "abc", {"c": "b"}, {"a": None, "b": None}, "c", ""),  # the old name is taken again
        ("ab", "ac", {"c": "x"}, {"a": None}, "c", "b"),  # renamed in a version before
    ],
)
def test_milestones_are_matched_by_id_and_by_the_id_they_had(
    old: str,
    new: str,
    renamed: Mapping[str, str],
    same: Mapping[str, str | None],
    added: str,
    removed: str,
) -> None:
    before, after = ([MilestoneSpec(one, one) for one in names] for names in (old, new))
    found = compare(PEOPLE, before, after, Terms(END), renamed=renamed)
    assert {one.milestone.id: one.renamed_from for one in found.milestones} == same
    assert "".join(one.milestone.id for one in found.added) == added
    assert "".join(one.milestone.id for one in found.removed) == removed
    assert found.differs == bool(added or removed)


def test_a_renamed_milestone_is_compared_under_both_names() -> None:
    specs = [MilestoneSpec("sent", "Send")], [MilestoneSpec("posted", "Send")]
    people = [twin("ada", {"sent": 4}, {"posted": 4}), twin("bob", {"sent": 4}, {"posted": 5})]
    found = compare(people, *specs, Terms(END), renamed={"posted": "sent"})
    assert [(one.way, one.part.subjects) for one in found.milestones[0].moved] == [("later", 1)]


def test_a_milestone_of_another_scope_is_another_milestone() -> None:
    found = compare([], [MilestoneSpec("x", "X")], [MilestoneSpec("x", "X", "account")], Terms(END))
    assert [one.milestone.scope for one in (*found.removed, *found.added)] == ["user", "account"]
    assert not found.milestones


def switch(before: str | None, after: str | None, code: str, *pages: str | None) -> Switch:
    item = after if before is None else before
    return Switch(before, after, tuple(map(Place, pages)), Because(item or "", code))


def test_people_whose_next_item_changes_are_counted_once_and_at_each_place() -> None:
    people = [
        twin("ada", {}, {}, switch("a", "b", "DONE", "/x", "/y"), switch("a", None, "RULE", None)),
        twin("bob", {}, {}, switch("a", "b", "RULE", "/y"), role="owner"),
        twin("cyd", {}, {}, switch("a", "b", "RULE", "/y"), role="owner"),
        twin("dan", {}, {}),
    ]
    found = compare(people, [SENT], [SENT], Terms(END, by="role", examples=1))
    assert (found.switched.subjects, found.switched.of) == (3, 4)
    assert found.switched.groups == {"(no role)": (1, 2), "owner": (2, 2)}
    first, second = found.items
    assert (first.before, first.after, first.part.subjects) == ("a", "b", 3)
    assert list(first.places.items()) == [(Place("/y"), 3), (Place("/x"), 1)]
    assert list(first.reasons.items()) == [("RULE", 2), ("DONE", 1)]
    assert first.examples == (Seen("acme", "ada", Place("/x"), Because("a", "DONE")),)
    assert (second.before, second.after, second.part.subjects) == ("a", None, 1)
    assert found.differs


def test_where_accounts_are_a_sample_each_share_has_limits_that_know_of_accounts() -> None:
    people = [
        twin(f"u{n}", {"sent": 4}, {"sent": 4 + (n % 8 == 0)}, account=f"a{n % 8}")
        for n in range(80)
    ]
    found = compare(people, [SENT], [SENT], Terms(END), drawn=Drawn(8, 90))
    later = found.milestones[0].moves[1].part
    assert later.share == 0.125
    assert later.band is not None
    low, high = later.band
    assert low < 0.03  # ten colleagues of one account in eight: as one in eight
    assert high > 0.4
    assert found.switched.band is not None


def test_nobody_is_no_mistake() -> None:
    found = compare([], [SENT], [SENT], Terms(END), drawn=Drawn(1, 2))
    assert not found.differs
    assert found.switched.share == 0
