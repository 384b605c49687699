"""Finding targets in pages that are nasty on purpose."""

import pytest
from playwright.sync_api import Page, Route
from tests.client.host import Host
from tests.client.nasty import (
    APPEARS,
    COVERED,
    CUT_OFF,
    HIDDEN,
    LOST,
    REACHABLE,
    TARGET,
    heard,
    hears,
    look_for,
    settle,
    visit,
)

LONG = 60_000  # longer than a test waits: the last look of a search must not help it
APPEND = """(html) => document.querySelector("main").append(
  document.createRange().createContextualFragment(html))"""
POLICY = """trustedTypes.createPolicy("default", { createHTML: (html) => html })"""


def append(tab: Page, html: str) -> None:
    tab.evaluate(f"{POLICY}; ({APPEND})({html!r})")


def test_what_is_there_is_found_before_find_returns(host: Host, tab: Page) -> None:
    visit(tab, host, TARGET)
    order = tab.evaluate(
        """async () => {
          const { find } = await import("/guidepath/client/find.js");
          const order = [];
          const found = (element) => order.push(`found ${element.id}`);
          find({ selector: ".t", waitMs: 1000 }, { found, missing: () => order.push("missing") });
          return [...order, "returned"];
        }"""
    )
    assert order == ["found one", "returned"]


def test_a_target_that_comes_late_is_found_with_how_long_it_took(host: Host, tab: Page) -> None:
    visit(tab, host, "")
    look_for(tab, "#one")
    settle(tab)
    assert heard(tab) == []
    append(tab, TARGET)
    hears(tab, "found one")
    ((_, _, facts),) = heard(tab)
    assert facts["matches"] == 1
    assert 0 < facts["waitedMs"] < 2000


def test_a_target_that_never_comes_is_missing_with_how_long_it_was_waited_for(
    host: Host, tab: Page
) -> None:
    visit(tab, host, "")
    look_for(tab, "#one", wait_ms=60)
    hears(tab, "missing")
    ((_, _, facts),) = heard(tab)
    assert facts["reason"] == "timeout"
    assert facts["waitedMs"] >= 60


def test_what_is_stopped_says_nothing_more(host: Host, tab: Page) -> None:
    visit(tab, host, "")
    look_for(tab, "#one")
    tab.evaluate("stop()")
    look_for(tab, "#never", wait_ms=60)
    append(tab, TARGET)
    hears(tab, "missing")


def why_missing(host: Host, tab: Page, css: str, body: str) -> object:
    """Why it cannot be shown at #one on such a page."""
    visit(tab, host, body, css)
    look_for(tab, "#one", wait_ms=30)
    hears(tab, "missing")
    return heard(tab)[0][2]["reason"]


@pytest.mark.parametrize("way", HIDDEN)
def test_what_is_not_rendered_is_hidden(host: Host, tab: Page, way: str) -> None:
    assert why_missing(host, tab, *HIDDEN[way]) == "hidden"


@pytest.mark.parametrize("way", COVERED)
def test_what_lies_behind_something_is_covered(host: Host, tab: Page, way: str) -> None:
    assert why_missing(host, tab, *COVERED[way]) == "covered"


@pytest.mark.parametrize("way", CUT_OFF)
def test_what_cannot_be_scrolled_to_is_clipped(host: Host, tab: Page, way: str) -> None:
    assert why_missing(host, tab, *CUT_OFF[way]) == "clipped"


@pytest.mark.parametrize("way", REACHABLE)
def test_what_a_person_can_reach_is_found(host: Host, tab: Page, way: str) -> None:
    css, body = REACHABLE[way]
    visit(tab, host, body, css)
    look_for(tab, "#one", wait_ms=30)
    hears(tab, "found one")


