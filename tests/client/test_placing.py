"""Placing beside targets in pages that are nasty on purpose, by the browser and by hand."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.client.host import Host, decision, page, step
from tests.client.nasty import Rect, drift, rects, settle, side_of, stand, visit

GAP = 14
EDGE = 8
TARGET = '<button id="t">Target</button>'
MIDDLE = "#t { position: absolute; left: 450px; top: 300px; width: 100px; height: 40px }"
NO_ANCHORING = "CSS.supports = () => false"


@pytest.fixture(params=["by the browser", "by hand"])
def way(request: pytest.FixtureRequest, tab: Page) -> Iterator[str]:
    """How it is placed: where the browser can anchor, and where it cannot."""
    if request.param == "by hand":
        tab.add_init_script(NO_ANCHORING)
    yield request.param
    assert tab.evaluate("anchored") == (request.param == "by the browser")


def near(one: float, other: float, by: float = 1) -> bool:
    return abs(one - other) <= by


def in_view(rect: Rect, width: int = 1000, height: int = 700) -> bool:
    return (
        rect["x"] >= 0
        and rect["y"] >= 0
        and rect["x"] + rect["width"] <= width
        and rect["y"] + rect["height"] <= height
    )


def gap(tab: Page) -> float:
    """How far the card is from its target."""
    target, _, card = rects(tab)
    return max(
        target["y"] - card["y"] - card["height"],
        target["x"] - card["x"] - card["width"],
        card["y"] - target["y"] - target["height"],
        card["x"] - target["x"] - target["width"],
    )


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("side", "direction", "expected"),
    [
        ("top", "ltr", "top"),
        ("right", "ltr", "right"),
        ("bottom", "ltr", "bottom"),
        ("left", "rtl", "left"),
        ("start", "ltr", "left"),
        ("start", "rtl", "right"),
        ("end", "ltr", "right"),
        ("end", "rtl", "left"),
    ],
)
def test_it_stands_on_the_side_that_is_asked_for_in_both_directions(
    host: Host, tab: Page, side: str, direction: str, expected: str
) -> None:
    visit(tab, host, TARGET, MIDDLE)
    tab.evaluate(f"document.documentElement.dir = '{direction}'")
    stand(tab, side=side)
    assert side_of(tab) == expected
    assert near(gap(tab), GAP)
    assert drift(tab) <= 1


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("align", ["start", "end"])
def test_an_alignment_turns_with_the_direction(
    host: Host, tab: Page, align: str, direction: str
) -> None:
    visit(tab, host, TARGET, MIDDLE)
    tab.evaluate(f"document.documentElement.dir = '{direction}'")
    stand(tab, align=align)
    target, _, card = rects(tab)
    left = near(card["x"], target["x"])
    right = near(card["x"] + card["width"], target["x"] + target["width"])
    assert (left, right) == (
        (True, False) if (align == "start") == (direction == "ltr") else (False, True)
    )


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("place", "side", "expected"),
    [
        ("left: 450px; top: 640px", "bottom", "top"),
        ("left: 450px; top: 10px", "top", "bottom"),
        ("left: 20px; top: 300px", "start", "right"),
        ("left: 880px; top: 300px", "end", "left"),
    ],
)
def test_where_there_is_no_room_it_flips(
    host: Host, tab: Page, place: str, side: str, expected: str
) -> None:
    visit(tab, host, TARGET, f"#t {{ position: absolute; width: 100px; height: 40px; {place} }}")
    stand(tab, side=side)
    assert side_of(tab) == expected
    assert in_view(rects(tab)[2])


@pytest.mark.usefixtures("way")
def test_where_it_flips_it_keeps_its_alignment(host: Host, tab: Page) -> None:
    css = "#t { position: absolute; left: 450px; top: 640px; width: 100px; height: 40px }"
    visit(tab, host, TARGET, css)
    stand(tab, align="start")
    target, _, card = rects(tab)
    assert side_of(tab) == "top"
    assert near(card["x"], target["x"])


@pytest.mark.usefixtures("way")
def test_where_there_is_no_room_at_its_end_it_is_aligned_with_the_other(
    host: Host, tab: Page
) -> None:
    visit(tab, host, TARGET, "#t { position: absolute; left: 880px; top: 300px; width: 100px }")
    stand(tab, align="start")
    assert side_of(tab) == "bottom"
    assert in_view(rects(tab)[2])


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("left", "align"), [(0, "center"), (960, "center"), (810, "start"), (150, "end")]
)
def test_at_an_edge_it_shifts_into_view_and_keeps_off_it(
    host: Host, tab: Page, left: int, align: str
) -> None:
    visit(
        tab, host, TARGET, f"#t {{ position: absolute; width: 40px; top: 300px; left: {left}px }}"
    )
    stand(tab, align=align)
    assert side_of(tab) == "bottom"
    card = rects(tab)[2]
    assert EDGE <= card["x"] <= 1000 - EDGE - card["width"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("side", ["start", "end"])
def test_on_a_narrow_screen_it_goes_below(host: Host, tab: Page, side: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 600})
    visit(tab, host, TARGET, "#t { position: absolute; left: 100px; top: 200px; width: 120px }")
    stand(tab, side=side)
    assert side_of(tab) == "bottom"
    assert in_view(rects(tab)[2], 320, 600)


@pytest.mark.usefixtures("way")
def test_beside_a_column_as_high_as_the_view_it_goes_to_its_side(host: Host, tab: Page) -> None:
    visit(tab, host, TARGET, "#t { position: fixed; left: 0; top: 0; width: 300px; height: 100vh }")
    stand(tab)
    assert side_of(tab) == "right"
    assert in_view(rects(tab)[2])


def test_over_a_target_larger_than_the_view_it_stays_in_view(host: Host, tab: Page) -> None:
    css = "#t { position: absolute; left: 0; top: 0; width: 100%; height: 3000px }"
    visit(tab, host, TARGET, css)
    stand(tab)
    for scroll in (0, 1200, 9999):
        tab.evaluate(f"scrollTo(0, {scroll})")
        settle(tab)
        assert in_view(rects(tab)[2])


NESTED = """
  .outer, .inner { overflow: auto; border: 3px solid; position: relative }
  .outer { height: 400px; margin-top: 50px } .inner { height: 300px; width: 600px }
  .pad { height: 700px; width: 1500px }
