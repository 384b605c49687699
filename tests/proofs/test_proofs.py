"""Each finding on a small playbook made for it, and playbooks that are right."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from guidepath import Playbook
from guidepath.errors import ConfigurationError, Diagnostic
from guidepath.proofs import prove, witnesses
from guidepath.rehearsal import rehearse, starter

HEAD = """\
name: ledgerly
roles: [owner, accountant, member]
attributes:
  user: {plan: {enum: [free, pro], optional: true}}
  account: {size: {type: integer, optional: true}}
events:
  invoice.sent: {properties: {total: number}}
  contact.imported: {}
"""
MILESTONES = """\
milestones:
  - {id: contacts_in, title: Contacts, reached_when: did("contact.imported")}
  - {id: first_invoice, title: Invoice, first_value: true, reached_when: did("invoice.sent")}
"""
STAYS = ", dismissible: false, frequency: {max: null, cool_off: null}"


def item(name: str, rule: str | None = None, *, also: str = "", toward: str = "contacts_in") -> str:
    when = "" if rule is None else f", when: '{rule}'"
    moment = "" if "moment:" in also else ", moment: onboard"
    return f"  - {{id: {name}, type: hint, toward: {toward}, title: A hint{moment}{when}{also}}}\n"


def proven(*items: str, more: str = "", milestones: str = MILESTONES) -> Sequence[Diagnostic]:
    guidance = f"guidance:\n{''.join(items)}" if items else ""
    text = HEAD + milestones + more + guidance
    return prove(Playbook.parse(text), text, "guidepath.yaml")


def codes(found: Sequence[Diagnostic]) -> list[tuple[str, str]]:
    return [(one.severity, one.code) for one in found]


def text_at(found: Diagnostic, *items: str) -> str:
    """What stands where the finding is."""
    lines = (HEAD + MILESTONES + "guidance:\n" + "".join(items)).splitlines()
    return lines[found.place.line - 1][found.place.column - 1 :]


def test_what_can_be_shown_reached_and_left_is_not_told() -> None:
    assert not proven(
        item("import", 'not did("contact.imported")', also=", roles: [owner], page: /contacts"),
        item("size", "account.size > 5", also=", page: /team"),
        item("thanks", also=", moment: celebrate"),
    )


@pytest.mark.parametrize(
    "rule",
    [
        'did("invoice.sent") and not did("invoice.sent")',
        'count("invoice.sent" within 7d) >= 3 and count("invoice.sent") < 2',
        'user.plan == "pro" and user.plan == "free"',
        'role == "owner" and role == "member"',
    ],
)
def test_an_item_whose_rule_never_holds_is_never_shown(rule: str) -> None:
    one = item("never", rule)
    (found,) = proven(one)
    assert (found.severity, found.code) == ("warning", "never-true")
    first, second = rule.split(" and ")
    assert f"`{first}` and `{second}` cannot both hold" in found.message
    assert text_at(found, one).startswith(first)
    (other,) = found.related
    assert other.message == f"`{second}`"


def test_only_the_rules_at_fault_are_named() -> None:
    rule = 'did("invoice.sent") and account.size > 7 and user.plan is set and account.size < 7'
    (found,) = proven(item("never", rule))
    assert "`account.size > 7` and `account.size < 7` cannot both hold" in found.message
    assert "plan" not in found.message


def test_what_its_milestone_asks_for_cannot_be_what_an_item_waits_for() -> None:
    (found,) = proven(item("late", 'count("contact.imported" within 1d) >= 2'))
    assert found.code == "never-true"
    assert 'contacts_in is reached as soon as `did("contact.imported")`' in found.message


@pytest.mark.parametrize(
    ("also", "rule"),
    [
        (", roles: [owner]", 'role == "member"'),
        (", page: /contacts", 'page matches "/invoices/*"'),
        (", device: [mobile]", 'device == "desktop"'),
        (", after: [first_invoice]", 'not did("invoice.sent")'),
        (", moment: celebrate", "not reached(contacts_in)"),
        (", after: [contacts_in]", None),
    ],
)
def test_an_item_is_never_shown_where_its_own_gates_keep_its_rule_out(
    also: str, rule: str | None
) -> None:
    assert codes(proven(item("never", rule, also=also))) == [("warning", "never-true")]


def test_what_comes_after_an_item_that_is_never_shown_is_not_either() -> None:
    found = proven(
        item("never", 'role == "owner" and role == "member"'),
        item("next", also=", after: [never]"),
        item("last", also=", after: [next]"),
    )
    assert codes(found) == [("warning", "never-true")] * 3
    assert "it comes after 'next'" in found[2].message


def test_an_item_after_another_has_what_that_one_asked_for_behind_it() -> None:
    before = item("before", 'did("invoice.sent")')
    assert codes(proven(before, item("next", 'not did("invoice.sent")', also=", after: [before]")))
    passing = item("next", 'not did("invoice.sent" within 7d)', also=", after: [before]")
    assert not proven(before, passing)
    lately = item("before", 'did("invoice.sent" within 1d)')  # which it was then
    assert not proven(lately, passing)


def test_one_item_comes_first_for_ever() -> None:
    found = proven(
        item("first", 'did("invoice.sent")', also=STAYS),
        item("second", 'count("invoice.sent") >= 3'),
    )
    (one,) = found
    assert (one.severity, one.code) == ("warning", "shadowed")
    assert one.message.startswith("'second' is never shown")
    assert [other.message for other in one.related] == ["'first' comes first"]


def test_several_items_come_first_together() -> None:
    found = proven(
        item("sent", 'did("invoice.sent")', also=STAYS),
        item("owners", also=f", roles: [owner]{STAYS}"),
        item("unsent", 'not did("invoice.sent")', also=STAYS),
        item("last", "account.size > 3", also=", roles: [member]"),
    )
    (one,) = found
    assert (one.severity, one.code) == ("warning", "shadowed")
    assert "'last' is never shown" in one.message
    assert [other.message for other in one.related] == [
        "'sent' comes first",
        "'unsent' comes first",
    ]


def test_the_moment_decides_who_comes_first() -> None:
    late, first = item("late", also=f", moment: nurture{STAYS}"), item("first", also=STAYS)
    (found,) = proven(late, first)
    assert found.message.startswith("'late' is never shown")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ("", "dismissed, shown 3 times or resting, 1d after it was shown"),
        (", dismissible: false, frequency: {max: 1, cool_off: null}", "it is shown once"),
        (", frequency: {max: null, cool_off: null}", "it is dismissed"),
        (STAYS + ", snooze: [1d]", "until it is snoozed"),
        (STAYS + ", action: {label: Done}", "until it is completed"),
        (STAYS + ", target: {selector: main}", "until it is left out, its target missing"),
    ],
)
def test_an_item_that_goes_keeps_others_away_only_until_then(ends: str, words: str) -> None:
    (one,) = proven(item("first", also=ends), item("second", "account.size > 3"))
    assert (one.severity, one.code) == ("info", "shadowed")
    assert one.message.startswith("'second' has to wait")
    assert words in one.message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (", roles: [owner]", ", roles: [owner, member]"),
        (", page: /contacts", ", page: /contacts/*"),
        (", device: [mobile]", ""),
        (", starts: 2026-01-01", ", ends: 2027-01-01"),
        (", after: [first_invoice]", ""),
    ],
)
def test_an_item_is_free_where_the_other_is_not_in_place(first: str, second: str) -> None:
    assert not proven(item("first", also=first + STAYS), item("second", also=second))


def test_before_the_time_of_one_and_past_the_rule_of_another_an_item_is_free() -> None:
    assert not proven(
        item("timed", also=f", starts: 2026-01-01{STAYS}"),
        item("unsent", 'not did("invoice.sent")', also=STAYS),
        item("last"),
    )


def test_an_item_within_the_time_of_another_comes_second() -> None:
    found = proven(
        item("first", also=f", starts: 2026-01-01{STAYS}"),
        item("second", also=", starts: 2026-02-01, ends: 2026-03-01"),
    )
    assert codes(found) == [("warning", "shadowed")]


def test_items_towards_another_milestone_are_free_once_the_first_is_reached() -> None:
    first = item("first", also=STAYS)
    assert not proven(first, item("second", also=", after: [contacts_in]", toward="first_invoice"))
    assert codes(proven(first, item("second", toward="first_invoice"))) == []


def test_a_celebration_makes_way() -> None:
    found = proven(
        item("thanks", also=", moment: celebrate"),
        item("next", also=", after: [contacts_in]", toward="first_invoice"),
    )
    assert not found


def test_what_is_shown_only_after_something_was_celebrated_has_a_witness_and_a_persona() -> None:
    items = item("thanks", also=", moment: celebrate") + item(
        "next", also=", page: /next, after: [contacts_in]", toward="first_invoice"
    )
    playbook = Playbook.parse(HEAD + MILESTONES + "guidance:\n" + items)
    found = witnesses(playbook)
    assert found["next"].reached == ("contacts_in",)
    personas = starter(playbook, found)
    assert [one.item for one in personas.personas[1].shown] == ["thanks"]
    assert personas.personas[1].expects[0].gets == "next"
    assert all(one.passed for one in rehearse(playbook, personas))


def test_what_is_shown_around_midnight_alone_is_found_then() -> None:
    assert not proven(item("late", 'days("invoice.sent" within 1h) == 2'))


def test_of_two_celebrations_of_one_milestone_the_second_never_comes() -> None:
    found = proven(
        item("thanks", also=", moment: celebrate"),
        item("again", "account.size > 3", also=", moment: celebrate"),
    )
    assert codes(found) == [("warning", "shadowed")]


def test_a_tour_is_shown_where_one_of_its_steps_can_begin() -> None:
    tour = (
        "  - id: tour\n    type: tour\n    moment: onboard\n    toward: contacts_in\n"
        "    title: A tour\n    page: /a\n    steps:\n"
        "      - {id: one, title: One, page: /b, when: account.size > 3}\n"
        "      - {id: two, title: Two, when: 'account.size > 3 and account.size < 2'}\n"
        "      - {id: three, title: Three, page: /c}\n"
    )
    found = proven(tour)
    assert sorted(codes(found)) == [("warning", "never-true")] * 2
    step, whole = sorted(found, key=lambda one: -one.place.line)
    assert "'two' is never shown" in step.message
    assert "'tour' is never shown" in whole.message


def test_a_tour_does_not_begin_at_its_second_step_where_the_first_is_for_her() -> None:
    tour = (
        "  - id: tour\n    type: tour\n    moment: onboard\n    toward: contacts_in\n"
        "    title: A tour\n    page: /c\n    when: account.size > 3\n    steps:\n"
        "      - {id: one, title: One, page: /b, when: account.size > 2}\n"
        "      - {id: two, title: Two, page: /c}\n"
    )
    (found,) = proven(tour)
    assert (found.severity, found.code) == ("warning", "never-true")


def test_a_first_session_is_quiet() -> None:
    quiet = "limits: {quiet_first_session: true}\n"
    one = item("early", "since(start) < 10m")
    assert codes(proven(one, more=quiet)) == [("warning", "never-true")]
    assert not proven(one)


def test_what_always_holds_decides_nothing() -> None:
    (found,) = proven(item("always", 'user.plan != "pro" or user.plan != "free"'))
    assert (found.severity, found.code) == ("warning", "always-true")
    assert '`user.plan != "pro"` or `user.plan != "free"` always holds' in found.message


def test_a_milestone_that_cannot_be_reached_takes_others_with_it() -> None:
    milestones = MILESTONES + (
        "  - {id: both, title: Both, reached_when: 'account.size > 3 and account.size < 2'}\n"
        '  - {id: more, title: More, reached_when: did("invoice.sent") and reached(both)}\n'
    )
    found = proven(item("late", also=", after: [more]"), milestones=milestones)
    assert [one.code for one in found] == ["unreachable-milestone"] * 2 + ["never-true"]
    assert "'more' can never be reached" in found[1].message
    assert "since both can never be reached" in found[1].message


def test_a_role_that_cannot_reach_the_first_value_is_told() -> None:
    milestones = MILESTONES.replace(
        'did("invoice.sent")}', '\'did("invoice.sent") and role != "member"\'}'
    )
    (found,) = proven(milestones=milestones)
    assert (found.severity, found.code) == ("warning", "first-value-out-of-reach")
    assert "a user with the role member" in found.message


def test_a_role_that_cannot_reach_what_the_first_value_waits_for_is_told() -> None:
    milestones = """\