def held(tab: Page, url: str) -> list[Route]:
    """Keeps requests waiting."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    tab.route(url, hold)
    return waiting


def show(tab: Page, how: str) -> None:
    tab.evaluate(f"() => {{ {how} }}")


@pytest.mark.parametrize("way", APPEARS)
def test_it_is_found_as_soon_as_it_can_be_seen(host: Host, tab: Page, way: str) -> None:
    css, body, how = APPEARS[way]
    visit(tab, host, body, css)
    look_for(tab, "#one", wait_ms=LONG)
    settle(tab)
    assert heard(tab) == []
    show(tab, how)
    if not how:
        tab.set_viewport_size({"width": 1100, "height": 700})
    hears(tab, "found one")


def test_a_style_sheet_that_arrives_late_shows_the_target(host: Host, tab: Page) -> None:
    waiting = held(tab, "**/late.css")
    visit(tab, host, TARGET, "#one { visibility: hidden }")
    look_for(tab, "#one", wait_ms=LONG)
    with tab.expect_request("**/late.css"):
        show(
            tab,
            "document.head.append(Object.assign(document.createElement('link'), "
            "{ rel: 'stylesheet', href: '/late.css' }))",
        )
    settle(tab)
    assert heard(tab) == []
    waiting[0].fulfill(content_type="text/css", body="html #one { visibility: visible !important }")
    hears(tab, "found one")


def test_a_target_behind_a_modal_dialog_is_found_when_that_closes(host: Host, tab: Page) -> None:
    visit(tab, host, f'{TARGET}<dialog id="box"><button id="in">In</button></dialog>')
    show(tab, "box.showModal()")
    look_for(tab, "#one", wait_ms=LONG)
    settle(tab)
    assert heard(tab) == []
    look_for(tab, "#in")
    hears(tab, "found in")
    show(tab, "box.close()")
    hears(tab, "found in", "found one")


def test_a_dialog_in_a_shadow_root_bars_what_is_beside_it_there(host: Host, tab: Page) -> None:
    visit(tab, host, "<my-app></my-app>")
    show(tab, SHADOW + "root.innerHTML += '<dialog>!</dialog>'; root.lastChild.showModal()")
    look_for(tab, "my-app >>> #one", wait_ms=30)
    hears(tab, "missing")
    assert heard(tab)[0][2]["reason"] == "covered"


def test_of_several_the_first_that_can_be_seen_is_taken_with_one_warning(
    host: Host, tab: Page
) -> None:
    said: list[str] = []
    tab.on("console", lambda one: said.append(one.text) if one.type == "warning" else None)
    three = '<button class="t late">0</button><button class="t" id="one">1</button>'
    visit(tab, host, three + '<button class="t" id="two">2</button>', ".late { display: none }")
    look_for(tab, ".t")
    look_for(tab, ".t")
    hears(tab, "found one", "found one")
    assert said == ["guidepath: target .t: 3 elements match, the first visible one is taken"]
    assert heard(tab)[0][2]["matches"] == 3


def test_a_twin_that_is_hidden_is_no_reason_to_warn(host: Host, tab: Page) -> None:
    said: list[str] = []
    tab.on("console", lambda one: said.append(one.text))
    visit(tab, host, f'<p class="late"><i class="t">0</i></p>{TARGET}', ".late { display: none }")
    look_for(tab, ".t")
    hears(tab, "found one")
    assert said == []


SHADOW = """
  trustedTypes.createPolicy("default", { createHTML: (html) => html });
  const root = document.querySelector("my-app").attachShadow({ mode: "open" });
  root.innerHTML = '<section><my-list></my-list><button id="one">One</button></section>';
