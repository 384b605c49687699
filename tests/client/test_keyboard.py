from playwright.sync_api import Page, expect
from tests.client.host import Host, decision, entries, page, step, untargeted

LATER = ["PT4H", "P1D"]


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
