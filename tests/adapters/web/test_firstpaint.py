"""What the server puts into a page: read back with a parser, as a browser would."""

import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import Context, Engine  # type: ignore[import-untyped]
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from tests.adapters.web.browser_side import Clock

from guidepath import Decision, Guidepath, Playbook
from guidepath.adapters.web import client, wire
from guidepath.adapters.web.firstpaint import first_paint

HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;</style><!--\u2028{{ 7*7 }}"
)
PLAYBOOK = Playbook.parse("""
name: ledgerly
roles: [owner]
attributes:
  user: {first_name: {type: string, optional: true}}
events: {invoice.sent: {}, contact.imported: {}}
milestones:
  - {id: contacts, title: Contacts, reached_when: did("contact.imported")}
  - {id: invoice, title: Invoice, reached_when: did("invoice.sent"), first_value: true}
guidance:
  - id: news
    type: banner
    moment: onboard
    toward: invoice
    page: /banner
    theme: plain-paper
    title: {en: "Good news, {{ user.first_name }}", de: "Neues, {{ user.first_name }}"}
    body: "**Send** one, {{ user.first_name }}. [More](/more)"
    action: {label: "Go & send", navigate: "/invoices/new?from=banner&n=1#form"}
    secondary_action: {label: Done}
    snooze: [4h]
  - id: plain
    type: banner
    moment: onboard
    toward: invoice
    page: /plain
    title: Only words
    dismissible: false
  - id: start
    type: checklist
    moment: onboard
    toward: invoice
    page: /checklist
    title: Get started
    snooze: [4h, 1d]
    items:
      - {milestone: contacts, action: {label: Import, navigate: /contacts/import}}
      - {milestone: invoice, required: false, after: [contacts]}
  - id: pointing
    type: banner
    moment: onboard
    toward: invoice
    page: /pointing
    target: {selector: "#there"}
    title: "Points, {{ user.first_name }}"
  - {id: big, type: modal, moment: onboard, toward: invoice, page: /modal, title: Big}
  - {id: hurray, type: banner, moment: celebrate, toward: contacts, page: /party, title: Hurray}
limits: {per_session: 99, per_day: 99, per_week: 99, cool_off: 1s}
""")
VOID = {"link"}


