"""What the server paints is there before the client, and the client takes its place unseen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from tests.browser.chromium import PATIENCE_MS
from tests.client.product import Product, serving, watched

from guidepath.adapters.web import words

HOSTILE = "\"'></h2></template><script>document.title='x'</script><img src=x onerror=alert(1)>"
# Each frame: what is visible of an item, how opaque it is and where.
WATCHING = """
globalThis.frames = [];
globalThis.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) => {
  const moved = sources.map((one) => [one.node?.className, one.previousRect, one.currentRect]);
  shifts.push(JSON.stringify([value, moved]));
})).observe({ type: "layout-shift", buffered: true });
const cards = (root) => [...(root?.querySelectorAll(".card") ?? [])];
const look = () => {
  const element = document.querySelector("guide-path");
  const surfaces = [document, element?.shadowRoot].flatMap((one) =>
    [...(one?.querySelectorAll("guide-path-surface") ?? [])]);
  const all = [...cards(element?.shadowRoot), ...surfaces.flatMap((one) => cards(one.shadowRoot))];
  frames.push(all.filter((one) => one.checkVisibility()).map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    const { opacity, translate } = getComputedStyle(one);
    return { opacity, translate, box: [x, y, width, height].map((n) => Math.round(n * 10) / 10) };
  }));
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Product]:
    with serving(Product()) as product:
        yield product


@pytest.fixture
def product(running: Product, request: pytest.FixtureRequest) -> Product:
    running.fresh(request.node.name)
    return running


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    with opened(browser, product) as context:
        wrong = watched(context)
        yield context
        assert wrong == []


@contextmanager
def opened(browser: Browser, product: Product, **more: Any) -> Iterator[BrowserContext]:
    size = {"width": 1000, "height": 700}
    context = browser.new_context(base_url=product.url, viewport=size, **more)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


class Held:
    """A file of the client that is on its way until it is let in."""

    def __init__(self, page: Page, name: str = "guidepath.js") -> None:
        self._waiting: list[Route] | None = []
        page.route(f"**/client/**/{name}", self._hold)

    def _hold(self, route: Route) -> None:
        if self._waiting is None:
            route.continue_()
        else:
            self._waiting.append(route)

    def let_in(self) -> None:
        waiting, self._waiting = self._waiting or [], None
        for route in waiting:
            route.continue_()


@pytest.fixture
def tab(context: BrowserContext) -> Page:
    page = context.new_page()
    page.add_init_script(WATCHING)
    return page


def held(tab: Page, path: str) -> Held:
    """The page at `path` as it is before the client is there."""
    client = Held(tab)
    tab.goto(path, wait_until="commit")
    expect(painted(tab)).to_be_visible()
    return client


def painted(tab: Page) -> Locator:
    return tab.locator("guide-path [data-painted]")


def drawn(tab: Page) -> Locator:
    return tab.locator("guide-path-surface .card")


def shown(product: Product, tab: Page, user: str | None = None) -> None:
    """Waits until the guide knows that it was shown."""
    tab.wait_for_function("() => document.querySelector('guide-path').matches(':defined')")
    for _ in range(200):
        if "item.shown" in product.told(user):
            return
        tab.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
    raise AssertionError(product.told(user))


def test_a_banner_is_there_in_its_looks_before_the_client(product: Product, tab: Page) -> None:
    held(tab, "/banner")
    banner = tab.get_by_role("dialog", name="Good news, Ada")
    expect(banner).to_be_visible()
    expect(banner).to_have_accessible_description("You can send an invoice now.")
    expect(banner).to_have_css("position", "fixed")
    expect(banner).to_have_css("border-radius", "14px")
    box = banner.bounding_box()
    assert box is not None
    assert abs(box["y"] + box["height"] - 680) < 1
    tab.wait_for_function("() => frames.flat().length > 3")
    assert {one["opacity"] for one in tab.evaluate("() => frames.flat()")} == {"1"}, "no fading in"
    assert product.told() == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["banner", "checklist", "unfolded", "inline"])
