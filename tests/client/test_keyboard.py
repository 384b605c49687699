import pytest
from playwright.sync_api import Page, expect
from tests.client.host import JSON, Host, decision, entries, page, step, untargeted
from tests.client.kinds import KINDS, LATER

FIELD = '<button id="import">Import contacts</button><input aria-label="name">'
REFRESH = "document.dispatchEvent(new Event('guidepath:refresh'))"


def walk(*stops: str, **more: object) -> JSON:
    """A tour over the same target that dims the page."""
    steps = [step(one, primaryAction=None, overlay={"enabled": True}, **more) for one in stops]
    return decision(*steps, type="tour")


def while_focused(host: Host, tab: Page, selector: str, played: JSON) -> None:
    """An item that comes while something of the page has the focus."""
    tab.goto("/contacts")
    host.is_asked(1)
    tab.locator(selector).focus()
    host.play(played)
    tab.evaluate(REFRESH)
    host.until(lambda: "item.shown" in host.heard(), host.heard)


def test_a_modal_takes_the_focus_keeps_it_and_gives_it_back(host: Host, tab: Page) -> None:
    host.play()
    tab.goto("/contacts")
    host.is_asked(1)
    tab.locator("#import").focus()
    host.play(decision(untargeted("modal"), snoozeOptions=LATER))
    tab.evaluate("document.dispatchEvent(new Event('guidepath:refresh'))")
    host.hears("item.shown")
    expect(tab.get_by_role("button", name="Import", exact=True)).to_be_focused()
    for name in ("Close", "Remind me later", "Import"):
        tab.keyboard.press("Tab")
        expect(tab.get_by_role("button", name=name, exact=True)).to_be_focused()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Shift+Tab")
    expect(tab.get_by_role("button", name="Import", exact=True)).to_be_focused()
    tab.keyboard.press("Escape")
    host.hears("item.shown", "item.dismissed:escape")
    expect(tab.locator("#import")).to_be_focused()


def test_a_modal_that_must_be_answered_ignores_escape_and_the_backdrop(
    host: Host, tab: Page
) -> None:
    host.play(decision(untargeted("modal", dismissible=False)))
    tab.goto("/contacts")
    host.hears("item.shown")
    for _ in range(3):
        tab.keyboard.press("Escape")
    tab.mouse.click(5, 5)
    expect(tab.get_by_role("dialog")).to_be_visible()
    assert tab.get_by_role("button", name="Close").count() == 0
    assert host.heard() == ["item.shown"]


def test_a_click_beside_a_modal_dismisses_it(host: Host, tab: Page) -> None:
    host.play(decision(untargeted("modal")))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_role("heading", name="Bring your contacts, Ada").click()
    tab.mouse.click(5, 5)
    host.hears("item.shown", "item.dismissed:overlay")


def test_f6_goes_to_a_tooltip_and_back(host: Host, tab: Page) -> None:
    host.pages["*"] = page('<button id="import">Import contacts</button><input aria-label="name">')
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_label("name").focus()
    tab.keyboard.press("F6")
    expect(tab.get_by_role("button", name="Close")).to_be_focused()
    tab.keyboard.press("F6")
    expect(tab.get_by_label("name")).to_be_focused()


def test_tab_goes_from_the_target_into_its_tooltip(host: Host, tab: Page) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.locator("#import").focus()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Close")).to_be_focused()


def test_escape_dismisses_a_tooltip_unless_someone_else_wants_it(host: Host, tab: Page) -> None:
    host.pages["*"] = page('<button id="import">Import contacts</button><input aria-label="name">')
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_label("name").press("Escape")
    tab.evaluate("void (document.querySelector('#import').onkeydown = (e) => e.preventDefault())")
    tab.locator("#import").press("Escape")
    assert host.heard() == ["item.shown"]
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("Escape")
    host.hears("item.shown", "item.dismissed:escape")


def test_escape_closes_an_open_menu_first(host: Host, tab: Page) -> None:
    host.play(decision(step(), snoozeOptions=LATER))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_role("button", name="Remind me later").click()
    expect(tab.get_by_role("button", name="Remind me in 4 hours")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("button", name="Remind me in 4 hours")).to_be_hidden()
    expect(tab.get_by_role("button", name="Remind me later")).to_be_visible()
    assert host.heard() == ["item.shown"]


def test_a_reminder_can_be_chosen_with_the_keyboard(host: Host, tab: Page) -> None:
    host.play(decision(untargeted("modal"), snoozeOptions=LATER))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_role("button", name="Remind me later").press("Enter")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    host.hears("item.shown", "item.snoozed")
    assert host.feedback["guidepath"][1]["snooze"] == "P1D"


def test_focus_inside_a_tooltip_returns_when_it_closes(host: Host, tab: Page) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.locator("#import").focus()
    tab.keyboard.press("F6")
    tab.keyboard.press("Enter")
    host.hears("item.shown", "item.dismissed:close")
    expect(tab.locator("#import")).to_be_focused()


