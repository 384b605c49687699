"""How much falls on one person. The plain examples are those of `docs/lint.md`."""

import pytest
from tests.playbook.sketch import COMMON, HEAD, MILESTONES, codes, found, items

SURVEY = (
    "type: survey, toward: money, title: S, questions: "
    "[{id: a, type: text, prompt: A}, {id: b, type: text, prompt: B}]"
)


@pytest.mark.parametrize(
    ("condition", "early"),
    [
        ("moment: onboard", True),
        ("moment: nurture", True),
        ("moment: onboard, after: [contacts]", True),  # still before the first value
        ("moment: nurture, after: [first]", False),
        ("moment: nurture, after: [late]", False),  # listed behind the first value
        ("moment: nurture, when: did(sent)", False),  # which is how it is reached
        ("moment: nurture, when: count(sent) >= 2", False),
        ("moment: nurture, when: not did(sent)", True),
        ("moment: nurture, when: did(sent) or did(imported)", True),
        ("moment: nurture, when: since(reached first) > 1d", False),
    ],
)
def test_questions_wait_for_the_first_value(condition: str, early: bool) -> None:
    condition = condition.replace("(sent)", '("sent")').replace("(imported)", '("imported")')
    text = MILESTONES + '  - {id: late, title: L, reached_when: count("sent") >= 9}\n'
    item = f"{{id: x, {SURVEY}, {condition}}}"
    assert codes(text, items(item)) == ["asks-up-front"] * early


def test_each_modal_after_the_first_is_told_where_one_person_gets_both() -> None:
    def modal(name: str, more: str) -> str:
        return (
            f"{{id: {name}, type: modal, moment: onboard, toward: first, title: T{name}, {more}}}"
        )

    assert (
        codes(MILESTONES, items(modal("x", "roles: [owner]"), modal("w", "roles: [member]"))) == []
    )
    three = items(modal("x", "roles: [owner]"), modal("w", "roles: [member]"), modal("z", ""))
    one = found("asks-up-front", MILESTONES, three)
    assert "besides 'x'" in one.message
    later = items(modal("x", "ends: 2026-03-01"), modal("w", "starts: 2026-03-01"))
    assert codes(MILESTONES, later) == []
    after = items(
        modal("x", ""), modal("w", "after: [first]").replace("toward: first", "toward: money")
    )
    assert codes(MILESTONES, after) == []


def nine(more: str = "", *, toward: str = "first") -> str:
    written = (f"{{id: n{n}, {COMMON}, toward: {toward}, title: N{n}{more}}}" for n in range(9))
    return items(*written, others="")


DUE = (
    MILESTONES.replace("first_value: true", "first_value: true, due: 2d")
    .replace('did("imported")', 'count("sent") >= 2')
    .replace('did("paid")', 'count("sent") >= 3')
)
KEPT = "guidance:\n  - {id: party, type: banner, moment: celebrate, toward: first, title: P}\n"


def listed(items: str) -> str:
    return KEPT + items.removeprefix("guidance:\n")


@pytest.mark.parametrize(
    ("limits", "over"),
    [
        ("per_day: 3", False),  # at the start, after a day and after two: nine
        ("per_day: 2", True),
        ("per_week: 8", True),
        ("per_week: 9", False),
        ("cool_off: 6h", False),
        ("cool_off: 7h", True),
        ("per_session: 1", False),  # there may be any number of sessions
    ],
)
def test_the_limits_let_through_what_leads_to_a_date(limits: str, over: bool) -> None:
    # on pages of their own, so that not one page is too full
    text = listed(nine())
    for n in range(9):
        text = text.replace(f"title: N{n}", f"title: N{n}, page: /p{n}")
    assert codes(DUE, text, f"limits: {{{limits}}}\n") == ["over-limits"] * over


def test_only_what_leads_there_without_a_condition_is_counted() -> None:
    limits = "limits: {per_day: 2, per_week: 12}\n"
    for more in (", when: user.plan is set", ", starts: 2026-03-01", ", ends: 2026-03-01"):
        assert codes(DUE, listed(nine(more)), limits) == []
    other = (
        DUE.replace("due: 2d", "due: 2d")
        + '  - {id: fourth, title: F, reached_when: did("sent")}\n'
    )
    assert codes(other, listed(nine(toward="fourth")), limits) == []


def test_what_comes_too_late_is_told_at_the_first_date_on_the_way_only() -> None:
    chain = '  - {id: last, title: L, reached_when: reached(first) and did("sent"), due: 3d}\n'
    text = listed(nine())
    for n in range(9):
        text = text.replace(f"title: N{n}", f"title: N{n}, page: /p{n}")
    one = found("over-limits", DUE, chain, text, "limits: {per_day: 1}\n")
    assert one.place.line == HEAD.count("\n") + 3
    assert "9 items lead the role 'owner' here, and the limits show 3 at most in 2d" in one.message
    assert len(one.related) == 3


def test_one_page_gets_no_more_than_a_week_can_show() -> None:
    text = (
        MILESTONES.replace('did("imported")', 'count("sent") >= 2')
        .replace('did("paid")', 'count("sent") >= 3')
        .replace("first_value: true", "first_value: true, due: 52w")
    )
    one = found("over-limits", text, listed(nine(", page: /a")), "limits: {per_week: 8}\n")
    assert "9 items wait for the role 'owner' on /a" in one.message
    assert one.place.line == HEAD.count("\n") + text.count("\n") + 2 + 9
    for more in (", page: /a, roles: [owner]", ""):
        assert codes(text, listed(nine(more)), "limits: {per_week: 8}\n") == (
            ["role-left-alone"] * bool(more) + ["over-limits"]
        )
    for calm in (", page: /a, after: [first]", ", page: /a, ends: 2026-03-01"):
        calmed = listed(nine(calm, toward="contacts"))
        assert codes(text, calmed, "limits: {per_week: 8}\n") == []


@pytest.mark.parametrize(
    ("limits", "idle"),
    [
        ("per_session: 3, per_day: 2", 1),
        ("per_session: 2, per_day: 2", 0),
        ("per_session: 3, per_week: 2", 1),
        ("per_day: 3, per_week: 2", 1),
        ("per_day: 1, per_week: 7", 1),
        ("per_day: 1, per_week: 6", 0),
    ],
)
def test_a_limit_is_idle_where_another_is_reached_first(limits: str, idle: int) -> None:
    assert codes(MILESTONES, items(), f"limits: {{{limits}}}\n").count("idle-limit") == idle
