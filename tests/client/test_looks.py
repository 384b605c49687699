"""Pictures of every type in the docs: with GUIDEPATH_PICTURES=1 they are taken anew."""

import os
import re
import textwrap
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.client.host import JSON, Host, decision, entries, page, step, untargeted
from tests.client.kinds import KINDS
from tests.client.launching import launched

from guidepath import Playbook

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "images/types"
LARGEST = 60_000  # bytes
# What a page may do to its own elements, and must not do to ours.
ROUGH = """
* { all: revert; color: red !important; font: 40px serif; letter-spacing: 9px !important;
    text-transform: uppercase !important; visibility: visible !important }
:root { font-size: 5px }
button, div, h2, dialog, guide-path, guide-path-surface { background: lime !important;
    border: 9px solid lime !important; position: static !important; padding: 40px !important }
"""
LOOK = """
:root { color-scheme: light dark; --line: light-dark(#e4e7ec, #2c323c) }
body { margin: 0; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif;
  background: light-dark(#f6f7f9, #12151a); color: light-dark(#1a1f29, #e6e9ee) }
header { padding: 14px 32px; background: light-dark(#fff, #181c23);
  border-bottom: 1px solid var(--line) }
main { padding: 20px 32px; max-width: 836px; margin: auto }
h1 { font-size: 24px; margin: 0 0 12px }
table { width: 100%; border-collapse: collapse; background: light-dark(#fff, #181c23) }
td { padding: 11px 14px; border: 1px solid var(--line); border-width: 1px 0 }
p { display: flex; gap: 8px; margin: 0 0 20px }
p button { font: inherit; padding: 6px 12px; border: 1px solid var(--line); border-radius: 6px;
  background: light-dark(#fff, #20252e); color: inherit }
"""
# The colour of what is chosen, as the browser has it.
HIGHLIGHT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("#import { forced-color-adjust: none; background: Highlight }");
  document.adoptedStyleSheets = [sheet];
  return getComputedStyle(document.querySelector("#import")).backgroundColor;
}"""
PEOPLE = ("Harbour Books", "Moreau & Fils", "Tanaka Ceramics")
ROWS = "".join(
    f"<tr><td>{one}<td>hello@{one.split()[0].lower()}.example<td>30 days" for one in PEOPLE
)
BODY = f"""<p><button id="import">Import contacts</button><button>New contact</button></p>
  <table>{ROWS}</table>"""


def opened(host: Host, tab: Page, *decisions: JSON) -> None:
    """A page with an item that was seen."""
    if decisions:
        host.play(*decisions)
    tab.goto("/contacts")
    host.until(lambda: "item.shown" in host.heard(), host.heard)


def drawn(host: Host, tab: Page, name: str, scheme: str) -> None:
    """The item on the page of the pictures."""
    tab.set_viewport_size({"width": 900, "height": 560})
    tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    tab.route("**/page.css", lambda route: route.fulfill(body=LOOK, content_type="text/css"))
    host.pages["*"] = page(BODY)
    if name == "launcher":
        launched(host, tab)
    else:
        host.play(KINDS[name]())
        tab.goto("/contacts")
        host.until(lambda: "item.shown" in host.heard(), host.heard)
    if name == "hint":
        tab.locator(".dot").click()
        expect(tab.locator(".card")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*KINDS, "launcher"])
def test_the_docs_have_a_picture_of_every_type(
    host: Host, tab: Page, name: str, scheme: str
) -> None:
    drawn(host, tab, name, scheme)
    picture = tab.screenshot()
    kept = FOLDER / f"{name}-{scheme}.png"
    if os.environ.get("GUIDEPATH_PICTURES"):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(picture)
    committed = kept.read_bytes()
    assert committed[16:24] == picture[16:24]  # the width and height of a PNG
    assert len(committed) <= LARGEST


BASE = """
guidepath: 1
name: ledgerly
events: {invoice.sent: {}, contact.imported: {}}
milestones:
  - {id: contacts_in, title: Contacts, reached_when: 'did("contact.imported")'}
  - id: first_invoice
    title: An invoice
    reached_when: did("invoice.sent")
    first_value: true