"""
NESTED_BODY = f"""<div class="outer" id="outer"><div class="pad"></div>
  <div class="inner" id="inner"><div class="pad"></div>{TARGET}<div class="pad"></div></div>
  <div class="pad"></div></div><div class="tall"></div>"""


@pytest.mark.usefixtures("way")
def test_in_nested_scrollers_it_does_not_drift(host: Host, tab: Page) -> None:
    visit(tab, host, NESTED_BODY, NESTED)
    stand(tab)
    expect(tab.locator("#t")).to_be_in_viewport(ratio=1)
    for scroll in (
        "inner.scrollTop += 37",
        "outer.scrollTop -= 23",
        "scrollTo(0, 31)",
        "inner.scrollLeft += 9",
    ):
        tab.evaluate(scroll)
        settle(tab)
        assert drift(tab) <= 1, scroll
        assert near(gap(tab), GAP), scroll


def test_by_hand_it_moves_in_the_same_frame_as_what_is_scrolled(host: Host, tab: Page) -> None:
    tab.add_init_script(NO_ANCHORING)
    visit(tab, host, NESTED_BODY, NESTED)
    stand(tab)
    for scroll in ("inner.scrollTop += 9", "outer.scrollTop -= 9", "scrollTo(0, 9)"):
        off = tab.evaluate(
            f"""() => new Promise((done) => {{
              {scroll};
              requestAnimationFrame(() => {{
                const [one, ring] = [target, around].map((each) => each.getBoundingClientRect());
                done([ring.x + 5 - one.x, ring.y + 5 - one.y].map(Math.abs));
              }});
            }})"""
        )
        assert max(off) <= 1, scroll


@pytest.mark.usefixtures("way")
def test_a_target_that_is_scrolled_away_takes_it_along_and_brings_it_back(
    host: Host, tab: Page
) -> None:
    visit(tab, host, NESTED_BODY, NESTED)
    stand(tab)
    tab.evaluate("globalThis.was = inner.scrollTop; inner.scrollTop = 0")
    tab.wait_for_function("() => card.hasAttribute('data-away')")
    expect(tab.locator(".card")).to_have_css("pointer-events", "none")
    expect(tab.locator(".around")).to_have_css("opacity", "0")
    _, _, card = rects(tab)
    assert tab.evaluate(
        "([x, y]) => document.elementFromPoint(x, y)?.localName !== 'our-surface'",
        [card["x"] + 20, card["y"] + 20],
    )
    tab.evaluate("inner.scrollTop = was")
    tab.wait_for_function("() => !card.hasAttribute('data-away')")
    assert drift(tab) <= 1
    tab.evaluate("scrollTo(0, 1500)")
    tab.wait_for_function("() => card.hasAttribute('data-away')")


@pytest.mark.usefixtures("way")
def test_the_focus_brings_back_what_is_scrolled_away(host: Host, tab: Page) -> None:
    visit(tab, host, NESTED_BODY, NESTED)
    stand(tab)
    tab.evaluate("inner.scrollTop = 0")
    tab.wait_for_function("() => card.hasAttribute('data-away')")
    tab.evaluate("card.querySelector('button').focus()")
    tab.wait_for_function("() => !card.hasAttribute('data-away')")
    expect(tab.locator("#t")).to_be_in_viewport(ratio=1)
    assert tab.evaluate("shadow.activeElement?.textContent") == "Next"


STICKY = """
  .bar { position: sticky; top: 0; height: 90px; background: silver }
  .first { position: sticky; left: 0; width: 200px; height: 40px; background: silver }
  .table { overflow: auto; width: 600px } .row { display: flex; width: 2000px }
