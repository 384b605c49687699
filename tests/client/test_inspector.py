"""The inspector: it says why, to those whom the host permits, and nobody else learns of it."""

import base64
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.browser.chromium import PATIENCE_MS
from tests.client.product import Product, serving, watched

ASKED = "guidepath=inspect"
PICTURE = Path(__file__).parents[2] / "docs/images/inspector.png"


@pytest.fixture(scope="module")
def running() -> Iterator[Product]:
    with serving(Product()) as product:
        yield product


@pytest.fixture
def product(running: Product, request: pytest.FixtureRequest) -> Product:
    running.fresh(request.node.name)
    running.painted = False
    running.inspectors = frozenset({running.user})
    return running


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=product.url, viewport={"width": 1100, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    wrong = watched(context)
    yield context
    context.close()
    assert wrong == []


@pytest.fixture
def tab(context: BrowserContext) -> Page:
    return context.new_page()


def panel(tab: Page) -> Locator:
    return tab.get_by_role("region", name="Inspector")


def part(tab: Page, title: str) -> Locator:
    return panel(tab).locator("details").filter(has=tab.get_by_role("heading", name=title)).last


def pixel(tab: Page, x: float, y: float) -> str:
    """What is painted at a place of the page."""
    picture = tab.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    colours = tab.evaluate(
        """async (data) => {
          const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
          const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const canvas = new OffscreenCanvas(1, 1).getContext("2d");
          canvas.drawImage(image, 0, 0);
          return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }""",
        base64.b64encode(picture).decode(),
    )
    return f"rgb({colours[0]}, {colours[1]}, {colours[2]})"


def inspecting(tab: Page, path: str) -> Locator:
    tab.goto(f"{path}?{ASKED}")
    expect(panel(tab)).to_be_visible()
    return panel(tab)


def test_it_says_what_is_shown_and_why(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/banner")
    now = inspector.locator(".now")
    expect(now).to_contain_text("/banner · desktop · owner")
    expect(now.get_by_role("heading")).to_have_text("Good news, {user.first_name}")
    expect(now).to_contain_text("banner")
    expect(now).to_contain_text("It is under way: the same in every tab until it is answered.")
    expect(now).to_contain_text("In this tab: showed news")


def test_it_says_of_each_other_item_which_gate_is_closed(product: Product, tab: Page) -> None:
    inspecting(tab, "/contacts")
    others = part(tab, "Why not the others")
    expect(others).to_contain_text("Not for this page or device · 6")
    others.get_by_text("Not for this page or device").click()
    item = others.locator("li li").filter(has_text="pointing").last
    expect(item.locator("dt")).to_have_text(["is", "must be"])
    expect(item.locator("dd")).to_have_text(["/contacts", "/tooltip"])


def test_silence_has_its_reason(product: Product, tab: Page) -> None:
    now = inspecting(tab, "/elsewhere").locator(".now")
    expect(now.get_by_role("heading")).to_have_text("Nothing is shown")
    expect(now).to_contain_text("stopped by RULE: its rule does not hold")
    closest = part(tab, "Why not the others").locator("summary.code code")
    expect(closest).to_have_text(["RULE", "NOT_HERE"])


def test_it_says_what_opens_next(product: Product, tab: Page) -> None:
    inspecting(tab, "/elsewhere")
    opens = part(tab, "Opens next").locator("li")
    expect(opens.first).to_contain_text("in 2 days")
    expect(opens.first).to_contain_text("Later")
    expect(opens.first).to_contain_text("RULE opens")
    expect(opens.last).to_contain_text("This page asks again")


def test_it_says_what_the_client_did_step_by_step(product: Product, tab: Page) -> None:
    inspecting(tab, "/tooltip")
    trace = part(tab, "What the client did").locator("li")
    expect(trace.filter(has_text="showed pointing")).to_have_count(1)
    said = trace.locator("span").all_text_contents()
    assert said[:2] == ["asked for /tooltip on desktop", "was told pointing (CHOSEN)"]
    assert any(one.startswith("found #import") for one in said)


def test_it_says_why_an_item_did_not_show(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/lost")
    missing = part(tab, "What the client did").locator("li.missing")
    expect(missing).to_contain_text(re.compile(r"did not find #nowhere in 1(\.\d)? s \(timeout\)"))
    others = part(tab, "Why not the others")
    expect(others).to_contain_text("Too soon after the last one")
    expect(others).to_contain_text("its target was missing")
    expect(inspector.locator(".now")).to_contain_text("Nothing is shown")
    expect(inspector.locator(".now")).to_contain_text("In this tab: did not find #nowhere")
    counted = next(one for one in product.guide.report().targets if one.item == "lost")
    assert counted.missing == counted.people > 0, "and the report counts it"


def test_it_says_what_is_known_of_the_person_but_not_who_she_is(
    product: Product, tab: Page
) -> None:
    product.guide.group(account=product.user, attributes={"size": 7})
    product.guide.track("contact.imported", user=product.user)
    inspector = inspecting(tab, "/banner")
    known = part(tab, "What is known")
    expect(known.locator("dd")).to_have_text(
        [product.user, product.user, "owner", "(private)", "7"]
    )
    expect(known.locator("li.reached")).to_contain_text("Import contacts")
    expect(known.locator("li:not(.reached)")).to_contain_text("not reached")
    assert "Ada" not in inspector.inner_text()


def test_it_follows_what_happens(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/banner")
    expect(inspector.locator(".now")).to_contain_text("showed news")
    tab.get_by_role("button", name="Close", exact=True).click()
    expect(inspector.locator(".now")).to_contain_text("Nothing is shown")
    expect(part(tab, "Why not the others")).to_contain_text("Sent away by this person")


def test_asking_again_tells_what_has_changed_on_the_server(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/banner")
    expect(inspector.locator(".now")).to_contain_text("showed news")
    product.guide.track("invoice.sent", user=product.user)
    inspector.get_by_role("button", name="Ask again").click()
    expect(inspector.get_by_role("status")).to_have_text("Asked again.")
    expect(inspector.locator(".now")).to_contain_text("Nothing is shown")
    expect(part(tab, "Why not the others")).to_contain_text("Done already")


def test_a_server_that_is_gone_is_said_and_harms_nothing(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/banner")
    tab.route("**/v1/**", lambda route: route.fulfill(status=503, body="{}"))
    inspector.get_by_role("button", name="Ask again").click()
    expect(inspector.get_by_role("status")).to_have_text("The server did not answer.")
    expect(inspector.locator(".now")).to_contain_text("Good news")


def test_it_is_copied_as_text(product: Product, tab: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    inspector = inspecting(tab, "/elsewhere")
    inspector.get_by_role("button", name="Copy as text").click()
    expect(inspector.get_by_role("status")).to_have_text("Copied.")
    text = tab.evaluate("() => navigator.clipboard.readText()")
    assert "Shows nothing: RULE" in text
    assert "  later “Later”\n    RULE; is" in text
    assert "asked for /elsewhere on desktop" in text
    assert "user.first_name: (private)" in text
    assert "Ada" not in text


def test_where_nothing_may_be_copied_the_text_is_there_to_be_taken(
    product: Product, tab: Page
) -> None:
    tab.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    inspector = inspecting(tab, "/elsewhere")
    inspector.get_by_role("button", name="Copy as text").click()
    area = inspector.get_by_role("textbox", name="The inspector as text")
    expect(area).to_be_focused()
    assert "Shows nothing: RULE" in area.input_value()


def quiet(tab: Page) -> list[str]:
    """What a page says in its console, and what it loads, from now on."""
    said: list[str] = []
    tab.on("console", lambda one: said.append(f"{one.type}: {one.text}"))
    tab.on("request", lambda one: said.append(one.url.rpartition("/")[2]))
    return said


def test_who_is_not_permitted_sees_nothing_but_a_line_in_the_console(
    product: Product, tab: Page
) -> None:
    product.inspectors = frozenset({"somebody else"})
    said = quiet(tab)
    with tab.expect_console_message(lambda one: one.type == "info"):
        tab.goto(f"/banner?{ASKED}")
    expect(tab.get_by_role("region", name="Good news")).to_be_visible()
    expect(panel(tab)).to_have_count(0)
    assert [one for one in said if one.startswith("info")] == [
        "info: guidepath: there is no inspector here for you."
    ]
    tab.goto("/banner")
    expect(tab.get_by_role("region", name="Good news")).to_be_visible()
    assert said.count("inspect.js") == 1, "and it is not tried again"


def test_it_is_gone_when_somebody_else_signs_in_without_a_new_page(
    product: Product, tab: Page
) -> None:
    inspecting(tab, "/banner")
    product.sign_in("bob")
    with tab.expect_console_message(lambda one: one.type == "info"):
        tab.evaluate("history.pushState(null, '', '/elsewhere')")
    expect(panel(tab)).to_have_count(0)
    said = quiet(tab)
    tab.goto("/banner")
    expect(tab.get_by_role("region", name="Good news")).to_be_visible()
    assert not [one for one in said if "inspect" in one]


def test_without_the_address_nothing_of_it_is_loaded(product: Product, tab: Page) -> None:
    said = quiet(tab)
    tab.goto("/banner?guidepath=other")
    expect(tab.get_by_role("region", name="Good news")).to_be_visible()
    assert not [one for one in said if "inspect" in one]


def test_it_stays_from_page_to_page_until_it_is_closed(product: Product, tab: Page) -> None:
    inspecting(tab, "/banner")
    tab.get_by_role("link", name="Away").click()
    expect(panel(tab).locator(".now")).to_contain_text("/empty")
    panel(tab).get_by_role("button", name="Close the inspector").click()
    expect(panel(tab)).to_have_count(0)
    tab.goto("/banner")
    expect(tab.get_by_role("region", name="Good news")).to_be_visible()
    expect(panel(tab)).to_have_count(0)


def test_a_page_that_may_keep_nothing_has_it_for_this_page(product: Product, tab: Page) -> None:
    tab.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('refused') }})"
    )
    inspector = inspecting(tab, "/banner")
    inspector.get_by_role("button", name="Move to the other side").click()
    expect(inspector).to_be_visible()


def test_it_makes_way_for_what_it_would_cover(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/checklist")
    expect(inspector.locator(".now")).to_contain_text("showed start")
    box = inspector.bounding_box()
    assert box is not None
    assert box["x"] == 12
    assert product.told() == ["item.shown"]
    inspector = inspecting(tab, "/banner")
    expect(inspector.locator(".now")).to_contain_text("showed news")
    box, banner = inspector.bounding_box(), tab.get_by_role("region", name="Good").bounding_box()
    assert box is not None
    assert banner is not None
    assert box["y"] + box["height"] < banner["y"]


def test_it_moves_to_the_other_side_and_folds_and_stays_so(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/banner")
    box = inspector.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] == 1100 - 12
    inspector.get_by_role("button", name="Move to the other side").click()
    box = inspector.bounding_box()
    assert box is not None
    assert box["x"] == 12
    inspector.get_by_role("button", name="Details").click()
    expect(inspector.get_by_role("button", name="Details")).to_have_attribute(
        "aria-expanded", "false"
    )
    expect(inspector.locator(".now")).to_be_hidden()
    tab.reload()
    expect(inspector).to_be_visible()
    expect(inspector.locator(".now")).to_be_hidden()
    box = inspector.bounding_box()
    assert box is not None
    assert (box["x"] == 12, box["height"] < 60) == (True, True)


def test_it_is_worked_by_keyboard_alone(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/elsewhere")
    inspector.get_by_role("button", name="Details").focus()
    tab.keyboard.press("Enter")
    expect(inspector.locator(".now")).to_be_hidden()
    expect(inspector.get_by_role("button", name="Details")).to_be_focused()
    tab.keyboard.press("Enter")
    for _ in range(3):  # past Close and what can be scrolled
        tab.keyboard.press("Tab")
    expect(inspector.get_by_role("button", name="Ask again")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(inspector.get_by_role("status")).to_have_text("Asked again.")


def test_it_takes_neither_the_focus_nor_the_impression(product: Product, tab: Page) -> None:
    tab.goto("/empty")
    inspecting(tab, "/banner")
    expect(panel(tab).locator(".now")).to_contain_text("showed news")
    assert tab.evaluate("document.activeElement === document.body")
    assert product.told() == ["item.shown"]
    assert tab.evaluate("document.documentElement.scrollWidth") == 1100


def test_what_one_unfolds_stays_unfolded_while_things_happen(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/elsewhere")
    summary = part(tab, "Why not the others").locator("summary", has_text="Not for this page")
    summary.focus()
    tab.keyboard.press("Enter")
    expect(inspector.get_by_text("Points to nothing")).to_be_visible()
    with tab.expect_response("**/v1/inspect*"):
        tab.evaluate("document.dispatchEvent(new Event('guidepath:refresh'))")
    expect(inspector.get_by_text("Points to nothing")).to_be_visible()
    expect(summary).to_be_focused()


def test_it_lies_above_a_modal_to_be_read(product: Product, tab: Page) -> None:
    inspector = inspecting(tab, "/modal")
    expect(inspector.locator(".now")).to_contain_text("showed big")
    # What is behind a modal's backdrop is darker than what is above it.
    box = inspector.bounding_box()
    assert box is not None
    colour = tab.evaluate(
        "() => getComputedStyle(document.querySelector('guide-path-inspector').shadowRoot"
        ".querySelector('.panel')).backgroundColor"
    )
    assert pixel(tab, box["x"] + 20, box["y"] + 3) == colour


def test_it_goes_with_the_element(product: Product, tab: Page) -> None:
    inspecting(tab, "/banner")
    tab.evaluate("document.querySelector('guide-path').remove()")
    expect(panel(tab)).to_have_count(0)


def test_it_comes_again_when_the_element_is_started_again(product: Product, tab: Page) -> None:
    inspecting(tab, "/banner")
    tab.evaluate("document.querySelector('guide-path').setAttribute('locale', 'de')")
    expect(panel(tab).locator(".now")).to_contain_text("Neues, {user.first_name}")
    expect(panel(tab)).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(product: Product, tab: Page, scheme: Any) -> None:
    tab.emulate_media(color_scheme=scheme)
    inspector = inspecting(tab, "/lost")
    expect(inspector.locator("li.missing")).to_be_visible()
    expect(part(tab, "Why not the others")).to_contain_text("Too soon after the last one")
    tab.evaluate(
        """() => document.querySelector("guide-path-inspector").shadowRoot
          .querySelectorAll("details").forEach((one) => (one.open = true))"""
    )
    found = Axe().run(tab, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()


def test_on_a_small_screen_it_is_a_sheet_that_leaves_room_for_the_page(
    product: Product, tab: Page
) -> None:
    tab.set_viewport_size({"width": 360, "height": 640})
    box = inspecting(tab, "/elsewhere").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (8, 344)
    assert box["y"] >= 640 * 0.4
    inspector = inspecting(tab, "/banner")
    expect(inspector.locator(".now")).to_contain_text("showed news")
    box = inspector.bounding_box()
    assert box is not None
    assert (box["y"], box["height"] <= 640 * 0.6) == (8, True)


def test_the_picture_in_the_docs_is_of_it(product: Product, tab: Page) -> None:
    tab.set_viewport_size({"width": 960, "height": 620})
    inspector = inspecting(tab, "/lost")
    expect(inspector.locator(".now")).to_contain_text("did not find")
    expect(part(tab, "Why not the others")).to_contain_text("Too soon after the last one")
    taken = tab.screenshot()
    if os.environ.get("GUIDEPATH_PICTURES"):
        PICTURE.write_bytes(taken)
    assert PICTURE.read_bytes()[:24] == taken[:24], "a picture of the same size"
