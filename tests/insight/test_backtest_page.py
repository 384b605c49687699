"""What differs, as a page."""

from collections.abc import Sequence

from tests.insight.test_page import EVIL, Reader

from guidepath.clock import DAY
from guidepath.insight.backtest import Because, Place, Switch, Twin
from guidepath.insight.backtest_compare import Terms, compare
from guidepath.insight.backtest_page import page
from guidepath.insight.backtest_wording import MOST
from guidepath.insight.report import MilestoneSpec, Standing

SENT = MilestoneSpec("sent", "Send an invoice", first_value=True)
PAID = MilestoneSpec("paid", "Get paid")
SWITCH = Switch("tip", None, (Place("/x"),), Because("tip", "RULE", "1 of 3", "at least 3"))


def people(many: int, later: int, *switches: Switch, role: str = "owner") -> list[Twin]:
    found = []
    for n in range(many):
        reached = {"sent": (n + 1) * DAY, "paid": 9 * DAY}
        moved = {**reached, "sent": (n + 1 + later) * DAY}
        old, new = (Standing("acme", f"u{n:02}", 0, one, role) for one in (reached, moved))
        found.append(Twin(old, new, switches))
    return found


def read(
    twins: Sequence[Twin], *, new: Sequence[MilestoneSpec] = (SENT, PAID), examples: int = 2
) -> Reader:
    terms = Terms(90 * DAY, by="role", examples=examples)
    return Reader(page(compare(twins, [SENT, PAID], new, terms), title="Ledgerly & friends"))


def test_the_page_has_the_sentence_the_table_both_curves_and_the_people() -> None:
    found = read(people(20, 3, SWITCH))
    sentence = (
        "1 of 2 milestones reached at other times; another next item for 20 of 20 users (100 %)."
    )
    assert {"Ledgerly & friends", sentence, "★ Send an invoice", "\N{EM SPACE}owner"} <= set(
        found.text
    )
    assert {"20 of 20 users (100 %)", "owner 20 of 20", "10 days → 13 days"} <= set(found.text)
    assert "later: 20 of 20 users (100 %), half of them by 3 days or more" in found.text
    assert {"u00 in acme", "1970-01-02T00:00:00Z", "1970-01-05T00:00:00Z"} <= set(found.text)
    assert {"tip → nothing", "tip now: RULE 20", "on /x 20", "1 of 3", "at least 3"} <= set(
        found.text
    )
    assert {"Milestones without a change", "paid"} <= set(found.text)
    assert found.tags.count("svg") == 1
    assert found.tags.count("table") == 4
    assert {"old", "new"} <= set(found.text)


def test_no_curves_are_drawn_where_too_few_are_there_on_one_side() -> None:
    lost = [
        one._replace(after=one.after._replace(reached={"paid": 9 * DAY})) for one in people(20, 3)
    ]
    assert "svg" not in read(lost).tags
    assert "not reached" in read(lost).text


def test_no_curves_are_drawn_where_all_come_later_than_the_axis_goes() -> None:
    late = [
        one._replace(
            before=one.before._replace(reached={"sent": 100 * DAY}),
            after=one.after._replace(reached={"sent": 103 * DAY}),
        )
        for one in people(20, 3)
    ]
    found = compare(late, [SENT], [SENT], Terms(300 * DAY))
    assert "later: 20 of 20 users (100 %)" in page(found, title="x")
    assert "<svg" not in page(found, title="x")


def test_where_nothing_differs_the_page_says_so() -> None:
    found = read(people(20, 0))
    assert {"No change.", "All are shown the same at the end."} <= set(found.text)
    assert "table" not in found.tags


def test_nobody_is_named_where_no_examples_are_asked_for() -> None:
    found = read(people(20, 3, SWITCH), examples=0)
    assert not [one for one in found.text if " in acme" in one]
    assert found.tags.count("table") == 2


def test_milestones_that_one_side_has_are_listed() -> None:
    found = read(people(20, 0), new=[SENT, MilestoneSpec("new", "Scan it")])
    assert {"New milestones", "Milestones that are gone"} <= set(found.text)
    assert "Scan it (new): 0 of 20 users" in found.text
    assert "Get paid (paid): 20 of 20 users, half within 9 days" in found.text
    assert "1 new and 1 gone." in found.text
    more = read(people(20, 0), new=[SENT, PAID, MilestoneSpec("new", "Scan it")])
    assert "1 new and 0 gone." in more.text


def test_many_changes_are_cut_with_a_word_about_the_rest() -> None:
    switches = [
        Switch(f"a{n:02}", None, (Place(),), Because(f"a{n:02}", "RULE")) for n in range(MOST + 2)
    ]
    found = read(people(3, 0, *switches), examples=0)
    assert "a19 → nothing" in found.text
    assert "a20 → nothing" not in found.text
    assert "2 more; --format json has them all" in found.text


def test_every_name_is_escaped() -> None:
    evil = Switch(EVIL, None, (Place(EVIL),), Because(EVIL, "RULE", EVIL, EVIL))
    spec = MilestoneSpec("sent", EVIL)
    found = compare(people(20, 3, evil, role=EVIL), [spec], [spec], Terms(90 * DAY, by="role"))
    told = Reader(page(found, title=EVIL))
    assert "img" not in told.tags
    assert not [name for name, _ in told.attributes if name.startswith("on")]
    assert " ".join(told.text).count(EVIL) > 10


def test_the_page_needs_nothing_from_elsewhere() -> None:
    found = read(people(20, 3, SWITCH))
    assert "script" not in found.tags
    assert not [value for name, value in found.attributes if name in ("src", "href")]