"""


@pytest.mark.usefixtures("way")
def test_a_target_under_a_sticky_header_is_scrolled_out_of_it(host: Host, tab: Page) -> None:
    visit(tab, host, f'<div class="bar"></div><p></p>{TARGET}<div class="tall"></div>', STICKY)
    tab.evaluate("scrollTo(0, document.querySelector('#t').getBoundingClientRect().top - 20)")
    tab.evaluate("document.querySelector('main').prepend(document.createElement('div'))")
    stand(tab)
    assert tab.evaluate(
        """() => {
          const { x, y } = target.getBoundingClientRect();
          return document.elementFromPoint(x + 5, y + 2) === target;
        }"""
    )
    assert drift(tab) <= 1


@pytest.mark.usefixtures("way")
def test_a_target_under_a_sticky_column_is_scrolled_out_of_it(host: Host, tab: Page) -> None:
    body = (
        f'<div class="table" id="table"><div class="row"><b class="first"></b>{TARGET}</div></div>'
    )
    visit(tab, host, body, STICKY + "#t { margin-left: 700px; flex: 0 0 120px }")
    tab.evaluate("table.scrollLeft = 750")  # its middle can be seen, its beginning cannot
    stand(tab)
    assert tab.evaluate(
        """() => {
          const { x, y } = target.getBoundingClientRect();
          return document.elementFromPoint(x + 2, y + 5) === target;
        }"""
    )


@pytest.mark.usefixtures("way")
def test_in_a_table_that_scrolls_both_ways_it_comes_out_of_head_and_column(
    host: Host, tab: Page
) -> None:
    cells = "<td>Something</td>" * 20
    rows = f"<tr><th>Row</th>{cells}</tr>" * 20
    table = f"<table><thead><tr>{'<th>Head</th>' * 21}</tr></thead><tbody>{rows}</tbody></table>"
    css = """#box { overflow: auto; width: 500px; height: 300px }
      th { position: sticky; background: silver; min-width: 120px; left: 0 }
      td { min-width: 120px } thead th { top: 0; height: 70px }"""
    visit(tab, host, f'<div id="box">{table}</div>', css)
    tab.evaluate(
        """() => {
          const cell = document.querySelectorAll("tbody tr")[9].cells[9];
          const button = Object.assign(document.createElement("button"), { id: "t" });
          cell.replaceChildren(button);
          button.append("Here");
          const { left, top } = cell.getBoundingClientRect();
          box.scrollBy(left - box.offsetLeft - 50, top - box.offsetTop - 20); // under both
        }"""
    )
    stand(tab)
    assert tab.evaluate(HITS_ITSELF)
    assert drift(tab) <= 1
    tab.evaluate("box.scrollBy(31, 17)")
    settle(tab)
    assert drift(tab) <= 1


HITS_ITSELF = """() => {
  const { x, y } = target.getBoundingClientRect();
  return document.elementFromPoint(x + 3, y + 3) === target;
}"""


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("position", ["sticky", "fixed"])
def test_under_a_header_it_is_away_until_its_target_is_out_again(
    host: Host, tab: Page, position: str
) -> None:
    css = (
        f"header {{ position: {position}; top: 0; width: 100%; height: 90px; background: silver }}"
    )
    visit(tab, host, f'<p></p>{TARGET}<div class="tall"></div>', f"{css} main {{ padding: 200px }}")
    stand(tab)
    under = tab.evaluate("target.getBoundingClientRect().top - 30")
    tab.evaluate(f"scrollTo(0, {under})")
    tab.wait_for_function("() => card.hasAttribute('data-away')")
    tab.evaluate("scrollTo(0, 0)")
    tab.wait_for_function("() => !card.hasAttribute('data-away')")
    tab.evaluate(f"scrollTo(0, {under})")
    tab.wait_for_function("() => around.hasAttribute('data-away')")
    tab.mouse.move(600, 40)
    tab.evaluate("document.querySelector('header').remove()")  # e.g. a bar about cookies, closed
    tab.mouse.move(600, 300)
    tab.wait_for_function("() => !around.hasAttribute('data-away')")


@pytest.mark.usefixtures("way")
def test_what_is_in_view_is_not_scrolled(host: Host, tab: Page) -> None:
    visit(tab, host, f'<p></p>{TARGET}<div class="tall"></div>')
    tab.evaluate("scrollTo(0, 40)")
    stand(tab)
    assert tab.evaluate("scrollY") == 40


@pytest.mark.usefixtures("way")
def test_it_follows_when_the_window_changes(host: Host, tab: Page) -> None:
    visit(tab, host, TARGET, "#t { position: absolute; right: 300px; top: 50% }")
    stand(tab)
    tab.set_viewport_size({"width": 800, "height": 500})
    settle(tab)
    assert drift(tab) <= 1
    assert in_view(rects(tab)[2], 800, 500)


@pytest.mark.usefixtures("way")
def test_it_follows_when_the_page_above_grows(host: Host, tab: Page) -> None:
    visit(tab, host, f'<div id="above"></div>{TARGET}')
    stand(tab)
    for height in (7, 120, 30):
        tab.evaluate(f"above.style.height = '{height}px'")
        tab.wait_for_function("() => card.getBoundingClientRect().top > 0")
        settle(tab)
        assert drift(tab) <= 1, height


@pytest.mark.usefixtures("way")
def test_it_follows_a_target_that_glides(host: Host, tab: Page) -> None:
    visit(tab, host, TARGET, MIDDLE + "#t { transition: left 0.1s, translate 0.1s }")
    stand(tab)
    ended = "new Promise((done) => target.addEventListener('transitionend', done, { once: true }))"
    for glide in ("left = '600px'", "translate = '-200px 60px'"):
        tab.evaluate(f"() => {{ const end = {ended}; target.style.{glide}; return end; }}")
        settle(tab)
        assert drift(tab) <= 1, glide
        assert near(gap(tab), GAP), glide


@pytest.mark.usefixtures("way")
def test_it_follows_a_target_that_grows(host: Host, tab: Page) -> None:
    visit(tab, host, TARGET, MIDDLE)
    stand(tab)
    for height in (90, 20):
        tab.evaluate(f"target.style.height = '{height}px'")
        settle(tab)
        assert near(gap(tab), GAP)
        assert near(rects(tab)[1]["height"], height + 10)


@pytest.mark.usefixtures("way")
def test_a_card_that_grows_grows_away_from_its_target(host: Host, tab: Page) -> None:
    visit(tab, host, TARGET, MIDDLE)
    stand(tab, side="top")
    tab.evaluate("card.style.height = '170px'")
    settle(tab)
    assert side_of(tab) == "top"
    assert near(gap(tab), GAP)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "transform",
    ["scale(0.5)", "translate(120px, 30px)", "rotate(20deg)", "perspective(300px) rotateY(30deg)"],
)
def test_a_transformed_ancestor_does_not_mislead_it(host: Host, tab: Page, transform: str) -> None:
    visit(
        tab,
        host,
        f'<div class="box">{TARGET}</div>',
        f".box {{ width: 400px; transform: {transform} }}",
    )
    stand(tab)
    assert drift(tab) <= 1


@pytest.mark.usefixtures("way")
def test_a_page_that_zooms_its_body_does_not_mislead_it(host: Host, tab: Page) -> None:
    visit(tab, host, f"{TARGET}<div class='tall'></div>", "body { zoom: 2 }")
    stand(tab, align="start")
    assert drift(tab) <= 1
    target, _, card = rects(tab)
    assert near(card["x"], target["x"])
    tab.evaluate("scrollTo(0, 50)")
    settle(tab)
    assert drift(tab) <= 1


def test_at_200_percent_zoom_it_is_beside_its_target_and_in_view(
    browser: Browser, host: Host
) -> None:
    context = browser.new_context(
        base_url=host.url, viewport={"width": 500, "height": 350}, device_scale_factor=2
    )
    tab = context.new_page()
    visit(tab, host, f'<div class="tall"></div>{TARGET}')
    tab.emulate_media(reduced_motion="reduce")
    stand(tab, side="end")
    assert drift(tab) <= 1
    assert in_view(rects(tab)[2], 500, 350)
    context.close()


BY_HAND = {
    "SVG": (
        "#t",
        '<svg width="90" height="60"><circle id="t" cx="50" cy="30" r="20"></circle></svg>',
    ),
    "display contents": ("#t", '<p id="t"><button>In it</button></p>'),
    "no size of its own": ("#t", '<div id="t" class="none"><button>In it</button></div>'),
    "a frame": ("iframe >>> #t", '<iframe src="/inner"></iframe>'),
    "a frame in a frame": ("iframe >>> iframe >>> #t", '<iframe src="/outer"></iframe>'),
}
ODD = """
  p { display: contents }
  .none { position: relative; height: 0 } .none button { position: absolute }
  iframe { margin: 20px; border: 7px solid; padding: 11px 5px; scale: 0.9 }
  iframe { width: 700px; height: 300px }