class Tree(HTMLParser):
    """The elements of a markup in order, each with its attributes and the names around it."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.texts: list[tuple[str, str]] = []
        self._around: list[str] = []
        self.feed(markup)
        self.close()
        assert self._around == [], "an element is left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), attrs
        self.elements.append((tag, dict(attrs), tuple(self._around)))
        if tag not in VOID:
            self._around.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._around.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._around[-1], data))

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes, _ in self.elements if tag == name]

    def one(self, name: str, **attributes: str) -> dict[str, str | None]:
        found = [each for each in self.all(name) if attributes.items() <= each.items()]
        assert len(found) == 1, (name, attributes, found)
        return found[0]

    def text(self, name: str) -> str:
        return "".join(text for tag, text in self.texts if tag == name)


@pytest.fixture
def guide() -> Guidepath:
    return Guidepath(PLAYBOOK, clock=Clock())


def decided(guide: Guidepath, page: str, *, name: str = "Ada", **more: Any) -> Decision:
    guide.identify(user=page, role="owner", attributes={"first_name": name})
    return guide.next(user=page, page=page, **more)


def brought(tree: Tree) -> Any:
    """The decision that the page brings along, as the client reads it."""
    assert tree.one("script") == {"type": "application/json"}
    return json.loads(tree.text("script"))


def test_a_banner_stands_in_a_shadow_root_of_its_own_beside_its_decision(guide: Guidepath) -> None:
    decision = decided(guide, "/banner")
    tree = Tree(first_paint(decision))
    assert [name for name, _, around in tree.elements if around == ("guide-path",)] == [
        "template",
        "script",
    ]
    assert tree.one("template") == {"shadowrootmode": "open"}
    assert tree.one("guide-path") == {"base": "/guidepath"}
    dialog = tree.one("dialog")
    assert (dialog["class"], dialog["lang"], dialog["dir"]) == ("card banner", "en", "ltr")
    assert "open" in dialog
    assert tree.text("h2") == "Good news, Ada"
    assert tree.text("strong") == "Send"
    assert tree.text("button") == "Remind me in 4 hoursDone"
    assert brought(tree) == json.loads(wire_json(decision)), (
        "the client reads what v1/next would have said"
    )


def wire_json(decision: Decision) -> str:
    from guidepath.adapters.web.exchange import json as answer

    return answer(wire.decision(decision, locale="en"), headers={}).body.decode()


def test_style_comes_by_link_from_files_that_never_change(guide: Guidepath) -> None:
    tree = Tree(first_paint(decided(guide, "/banner"), base="/app/guidepath/", nonce="r4nd0m"))
    folder = f"/app/guidepath/client/{client.version()}"
    assert tree.all("link") == [
        {"rel": "stylesheet", "href": f"{folder}/{name}", "nonce": "r4nd0m"}
        for name in ("guidepath.css", "firstpaint.css")
    ]
    assert {"guidepath.css", "firstpaint.css"} <= client.files().keys()


@pytest.mark.parametrize("page", ["/banner", "/plain", "/checklist", "/pointing", "/modal"])
def test_nothing_in_it_runs_and_nothing_is_styled_inline(guide: Guidepath, page: str) -> None:
    tree = Tree(first_paint(decided(guide, page, name=HOSTILE), nonce="n"))
    assert len(tree.all("script")) == 1
    names = {name for name, _, _ in tree.elements}
    assert not names & {"style", "img", "iframe", "object", "base", "meta"}
    for _, attributes, _ in tree.elements:
        assert not [one for one in attributes if one.startswith("on") or one == "style"]
        assert not any("javascript:" in (value or "") for value in attributes.values())


def test_a_hostile_name_stays_a_name(guide: Guidepath) -> None:
    decision = decided(guide, "/banner", name=HOSTILE)
    markup = first_paint(decision)
    tree = Tree(markup)
    assert tree.text("h2") == f"Good news, {HOSTILE}"
    assert brought(tree)["item"]["steps"][0]["title"] == f"Good news, {HOSTILE}"
    assert markup.count("<script") == markup.count("</script") == 1
    assert "<!--" not in markup
    assert "\u2028" not in tree.text("script")


def test_the_theme_of_an_item_is_a_part_of_its_card(guide: Guidepath) -> None:
    tree = Tree(first_paint(decided(guide, "/banner")))
    assert tree.one("dialog")["part"] == "card banner theme-plain-paper"
    tree = Tree(first_paint(decided(guide, "/checklist"), container="#here"))
    assert tree.one("div", role="region")["part"] == "card checklist inline theme-default"


@pytest.mark.parametrize("name", ["base", "nonce", "page", "locale", "theme", "container"])
def test_a_hostile_attribute_stays_an_attribute(guide: Guidepath, name: str) -> None:
    hostile: Any = {name: HOSTILE}
    tree = Tree(first_paint(decided(guide, "/banner"), **hostile))
    said = [value or "" for _, attributes, _ in tree.elements for value in attributes.values()]
    assert any(HOSTILE in one for one in said)
    assert {each for each, _, _ in tree.elements} <= {
        *("guide-path", "template", "link", "dialog", "div", "h2", "form", "button", "svg", "path"),
        *("p", "strong", "a", "script"),
    }


def test_hostile_words_of_the_host_stay_words(guide: Guidepath) -> None:
    texts = {"en": {"close": HOSTILE, "remind": HOSTILE + "{when}"}}
    tree = Tree(first_paint(decided(guide, "/banner"), texts=texts))
    assert tree.one("button", **{"data-key": "close"})["aria-label"] == HOSTILE
    assert HOSTILE + "in 4 hours" in tree.text("button")


def test_an_action_that_leads_somewhere_is_a_link(guide: Guidepath) -> None:
    tree = Tree(first_paint(decided(guide, "/banner")))
    link = tree.one("a", **{"data-key": "primary"})
    assert link["href"] == "/invoices/new?from=banner&n=1#form"
    assert tree.text("a") == "MoreGo & send"
    assert tree.one("button", **{"data-key": "secondary"})["type"] == "button"


def test_closing_needs_no_script_and_is_not_offered_where_it_is_not_allowed(
    guide: Guidepath,
) -> None:
    closing = ("guide-path", "template", "dialog", "div", "form")
    banner = Tree(first_paint(decided(guide, "/banner")))
    assert [around for _, one, around in banner.elements if one.get("data-key") == "close"] == [
        closing
    ]
    plain = Tree(first_paint(decided(guide, "/plain")))
    assert plain.all("button") == plain.all("form") == []
    assert "aria-describedby" not in plain.one("dialog")


def test_a_docked_checklist_folds_without_a_script(guide: Guidepath) -> None:
    decision = decided(guide, "/checklist")
    tree = Tree(first_paint(decision))
    assert tree.one("details") == {}
    assert tree.one("div", role="region")["class"] == "card checklist"
    assert tree.one("progress")["aria-label"] == "0 of 2"
    assert [one["class"] for one in tree.all("li")] == ["open", "locked"]
    assert tree.text("small") == "Opens after the earlier steps · Optional"
    assert "open" in Tree(first_paint(decision, unfolded=True)).one("details")


def test_a_checklist_in_its_container_is_there_at_once_and_moves_nothing(guide: Guidepath) -> None:
    tree = Tree(first_paint(decided(guide, "/checklist"), container="#start"))
    region = tree.one("div", role="region")
    assert (region["class"], "hidden" in region) == ("card checklist inline", False)
    assert tree.one("guide-path")["container"] == "#start"
    assert "data-inline" in tree.one("guide-path")
    assert tree.all("details") == []


def test_it_is_whole_before_its_looks_come_and_hidden_until_then(guide: Guidepath) -> None:
    inside = ("guide-path", "template")
    for page, painting, order in (
        ("/banner", {}, ["dialog", "link", "link"]),
        ("/checklist", {}, ["div", "link", "link"]),
        ("/checklist", {"container": "#start"}, ["link", "link", "div"]),
    ):
        more: Any = painting
        tree = Tree(first_paint(decided(guide, page), **more))
        found = [(name, one) for name, one, around in tree.elements if around == inside]
        assert [name for name, _ in found] == order
        hidden = ["hidden" in one for name, one in found if name != "link"]
        assert hidden == [not painting]


def test_what_is_done_in_a_checklist_is_shown_as_done(guide: Guidepath) -> None:
    guide.track("contact.imported", user="/checklist")
    tree = Tree(first_paint(decided(guide, "/checklist")))
    assert [one["class"] for one in tree.all("li")] == ["done", "open"]
    assert tree.one("progress")["value"] == "1"
    assert tree.one("circle", **{"class": "share"})["stroke-dasharray"] == "50 100"
    assert not [one for one in tree.all("a") if (one["data-key"] or "").startswith("entry")]


@pytest.mark.parametrize("page", ["/pointing", "/modal"])
def test_what_cannot_stand_without_the_client_only_brings_its_decision(
    guide: Guidepath, page: str
) -> None:
    tree = Tree(first_paint(decided(guide, page)))
    assert [name for name, _, _ in tree.elements] == ["guide-path", "script"]
    assert brought(tree)["item"]["state"]["status"] == "not_started"


def test_a_celebration_is_left_to_the_client(guide: Guidepath) -> None:
    guide.identify(user="/party", role="owner", attributes={"first_name": "Ada"})
    guide.track("contact.imported", user="/party")
    decision = guide.next(user="/party", page="/party")
    assert decision.guidance == "hurray"
    assert Tree(first_paint(decision)).all("template") == []


def test_silence_is_brought_along_too(guide: Guidepath) -> None:
    tree = Tree(first_paint(guide.next(user="u", page="/nowhere"), locale="de"))
    said = brought(tree)
    assert (said["item"], said["claim"], said["locale"]) == (None, None, "de")
    assert said["evaluatedAt"].endswith("Z")


def test_the_words_are_in_the_language_of_the_item(guide: Guidepath) -> None:
    decision = decided(guide, "/banner", locale="de-AT")
    tree = Tree(first_paint(decision, locale="de-AT"))
    assert tree.one("dialog")["lang"] == "de"
    assert tree.text("button").startswith("In 4 Stunden erinnern")
    assert tree.one("button", **{"data-key": "close"})["aria-label"] == "Schließen"


def test_jinja_puts_it_into_the_page_as_it_is(guide: Guidepath) -> None:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.globals["first_paint"] = first_paint
    decision = decided(guide, "/banner", name=HOSTILE)
    page = environment.from_string("<main>{{ first_paint(decision, nonce=nonce) }}</main>")
    assert (
        page.render(decision=decision, nonce="n")
        == f"<main>{first_paint(decision, nonce='n')}</main>"
    )


def test_django_puts_it_into_the_page_as_it_is(guide: Guidepath) -> None:
    painted = first_paint(decided(guide, "/banner", name=HOSTILE))
    page = Engine().from_string("<main>{{ painted }}</main>")  # it escapes, as a project's does
    assert (
        page.render(Context({"painted": painted}, use_l10n=False, use_tz=False))
        == f"<main>{painted}</main>"
    )


def test_plain_python_gets_a_string(guide: Guidepath) -> None:
    painted = first_paint(decided(guide, "/plain"))
    assert isinstance(painted, Markup)
    assert str(painted).startswith("<guide-path base=")


def test_a_claim_is_not_shown_until_the_client_says_so(guide: Guidepath) -> None:
    decision = decided(guide, "/banner")
    first_paint(decision)
    history = guide.export(user="/banner")["history"]
    assert isinstance(history, list)
    assert [one["kind"] for one in history] == ["identify"]
    assert decision.claim is not None
    assert decision.claim.shown_at is None
    assert timedelta(0) < timedelta(microseconds=decision.claim.expires_at - decision.evaluated_at)