def test_the_client_takes_its_place_without_a_flash_or_a_move(
    product: Product, tab: Page, kind: str, language: str
) -> None:
    product.language = language
    painting: dict[str, dict[str, Any]] = {
        "unfolded": {"unfolded": True},
        "inline": {"container": "#start"},
    }
    product.painting = painting.get(kind, {})
    client = held(tab, "/banner" if kind == "banner" else "/checklist")
    tab.wait_for_function("() => frames.length > 3")
    tab.evaluate("() => (frames.length = 0)")
    client.let_in()
    expect(drawn(tab)).to_be_visible()
    expect(painted(tab)).to_have_count(0)
    shown(product, tab)
    frames = tab.evaluate("() => frames")
    assert len(frames) > 3
    assert all(len(one) == 1 for one in frames), "one item in every frame, no more and no less"
    looks = {str(one[0]) for one in frames}
    assert len(looks) == 1, looks
    assert tab.evaluate("() => shifts") == []


@pytest.mark.parametrize("late", ["guidepath.css", "firstpaint.css"])
@pytest.mark.parametrize("path", ["/banner", "/checklist"])
def test_nobody_sees_it_bare_whichever_sheet_is_late(
    product: Product, tab: Page, path: str, late: str
) -> None:
    client, sheet = Held(tab), Held(tab, late)
    early = "firstpaint.css" if late == "guidepath.css" else "guidepath.css"
    with tab.expect_response(f"**/{early}"):
        tab.goto(path, wait_until="commit")
    tab.wait_for_function("() => frames.length > 3")
    expect(painted(tab)).to_be_hidden()
    sheet.let_in()
    expect(painted(tab)).to_be_visible()
    client.let_in()
    shown(product, tab)
    assert tab.evaluate("() => shifts") == []


def stays(product: Product, tab: Page, path: str, pieces: list[str]) -> None:
    """See that each piece that is painted on a page is drawn in its place."""
    client = held(tab, path)
    before = [painted(tab).locator(one).bounding_box() for one in pieces]
    client.let_in()
    shown(product, tab)
    assert [drawn(tab).locator(one).bounding_box() for one in pieces] == before


def test_every_piece_stays_where_it_is(product: Product, tab: Page) -> None:
    pieces = [".title", ".body", "button.close", "[data-key='primary']", "[data-key^='snooze']"]
    stays(product, tab, "/banner", pieces)


def test_every_piece_of_a_list_stays_where_it_is(product: Product, tab: Page) -> None:
    product.painting = {"unfolded": True}
    pieces = [".launcher", ".panel", ".panel .title", "progress", ".entries .open", ".locked small"]
    pieces += ["[data-key^='entry']", "[data-key='later']", "[data-key='close']"]
    stays(product, tab, "/checklist", pieces)


def test_the_client_asks_nothing_and_counts_it_once(product: Product, tab: Page) -> None:
    tab.goto("/banner")
    shown(product, tab)
    assert product.told() == ["item.shown"]
    assert "GET v1/next" not in product.asked


@pytest.mark.parametrize("path", ["/modal", "/tooltip"])
def test_what_cannot_be_painted_is_drawn_without_a_question(
    product: Product, tab: Page, path: str
) -> None:
    tab.goto(path)
    shown(product, tab)
    expect(drawn(tab)).to_be_visible()
    assert "GET v1/next" not in product.asked


def test_silence_needs_no_question_either(product: Product, tab: Page) -> None:
    tab.add_init_script("""globalThis.silence = new Promise((done) =>
      addEventListener("guidepath:silent", (event) => done(event.detail.code)))""")
    tab.goto("/empty")
    assert tab.evaluate("() => silence") == "NOT_HERE"
    assert product.asked == []


def test_answers_work_as_ever_after_it(product: Product, tab: Page) -> None:
    tab.goto("/banner")
    shown(product, tab)
    with tab.expect_response("**/v1/next*"):
        drawn(tab).get_by_role("button", name="Close").click()
    expect(drawn(tab)).to_have_count(0)
    assert product.told() == ["item.shown", "item.dismissed:close"]


