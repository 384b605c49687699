"""The demo without a mouse: nothing but keys, and at each stop the focus can be seen."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

Visit = Callable[..., Page]

# What has the focus, through shadow roots: its name, and what keeps a person from seeing it there.
FOCUS = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (at === document.body) return { name: "(the end)", faults: [], again: false };
  const again = Boolean(window.met?.has(at));
  window.met?.add(at);
  const drawn = [at, at.closest("label")].filter(Boolean);
  const marked = drawn.some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  });
  const on = (x, y, root = document) => {
    const one = root.elementFromPoint(x, y);
    return one?.shadowRoot && one.shadowRoot !== root ? on(x, y, one.shadowRoot) : one;
  };
  const { left, top, width, height } = at.getBoundingClientRect();
  const parts = [0.1, 0.5, 0.9];
  const hit = parts.flatMap((x) => parts.map((y) => on(left + x * width, top + y * height)));
  const seen = hit.some((one) => drawn.some((own) => own.contains(one)));
  const faults = [!marked && "no outline", !seen && "covered or out of view"].filter(Boolean);
  return { name: at.ariaLabel || at.name || at.textContent.trim() || at.className, faults, again };
}"""

# What can be used but was not met: every control that is drawn; of radio buttons, one of each name.
MISSED = """() => {
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const within = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
    [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])]);
  const usable = within(document).filter((one) => one.matches(kinds) && one.checkVisibility());
  const radio = (one) => one.type === "radio" && one.name;
  const named = new Set([...window.met].map(radio));
  const met = (one) => window.met.has(one) || (radio(one) && named.has(one.name));
  return usable.filter((one) => !met(one)).map((one) => one.ariaLabel || one.outerHTML);
}"""


def press(page: Page, key: str) -> dict[str, Any]:
    """Press a key that moves the focus, and see where it is now."""
    page.keyboard.press(key)
    focus: dict[str, Any] = page.evaluate(FOCUS)
    assert focus["faults"] == [], focus["name"]
    return focus


def to(wanted: Locator, key: str = "Tab", *, most: int = 60) -> None:
    """Go on until this has the focus; shadow roots are no border."""
    expect(wanted).to_be_visible()
    stops: list[str] = []
    while not wanted.evaluate("one => one.getRootNode().activeElement === one"):
        assert len(stops) < most, f"{wanted} is not among the stops {stops}"
        stops.append(press(wanted.page, key)["name"])


def use(wanted: Locator, key: str = "Enter") -> None:
    """Go there, and press it."""
    to(wanted)
    wanted.page.keyboard.press(key)


def write(wanted: Locator, text: str) -> None:
    to(wanted)
    wanted.page.keyboard.type(text)


def goes_round(page: Page) -> None:
    """Tab leads past everything there is, and back to where it began: nothing keeps the focus."""
    page.evaluate("window.met = new Set()")
    stops: list[dict[str, Any]] = []
    while not stops or not stops[-1]["again"]:
        assert len(stops) < 100, [one["name"] for one in stops]
        stops.append(press(page, "Tab"))
    missed = page.evaluate(MISSED)
    assert missed == [], [one["name"] for one in stops]


def guidance(page: Page, title: str | re.Pattern[str]) -> Locator:
    """The guidance with this title, on the screen."""
    shown = page.locator("guide-path-surface").get_by_role("dialog", name=title)
    shown = shown.or_(page.locator("guide-path-surface").get_by_role("region", name=title))
    expect(shown).to_be_visible()
    return shown


