from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.client.host import JSON, Host, decision, entries, page, silence, step, untargeted

DONE = {"label": "Continue", "type": "complete", "url": None}
LATER = ["PT4H", "P1D"]
KINDS: dict[str, Callable[[], JSON]] = {
    "tooltip": lambda: decision(step(overlay={"enabled": True}), snoozeOptions=LATER),
    "hint": lambda: decision(step(type="hint", primaryAction=None)),
    "banner": lambda: decision(untargeted("banner"), snoozeOptions=LATER[:1]),
    "modal": lambda: decision(untargeted("modal"), snoozeOptions=LATER),
    "announcement": lambda: decision(untargeted("announcement")),
    "survey": lambda: decision(untargeted("survey")),
    "celebration": lambda: decision(
        untargeted("modal", primaryAction=DONE), moment="celebrate", toward=None
    ),
    "tour": lambda: decision(step("a", primaryAction=None), step("b"), type="tour"),
    "checklist": lambda: checklist(2),
}


def checklist(done: int, claim: str = "claim-1") -> JSON:
    one = untargeted("checklist", title="Get started", primaryAction=None)
    return decision(one, claim=claim, items=entries(done))


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_to_mend_in_light_and_dark(host: Host, tab: Page, kind: str) -> None:
    host.play(KINDS[kind]())
    tab.goto("/contacts")
    host.until(lambda: "item.shown" in host.heard(), host.heard)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    tab.emulate_media(color_scheme="dark")
    found = Axe().run(tab, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()


def test_a_tooltip_stands_below_its_target_and_takes_no_focus(host: Host, tab: Page) -> None:
    host.play(KINDS["tooltip"]())
    tab.goto("/contacts")
    tip = tab.get_by_role("dialog", name="Bring your contacts, Ada")
    expect(tip).to_have_accessible_description("A CSV is enough.")
    box, target = tip.bounding_box(), tab.locator("#import").bounding_box()
    assert box is not None
    assert target is not None
    assert target["y"] + target["height"] < box["y"] < target["y"] + target["height"] + 30
    assert abs(box["x"] - target["x"]) < 2
    assert tab.evaluate("document.activeElement === document.body")
    assert tab.evaluate("document.querySelector('#import').getAttribute('style')") is None


def test_the_ring_lies_around_the_target(host: Host, tab: Page) -> None:
    host.play(KINDS["tooltip"]())
    tab.goto("/contacts")
    ring, target = tab.locator(".around").bounding_box(), tab.locator("#import").bounding_box()
    assert ring is not None
    assert target is not None
    assert abs(ring["x"] - (target["x"] - 5)) < 1
    assert abs(ring["width"] - (target["width"] + 10)) < 1
    assert abs(ring["height"] - (target["height"] + 10)) < 1


def test_where_the_browser_cannot_anchor_the_tooltip_is_placed_by_hand(
    host: Host, tab: Page
) -> None:
    tab.add_init_script("CSS.supports = () => false")
    host.play(KINDS["tooltip"]())
    tab.goto("/contacts")
    host.hears("item.shown")
    box = tab.locator(".tooltip").bounding_box()
    target = tab.locator("#import").bounding_box()
    assert box is not None
    assert target is not None
    assert abs(box["y"] - (target["y"] + target["height"] + 10)) < 2
    tab.evaluate("document.querySelector('main').prepend(document.createElement('hr'))")
    tab.set_viewport_size({"width": 999, "height": 700})
    moved = tab.locator("#import").bounding_box()
    assert moved is not None
    tab.wait_for_function(
        """(y) => {
          const root = document.querySelector('guide-path').shadowRoot;
          const tip = root.querySelector('guide-path-surface').shadowRoot.querySelector('.tooltip');
          return Math.abs(tip.getBoundingClientRect().y - y) < 2;
        }""",
        arg=moved["y"] + moved["height"] + 10,
    )


def test_a_target_far_below_is_scrolled_to(host: Host, tab: Page) -> None:
    host.pages["/long"] = page('<div class="tall"></div><button id="import">Import</button>')
    host.play(KINDS["tooltip"]())
    tab.goto("/long")
    host.hears("item.shown")
    expect(tab.locator("#import")).to_be_in_viewport()
    expect(tab.locator(".tooltip")).to_be_in_viewport()


def test_a_tooltip_for_a_target_in_an_open_dialog_goes_into_that_dialog(
    host: Host, tab: Page
) -> None:
    host.pages["/dialog"] = page(
        '<dialog aria-label="x"><button id="import">Import</button></dialog>'
    )
    host.play(KINDS["tooltip"]())
    tab.goto("/dialog")
    host.is_asked(1)
    assert host.heard() == []
    tab.evaluate("document.querySelector('dialog').showModal()")
    host.hears("item.shown")
    assert tab.locator("dialog > guide-path-surface").count() == 1
    tab.get_by_role("button", name="Close").click()  # it is not inert
    host.hears("item.shown", "item.dismissed:close")


def test_a_tooltip_whose_target_is_behind_an_open_dialog_waits(host: Host, tab: Page) -> None:
    host.pages["/dialog"] = page(
        '<dialog aria-label="x" id="d">x</dialog><button id="import">Import</button>'
    )
    host.play(decision(step(target={"selector": "#import", "waitMs": 60, "onMissing": "skip"})))
    tab.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => document.all.d?.showModal())"
    )
    tab.goto("/dialog")
    host.hears("target.missing")
    assert host.feedback["guidepath"][0]["targetFound"] is False
    assert host.feedback["guidepath"][0]["waitedMs"] >= 60