def test_escape_folds_a_checklist_and_is_no_answer(host: Host, tab: Page) -> None:
    one = untargeted("checklist", title="Get started", primaryAction=None)
    host.play(decision(one, items=entries(1)))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.keyboard.press("F6")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("list")).to_be_hidden()
    expect(tab.get_by_role("button", name="Get started")).to_be_focused()
    assert host.heard() == ["item.shown"]


def test_an_item_that_takes_no_focus_is_announced(host: Host, tab: Page) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    said = tab.get_by_role("status")
    expect(said).to_have_text("Bring your contacts, Ada A CSV is enough. Press F6 to go there.")


@pytest.mark.parametrize("kind", ["tooltip", "hint", "banner", "checklist", "survey"])
def test_what_lies_beside_the_work_takes_no_focus(host: Host, tab: Page, kind: str) -> None:
    host.pages["*"] = page(FIELD)
    while_focused(host, tab, "input", KINDS[kind]())
    tab.keyboard.type("Ada")
    expect(tab.get_by_label("name")).to_have_value("Ada")


def test_a_dimming_tooltip_outside_of_a_tour_takes_no_focus(host: Host, tab: Page) -> None:
    host.pages["*"] = page(FIELD)
    while_focused(host, tab, "input", decision(step(overlay={"enabled": True})))
    expect(tab.get_by_label("name")).to_be_focused()


def test_a_step_of_a_tour_that_dims_takes_the_focus_once(host: Host, tab: Page) -> None:
    host.pages["*"] = page(FIELD)
    while_focused(host, tab, "input", walk("a", "b"))
    expect(tab.get_by_role("button", name="Next")).to_be_focused()
    tab.get_by_label("name").focus()
    host.play(walk("a", "b", title="Another title"))
    tab.evaluate(REFRESH)
    expect(tab.get_by_role("heading", name="Another title")).to_be_visible()
    expect(tab.get_by_label("name")).to_be_focused()
    tab.evaluate("document.querySelector('#import').replaceWith(document.createElement('hr'))")
    expect(tab.locator(".card")).to_have_count(0)
    tab.evaluate("document.querySelector('hr').id = 'import'")
    expect(tab.locator(".card")).to_be_visible()
    expect(tab.get_by_label("name")).to_be_focused()


def test_a_tour_by_keyboard_goes_on_back_and_ends_where_it_began(host: Host, tab: Page) -> None:
    host.pages["*"] = page(FIELD)
    while_focused(host, tab, "input", walk("a", "b", "c"))
    for name, key in (("1 of 3", "Enter"), ("2 of 3", "Shift+Tab"), ("2 of 3", "Enter")):
        expect(tab.get_by_text(name)).to_be_visible()
        tab.keyboard.press(key)
    for name in ("1 of 3", "2 of 3", "3 of 3"):
        expect(tab.get_by_text(name)).to_be_visible()
        tab.keyboard.press("Enter")
    host.until(lambda: host.heard()[-1] == "item.completed:done", host.heard)
    expect(tab.get_by_label("name")).to_be_focused()


def test_arrow_keys_stay_with_the_field_that_has_the_focus(host: Host, tab: Page) -> None:
    host.pages["*"] = page(FIELD)
    while_focused(host, tab, "#import", walk("a", "b"))
    tab.get_by_label("name").press_sequentially("abc")
    for key in ("ArrowLeft", "ArrowLeft", "X", "ArrowRight", "Y", "Home", "Z"):
        tab.keyboard.press(key)
    expect(tab.get_by_label("name")).to_have_value("ZaXbYc")
    expect(tab.get_by_text("1 of 2")).to_be_visible()


@pytest.mark.parametrize("name", [' id="it"', ""], ids=["by its id", "by its place"])
def test_the_focus_returns_to_what_the_page_has_drawn_anew(
    host: Host, tab: Page, name: str
) -> None:
    host.pages["*"] = page(f"<p><button>First</button><button{name}>Second</button></p>")
    while_focused(host, tab, "button >> nth=1", KINDS["modal"]())
    tab.evaluate(
        """() => {
          const drawn = document.querySelector("p").cloneNode(true);
          document.querySelector("p").replaceWith(drawn);
        }"""
    )
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    expect(tab.get_by_role("button", name="Second")).to_be_focused()


def test_the_focus_returns_into_a_component_of_the_page(host: Host, tab: Page) -> None:
    tab.goto("/contacts")
    host.is_asked(1)
    tab.evaluate(
        """() => {
          const root = document.querySelector("h1").attachShadow({ mode: "open" });
          root.append(Object.assign(document.createElement("input"), { ariaLabel: "inner" }));
          root.firstChild.focus();
        }"""
    )
    host.play(KINDS["modal"]())
    tab.evaluate(REFRESH)
    host.hears("item.shown")
    tab.keyboard.press("Escape")
    expect(tab.get_by_label("inner")).to_be_focused()