def test_a_page_without_javascript_reads_it_and_goes_on(browser: Browser, product: Product) -> None:
    with opened(browser, product, java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto("/banner")
        banner = tab.get_by_role("dialog", name="Good news, Ada")
        expect(banner).to_be_visible()
        expect(banner).to_contain_text("You can send an invoice now.")
        expect(banner.get_by_text("Remind me")).to_be_hidden()
        banner.get_by_role("link", name="Write one").click()
        expect(tab).to_have_url(f"{product.url}/invoices/new?from=banner")
        tab.goto("/banner")
        banner.get_by_role("button", name="Close").click()
        expect(banner).to_be_hidden()
    assert product.told() == []


def test_a_list_folds_without_javascript(browser: Browser, product: Product) -> None:
    with opened(browser, product, java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto("/checklist")
        region = tab.get_by_role("region", name="Get started")
        expect(region.get_by_text("Import contacts")).to_be_hidden()
        region.locator("summary").click()
        expect(region.get_by_text("Import contacts")).to_be_visible()
        expect(region.get_by_text("Hide this list")).to_be_hidden()
        region.get_by_role("link", name="Import").click()
        expect(tab).to_have_url(f"{product.url}/contacts/import")


@pytest.mark.parametrize("opened", [True, False])
def test_a_list_stays_folded_or_unfolded(product: Product, tab: Page, opened: bool) -> None:
    client = held(tab, "/checklist")
    if opened:
        painted(tab).locator("summary").click()
    client.let_in()
    shown(product, tab)
    expanded = str(opened).lower()
    expect(drawn(tab).locator(".launcher")).to_have_attribute("aria-expanded", expanded)
    expect(drawn(tab).locator(".panel")).to_be_visible(visible=opened)


def test_the_focus_stays_on_the_same_control(product: Product, tab: Page) -> None:
    client = held(tab, "/banner")
    painted(tab).get_by_role("link", name="Write one").focus()
    client.let_in()
    expect(drawn(tab).get_by_role("button", name="Write one")).to_be_focused()


def test_what_was_closed_before_the_client_came_stays_closed(product: Product, tab: Page) -> None:
    client = held(tab, "/banner")
    painted(tab).get_by_role("button", name="Close").click()
    expect(painted(tab)).to_be_hidden()
    tab.evaluate("() => (frames.length = 0)")
    with tab.expect_response("**/v1/next*"):
        client.let_in()
    assert product.told() == ["item.shown", "item.dismissed:close"]
    expect(painted(tab)).to_have_count(0)
    assert tab.evaluate("() => frames.flat()") == []


@pytest.mark.parametrize("shift", [timedelta(minutes=-2), timedelta(minutes=2)])
def test_a_decision_that_is_not_of_this_moment_is_asked_for_anew(
    product: Product, tab: Page, shift: timedelta
) -> None:
    made: list[Any] = []

    def old(decision: Any) -> Any:
        made.append(decision.id)
        return replace(
            decision, evaluated_at=decision.evaluated_at + shift // timedelta(microseconds=1)
        )

    product.decide = old
    with tab.expect_response("**/v1/next*"):
        tab.goto("/banner")
    expect(drawn(tab)).to_be_visible()
    expect(painted(tab)).to_have_count(0)
    shown(product, tab)


def test_a_claim_that_is_over_is_asked_for_anew(product: Product, tab: Page) -> None:
    def over(decision: Any) -> Any:
        return replace(
            decision, claim=replace(decision.claim, expires_at=decision.evaluated_at - 1)
        )

    product.decide = over
    with tab.expect_response("**/v1/next*"):
        tab.goto("/banner")
    expect(drawn(tab)).to_be_visible()
    expect(painted(tab)).to_have_count(0)
    shown(product, tab)
    assert product.asked == ["GET v1/next", "POST v1/feedback"]


def test_on_the_way_back_nothing_is_repeated(product: Product, tab: Page) -> None:
    answer = tab.goto("/banner")
    assert answer is not None
    kept = answer.text()
    shown(product, tab)
    drawn(tab).get_by_role("button", name="Close").click()
    expect(drawn(tab)).to_have_count(0)
    tab.goto("/empty")
    # The browser shows its copy of the page, which still has the banner in it.
    tab.route("**/banner", lambda route: route.fulfill(body=kept, content_type="text/html"))
    with tab.expect_response("**/v1/next*"):
        tab.go_back()
    expect(painted(tab)).to_have_count(0)
    expect(drawn(tab)).to_have_count(0)
    assert product.told() == ["item.shown", "item.dismissed:close"]


def test_somebody_elses_decision_is_taken_away_and_never_counted(
    product: Product, tab: Page
) -> None:
    grace = f"{product.user}-grace"
    product.guide.identify(user=grace, attributes={"first_name": "Grace"})
    hers = product.guide.next(user=grace, page="/banner")
    product.guide.track("invoice.sent", user=product.user)  # there is nothing left for Ada
    product.decide = lambda _: hers
    with tab.expect_response("**/v1/next*"):
        tab.goto("/banner")
    expect(drawn(tab)).to_have_count(0)
    expect(painted(tab)).to_have_count(0)
    assert product.told() == product.told(grace) == []


def test_two_tabs_count_one_impression(product: Product, context: BrowserContext) -> None:
    tabs = [context.new_page() for _ in range(2)]
    for tab in tabs:
        tab.goto("/banner")
    for tab in tabs:
        tab.bring_to_front()
        expect(drawn(tab)).to_be_visible()
    shown(product, tabs[0])
    with tabs[0].expect_response("**/v1/feedback"):
        tabs[0].get_by_role("button", name="Close").click()
    expect(drawn(tabs[1])).to_have_count(0)
    assert product.told() == ["item.shown", "item.dismissed:close"]


def test_markup_in_a_name_is_shown_as_it_is(product: Product, tab: Page) -> None:
    product.sign_in(f"{product.user}-hostile", HOSTILE)
    client = held(tab, "/banner")
    expect(painted(tab).locator(".title")).to_have_text(f"Good news, {HOSTILE}")
    client.let_in()
    expect(drawn(tab).locator(".title")).to_have_text(f"Good news, {HOSTILE}")
    assert tab.title() == "Ledgerly"


def test_a_policy_with_nonces_lets_it_in(product: Product, tab: Page) -> None:
    product.csp = product.csp.replace("style-src 'self'", "style-src 'nonce-r4nd0m'")
    product.painting = {"nonce": "r4nd0m"}
    held(tab, "/banner").let_in()
    expect(drawn(tab)).to_have_css("border-radius", "14px")
    shown(product, tab)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/banner", "/checklist"])
def test_axe_finds_nothing_to_mend_before_the_client_is_there(
    product: Product, tab: Page, path: str, scheme: Any
) -> None:
    product.painting = {"unfolded": True}
    tab.emulate_media(color_scheme=scheme)
    held(tab, path)
    found = Axe().run(tab, options={"preload": False})  # it would fetch the sheets into the page
    assert found.violations_count == 0, found.generate_report()


def test_a_theme_is_the_same_before_and_after(product: Product, tab: Page) -> None:
    product.painting = {"theme": "dark"}
    client = held(tab, "/banner")
    colour = "(one) => getComputedStyle(one).backgroundColor"
    before = painted(tab).evaluate(colour)
    client.let_in()
    shown(product, tab)
    assert drawn(tab).evaluate(colour) == before == "rgb(28, 32, 40)"


def test_an_element_that_is_started_again_asks_like_any_other(product: Product, tab: Page) -> None:
    tab.goto("/banner")
    shown(product, tab)
    with tab.expect_response("**/v1/next*"):
        tab.evaluate("() => document.querySelector('guide-path').setAttribute('locale', 'de')")
    expect(drawn(tab).locator(".title")).to_have_text("Neues, Ada")


def test_the_words_of_the_server_are_those_of_the_client(product: Product, tab: Page) -> None:
    tab.goto("/empty")
    theirs = tab.evaluate(
        """async (locales) => {
          const words = await import("/guidepath/client/drawing.js");
          const spans = ["PT4H", "P1D", "P14D", "PT90S", "PT1M", "PT30M"];
          return locales.map((locale) => {
            const all = words.wordsFor(locale);
            const reminders = spans.map((one) => words.reminder(one, all, locale));
            return [all, words.direction(locale), reminders];
          });
        }""",
        locales := ["en", "en-GB", "de", "de-AT", "fr"],
    )
    spans = ("PT4H", "P1D", "P14D", "PT90S", "PT1M", "PT30M")
    for locale, (known, direction, reminders) in zip(locales, theirs, strict=True):
        ours = words.words_for(locale)
        assert ours.items() <= known.items()
        assert words.direction(locale) == direction
        assert [words.reminder(one, ours, locale) for one in spans] == reminders
    assert [words.direction(one) for one in ("ar", "he-IL", "fa_IR")] == ["rtl"] * 3
