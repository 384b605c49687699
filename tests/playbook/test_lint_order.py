"""Items, one by one and beside each other. The plain examples are those of `docs/lint.md`."""

import pytest
from tests.playbook.sketch import COMMON, MILESTONES, codes, items


@pytest.mark.parametrize(
    "condition",
    [
        "after: [first]",
        "when: reached(first)",
        "when: since(reached first) > 2d and user.plan is set",
        "when: reached(beyond)",
        "after: [beyond]",
        "after: [later]",
        "when: segment(sender)",
        "when: reached(first) or reached(beyond)",
    ],
)
def test_an_item_never_shows_whose_milestone_is_reached_before(condition: str) -> None:
    text = "segments: {sender: reached(first)}\n" * ("segment" in condition) + MILESTONES
    text += '  - {id: beyond, title: B, reached_when: reached(first) and did("paid")}\n'
    later = f"{{id: later, {COMMON}, toward: money, after: [first], title: L, snooze: [1d], "
    later += "dismissible: false}"
    item = f"{{id: x, {COMMON}, toward: first, title: X, {condition}}}"
    assert codes(text, items(later, item)) == ["done-before-shown"]


@pytest.mark.parametrize(
    "condition",
    [
        "when: reached(first) or reached(contacts)",
        "when: not reached(first)",
        "when: not (reached(first) and reached(money))",
        "after: [contacts]",
    ],
)
def test_an_item_may_show_before_its_milestone_is_reached(condition: str) -> None:
    item = f"{{id: x, {COMMON}, toward: first, title: X, {condition}}}"
    assert codes(MILESTONES, items(item)) == []


@pytest.mark.parametrize("lines", ["contacts", "money"])
def test_a_checklist_is_beside_the_point_without_a_step_to_its_milestone(lines: str) -> None:
    text = MILESTONES.replace('did("sent")', 'reached(contacts) and did("paid")')
    item = "{id: x, type: checklist, moment: onboard, toward: first, title: X, "
    item += f"items: [{{milestone: {lines}}}]}}"
    assert codes(text, items(item)) == []  # reached(contacts), or an event in common
    assert codes(MILESTONES, items(item)) == ["checklist-misses"]


@pytest.mark.parametrize(
    ("one", "other", "out"),
    [
        ("roles: [owner]", "roles: [member]", True),
        ("roles: [owner]", "", False),
        ("device: [mobile]", "device: [desktop, tablet]", True),
        ("device: [mobile]", "roles: [owner]", False),
    ],
)
def test_who_waits_for_what_others_see_waits_for_ever(one: str, other: str, out: bool) -> None:
    first = f"{{id: x, {COMMON}, toward: first, title: X, dismissible: false, snooze: [1d], {one}}}"
    then = f"{{id: w, {COMMON}, toward: first, title: W, after: [contacts, x], {other}}}"
    assert codes(MILESTONES, items(first, then)) == ["after-out-of-reach"] * out


@pytest.mark.parametrize(
    ("written", "nags"),
    [
        ("type: modal, frequency: {max: null, cool_off: null}", True),
        ("type: modal, frequency: {max: null}", False),
        ("type: modal, frequency: {max: 5, cool_off: null}", False),
        ("type: banner, frequency: {max: null, cool_off: null}", False),
    ],
)
def test_only_what_stands_in_the_way_nags(written: str, nags: bool) -> None:
    item = f"{{id: x, moment: onboard, toward: first, title: X, {written}}}"
    assert codes(MILESTONES, items(item)) == ["nags"] * nags


