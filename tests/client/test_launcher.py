"""The launcher: checklists and past announcements behind one button."""

from playwright.sync_api import Page, expect
from tests.client.host import Host, decision, untargeted
from tests.client.kinds import checklist
from tests.client.launching import PROGRESS, launched


def test_the_launcher_asks_for_what_it_shows_only_when_it_is_opened(host: Host, tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda one: asked.append(one.url) if "progress" in one.url else None)
    launcher = launched(host, tab, opens=False)
    expect(launcher).to_be_visible()
    assert asked == []
    launcher.click()
    expect(tab.get_by_role("dialog", name="Guide")).to_be_visible()
    expect(tab.get_by_role("heading", name="Get started")).to_be_visible()
    assert len(asked) == 1


def test_a_checklist_in_the_launcher_leads_to_what_is_open(host: Host, tab: Page) -> None:
    launched(host, tab)
    panel = tab.get_by_role("dialog", name="Guide")
    expect(panel.get_by_role("progressbar", name="2 of 4")).to_be_visible()
    expect(panel.get_by_role("listitem").nth(0)).to_contain_text("(Done)")
    link = panel.get_by_role("link", name="Open")
    expect(link).to_have_count(1)  # of the others two are done, one is locked
    link.click()
    tab.wait_for_url("**/go/2")


def test_a_link_that_leads_nowhere_safe_is_none(host: Host, tab: Page) -> None:
    entry = checklist(0)["item"]["items"][0]
    evil = {**entry, "action": {"label": "Open", "type": "navigate", "url": "javascript:alert(1)"}}
    item = {**checklist(0)["item"], "items": [evil]}
    launched(host, tab, {**PROGRESS, "checklists": [item]})
    expect(tab.get_by_text("Create your account")).to_be_visible()
    expect(tab.get_by_role("link")).to_have_count(0)


def test_a_past_announcement_is_read_again_and_nothing_is_reported(host: Host, tab: Page) -> None:
    launcher = launched(host, tab)
    tab.get_by_role("button", name="Invoices now write themselves").click()
    news = tab.get_by_role("dialog", name="Invoices now write themselves")
    expect(news).to_contain_text("Recurring invoices go out by themselves")
    expect(news.get_by_role("button")).to_have_count(1)  # to close it
    tab.keyboard.press("Escape")
    expect(news).to_have_count(0)
    expect(launcher).to_be_focused()
    assert host.heard() == []


def test_the_launcher_is_closed_by_escape_and_by_a_click_beside_it(host: Host, tab: Page) -> None:
    launcher = launched(host, tab)
    panel = tab.get_by_role("dialog", name="Guide")
    tab.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(launcher).to_be_focused()
    tab.keyboard.press("Enter")
    expect(panel).to_be_visible()
    tab.mouse.click(600, 20)
    expect(panel).to_be_hidden()


def test_a_launcher_with_nothing_in_it_says_so(host: Host, tab: Page) -> None:
    nothing = {**PROGRESS, "checklists": [], "announcements": []}
    launched(host, tab, nothing, locale="de")
    expect(tab.get_by_role("dialog", name="Wegweiser")).to_have_text("Noch nichts hier.")


def test_an_open_launcher_hears_of_news_and_goes_with_its_element(host: Host, tab: Page) -> None:
    launched(host, tab)
    tab.unroute("**/v1/progress")
    more = {**PROGRESS, "checklists": [checklist(3)["item"]]}
    tab.route("**/v1/progress", lambda route: route.fulfill(json=more))
    host.play(decision(untargeted("banner")))
    tab.evaluate("document.dispatchEvent(new Event('guidepath:refresh'))")
    expect(tab.get_by_role("progressbar", name="3 of 4")).to_be_visible()
    tab.evaluate("document.querySelector('guide-path').removeAttribute('launcher')")
    expect(tab.get_by_role("button", name="Guide")).to_have_count(0)


def test_a_launcher_without_the_server_stays_quiet(host: Host, tab: Page) -> None:
    launcher = launched(host, tab, opens=False)
    tab.unroute("**/v1/progress")
    tab.route("**/v1/progress", lambda route: route.fulfill(body="no JSON"))
    launcher.click()
    expect(tab.get_by_role("dialog", name="Guide")).to_have_text("Nothing here yet.")
