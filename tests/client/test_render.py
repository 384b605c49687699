import pytest
from playwright.sync_api import Page, expect
from tests.client.host import Host, decision, page, silence, step, untargeted
from tests.client.kinds import DONE, KINDS, LATER, checklist, survey

CARD = """document.querySelector("guide-path").shadowRoot
  .querySelector("guide-path-surface").shadowRoot.querySelector(".card")"""


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
    assert abs(box["y"] - (target["y"] + target["height"] + 14)) < 2
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
        arg=moved["y"] + moved["height"] + 14,
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


def test_a_branch_of_a_tour_stands_in_for_next(host: Host, tab: Page) -> None:
    branch = {"label": "Show me the rest", "type": "step", "url": None, "stepId": "c"}
    steps = [step(one, primaryAction=branch if one == "a" else DONE) for one in ("a", "b", "c")]
    host.play(decision(*steps, type="tour"))
    tab.goto("/contacts")
    expect(tab.get_by_role("button", name="Show me the rest")).to_be_visible()
    expect(tab.get_by_role("button", name="Next")).to_have_count(0)
    tab.get_by_role("button", name="Show me the rest").click()
    expect(tab.get_by_text("3 of 3")).to_be_visible()


def test_silence_leaves_nothing_on_the_page(host: Host, tab: Page) -> None:
    host.play(silence("COOL_OFF"))
    tab.goto("/contacts")
    host.is_asked(1)
    assert tab.locator("guide-path-surface").count() == 0


def test_a_hint_is_a_dot_at_its_target_that_opens_a_card(host: Host, tab: Page) -> None:
    host.play(KINDS["hint"]())
    tab.goto("/contacts")
    host.hears("item.shown")  # the dot was seen
    dot = tab.get_by_role("button", name="Hint: No file at hand?")
    box, target = dot.bounding_box(), tab.locator("#import").bounding_box()
    assert box is not None
    assert target is not None
    assert abs(box["x"] + box["width"] / 2 - (target["x"] + target["width"])) < 2
    assert abs(box["y"] + box["height"] / 2 - target["y"]) < 2
    expect(tab.locator(".card")).to_be_hidden()
    dot.click()
    expect(tab.locator(".card")).to_be_visible()
    dot.click()
    expect(tab.locator(".card")).to_be_hidden()
    assert host.heard() == ["item.shown"]  # folding is no answer
    dot.click()
    tab.get_by_role("button", name="Close").click()
    host.hears("item.shown", "item.dismissed:close")
    expect(dot).to_have_count(0)


def test_a_hint_leaves_its_target_usable(host: Host, tab: Page) -> None:
    host.play(KINDS["hint"]())
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate(
        "() => void (document.querySelector('#import').onclick = () => (globalThis.hit = 1))"
    )
    tab.locator("#import").click()
    assert tab.evaluate("globalThis.hit") == 1


def test_a_hint_without_a_target_is_a_card(host: Host, tab: Page) -> None:
    gone = {"selector": "#nowhere", "waitMs": 0, "onMissing": "center"}
    host.play(decision(step(type="hint", target=gone)))
    tab.goto("/contacts")
    host.hears("item.shown")
    expect(tab.locator(".card")).to_be_visible()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
@pytest.mark.parametrize("kind", ["hint", "celebration"])
def test_what_moves_ends_and_moves_only_for_those_who_do_not_mind(
    host: Host, tab: Page, kind: str, motion: str
) -> None:
    tab.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    host.play(KINDS[kind]())
    tab.goto("/contacts")
    host.hears("item.shown")
    longest = tab.evaluate(
        f"""() => {CARD}.getRootNode().getAnimations()
          .filter((one) => one.animationName)
          .reduce((most, one) => Math.max(most, one.effect.getComputedTiming().endTime), 0)"""
    )
    assert longest == 0 if motion == "reduce" else 0 < longest <= 6000


def test_the_same_content_is_not_drawn_again(host: Host, tab: Page) -> None:
    host.play(KINDS["tooltip"]())
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate(f"() => {{ globalThis.first = {CARD}.firstChild; }}")
    host.play(decision(step(), claim="claim-2", snoozeOptions=LATER))
    tab.evaluate("document.dispatchEvent(new Event('guidepath:refresh'))")
    host.is_asked(2)
    assert tab.evaluate("first.isConnected")
    tab.get_by_role("button", name="Close").click()
    host.until(lambda: "item.dismissed:close" in host.heard(), host.heard)
    assert host.feedback["guidepath"][-1]["claim"] == "claim-2"  # answered to the newest