@pytest.mark.parametrize(
    ("written", "locked"),
    [
        ("type: modal", True),
        ("type: banner", True),
        ("type: modal, action: {label: Go}", False),
        ("type: modal, secondary_action: {label: Later}", False),
        ("type: modal, snooze: [1d]", False),
        ("type: tour, steps: [{id: a, title: A}, {id: b, title: B}]", False),
        ("type: checklist, items: [{milestone: first}]", False),
    ],
)
def test_whoever_cannot_close_an_item_has_another_way_out(written: str, locked: bool) -> None:
    item = f"{{id: x, moment: onboard, toward: first, title: X, dismissible: false, {written}}}"
    assert codes(MILESTONES, items(item)) == ["no-way-out"] * locked


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("page: /a", "page: /a", True),
        ("page: /a/", "page: /a", True),
        ("page: /a", "page: /b", False),
        ("page: /a", "", True),
        ("page: /a/*", "page: /a/new", True),
        ("page: /a/*", "page: /a", False),
        ('page: "/a/**"', "page: /a", True),
        ('page: "/a/**"', "page: /a/b/c", True),
        ('page: "/a/**"', "page: /b", False),
        ('page: "/a/**"', 'page: "/**"', True),
        ("page: /a/b", 'page: "/a/b/c/**"', False),
        ("page: /a/x*", "page: /a/*y", True),
        ("page: /a/x*", "page: /a/y*", False),
        ("page: [/a, /b]", "page: [/c, /b]", True),
        ("roles: [owner]", "roles: [member]", False),
        ("roles: [owner]", "roles: [member, owner]", True),
        ("device: [mobile]", "device: [desktop]", False),
        ("when: user.plan is set", "", False),
        ("after: [x]", "", False),
        ("moment: nurture", "", False),
        ("starts: 2026-03-01", "", True),
        ("starts: 2026-03-01", "ends: 2026-03-01", False),
        ("starts: 2026-03-01", "ends: 2026-03-02", True),
    ],
)
def test_a_copy_is_one_only_where_one_person_meets_both(one: str, other: str, meet: bool) -> None:
    moment = "" if "moment" in one else "moment: onboard, "
    first = f"{{id: x, type: banner, moment: onboard, toward: first, title: Same, {other}}}"
    then = f"{{id: w, type: banner, {moment}toward: first, title: Same, dismissible: true, {one}}}"
    found = codes(
        MILESTONES, items(first.replace("title", "dismissible: false, snooze: [1d], title"), then)
    )
    assert found == ["same-title"] * meet


def test_one_target_may_serve_different_ends() -> None:
    target = "target: {selector: '#x'}"
    first = f"{{id: x, type: hint, moment: onboard, toward: first, title: X, {target}}}"
    other = f"{{id: w, type: hint, moment: onboard, toward: money, title: W, {target}}}"
    assert codes(MILESTONES, items(first, other)) == []
    same = other.replace("money", "first")
    assert codes(MILESTONES, items(first, same)) == ["same-target"]


def test_two_milestones_with_one_title_are_told() -> None:
    text = MILESTONES.replace("title: Money", "title: {en: Contacts, de: Geld}")
    assert "same-title" in codes(text, items())


def test_a_tour_is_as_long_as_its_longest_way() -> None:
    def tour(*steps: str) -> str:
        listed = ", ".join(f"{{id: s{n}, title: S{n}{more}}}" for n, more in enumerate(steps))
        item = f"{{id: x, type: tour, moment: onboard, toward: first, title: X, steps: [{listed}]}}"
        return items(item)

    assert codes(MILESTONES, tour(*[""] * 5)) == []
    assert codes(MILESTONES, tour(*[""] * 6)) == ["long-tour"]
    # two ways of three steps and one in common
    fork = ", action: {label: A, step: s4}, secondary_action: {label: B, step: s1}"
    end = ", action: {label: End, step: s6}"
    assert codes(MILESTONES, tour(fork, "", "", end, "", "", "")) == []
    onward = ", action: {label: More, step: s1}"
    assert codes(MILESTONES, tour(onward, *[""] * 5)) == ["long-tour"]
    back = ", action: {label: Back, step: s0}, advance_on: .x"
    assert codes(MILESTONES, tour("", "", "", "", back, "")) == ["long-tour"]