"""


@pytest.mark.parametrize("odd", BY_HAND)
def test_what_the_browser_cannot_anchor_to_is_placed_by_hand(
    host: Host, tab: Page, odd: str
) -> None:
    selector, body = BY_HAND[odd]
    host.pages["/inner"] = f"<div>One</div>{TARGET}"
    host.pages["/outer"] = '<b>Outer</b><iframe src="/inner" width="500" height="200"></iframe>'
    visit(tab, host, f"{body}<div class='tall'></div>", ODD)
    stand(tab, selector)
    box = tab.frames[-1].locator("button, circle").first.bounding_box()  # in the page's coordinates
    target, ring, _ = rects(tab)
    assert box is not None
    assert near(target["x"], box["x"])
    assert near(target["y"], box["y"])
    assert near(ring["width"], target["width"] + 10)
    assert drift(tab) <= 1
    assert near(gap(tab), GAP)
    tab.evaluate("scrollTo(0, 60)")
    settle(tab)
    assert drift(tab) <= 1


def test_scrolling_in_a_frame_is_followed_and_clips(host: Host, tab: Page) -> None:
    host.pages["/inner"] = f'{TARGET}<div id="tall"></div>'
    visit(tab, host, '<iframe id="frame" src="/inner"></iframe>')
    stand(tab, "iframe >>> #t")
    tab.evaluate("frame.contentDocument.querySelector('#tall').style.height = '900px'")
    tab.evaluate("frame.contentWindow.scrollTo(0, 6)")
    settle(tab)
    assert drift(tab) <= 1
    tab.evaluate("frame.contentWindow.scrollTo(0, 600)")
    tab.wait_for_function("() => card.hasAttribute('data-away')")
    tab.evaluate("frame.contentWindow.scrollTo(0, 0)")
    tab.wait_for_function("() => !card.hasAttribute('data-away')")
    tab.evaluate("frame.width = 250")
    settle(tab)
    assert drift(tab) <= 1


@pytest.mark.usefixtures("way")
def test_a_scroller_in_a_shadow_root_is_followed(host: Host, tab: Page) -> None:
    visit(tab, host, "<my-app></my-app>")
    tab.evaluate(
        """() => {
          const root = document.querySelector("my-app").attachShadow({ mode: "open" });
          const box = document.createElement("div");
          const tall = document.createElement("div");
          const button = document.createElement("button");
          Object.assign(button, { id: "t", textContent: "Target" });
          box.append(button, tall);
          root.append(box);
          box.style.cssText = "height: 200px; overflow: auto; padding-top: 60px";
          tall.style.height = "900px";
          globalThis.box = box;
        }"""
    )
    stand(tab, "my-app >>> #t")
    assert drift(tab) <= 1
    tab.evaluate("box.scrollTop = 33")
    settle(tab)
    assert drift(tab) <= 1


RENEW = """() => {
  const next = target.cloneNode(true);
  target.replaceWith(next);
  put(next);
}"""


@pytest.mark.usefixtures("way")
def test_a_target_that_is_drawn_anew_keeps_the_card_its_focus_and_its_place(
    host: Host, tab: Page
) -> None:
    visit(tab, host, TARGET, MIDDLE)
    stand(tab)
    tab.evaluate("card.querySelector('button').focus()")
    tab.evaluate(
        """() => {
          globalThis.events = [];
          for (const name of ["transitionrun", "animationstart", "blur", "focusout"]) {
            card.addEventListener(name, () => events.push(name), true);
          }
          card.classList.add("moving");
        }"""
    )
    before = rects(tab)
    for _ in range(5):
        tab.evaluate(RENEW)
        assert rects(tab) == before
        settle(tab)
        assert rects(tab) == before
        assert tab.evaluate("getComputedStyle(card).opacity") == "1"
    assert tab.evaluate("events") == []
    assert tab.evaluate("shadow.activeElement?.textContent") == "Next"
    assert tab.evaluate("shadow.adoptedStyleSheets.length") == 2


def test_it_goes_on_beside_a_target_elsewhere(host: Host, tab: Page) -> None:
    shape = '<svg width="50" height="50"><rect id="r" width="30" height="30"></rect></svg>'
    body = f"<div>{TARGET}</div>{shape}"
    visit(tab, host, body)
    stand(tab)
    tab.evaluate("put(document.querySelector('#r'))")
    settle(tab)
    assert drift(tab) <= 1
    tab.evaluate("put(document.querySelector('#t'))")
    settle(tab)
    assert drift(tab) <= 1


def test_while_its_target_is_gone_it_does_not_jump(host: Host, tab: Page, way: str) -> None:
    visit(tab, host, TARGET, MIDDLE)
    stand(tab)
    _, _, before = rects(tab)
    tab.evaluate("globalThis.kept = target; target.remove()")
    tab.wait_for_function("() => card.hasAttribute('data-away')")
    settle(tab)
    if way == "by hand":
        assert rects(tab)[2] == before
    tab.evaluate("document.querySelector('main').append(kept)")
    tab.wait_for_function("() => !card.hasAttribute('data-away')")


@pytest.mark.parametrize("layer", ["dialog", "popover"])
def test_in_a_dialog_or_a_popover_it_can_be_reached(host: Host, tab: Page, layer: str) -> None:
    body = {
        "dialog": f'<dialog id="layer">{TARGET}<p></p></dialog>',
        "popover": f'<div popover id="layer">{TARGET}<p></p></div>',
    }
    visit(tab, host, body[layer])
    tab.evaluate({"dialog": "layer.showModal()", "popover": "layer.showPopover()"}[layer])
    stand(tab, inLayer=True)
    assert drift(tab) <= 1
    tab.locator(".card").get_by_role("button", name="Next").click()
    settle(tab)
    assert tab.evaluate("shadow.activeElement?.textContent") == "Next"
    assert tab.evaluate("layer.matches(':modal, :popover-open')")


@pytest.mark.usefixtures("way")
def test_the_target_stays_usable_and_as_it_was(host: Host, tab: Page) -> None:
    visit(tab, host, TARGET, MIDDLE)
    was = tab.evaluate("document.querySelector('#t').outerHTML")
    stand(tab)
    tab.evaluate("target.addEventListener('click', () => (globalThis.clicked = true))")
    tab.locator("#t").click()
    assert tab.evaluate("clicked")
    expect(tab.locator("#t")).to_be_focused()
    assert tab.locator("#t").evaluate("(one) => one.outerHTML") == was


@pytest.mark.usefixtures("way")
def test_nothing_of_the_page_shifts(host: Host, tab: Page) -> None:
    tab.add_init_script(
        """globalThis.shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((one) => (shift += one.value)))
          .observe({ type: "layout-shift", buffered: true });"""
    )
    visit(tab, host, f"{TARGET}<p>Some words</p><div class='tall'></div>")
    before = tab.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]")
    stand(tab)
    settle(tab)
    tab.evaluate("unplace(); card.hidePopover(); around.hidePopover()")
    settle(tab)
    assert tab.evaluate("shift") == 0
    assert (
        tab.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]") == before
    )


WRAP = """
  globalThis.frames_ = 0;
  globalThis.looks = 0;
  globalThis.unwrapped = requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (act) => { frames_ += 1; return unwrapped(act); };
  for (const name of ["IntersectionObserver", "ResizeObserver", "MutationObserver"]) {
    const Observer = globalThis[name];
    globalThis[name] = class extends Observer {
      constructor(act, options) { super((...given) => { looks += 1; act(...given); }, options); }
    };
  }
  globalThis.setInterval = () => { throw new Error("polling"); };