guidance:
"""


def test_what_the_page_of_types_shows_is_a_playbook(tmp_path: Path) -> None:
    text = (DOCS / "types.md").read_text("utf-8")
    entries = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    listed = [textwrap.indent(one, "    ").replace("    ", "  - ", 1) for one in entries]
    (tmp_path / "types.yaml").write_text(BASE + "".join(listed), "utf-8")
    playbook = Playbook.load(tmp_path / "types.yaml")
    drawn = {one.type for one in playbook.guidance}
    assert drawn == {*KINDS} - {"celebration", "nps"}
    pictures = {one.name for one in FOLDER.glob("*.png")}
    assert pictures == set(re.findall(r"images/types/(\S+\.png)", text))


def look(tab: Page) -> object:
    """How a card looks, computed."""
    return tab.locator(".card").evaluate(
        """(card) => [card, ...card.querySelectorAll("*")].map((one) => {
          const { color, font, letterSpacing, textTransform, backgroundColor, padding, position } =
            getComputedStyle(one);
          const style = { color, font, letterSpacing, textTransform, backgroundColor, padding };
          return { name: one.localName, ...style, position };
        })"""
    )


@pytest.mark.parametrize("name", ["tooltip", "banner", "modal", "survey", "checklist", "inline"])
def test_the_page_s_styles_do_not_leak_in(host: Host, tab: Page, name: str) -> None:
    if name == "inline":
        tag = '<guide-path base="/guidepath" container="#here"></guide-path>'
        host.pages["*"] = page('<button id="import">x</button><p id="here"></p>', tags=tag)
    host.play(KINDS["checklist" if name == "inline" else name]())
    tab.goto("/contacts")
    host.hears("item.shown")
    clean, box = look(tab), tab.locator(".card").bounding_box()
    tab.evaluate(
        """(css) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets = [sheet];
        }""",
        ROUGH,
    )
    expect(tab.locator("#import")).to_have_css("color", "rgb(255, 0, 0)")
    assert look(tab) == clean
    assert name in ("inline", "tooltip") or tab.locator(".card").bounding_box() == box


def test_our_styles_do_not_leak_out(host: Host, tab: Page) -> None:
    button = "getComputedStyle(document.querySelector('#import'))"
    style = f"JSON.stringify(Object.fromEntries([...{button}].map((n) => [n, {button}[n]])))"
    tab.goto("/contacts")
    before = tab.evaluate(style)
    host.play(KINDS["tooltip"]())
    tab.evaluate("document.dispatchEvent(new Event('guidepath:refresh'))")
    host.hears("item.shown")
    assert tab.evaluate(style) == before


@pytest.mark.parametrize("kind", ["tooltip", "modal", "hint"])
def test_a_page_styles_items_by_properties_and_parts(host: Host, tab: Page, kind: str) -> None:
    style = """:root { --guidepath-accent: rgb(1, 2, 3); --guidepath-radius: 3px }
      guide-path::part(title) { color: rgb(4, 5, 6) }
      guide-path::part(primary), guide-path::part(dot) { border-color: rgb(7, 8, 9) }"""
    tab.route("**/page.css", lambda route: route.fulfill(body=style, content_type="text/css"))
    host.play(KINDS[kind]())
    tab.goto("/contacts")
    host.hears("item.shown")
    if kind == "hint":
        expect(tab.locator(".dot")).to_have_css("border-top-color", "rgb(7, 8, 9)")
        tab.locator(".dot").click()
    else:
        expect(tab.locator(".primary")).to_have_css("background-color", "rgb(1, 2, 3)")
        expect(tab.locator(".primary")).to_have_css("border-top-color", "rgb(7, 8, 9)")
    expect(tab.locator(".title")).to_have_css("color", "rgb(4, 5, 6)")
    expect(tab.locator(".card")).to_have_css("border-top-left-radius", "3px")


@pytest.mark.parametrize("kind", [*KINDS, "launcher"])
def test_nothing_is_wider_than_a_narrow_page_or_taller_than_a_zoomed_one(
    host: Host, tab: Page, kind: str
) -> None:
    tab.set_viewport_size({"width": 320, "height": 568})
    if kind == "launcher":
        launched(host, tab)
    else:
        host.play(KINDS[kind]())
        tab.goto("/contacts")
        host.until(lambda: "item.shown" in host.heard(), host.heard)
    if kind in ("hint", "checklist"):
        tab.locator("[data-key='launcher']").click()
    card = tab.locator(".panel" if kind == "launcher" else ".card")
    for width, height in ((320, 568), (450, 280)):  # a small phone; 900 by 560 at 200 %
        tab.set_viewport_size({"width": width, "height": height})
        box = card.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        assert card.evaluate("(card) => card.scrollWidth <= card.clientWidth")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", [*KINDS, "launcher"])
@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_everything_is_large_enough_to_hit(
    browser: Browser, host: Host, kind: str, touch: bool
) -> None:
    context = browser.new_context(
        base_url=host.url, has_touch=touch, is_mobile=touch, viewport={"width": 700, "height": 900}
    )
    tab = context.new_page()
    if kind == "launcher":
        launched(host, tab)
    else:
        host.play(KINDS[kind]())
        tab.goto("/contacts")
        host.until(lambda: "item.shown" in host.heard(), host.heard)
    if kind == "hint":
        tab.locator(".dot").click()
    controls = tab.locator("guide-path-surface").locator(
        "button:visible, a.go:visible, label:visible"
    )
    sizes = controls.evaluate_all(
        """(all) => all.filter((one) => !one.matches(".prompt")).map((one) => {
          const { width, height } = one.getBoundingClientRect();
          return [one.className, width, height];
        })"""
    )
    least = 44 if touch else 24
    assert sizes
    assert [one for one in sizes if round(min(one[1:]), 3) < least] == []
    context.close()


def test_a_long_text_stays_inside_and_is_read_from_its_beginning(host: Host, tab: Page) -> None:
    long = step(title="Rindfleischetikettierung" * 4, bodyHtml=f"<p>{'x' * 300}</p>" * 9)
    host.play(decision(long | {"type": "modal", "target": None}))
    tab.set_viewport_size({"width": 320, "height": 400})
    tab.goto("/contacts")
    host.hears("item.shown")
    card = tab.locator(".card")
    assert card.evaluate("(card) => card.scrollWidth <= card.clientWidth")
    assert card.evaluate("(card) => card.scrollHeight > card.clientHeight")
    expect(card.get_by_role("heading")).to_be_focused()
    expect(card.get_by_role("heading")).to_be_in_viewport()
    for _ in range(2):
        tab.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Import", exact=True)).to_be_focused()
    expect(card.get_by_role("button", name="Import", exact=True)).to_be_in_viewport()


@pytest.mark.parametrize("kind", ["tooltip", "hint", "modal", "banner"])
@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "touch"])
def test_what_closes_an_item_is_level_with_its_title(
    browser: Browser, host: Host, kind: str, touch: bool
) -> None:
    context = browser.new_context(
        base_url=host.url, has_touch=touch, is_mobile=touch, viewport={"width": 400, "height": 800}
    )
    tab = context.new_page()
    opened(host, tab, KINDS[kind]())
    if kind == "hint":
        tab.locator(".dot").click()
    middles = tab.locator(".card").evaluate(
        """(card) => [".close", ".close svg", ".title"].map((one) => {
          const { x, y, width, height } = card.querySelector(one).getBoundingClientRect();
          const line = parseFloat(getComputedStyle(card.querySelector(one)).lineHeight);
          return [x + width / 2, y + (one === ".title" ? line : height) / 2];
        })"""
    )
    (x, y), icon, (_, first_line) = middles
    assert [x, y] == pytest.approx(icon, abs=0.1)
    assert y == pytest.approx(first_line, abs=1)
    context.close()


@pytest.mark.parametrize("kind", ["banner", "tooltip"])
def test_a_celebration_begins_with_its_tick(host: Host, tab: Page, kind: str) -> None:
    opened(host, tab, decision(KINDS[kind]()["item"]["steps"][0], moment="celebrate"))
    tick, title = (tab.locator(one).bounding_box() for one in (".flourish", ".title"))
    assert tick is not None
    assert title is not None
    assert tick["x"] + tick["width"] < title["x"]


LONG = {
    "title": "Rechnungsempfängerverwaltungsassistentin einrichten",
    "bodyHtml": "<p>Die Kraftfahrzeughaftpflichtversicherung bestätigt das.</p>",
    "primaryAction": {"label": "Rechnungsempfängerverwaltung öffnen", "type": "complete"},
    "secondaryAction": {"label": "Einstellungen überprüfen", "type": "dismiss"},
}


@pytest.mark.parametrize("width", [320, 500, 1000])
@pytest.mark.parametrize("kind", ["banner", "checklist"])
def test_long_words_leave_room_for_each_other(host: Host, tab: Page, kind: str, width: int) -> None:
    action = {"label": "Rechnungsempfängerverwaltung", "type": "navigate", "url": "/go"}
    lines = [one | {"title": LONG["title"], "action": action} for one in entries(1)]
    host.play(decision(untargeted(kind, **LONG), items=lines, locale="de", snoozeOptions=["PT4H"]))
    tab.set_viewport_size({"width": width, "height": 700})
    opened(host, tab)
    if kind == "checklist" and width < 640:
        tab.locator(".launcher").click()
    words = {"banner": ".title", "checklist": ".entry"}[kind]
    widths = tab.locator(words).evaluate_all("(all) => all.map((one) => one.clientWidth)")
    assert min(widths) > 130
    assert tab.locator(".card").evaluate("(card) => card.scrollWidth <= card.clientWidth")


def test_on_paper_there_is_only_the_page(host: Host, tab: Page) -> None:
    tag = '<guide-path base="/guidepath" container="#here"></guide-path>'
    host.pages["/inline"] = page('<p id="here"></p>', tags=tag)
    for path, kind, stays in (
        ("/a", "tooltip", False),
        ("/b", "modal", False),
        ("/inline", "checklist", True),
    ):
        tab.emulate_media(media="screen")
        host.play(decision(KINDS[kind]()["item"]["steps"][0], claim=path, items=entries(1)))
        tab.goto(path)
        expect(tab.locator(".card")).to_be_visible()
        tab.emulate_media(media="print")
        expect(tab.locator(".card")).to_be_visible(visible=stays)
        expect(tab.get_by_role("heading", name="Contacts", exact=True)).to_be_visible()


def test_who_wants_more_contrast_gets_it(host: Host, tab: Page) -> None:
    tab.emulate_media(contrast="more")
    opened(host, tab, KINDS["tooltip"]())
    text = tab.locator(".title").evaluate("(one) => getComputedStyle(one).color")
    expect(tab.locator(".body")).to_have_css("color", text)
    expect(tab.locator(".card")).to_have_css("border-top-color", text)


def test_a_dot_is_seen_in_forced_colours(host: Host, tab: Page) -> None:
    tab.emulate_media(forced_colors="active")
    opened(host, tab, KINDS["hint"]())
    colours = tab.locator(".dot").evaluate(
        """(dot) => ["::before", "::after"].map((one) => {
          const { backgroundColor, forcedColorAdjust } = getComputedStyle(dot, one);
          return [forcedColorAdjust, backgroundColor];
        })"""
    )
    assert colours == [["none", tab.evaluate(HIGHLIGHT)]] * 2


def test_a_theme_of_the_playbook_is_a_part(host: Host, tab: Page) -> None:
    style = "guide-path::part(theme-festive) { --guidepath-accent: rgb(1, 2, 3) }"
    tab.route("**/page.css", lambda route: route.fulfill(body=style, content_type="text/css"))
    opened(host, tab, decision(step(), theme="festive"))
    expect(tab.locator(".primary")).to_have_css("background-color", "rgb(1, 2, 3)")
    expect(tab.locator(".around")).to_have_css("outline-color", "rgb(1, 2, 3)")