milestones:
  - {id: approved, title: A, reached_when: 'did("contact.imported") and role == "owner"'}
  - id: first
    title: B
    first_value: true
    reached_when: did("invoice.sent") and reached(approved)
"""
    found = proven(milestones=milestones)
    assert [one.code for one in found] == ["first-value-out-of-reach"] * 2
    assert [one.message.split(" can")[0][-10:] for one in found] == ["accountant", "ole member"]


def test_the_account_reaches_the_first_value_whatever_the_role() -> None:
    milestones = """\
milestones:
  - {id: first, title: B, scope: account, first_value: true, reached_when: did("invoice.sent")}
"""
    assert not proven(milestones=milestones)


def test_a_segment_that_nobody_is_in_is_dead() -> None:
    (found,) = proven(more="segments: {none: account.size > 5 and account.size <= 5}\n")
    assert (found.severity, found.code) == ("warning", "dead-segment")
    assert "nobody is ever in 'none'" in found.message


def test_what_is_at_fault_inside_a_segment_stands_there() -> None:
    segments = "segments: {small: account.size <= 5}\n"
    (found,) = proven(item("never", "segment(small) and account.size > 7"), more=segments)
    (other,) = found.related
    assert other.message == "`account.size <= 5`"
    assert other.place.line == len((HEAD + MILESTONES + segments).splitlines())


def test_what_is_not_decided_in_time_is_told() -> None:
    text = HEAD + MILESTONES + "guidance:\n" + item("one") + item("two", "account.size > 2")
    found = prove(Playbook.parse(text), text, "guidepath.yaml", limit=0)
    assert codes(found) == [("info", "undecided")] * 2
    assert "--time-limit" in found[0].message


def test_what_is_too_much_to_live_through_is_told() -> None:
    million = item("million", 'count("invoice.sent") >= 1000000', toward="contacts_in")
    (found,) = proven(million)
    assert (found.severity, found.code) == ("info", "undecided")
    assert "more events" in found.message


def test_how_far_it_is_is_told() -> None:
    text = HEAD + MILESTONES + "guidance:\n" + item("one", "account.size > 2")
    steps: list[tuple[int, int | None]] = []
    prove(Playbook.parse(text), text, "x", progress=lambda done, of: steps.append((done, of)))
    assert steps == [(number, 4) for number in range(5)]


def test_a_holdout_does_not_hide_what_is_shown() -> None:
    assert not proven(item("one"), more="holdout: {percent: 100}\n")


def test_without_the_solver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "z3", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'guidepath\[prove\]'"):
        proven(item("one"))


@pytest.mark.parametrize(
    "file",
    [
        Path(str(files("guidepath"))) / "demo/guidepath.yaml",
        Path(__file__).parents[2] / "examples/contributors/guidepath.yaml",
    ],
    ids=lambda file: file.parent.name,
)
def test_our_own_playbooks_have_nothing_that_is_never(file: Path) -> None:
    text = file.read_text("utf-8")
    found = prove(Playbook.load(file), text, str(file))
    assert [one for one in found if one.severity != "info"] == []
    assert "undecided" not in [one.code for one in found]