"""


def test_an_open_shadow_root_is_stepped_into(host: Host, tab: Page) -> None:
    visit(tab, host, "<my-app></my-app>")
    show(tab, SHADOW)
    look_for(tab, "#one", wait_ms=0)
    hears(tab, "missing")
    look_for(tab, "my-app >>> section #one")
    hears(tab, "missing", "found one")


def test_what_comes_late_in_a_shadow_root_in_a_shadow_root_is_found(host: Host, tab: Page) -> None:
    visit(tab, host, "<my-app></my-app>")
    show(tab, SHADOW + "root.querySelector('my-list').attachShadow({ mode: 'open' })")
    look_for(tab, "my-app >>> my-list >>> #two", then="watch")
    settle(tab)
    show(
        tab,
        "const list = document.querySelector('my-app').shadowRoot.querySelector('my-list');"
        "list.shadowRoot.innerHTML = '<button id=\"two\">Two</button>'",
    )
    hears(tab, "found two")
    show(tab, "document.querySelector('my-app').inert = true")
    hears(tab, "found two", "lost two")


def test_a_shadow_root_of_an_element_that_is_defined_late_is_stepped_into(
    host: Host, tab: Page
) -> None:
    visit(tab, host, "<my-app></my-app>")
    look_for(tab, "my-app >>> #one", wait_ms=LONG)
    settle(tab)
    show(
        tab,
        """customElements.define("my-app", class extends HTMLElement {
          connectedCallback() {
            const button = Object.assign(document.createElement("button"), { id: "one" });
            this.attachShadow({ mode: "open" }).append(button);
          }
        })""",
    )
    hears(tab, "found one")


def test_what_is_slotted_into_a_part_that_is_hidden_is_hidden(host: Host, tab: Page) -> None:
    visit(tab, host, f"<my-app>{TARGET}</my-app>")
    show(tab, SHADOW + "root.innerHTML = '<div inert><slot></slot></div>'")
    look_for(tab, "#one", wait_ms=30)
    hears(tab, "missing")
    assert heard(tab)[0][2]["reason"] == "covered"


def test_a_frame_of_the_same_origin_is_stepped_into_when_it_has_loaded(
    host: Host, tab: Page
) -> None:
    waiting = held(tab, "**/inner")
    visit(tab, host, '<iframe id="frame"></iframe>')
    look_for(tab, "#frame >>> #one", wait_ms=LONG, then="watch")
    with tab.expect_request("**/inner"):
        show(tab, "frame.src = '/inner'")
    settle(tab)
    assert heard(tab) == []
    waiting[0].fulfill(content_type="text/html", body=TARGET)
    hears(tab, "found one")
    show(tab, "frame.contentDocument.querySelector('#one').remove()")
    hears(tab, "found one", "lost one")


def test_a_frame_that_is_hidden_hides_what_is_in_it(host: Host, tab: Page) -> None:
    host.pages["/inner"] = TARGET
    visit(tab, host, '<iframe id="frame" src="/inner"></iframe>', "iframe { visibility: hidden }")
    look_for(tab, "#frame >>> #one", wait_ms=60)
    hears(tab, "missing")
    assert heard(tab)[0][2]["reason"] == "hidden"


def test_the_host_may_say_what_a_selector_means(host: Host, tab: Page) -> None:
    visit(tab, host, '<button id="other" class="t"></button>' + TARGET)
    show(tab, "globalThis.targets = { '.t': one, '.late': () => globalThis.late }")
    look_for(tab, ".t")
    look_for(tab, ".late", wait_ms=LONG)
    hears(tab, "found one")
    show(tab, "globalThis.late = one; document.body.className = 'x'")
    hears(tab, "found one", "found one")


def test_a_function_that_fails_and_a_selector_that_is_none_find_nothing_and_say_so(
    host: Host, tab: Page
) -> None:
    said: list[str] = []
    tab.on("console", lambda one: said.append(one.text) if one.type == "warning" else None)
    visit(tab, host, TARGET)
    show(tab, "globalThis.targets = { '#one': () => nothing.at.all }")
    look_for(tab, "#one", wait_ms=0)
    look_for(tab, "[[", wait_ms=0)
    hears(tab, "missing", "missing")
    assert [one.split(":")[1] for one in said] == [" target #one", " target [["]


def test_a_target_that_is_drawn_anew_is_found_again_before_the_next_paint(
    host: Host, tab: Page
) -> None:
    visit(tab, host, f'<div id="list">{TARGET}</div>')
    look_for(tab, "#one", then="look again")
    said = tab.evaluate(
        """async () => {
          for (let time = 0; time < 3; time += 1) {
            list.replaceChildren(document.querySelector("#one").cloneNode(true));
            await null; // microtasks only: nothing is painted in between
          }
          return heard.map(([what]) => what);
        }"""
    )
    assert said == ["found", "lost", "found", "lost", "found", "lost", "found"]


def test_a_target_that_is_put_back_a_moment_later_is_lost_only_then(host: Host, tab: Page) -> None:
    visit(tab, host, f'<div id="list">{TARGET}</div>')
    look_for(tab, "#one", then="look again")
    said = tab.evaluate(
        """async () => {
          const copy = document.querySelector("#one").cloneNode(true);
          list.replaceChildren();
          await null;
          const between = heard.length;
          list.append(copy);
          await null;
          return [between, ...heard.map(([what]) => what)];
        }"""
    )
    assert said == [1, "found", "lost", "found"]


@pytest.mark.parametrize("way", LOST)
def test_it_is_lost_when_nobody_can_reach_it_any_more(host: Host, tab: Page, way: str) -> None:
    css, how = LOST[way]
    visit(
        tab,
        host,
        f'<div id="box">{TARGET}</div><dialog id="dialog"></dialog><i id="layer"></i>',
        css,
    )
    look_for(tab, "#one", then="watch")
    hears(tab, "found one")
    show(tab, "globalThis.sheet = new CSSStyleSheet(); sheet.replaceSync('#one { display: none }')")
    settle(tab)
    assert len(heard(tab)) == 1
    show(tab, how)
    tab.wait_for_function("() => heard.length === 2")
    assert heard(tab)[1][0] == "lost"


def test_scrolling_it_away_is_not_losing_it(host: Host, tab: Page) -> None:
    visit(tab, host, f'{TARGET}<div class="tall"></div>')
    look_for(tab, "#one", then="watch")
    tab.evaluate("scrollTo(0, 1500); document.body.className = 'x'")
    settle(tab)
    hears(tab, "found one")


COUNT = """() => {
  globalThis.count = { frames: 0, mutations: 0, observers: 0, timers: 0 };
  globalThis.signals = [];
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (name, act, options) {
    if (options?.signal) signals.push(options.signal);
    return add.call(this, name, act, options);
  };
  globalThis.unwrapped = requestAnimationFrame.bind(globalThis);
  globalThis.requestAnimationFrame = (act) => { count.frames += 1; return unwrapped(act); };
  const later = setInterval;
  globalThis.setInterval = (...given) => { count.timers += 1; return later(...given); };
  const Observer = MutationObserver;
  globalThis.MutationObserver = class extends Observer {
    constructor(act) {
      super((...given) => { count.mutations += 1; act(...given); });
      count.observers += 1;
    }
  };
}"""


def test_where_nobody_waits_it_sleeps(host: Host, tab: Page) -> None:
    tab.add_init_script(f"({COUNT})()")
    visit(tab, host, TARGET)
    look_for(tab, "#one", then="watch")
    tab.evaluate("unwatch()")
    look_for(tab, "#never", wait_ms=20)
    hears(tab, "found one", "missing")
    before = tab.evaluate("({ ...count })")
    tab.evaluate("document.body.className = 'x'; one.remove()")
    settle(tab)
    assert tab.evaluate("count") == before
    assert before["timers"] == 0
    assert tab.evaluate("signals.length > 0 && signals.every((one) => one.aborted)")


def test_one_observer_serves_all_and_a_frame_all_mutations(host: Host, tab: Page) -> None:
    tab.add_init_script(f"({COUNT})()")
    visit(tab, host, "")
    for index in range(5):
        look_for(tab, f"#t{index}")
    settle(tab)
    before = tab.evaluate("({ ...count })")
    assert before["observers"] == 1
    tab.evaluate(
        """async () => {
          for (let time = 0; time < 50; time += 1) {
            document.body.className = `x${time}`;
            await null;
          }
        }"""
    )
    settle(tab)
    after = tab.evaluate("count")
    assert after["mutations"] - before["mutations"] == 50
    assert after["frames"] - before["frames"] == 1


def test_a_page_at_rest_costs_a_waiting_search_nothing(host: Host, tab: Page) -> None:
    tab.add_init_script(f"({COUNT})()")
    visit(tab, host, TARGET)
    look_for(tab, "#never", wait_ms=5000)
    look_for(tab, "#one", then="watch")
    settle(tab)
    before = tab.evaluate("({ ...count })")
    for _ in range(5):
        settle(tab)
    assert tab.evaluate("count") == before


def test_a_click_meets_a_selector_also_in_a_shadow_root(host: Host, tab: Page) -> None:
    visit(tab, host, "<my-app></my-app><p>Beside</p>")
    show(tab, SHADOW)
    tab.evaluate(
        """async () => {
          const { hit } = await import("/guidepath/client/find.js");
          globalThis.hits = [];
          globalThis.targets = { "named": () => document.querySelector("my-app") };
          document.addEventListener("click", (event) => {
            const selectors = ["my-app >>> #one", "my-app", "#one", "[[", "named"];
            hits.push(selectors.map((one) => hit(event, one, targets)));
          });
        }"""
    )
    tab.get_by_text("One").click()
    tab.get_by_text("Beside").click()
    assert tab.evaluate("hits") == [[True, True, False, False, True], [False] * 5]