def test_an_owner_comes_to_the_first_value_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    use(page.get_by_role("button", name=re.compile("Ada, owner")))

    welcome = guidance(page, "Welcome to Ledgerly, Ada")
    bring = welcome.get_by_role("button", name="Bring my contacts")
    expect(bring).to_be_focused()
    for name in ("Close", "Look around first", "Bring my contacts"):
        press(page, "Tab")
        expect(welcome.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Enter")

    everyone = guidance(page, "Bring everyone at once")
    goes_round(page)
    to(page.get_by_role("link", name="Import"))
    press(page, "Tab")
    expect(everyone.get_by_role("button", name="Close")).to_be_focused()
    use(everyone.get_by_role("button", name="Remind me later"))
    expect(page.get_by_role("button", name=re.compile("4 hours"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("4 hours"))).to_be_hidden()
    use(everyone.get_by_role("button", name="Import"))

    dot = page.get_by_role("button", name="Hint: No file at hand?")
    use(dot, "Space")
    guidance(page, "No file at hand?")
    goes_round(page)
    to(dot)
    page.keyboard.press("Escape")
    expect(dot).to_be_focused()
    use(page.get_by_role("button", name="Take the sample"))

    here = guidance(page, re.compile("^Everyone is here"))
    press(page, "F6")
    use(here.get_by_role("button", name="Write it"))

    who = guidance(page, "Who is it for?")
    write(page.get_by_label("Customer"), "Harbour Books")
    press(page, "F6")
    use(who.get_by_role("button", name="Next"))
    worth = guidance(page, "What was it worth?")
    write(page.get_by_label("Amount in euro"), "1250")
    press(page, "F6")
    use(worth.get_by_role("button", name="Next"), "Space")
    guidance(page, "Save it as a draft")
    use(page.get_by_role("button", name="Save the draft"))

    guidance(page, "One press from done")
    use(page.get_by_role("main").get_by_role("button", name="Send"))
    out = guidance(page, "Your first invoice is out!")
    expect(out.get_by_role("button", name="What comes next?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="First steps 2 of 5")).to_be_visible()


def test_a_checklist_and_a_survey_are_worked_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    write(page.get_by_label("First name"), "Mia")
    write(page.get_by_label("Company"), "Mia & Co")
    page.keyboard.press("Enter")
    guidance(page, "Welcome to Ledgerly, Mia")
    page.keyboard.press("Escape")

    steps = page.get_by_role("button", name="First steps 0 of 5")
    importing = page.get_by_role("button", name="Import")
    expect(importing).to_be_visible()
    press(page, "F6")
    expect(steps).to_be_focused()
    page.keyboard.press("Enter")
    expect(importing).to_be_hidden()
    page.keyboard.press("Space")
    to(importing, "Shift+Tab")
    page.keyboard.press("Escape")
    expect(importing).to_be_hidden()
    expect(steps).to_be_focused()
    page.keyboard.press("Enter")
    goes_round(page)
    use(importing)
    use(page.get_by_role("button", name="Take the sample"))
    guidance(page, re.compile("^Everyone is here"))

    # What the test before does by hand, so that a survey is due.
    for form in ("/invoices", "/invoices/1001/send", "/invoices/1001/paid"):
        invoice: dict[str, str | float | bool] = {"customer": "Harbour Books", "amount": "1250"}
        assert page.request.post(form, form=invoice).ok
    page.keyboard.press("Escape")
    for title in ("Your first invoice is out!", "First money in the bank"):
        guidance(page, title)
        page.keyboard.press("Escape")
    survey = guidance(page, "You were paid. How was it?")
    goes_round(page)
    press(page, "F6")
    use(survey.get_by_role("button", name="Send"))
    expect(survey.get_by_role("alert").first).to_have_text("Please answer this.")
    press(page, "ArrowRight")
    press(page, "ArrowRight")
    ease = survey.get_by_role("radiogroup", name="How easy was your first invoice?")
    expect(ease.get_by_role("radio", name="3")).to_be_checked()
    to(survey.get_by_role("radio", name="Documents and tables"))
    press(page, "ArrowDown")
    expect(survey.get_by_role("radio", name="Another program")).to_be_checked()
    write(survey.get_by_role("textbox"), "Nothing!")
    use(survey.get_by_role("button", name="Send"))
    expect(survey).to_have_count(0)


def test_an_accountant_goes_through_the_tour_and_leaves_by_keyboard_alone(visit: Visit) -> None:
    page = visit()
    use(page.get_by_role("button", name=re.compile("Ben, accountant")))
    glance = guidance(page, "The month at a glance, Ben")
    goes_round(page)
    use(glance.get_by_role("button", name="Next"))
    place = guidance(page, "Your place is Payments")
    press(page, "F6")
    use(place.get_by_role("button", name="Back"))
    guidance(page, "The month at a glance, Ben")
    use(glance.get_by_role("button", name="I know my way"))
    use(place.get_by_role("button", name="Go there"))
    books = guidance(page, "The books in one file")
    press(page, "F6")
    use(books.get_by_role("button", name="Done"))
    expect(books).to_have_count(0)
    use(page.get_by_role("button", name="Export the books"))
    yours = guidance(page, "The books are yours")
    press(page, "F6")
    use(yours.get_by_role("button", name="Close"))
    expect(yours).to_have_count(0)
    use(page.get_by_role("link", name="Be someone else"))
    expect(page.get_by_role("heading", name="Who would you like to be?")).to_be_visible()
