import json
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from guidepath import Guidepath, Playbook
from guidepath.attention import Exposure
from guidepath.clock import moment
from guidepath.insight.page import page
from guidepath.insight.targets import Aim, Aims
from guidepath.insight.text import text
from guidepath.testing import FrozenClock

PLAYBOOK = Playbook.parse("""
name: ledgerly
events: {invoice.sent: {}}
milestones:
  - {id: first, title: Send it, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - id: send
    type: tooltip
    moment: onboard
    toward: first
    title: Send
    target: {selector: "#send"}
    frequency: {cool_off: 1h}
  - id: around
    type: tour
    moment: onboard
    toward: first
    title: Around
    steps:
      - {id: one, title: One}
      - {id: two, title: Two, target: {selector: "#two"}}
  - {id: hello, type: banner, moment: nurture, toward: first, title: Hello}
""")


def test_who_was_given_an_item_either_saw_it_or_lacked_its_target_or_both() -> None:
    aims = Aims(["a", "b", "c"])
    aims.add({"a": Exposure(shown=2, shown_at=1)})
    aims.add({"a": Exposure(missing_at=5), "gone": Exposure(missing_at=9)})
    aims.add({"a": Exposure(shown=1, shown_at=9, missing_at=3), "b": Exposure(snoozed_until=4)})
    first, *others = aims.counted()
    assert first == Aim("a", people=3, shown=2, missing=2, last=5)
    assert first.rate == 2 / 3
    assert others == [Aim("b"), Aim("c")]
    assert [one.rate for one in others] == [None, None]


EXPOSURES = st.builds(
    Exposure, shown=st.integers(0, 3), missing_at=st.none() | st.integers(0, 10**15)
)


@given(st.lists(st.dictionaries(st.sampled_from("ab"), EXPOSURES), max_size=20))
def test_the_counts_do_not_depend_on_the_order_of_the_people(
    people: list[Mapping[str, Exposure]],
) -> None:
    aims, reversed_ = Aims("ab"), Aims("ab")
    for one in people:
        aims.add(one)
    for one in reversed(people):
        reversed_.add(one)
    assert aims.counted() == reversed_.counted()
    for aim in aims.counted():
        assert max(aim.shown, aim.missing) <= aim.people <= aim.shown + aim.missing
        assert (aim.last is None) == (aim.missing == 0)


def test_a_store_reports_for_each_item_with_a_target_how_often_it_was_missing() -> None:
    clock = FrozenClock(moment(1_700_000_000_000_000))
    with Guidepath(PLAYBOOK, clock=clock) as guide:
        for user in ("ada", "bob", "cyd"):
            decision = guide.next(user=user)
            assert decision.guidance == "send"
            guide.respond(decision.id, "missing" if user == "bob" else "shown")
        report = guide.report()
    told = json.loads(json.dumps(report.to_json()))["targets"]
    assert told == {
        "send": {
            "people": 3,
            "shown": 2,
            "missing": 1,
            "rate": 1 / 3,
            "last_missing": "2023-11-14T22:13:20Z",
        },
        "around": {"people": 0, "shown": 0, "missing": 0, "rate": None, "last_missing": None},
    }
    assert text(report).splitlines()[-2:] == [
        "targets  people  shown  missing  rate              last",
        "send          3      2        1  33 %  2023-11-14 22:13",
    ]
    shown = page(report, title="x")
    assert "<h2>Targets</h2>" in shown
    assert '<tr><th scope="row">send</th><td>3</td><td>2</td><td>1</td><td>33 %</td>' in shown
    assert "around" not in shown


def test_where_nobody_was_given_anything_nothing_is_told_of_targets() -> None:
    with Guidepath(PLAYBOOK) as guide:
        guide.track("invoice.sent", user="ada")
        report = guide.report()
    assert "targets" not in text(report)
    assert "Targets" not in page(report, title="x")


def test_an_item_that_nobody_lacked_has_no_last_time() -> None:
    with Guidepath(PLAYBOOK) as guide:
        guide.respond(guide.next(user="ada").id, "shown")
        report = guide.report()
    assert text(report).splitlines()[-1] == "send          1      1        0   0 %     -"
