"""What a person sees: her language, her values, and how far she is."""

from datetime import datetime, timedelta

import msgspec
import pytest

from guidepath import Guidepath, Playbook
from guidepath.item import Item
from guidepath.testing import FrozenClock

PLAYBOOK = """
name: ledgerly
locale: en
roles: [owner]
attributes:
  user: {first_name: {type: string, optional: true}, locale: {type: string, optional: true}}
  account: {}
events: {contact.imported: {}, invoice.sent: {}}
milestones:
  - {id: imported, title: {en: Import, de: Einlesen}, reached_when: did("contact.imported")}
  - id: sent
    title: Send
    scope: account
    reached_when: did("invoice.sent")
    first_value: true
  - {id: all, title: All, reached_when: reached(imported) and reached(sent)}
guidance:
  - id: steps
    type: checklist
    moment: onboard
    toward: all
    page: /list
    title: {en: "First steps, {{ user.first_name | default('you') }}", de: Erste Schritte}
    items:
      - {milestone: imported, action: {label: Go, navigate: /import}}
      - {milestone: sent, after: [imported], required: false, title: Bill}
  - id: tour
    type: tour
    moment: onboard
    toward: all
    page: /tour
    title: Around
    snooze: [90s, 4h, 2d]
    steps:
      - {id: one, title: One, target: {selector: .one, wait: 2s, on_missing: center}}
      - {id: two, title: Two, advance_on: .next}
      - {id: three, title: Three, body: "**Done**, {{ user.first_name }}"}
"""


def guided() -> Guidepath:
    return Guidepath(Playbook.parse(PLAYBOOK), clock=FrozenClock())


def shown(guide: Guidepath, page: str, locale: str | None = None) -> Item:
    decision = guide.next(user="u", account="a", page=page, locale=locale)
    assert decision.item is not None
    return decision.item


def test_a_checklist_fills_as_milestones_are_reached_and_says_by_whom() -> None:
    guide = guided()
    first, second = shown(guide, "/list").items
    assert (first.title, first.status, first.locked) == ("Import", "not_started", False)
    assert first.action is not None
    assert first.action.url == "/import"
    assert (second.title, second.locked, second.required) == ("Bill", True, False)
    guide.track("contact.imported", user="u", account="a")
    item = shown(guide, "/list")
    assert (item.state.status, item.state.progress.completed) == ("in_progress", 1)
    assert not item.items[1].locked
    guide.track("invoice.sent", user="v", account="a")
    view = guide.progress(user="u", account="a")
    [done] = [one for one in view.checklists[0].items if one.id == "sent"]
    assert (done.status, done.completed_by) == ("completed", "v")
    assert done.completed_at == "2026-01-01T00:00:00Z"


def test_a_tour_goes_on_after_its_last_step_done() -> None:
    guide = guided()
    decision = guide.next(user="u", account="a", page="/tour")
    assert shown(guide, "/tour").state.current_step_id == "one"
    guide.respond(decision.id, "shown")
    guide.respond(decision.id, "step.completed", step="one")
    state = shown(guide, "/tour").state
    assert (state.current_step_id, state.status) == ("two", "in_progress")
    guide.respond(decision.id, "step.shown", step="three")
    assert shown(guide, "/tour").state.current_step_id == "three"


def test_texts_are_in_the_nearest_language_and_say_which() -> None:
    guide = guided()
    assert shown(guide, "/list").steps[0].title == "First steps, you"
    german = shown(guide, "/list", "de-AT")
    assert (german.steps[0].title, german.locale) == ("Erste Schritte", "de")
    assert german.items[0].title == "Einlesen"
    guide.identify(user="u", account="a", attributes={"locale": "de", "first_name": "Ada"})
    assert shown(guide, "/list").locale == "de"
    assert shown(guide, "/list", "en").steps[0].title == "First steps, Ada"


def test_a_name_is_shown_as_it_was_typed_whatever_it_is() -> None:
    guide = guided()
    name = '<img src=x onerror="alert(1)"> [x](javascript:alert(1)) **x**'
    guide.identify(user="u", account="a", attributes={"first_name": name})
    body = shown(guide, "/tour").steps[2].body_html
    assert body.startswith("<p><strong>Done</strong>, &lt;img src=x onerror=")
    assert "<img" not in body
    assert "<a" not in body
    assert "**x**" in body


def test_times_go_over_the_wire_in_the_units_that_browsers_read() -> None:
    item = shown(guided(), "/tour")
    assert item.snooze_options == ("PT90S", "PT4H", "P2D")
    target = item.steps[0].target
    assert target is not None
    assert (target.wait_ms, target.on_missing) == (2000, "center")
    assert item.steps[1].advance_on == ".next"
    assert msgspec.to_builtins(item)["object"] == "item"


def test_a_milestone_told_from_the_past_is_marked_in_the_overview() -> None:
    guide = guided()
    guide.track("contact.imported", user="u", account="a")
    views = {one.id: one for one in guide.progress(user="u", account="a", locale="de").milestones}
    assert views["imported"].title == "Einlesen"
    assert isinstance(views["imported"].reached_at, datetime)
    assert views["imported"].reached_by == "u"
    assert not views["imported"].backfilled
    assert views["sent"].reached_at is None


def test_a_snooze_must_be_one_of_the_options() -> None:
    guide = guided()
    decision = guide.next(user="u", account="a", page="/tour")
    with pytest.raises(Exception, match="none of the item's snooze options"):
        guide.respond(decision.id, "snoozed", snooze=timedelta(hours=5))
    assert guide.respond(decision.id, "snoozed", snooze=timedelta(hours=4))