"""


@pytest.mark.usefixtures("way")
def test_at_rest_it_does_nothing(host: Host, tab: Page) -> None:
    tab.add_init_script(WRAP)
    visit(tab, host, TARGET, MIDDLE)
    stand(tab)
    settle(tab)
    before = tab.evaluate("[frames_, looks]")
    for _ in range(5):
        settle(tab)
    assert tab.evaluate("[frames_, looks]") == before


@pytest.mark.usefixtures("way")
def test_what_is_let_go_of_is_followed_no_more(host: Host, tab: Page) -> None:
    tab.add_init_script(WRAP)
    visit(tab, host, f"{TARGET}<div class='tall'></div>", MIDDLE)
    stand(tab)
    tab.evaluate("unplace()")
    before = tab.evaluate("looks")
    tab.evaluate("scrollTo(0, 200); target.style.height = '90px'")
    settle(tab)
    assert tab.evaluate("looks") == before
    assert tab.evaluate("shadow.adoptedStyleSheets.length") == 1


# With the whole client: what a person sees of all this

NAG = """() => setInterval(() => {
  const target = document.querySelector("#import");
  target.replaceWith(target.cloneNode(true));
  globalThis.times = (globalThis.times ?? 0) + 1;
}, 100)"""
CARD = "document.querySelector('guide-path').shadowRoot.querySelector('guide-path-surface')"


def test_a_page_that_draws_itself_anew_all_the_time_keeps_one_item_with_one_impression(
    host: Host, tab: Page
) -> None:
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.get_by_role("button", name="Close").focus()
    tab.evaluate(f"{CARD}.before = true")
    tab.evaluate(NAG)
    tab.wait_for_function("() => globalThis.times >= 6")
    assert tab.evaluate(f"{CARD}.before")
    expect(tab.get_by_role("button", name="Close")).to_be_focused()
    assert (
        tab.evaluate(
            f"""() => {{
          const card = {CARD}.shadowRoot.querySelector(".tooltip").getBoundingClientRect();
          const target = document.querySelector("#import").getBoundingClientRect();
          return Math.round(card.top - target.bottom);
        }}"""
        )
        == GAP
    )
    assert host.heard() == ["item.shown"]


def test_an_item_goes_while_a_dialog_is_open_and_comes_back_uncounted(
    host: Host, tab: Page
) -> None:
    host.pages["*"] = page('<button id="import">Import</button><dialog id="d">Sure?</dialog>')
    host.play(decision(step()))
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate("d.showModal()")
    expect(tab.locator(".tooltip")).to_be_hidden()
    tab.evaluate("d.close()")
    expect(tab.locator(".tooltip")).to_be_visible()
    assert host.heard() == ["item.shown"]


def test_a_missing_target_is_reported_with_the_reason(host: Host, tab: Page) -> None:
    host.pages["*"] = page(
        '<details><summary>More</summary><button id="import">I</button></details>'
    )
    host.play(decision(step(target={"selector": "#import", "waitMs": 30, "onMissing": "skip"})))
    tab.goto("/contacts")
    host.hears("target.missing")
    assert host.feedback["guidepath"][0]["reason"] == "hidden"


@pytest.mark.parametrize("where", ["a shadow root", "a frame"])
def test_an_item_stands_beside_a_target_in(host: Host, tab: Page, where: str) -> None:
    host.pages["/inner"] = '<button id="import">Import</button>'
    host.pages["*"] = page(
        {"a shadow root": "<my-app></my-app>", "a frame": '<iframe src="/inner"></iframe>'}[where]
    )
    selector = {"a shadow root": "my-app >>> #import", "a frame": "iframe >>> #import"}[where]
    host.play(decision(step(target={"selector": selector, "waitMs": 4000, "onMissing": "skip"})))
    tab.goto("/contacts")
    if where == "a shadow root":
        tab.evaluate(
            """() => {
              const button = Object.assign(document.createElement("button"), { id: "import" });
              button.textContent = "Import";
              document.querySelector("my-app").attachShadow({ mode: "open" }).append(button);
            }"""
        )
        tab.evaluate("document.body.className = 'drawn'")
    host.hears("item.shown")
    card = tab.locator(".tooltip").bounding_box()
    target = tab.frames[-1].locator("#import").bounding_box()
    assert card is not None
    assert target is not None
    assert near(card["y"], target["y"] + target["height"] + GAP)


def test_while_the_page_is_dimmed_the_target_is_free_and_the_rest_is_not(
    host: Host, tab: Page
) -> None:
    host.pages["*"] = page('<button id="import">Import</button><input id="other">')
    host.play(
        decision(step(overlay={"enabled": True}, placement={"side": "end", "align": "start"}))
    )
    tab.goto("/contacts")
    host.hears("item.shown")
    tab.evaluate(
        """() => {
          globalThis.clicked = [];
          addEventListener("click", ({ target }) => clicked.push(target.id), true);
        }"""
    )
    tab.locator("#import").click()
    expect(tab.locator("#import")).to_be_focused()
    assert tab.evaluate("clicked") == ["import"]
    assert host.heard() == ["item.shown"]
    tab.mouse.click(500, 650)
    host.hears("item.shown", "item.dismissed:overlay")
