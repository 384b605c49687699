"""The records, and the JSON of them."""

import msgspec
import pytest

from guidepath.clock import DAY
from guidepath.insight.backtest import Because, Moved, Place, Switch, Twin, Way
from guidepath.insight.backtest_compare import Terms, compare
from guidepath.insight.backtest_sample import Drawn
from guidepath.insight.report import MilestoneSpec, Standing


@pytest.mark.parametrize(
    ("before", "after", "way", "shift"),
    [
        (None, None, None, None),
        (5, 5, None, 0),
        (5, 3, "earlier", -2),
        (5, 7, "later", 2),
        (5, None, "never", None),
        (None, 5, "newly", None),
        (0, None, "never", None),  # 1970 is a time as well
        (None, 0, "newly", None),
    ],
)
def test_a_subject_moves_one_way(
    before: int | None, after: int | None, way: Way | None, shift: int | None
) -> None:
    moved = Moved("a", "u", before, after)
    assert (moved.way, moved.shift) == (way, shift)


SWITCH = Switch("tip", None, (Place("/x", "mobile"),), Because("tip", "DONE", "done", "not done"))
SPEC = MilestoneSpec("sent", "Send", first_value=True)


def test_json_has_both_sides_every_way_and_the_people() -> None:
    before = Standing("a", "u", 0, {"old": 2 * DAY, "gone": DAY}, "owner")
    after = Standing("a", "u", 0, {"sent": 5 * DAY}, "owner")
    found = compare(
        [Twin(before, after, (SWITCH,))],
        [MilestoneSpec("old", "Send"), MilestoneSpec("gone", "Fax")],
        [SPEC],
        Terms(9 * DAY, by="role", within=(DAY,)),
        renamed={"sent": "old"},
        messages=3,
        drawn=Drawn(1, 4),
    )
    told = msgspec.json.decode(msgspec.json.encode(found.to_json()))
    sent = told["milestones"].pop("sent")
    sides = {side: sent.pop(side) for side in ("old", "new")}
    assert [one["median_days"] for one in sides.values()] == [2, 5]
    band = [pytest.approx(0.2065, abs=1e-3), 1.0]
    none = {"subjects": 0, "of": 1, "share": 0.0, "share_band": [0.0, pytest.approx(0.793, 1e-2)]}
    nobody = {**none, "by": {"owner": {"subjects": 0, "of": 1}}, "examples": []}
    one = {"subjects": 1, "of": 1, "share": 1.0, "share_band": band}
    one["by"] = {"owner": {"subjects": 1, "of": 1}}
    times = {"old": "1970-01-03T00:00:00Z", "new": "1970-01-06T00:00:00Z"}
    assert sent == {
        "scope": "user",
        "renamed_from": "old",
        "earlier": {**nobody, "median_days": None},
        "later": {**one, "median_days": 3.0, "examples": [{"account": "a", "user": "u", **times}]},
        "never": nobody,
        "newly": nobody,
        "by": {"owner": sides},
    }
    assert told.pop("removed")["gone"]["reached"] == 1
    because = {"item": "tip", "code": "DONE", "actual": "done", "required": "not done"}
    place = {"page": "/x", "device": "mobile"}
    change = {
        "from": "tip",
        "to": None,
        **one,
        "places": [{**place, "subjects": 1}],
        "reasons": {"DONE": 1},
        "examples": [{"account": "a", "user": "u", **place, "because": because}],
    }
    assert told == {
        "until": "1970-01-10T00:00:00Z",
        "messages": 3,
        "users": 1,
        "accounts": 0,
        "sample": {"accounts": 1, "of": 4},
        "differs": True,
        "milestones": {},
        "added": {},
        "next_items": {**one, "changes": [change]},
    }
