"""The words for what differs, over hand-made people."""

from collections.abc import Sequence

from guidepath.clock import DAY, HOUR
from guidepath.insight.backtest import Because, Place, Switch, Twin
from guidepath.insight.backtest_compare import Terms, compare
from guidepath.insight.backtest_sample import Drawn
from guidepath.insight.backtest_text import text
from guidepath.insight.backtest_wording import MOST
from guidepath.insight.report import MilestoneSpec, Standing

SENT = MilestoneSpec("sent", "Send", first_value=True)
PAID = MilestoneSpec("paid", "Get paid")
GONE = MilestoneSpec("gone", "Fax it")
BOUGHT = MilestoneSpec("bought", "Get paid")
NEW = MilestoneSpec("new", "Scan it")
BRIEF = Terms(90 * DAY, within=(7 * DAY,), examples=1)


def people(switches: Sequence[Switch]) -> Sequence[Twin]:
    """Half of them send a day and an hour later, the first not at all."""
    found = []
    for n in range(20):
        before = {"sent": 2 * DAY, "paid": 9 * DAY, "gone": 3 * DAY}
        after = {"sent": 2 * DAY, "bought": 9 * DAY, "new": 4 * DAY}
        if n % 2:
            after["sent"] += DAY + HOUR
        if n == 0:
            del after["sent"]
        old, new = (Standing("acme", f"u{n:02}", 0, one, "owner") for one in (before, after))
        found.append(Twin(old, new, tuple(switches) if n < 3 else ()))
    return found


def told(
    *switches: Switch,
    drawn: Drawn | None = None,
    terms: Terms = BRIEF,
    old: Sequence[MilestoneSpec] = (SENT, PAID, GONE),
    new: Sequence[MilestoneSpec] = (SENT, BOUGHT, NEW),
) -> list[str]:
    renamed = {"bought": "paid"}
    found = compare(people(switches), old, new, terms, renamed=renamed, messages=7, drawn=drawn)
    return text(found).splitlines()


def test_it_reads_from_the_table_to_the_people() -> None:
    why = Because("tip", "RULE", "1 of 3", "at least 3")
    switch = Switch("tip", None, (Place("/x"), Place(None, "mobile")), why)
    assert told(switch, terms=Terms(90 * DAY, within=(7 * DAY,), examples=1, by="role")) == [
        "until 1970-04-01 00:00 UTC: 20 users, 0 accounts, 7 messages",
        "",
        "milestone  of  earlier  later  no more  newly      half within     in 7 days",
        "★ Send     20        0     10        1      0  2 days → 3 days  100 % → 95 %",
        "  owner    20        0     10        1      0  2 days → 3 days  100 % → 95 %",
        "",
        "★ Send: sent",
        "  later: 10 of 20 users (50 %), half of them by 1 day or more",
        "    owner 10 of 20",
        "    u01 in acme: 1970-01-03T00:00:00Z → 1970-01-04T01:00:00Z",
        "  no more by the end: 1 of 20 users (5 %)",
        "    owner 1 of 20",
        "    u00 in acme: 1970-01-03T00:00:00Z → not reached",
        "",
        "new: Scan it (new): 20 of 20 users, half within 4 days",
        "gone: Fax it (gone): 20 of 20 users, half within 3 days",
        "",
        "no change: bought (before: paid)",
        "",
        "next item: another one for 3 of 20 users (15 %)",
        "    owner 3 of 20",
        "  tip → nothing: 3 of 20 users (15 %)",
        "    tip now: RULE 3",
        "    owner 3 of 20",
        "    on /x 3, no page (mobile) 3",
        "    u00 in acme on /x: RULE, 1 of 3; required: at least 3",
    ]


def test_of_one_person_alone_the_shift_is_hers() -> None:
    old, new = (Standing("acme", "ada", 0, {"sent": day * DAY}) for day in (5, 2))
    found = compare([Twin(old, new)], [SENT], [SENT], BRIEF)
    assert "  earlier: 1 of 1 user (100 %), by 3 days\n" in text(found)


def test_where_nothing_differs_one_line_says_so() -> None:
    lines = told(old=(PAID,), new=(BOUGHT,))
    assert lines == ["no change until 1970-04-01 00:00 UTC: 20 users, 0 accounts, 7 messages"]


def test_where_the_next_item_alone_changes_no_table_stands_above_it() -> None:
    switch = Switch(None, "tip", (Place(),), Because("tip", "ADDED"))
    assert told(switch, old=(PAID,), new=(BOUGHT,)) == [
        "until 1970-04-01 00:00 UTC: 20 users, 0 accounts, 7 messages",
        "",
        "no change: bought (before: paid)",
        "",
        "next item: another one for 3 of 20 users (15 %)",
        "  nothing → tip: 3 of 20 users (15 %)",
        "    tip before: ADDED 3",
        "    u00 in acme: ADDED",
    ]


def test_the_same_item_with_other_content_is_told_as_such() -> None:
    lines = told(Switch("tip", "tip", (Place(),), Because("tip", "EDITED")))
    assert "  tip, with other content: 3 of 20 users (15 %)" in lines
    assert not [one for one in lines if "tip now" in one]


def test_where_milestones_alone_change_the_items_are_told_to_be_the_same() -> None:
    assert told()[-1] == "next item: all are shown the same at the end"


def test_a_sample_says_so_and_its_shares_have_limits() -> None:
    first, *rest = told(drawn=Drawn(1, 1_200))
    assert first.endswith("7 messages; a sample: 1 of 1,200 accounts")
    later = next(one for one in rest if "  later:" in one)
    assert later.startswith("  later: 10 of 20 users (50 %, 95 % band 5 to 95 %), half of them")


def test_many_changes_and_many_pages_are_cut_with_a_word_about_the_rest() -> None:
    everywhere = tuple(Place(f"/p{n}") for n in range(MOST + 3))
    many = [
        Switch(f"a{n:02}", None, everywhere, Because(f"a{n:02}", "RULE")) for n in range(MOST + 4)
    ]
    lines = told(*many)
    assert "  a19 → nothing: 3 of 20 users (15 %)" in lines
    assert "  a20 → nothing: 3 of 20 users (15 %)" not in lines
    assert lines[-1] == "  and 4 more; --format json has them all"
    assert all(one.endswith("/p19 3, 3 more") for one in lines if one.startswith("    on "))


def test_no_name_can_steer_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\u202e"
    switch = Switch(evil, None, (Place(evil),), Because(evil, "RULE", evil, evil))
    title = MilestoneSpec("sent", f"Send{evil}")
    lines = told(switch, old=(title,), new=(title, MilestoneSpec("new", evil)))
    assert not {"\x1b", "\x07", "\u202e"} & set("".join(lines))