def test_a_missing_target_may_centre_the_item(host: Host, tab: Page) -> None:
    gone = {"selector": "#nowhere", "waitMs": 0, "onMissing": "center"}
    host.play(decision(step(target=gone)))
    tab.goto("/contacts")
    host.hears("item.shown")
    box = tab.locator(".tooltip").bounding_box()
    assert box is not None
    assert abs(box["x"] + box["width"] / 2 - 500) < 2
    assert abs(box["y"] + box["height"] / 2 - 350) < 2


def test_a_selector_that_is_none_is_a_missing_target(host: Host, tab: Page) -> None:
    host.play(decision(step(target={"selector": "[[", "waitMs": 0, "onMissing": "skip"})))
    tab.goto("/contacts")
    host.hears("target.missing")


def test_a_checklist_fills_in_place_and_keeps_the_focus(host: Host, tab: Page) -> None:
    host.play(checklist(1))
    tab.goto("/contacts")
    list_ = tab.get_by_role("region", name="Get started")
    expect(list_.get_by_role("button", name="1 of 4")).to_have_attribute("aria-expanded", "true")
    expect(list_.get_by_text("Opens after the earlier steps")).to_be_visible()
    expect(list_.get_by_text("Optional")).to_be_visible()
    list_.get_by_role("button", name="Open").last.focus()
    host.play(checklist(2))
    tab.evaluate("document.dispatchEvent(new Event('guidepath:refresh'))")
    expect(list_.get_by_role("button", name="2 of 4")).to_be_visible()
    expect(list_.get_by_role("listitem").nth(1)).to_contain_text("(Done)")
    expect(list_.get_by_role("button", name="Open").last).to_be_focused()
    host.hears("item.shown")


def test_a_checklist_folds_into_its_launcher(host: Host, tab: Page) -> None:
    host.play(checklist(1))
    tab.goto("/contacts")
    launcher = tab.get_by_role("button", name="Get started 1 of 4")
    launcher.click()
    expect(tab.get_by_role("list")).to_be_hidden()
    launcher.click()
    expect(tab.get_by_role("list")).to_be_visible()
    host.hears("item.shown")  # folding is no answer


def test_german_arabic_and_the_words_of_the_host(host: Host, tab: Page) -> None:
    host.play(decision(untargeted("banner"), locale="de", snoozeOptions=LATER[:1]))
    tab.goto("/contacts")
    expect(tab.get_by_role("button", name="In 4 Stunden erinnern")).to_be_visible()
    host.play(decision(untargeted("banner"), locale="ar", claim="claim-2"))
    tab.evaluate("document.querySelector('guide-path').texts = { ar: { close: 'إغلاق' } }")
    expect(tab.get_by_role("button", name="إغلاق")).to_be_visible()
    banner = tab.get_by_role("region")
    expect(banner).to_have_attribute("lang", "ar")
    expect(banner).to_have_css("direction", "rtl")


def test_what_a_text_contains_stays_text(host: Host, tab: Page) -> None:
    evil = "<img src=x onerror=alert(1)>"
    host.play(
        decision(
            untargeted("banner", title=evil, primaryAction={**DONE, "label": evil}, bodyHtml="")
        )
    )
    tab.on("dialog", lambda dialog: pytest.fail(dialog.message))
    tab.goto("/contacts")
    expect(tab.get_by_role("heading", name=evil)).to_be_visible()
    expect(tab.get_by_role("button", name=evil)).to_be_visible()


@pytest.mark.parametrize("kind", ["tooltip", "modal", "checklist", "banner"])
def test_everything_fits_on_a_small_screen(browser: Browser, host: Host, kind: str) -> None:
    host.play(KINDS[kind]())
    context = browser.new_context(base_url=host.url, viewport={"width": 360, "height": 640})
    small = context.new_page()
    small.goto("/contacts")
    host.hears("item.shown")
    box = small.locator(".card").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert small.evaluate("document.documentElement.scrollWidth") == 360
    context.close()


def test_the_theme_attribute_outranks_the_page(host: Host, tab: Page) -> None:
    tag = '<guide-path base="/guidepath" theme="dark"></guide-path>'
    host.pages["/contacts"] = page(tags=tag)
    host.play(decision(untargeted("banner")))
    tab.goto("/contacts")
    expect(tab.get_by_role("region")).to_have_css("background-color", "rgb(28, 32, 40)")


def test_forced_colours_keep_an_edge_around_the_card(host: Host, tab: Page) -> None:
    host.play(decision(untargeted("banner")))
    tab.emulate_media(forced_colors="active")
    tab.goto("/contacts")
    expect(tab.get_by_role("region")).to_have_css("border-top-width", "1px")


def test_silence_leaves_nothing_on_the_page(host: Host, tab: Page) -> None:
    host.play(silence("COOL_OFF"))
    tab.goto("/contacts")
    host.is_asked(1)
    assert tab.locator("guide-path-surface").count() == 0
