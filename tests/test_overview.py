"""How far she has come: past announcements beside milestones and checklists."""

from typing import Any

from guidepath import Guidepath, Playbook
from guidepath.testing import FrozenClock

HEAD = """
name: ledgerly
roles: [owner, member]
events: {invoice.sent: {}}
milestones:
  - {id: sent, title: Send, reached_when: did("invoice.sent"), first_value: true}
guidance:
"""
ADA: dict[str, Any] = {"user": "ada", "account": "acme"}


def news(name: str, more: str = "", kind: str = "announcement") -> str:
    page = f"page: /{name}"
    title = f"title: {{en: {name}, de: {name} neu}}"
    return (
        f"  - {{id: {name}, type: {kind}, moment: nurture, toward: sent, {page}, {title}{more}}}\n"
    )


def guided(body: str, clock: FrozenClock | None = None, store: Any = "memory:") -> Guidepath:
    return Guidepath(Playbook.parse(HEAD + body), store, clock=clock or FrozenClock())


def had(guide: Guidepath, **more: Any) -> list[str]:
    return [one.id for one in guide.progress(**ADA, **more).announcements]


def see(guide: Guidepath, name: str, answer: Any = "dismissed") -> None:
    decision = guide.next(**ADA, page=f"/{name}")
    assert decision.guidance == name
    guide.respond(decision.id, "shown")
    if answer is not None:
        guide.respond(decision.id, answer)


def test_announcements_she_has_had_are_there_the_newest_first() -> None:
    clock = FrozenClock()
    guide = guided(news("a") + news("b") + news("c") + news("d"), clock)
    assert had(guide) == []
    for name, answer in (("b", "dismissed"), ("a", "completed"), ("d", None)):
        clock.tick(minutes=1)
        see(guide, name, answer)
    assert had(guide) == ["d", "a", "b"]


def test_other_items_and_those_of_another_role_are_not_among_them() -> None:
    guide = guided(news("a", ", roles: [owner]") + news("b") + news("c", kind="banner"))
    guide.identify(**ADA, role="owner")
    for name in ("a", "b", "c"):
        see(guide, name)
    assert had(guide) == ["a", "b"]
    guide.identify(**ADA, role="member")
    assert had(guide) == ["b"]


def test_one_that_the_playbook_no_longer_has_is_gone() -> None:
    guide = guided(news("a") + news("b"))
    see(guide, "a")
    see(guide, "b")
    assert had(guided(news("b"), store=guide.store)) == ["b"]


def test_one_that_was_only_decided_was_not_had() -> None:
    guide = guided(news("a"))
    assert guide.next(**ADA, page="/a").guidance == "a"
    assert had(guide) == []


def test_at_most_twenty_of_them_are_told() -> None:
    clock = FrozenClock()
    names = [f"n{number}" for number in range(25)]
    guide = guided("".join(map(news, names)), clock)
    for name in names:
        clock.tick(minutes=1)
        see(guide, name)
    assert had(guide) == names[:4:-1]


def test_they_are_whole_items_in_her_language() -> None:
    guide = guided(news("a", ", body: '**New**', action: {label: Look, navigate: /a}"))
    see(guide, "a")
    [item] = guide.progress(**ADA, locale="de").announcements
    [step] = item.steps
    assert (item.type, step.title, step.body_html) == (
        "announcement",
        "a neu",
        "<p><strong>New</strong></p>\n",
    )
    assert step.here
    assert step.primary_action is not None
    assert step.primary_action.url == "/a"