def test_an_item_that_goes_does_not_pull_the_focus_back(host: Host, tab: Page) -> None:
    host.pages["*"] = page(FIELD)
    while_focused(host, tab, "#import", walk("a"))
    tab.get_by_label("name").focus()
    host.play()
    tab.evaluate(REFRESH)
    expect(tab.locator(".card")).to_have_count(0)
    expect(tab.get_by_label("name")).to_be_focused()


def test_a_hint_opens_and_folds_by_keyboard(host: Host, tab: Page) -> None:
    host.pages["*"] = page(FIELD)
    while_focused(host, tab, "input", KINDS["hint"]())
    dot = tab.get_by_role("button", name="Hint: No file at hand?")
    card = tab.get_by_role("dialog", name="No file at hand?")
    tab.keyboard.press("F6")
    expect(dot).to_be_focused()
    expect(dot).to_have_attribute("aria-expanded", "false")
    expect(card).to_be_hidden()
    tab.keyboard.press("Enter")
    expect(card).to_be_visible()
    expect(card.get_by_role("heading")).to_be_focused()
    tab.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(dot).to_be_focused()
    tab.keyboard.press("F6")
    expect(tab.get_by_label("name")).to_be_focused()
    assert host.heard() == ["item.shown"]


def test_an_escape_that_ends_a_composition_is_not_for_the_item(host: Host, tab: Page) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    composing = {"key": "Escape", "isComposing": True, "bubbles": True}
    tab.evaluate(
        "(how) => document.body.dispatchEvent(new KeyboardEvent('keydown', how))", composing
    )
    expect(tab.locator(".card")).to_be_visible()
    tab.evaluate(
        "(how) => document.body.dispatchEvent(new KeyboardEvent('keydown', how))",
        {**composing, "isComposing": False},
    )
    host.hears("item.shown", "item.dismissed:escape")


def test_what_is_drawn_again_is_not_said_again(host: Host, tab: Page) -> None:
    tab.add_init_script(
        """
        globalThis.said = [];
        const text = Object.getOwnPropertyDescriptor(Node.prototype, "textContent");
        Object.defineProperty(Node.prototype, "textContent", {
          ...text,
          set(value) {
            if (this.role === "status" && value) said.push(value);
            text.set.call(this, value);
          },
        });
        """
    )
    host.play(decision(step()))
    tab.goto("/contacts")
    tab.wait_for_function("() => said.length === 1")
    tab.evaluate("document.querySelector('#import').id = 'gone'")
    expect(tab.locator(".card")).to_have_count(0)
    tab.evaluate("document.querySelector('#gone').id = 'import'")
    expect(tab.locator(".card")).to_be_visible()
    host.play(decision(step(title="Another title")))
    tab.evaluate(REFRESH)
    expect(tab.get_by_role("heading", name="Another title")).to_be_visible()
    host.play(decision(untargeted("banner"), claim="claim-2"))
    tab.evaluate(REFRESH)
    tab.wait_for_function("() => said.length > 1")
    assert tab.evaluate("said.length") == 2


@pytest.mark.parametrize("kind", ["banner", "survey"])
def test_what_lies_at_the_edge_makes_way_for_what_has_the_focus(
    host: Host, tab: Page, kind: str
) -> None:
    style = """.low { position: fixed; bottom: 30px; left: 400px; width: 590px }
      .up { position: fixed; top: 30px; left: 400px; width: 590px }"""
    tab.route("**/page.css", lambda route: route.fulfill(body=style, content_type="text/css"))
    host.pages["*"] = page(
        '<button id="import">x</button><input aria-label="low" class="low">'
        '<input aria-label="up" class="up">'
    )
    while_focused(host, tab, ".low", KINDS["nps" if kind == "survey" else kind]())
    card = tab.get_by_role("region")
    expect(card).to_have_attribute("data-side", "top")
    tab.get_by_label("up").focus()
    expect(card).to_have_attribute("data-side", "bottom")
    box = card.bounding_box()
    assert box is not None
    assert box["y"] > 300


def test_where_there_is_no_room_above_it_goes_to_the_other_corner(host: Host, tab: Page) -> None:
    style = """.field { position: fixed; bottom: 90px; width: 200px }
      .after { right: 40px }
      .before { left: 40px }"""
    tab.route("**/page.css", lambda route: route.fulfill(body=style, content_type="text/css"))
    host.pages["*"] = page(
        '<button id="import">x</button><input aria-label="after" class="field after">'
        '<input aria-label="before" class="field before">'
    )
    tab.set_viewport_size({"width": 1000, "height": 300})
    while_focused(host, tab, ".after", KINDS["nps"]())
    card = tab.get_by_role("region")
    for field, across in (("after", 1), ("before", 0), ("after", 1)):
        tab.get_by_label(field).focus()
        expect(card.and_(tab.locator("[data-across]"))).to_have_count(across)
        own, other = card.bounding_box(), tab.get_by_label(field).bounding_box()
        assert own is not None
        assert other is not None
        assert own["x"] + own["width"] <= other["x"] or other["x"] + other["width"] <= own["x"]