def test_a_target_that_is_drawn_anew_keeps_its_card_and_the_focus_in_it(
    host: Host, tab: Page
) -> None:
    host.play(KINDS["tooltip"]())
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate(f"() => {{ globalThis.first = {CARD}; }}")
    tab.get_by_role("button", name="Remind me later").focus()
    tab.evaluate(
        """() => {
          const target = document.querySelector("#import");
          target.replaceWith(target.cloneNode(true));
          document.querySelector("h1").after(document.querySelector("#import"), "below");
        }"""
    )
    ring = tab.locator(".around")
    expect(ring).to_be_visible()
    assert tab.evaluate("first.isConnected")
    expect(tab.get_by_role("button", name="Remind me later")).to_be_focused()


def test_a_survey_that_is_gone_before_it_is_loaded_stays_away(host: Host, tab: Page) -> None:
    tab.goto("/contacts")
    left = tab.evaluate(
        """async (decision) => {
          const { Surface } = await import("/guidepath/client/render.js");
          const root = document.querySelector("h1").attachShadow({ mode: "open" });
          const surface = new Surface({ root, sheet: new CSSStyleSheet(), theme: () => null });
          const { wordsFor } = await import("/guidepath/client/words.js");
          const [step] = decision.item.steps;
          const drawn = surface.draw({ decision, step, words: wordsFor("en"), target: null });
          surface.remove();
          return [await drawn, root.childElementCount];
        }""",
        decision(survey()),
    )
    assert left == [None, 0]


def test_a_checklist_in_a_container_is_part_of_the_page(host: Host, tab: Page) -> None:
    tag = '<guide-path base="/guidepath" container="#here"></guide-path>'
    host.pages["*"] = page('<aside id="here"></aside><p id="below">below</p>', tags=tag)
    host.play(checklist(1))
    tab.goto("/contacts")
    host.hears("item.shown")
    list_ = tab.locator("#here").get_by_role("region", name="Get started")
    expect(list_).to_have_css("position", "static")
    expect(list_.get_by_role("list")).to_be_visible()
    expect(list_.get_by_role("button", name="Get started")).to_have_count(0)
    box, below = list_.bounding_box(), tab.locator("#below").bounding_box()
    assert box is not None
    assert below is not None
    assert box["y"] + box["height"] <= below["y"]
    tab.keyboard.press("Escape")
    host.play(checklist(2))
    tab.evaluate("document.dispatchEvent(new Event('guidepath:refresh'))")
    expect(list_.get_by_role("progressbar", name="2 of 4")).to_be_visible()
    list_.get_by_role("button", name="Hide this list").click()
    host.hears("item.shown", "item.dismissed:close")
    expect(list_).to_have_count(0)


def test_a_checklist_without_its_container_is_docked(host: Host, tab: Page) -> None:
    tag = '<guide-path base="/guidepath" container="#nowhere"></guide-path>'
    host.pages["*"] = page(tags=tag)
    host.play(checklist(1))
    tab.goto("/contacts")
    expect(tab.get_by_role("region", name="Get started")).to_have_css("position", "fixed")


TWO = '<button id="import">Import contacts</button><button id="other">Other</button>'
HITS = """() => {
  globalThis.hits = [];
  for (const one of document.querySelectorAll("main button")) {
    for (const type of ["mousedown", "click"]) one.addEventListener(type, () => hits.push(one.id));
  }
}"""


def test_a_click_beside_a_dimming_step_ends_it_and_nothing_else(host: Host, tab: Page) -> None:
    host.pages["*"] = page(TWO)
    host.play(KINDS["tour"]())
    tab.goto("/contacts")
    host.until(lambda: "item.shown" in host.heard(), host.heard)
    tab.evaluate(HITS)
    tab.locator("#import").click()
    assert tab.evaluate("hits") == ["import", "import"]
    tab.locator("#other").focus()
    tab.keyboard.press("Enter")  # a key is meant for what has the focus
    assert tab.evaluate("hits") == ["import", "import", "other"]
    tab.locator("#other").click()
    host.until(lambda: host.heard()[-1] == "item.dismissed:overlay", host.heard)
    assert tab.evaluate("hits") == ["import", "import", "other"]
    tab.locator("#other").click()
    assert tab.evaluate("hits")[3:] == ["other", "other"]


@pytest.mark.parametrize("more", [{"dismissible": False}, {"overlay": {"enabled": False}}])
def test_a_click_beside_any_other_item_is_the_page_s(
    host: Host, tab: Page, more: dict[str, object]
) -> None:
    host.pages["*"] = page(TWO)
    host.play(decision(step(overlay={"enabled": True}) | more))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate(HITS)
    tab.locator("#other").click()
    assert tab.evaluate("hits") == ["other", "other"]
    expect(tab.locator(".card")).to_be_visible()
