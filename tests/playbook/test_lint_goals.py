"""Milestones: what leads there, and when. The plain examples are those of `docs/lint.md`."""

import pytest
from tests.playbook.sketch import COMMON, HEAD, MILESTONES, codes, found, items


def test_a_playbook_without_guidance_only_measures() -> None:
    assert codes(MILESTONES) == []


@pytest.mark.parametrize(
    "led",
    [
        'reached(first) and did("paid")',  # it is made of one to which something leads
        'count("sent") >= 5',  # more of the same
        "since(start) > 30d",  # nobody can do anything for it
        'user.plan == "paid"',
    ],
)
def test_guidance_need_not_name_a_milestone_to_lead_to_it(led: str) -> None:
    more = f"  - {{id: more, title: More, reached_when: '{led}'}}\n"
    others = f"  - {{id: o2, {COMMON}, toward: first, title: Two}}\n"
    first = MILESTONES.splitlines()[2]
    assert codes(f"milestones:\n{first}\n", more, items(others=others)) == []


def test_guidance_to_the_whole_leads_to_its_parts() -> None:
    whole = "  - {id: all, title: All, reached_when: reached(contacts) and reached(money)}\n"
    others = f"  - {{id: a, {COMMON}, toward: all, title: All}}\n"
    others += f"  - {{id: b, {COMMON}, toward: first, title: First}}\n"
    assert codes(MILESTONES, whole, items(others=others)) == []


def test_a_line_of_a_checklist_leads_to_its_milestone() -> None:
    assert codes(MILESTONES, items()) == []
    assert codes(MILESTONES, items().replace(", {milestone: money}", "")) == ["no-guidance"]


def test_a_celebration_leads_nowhere() -> None:
    others = f"  - {{id: a, {COMMON}, toward: first, title: A}}\n"
    party = "{id: b, type: banner, moment: celebrate, toward: contacts, title: B}"
    assert codes(MILESTONES, items(party, others=others)) == ["no-guidance"] * 2


LED = f"  - {{id: led, {COMMON}, toward: first, title: A}}\n"


@pytest.mark.parametrize(
    ("rule", "due", "late"),
    [
        ('since(start) > 3d and did("sent")', "3d", True),
        ('since(start) >= 3d and did("sent")', "3d", False),  # reached in the very last instant
        ('since(start) > 3d and did("sent")', "4d", False),
        ('since("sent") > 3d', "2d", True),
        ('since("sent") < 3d', "2d", False),
        ('account.since("sent") > 3d', "2d", False),  # a colleague may have sent it before
        ('account.since(start) > 3d and did("sent")', "2d", False),
        ('days("sent") >= 5', "3d", True),  # five days are more than three apart
        ('days("sent") >= 5', "4d", False),
        ('days("sent") <= 5 and did("sent")', "1h", False),
        ('account.days("sent") >= 5', "3d", False),
        ('did("sent") or since(start) > 9d', "1d", False),
        ('since("sent") > 5d or since(start) > 9d', "4d", True),
        ("since(reached before) > 2d", "2d", True),
        ("since(reached before) > 2d", "3d", True),  # before takes a day, too
        ("since(reached before) > 2d", "4d", False),
        ("segment(old) and reached(before)", "5d", True),
        ("not (since(start) > 3d)", "1d", False),
        ("since(reached theirs) > 4d", "5d", False),  # the account may be older than the user
    ],
)
def test_a_date_is_too_soon_where_the_rule_cannot_hold_before_it(
    rule: str, due: str, late: bool
) -> None:
    text = "segments: {old: since(start) > 6d}\n" * ("segment" in rule) + "milestones:\n"
    text += '  - {id: before, title: Before, reached_when: did("sent") and since(start) > 1d}\n'
    text += "  - {id: theirs, title: Theirs, scope: account, reached_when: since(start) > 30d}\n"
    text += (
        f"  - {{id: first, title: First, reached_when: '{rule}', first_value: true, due: {due}}}\n"
    )
    assert codes(text, items(others=LED)).count("due-too-soon") == late


def test_dates_are_compared_along_the_whole_chain_and_in_one_scope() -> None:
    text = """\
milestones:
  - {id: a, title: A, reached_when: did("sent"), due: 9d}
  - {id: b, title: B, reached_when: reached(a) and did("imported")}
  - {id: first, title: C, reached_when: reached(b) and did("paid"), due: 3d, first_value: true}
  - {id: d, title: D, scope: account, reached_when: did("paid"), due: 9d}
  - {id: e, title: E, reached_when: reached(d) and did("paid"), due: 3d}
  - {id: f, title: F, reached_when: reached(a) or did("paid"), due: 3d}
"""
    one = found("due-before-needed", text, items(others=LED))
    assert "'first' needs 'a', which is due later (9d)" in one.message
    assert one.place.line == HEAD.count("\n") + 4
    assert [related.place.line for related in one.related] == [HEAD.count("\n") + 2]
