"""The demo as a visitor sees it: every test clicks what a person would click."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

Visit = Callable[..., Page]


def start(page: Page, owner: str = "Mia") -> Page:
    """Sign up with a company of one's own."""
    page.get_by_label(re.compile("First name|Vorname")).fill(owner)
    page.get_by_label(re.compile("Company|Firma")).fill(f"{owner} & Co")
    page.get_by_role("button", name=re.compile("^(Start|Beginnen)$")).click()
    return page


def card(page: Page, title: str | re.Pattern[str]) -> Locator:
    """The guidance with this title, on the screen."""
    return (
        page.locator(".card")
        .filter(has=page.get_by_role("heading", name=title))
        .filter(has=page.locator("[id=title]"))
    )


def guided(page: Page, button: str) -> None:
    """Press a button of the guidance that is shown."""
    page.locator("guide-path-surface").get_by_role("button", name=button, exact=True).click()


def hint(page: Page, title: str) -> None:
    """See the dot of a hint, read what it says, and fold it again."""
    dot = page.get_by_role("button", name=f"Hint: {title}")
    dot.click()
    expect(card(page, title)).to_be_visible()
    dot.click()
    expect(card(page, title)).to_be_hidden()


def imported(page: Page) -> None:
    """Take the sample, and see what follows: who leaves before it is drawn leaves its claim."""
    page.goto("/contacts/import")
    page.get_by_role("button", name="Take the sample").click()
    expect(card(page, re.compile("^Everyone is here"))).to_be_visible()


def sent(page: Page) -> None:
    page.goto("/invoices/new")
    page.get_by_label("Customer").fill("Harbour Books")
    page.get_by_label("Amount in euro").fill("1250")
    page.get_by_role("button", name="Save the draft").click()
    page.locator("[data-guide='send']").click()
    expect(card(page, "Your first invoice is out!")).to_be_visible()


def answered(page: Page, act: Callable[[], None]) -> None:
    """Do something that tells the server what became of the guidance, and wait until it knows."""
    with page.expect_response(lambda one: one.url.endswith("/v1/feedback") and one.ok):
        act()


def test_an_owner_is_led_to_the_first_value_and_celebrated(visit: Visit) -> None:
    page = start(visit())
    expect(card(page, "Welcome to Ledgerly, Mia")).to_be_visible()
    guided(page, "Bring my contacts")
    expect(card(page, "Bring everyone at once")).to_be_visible()
    guided(page, "Import")
    hint(page, "No file at hand?")
    page.get_by_role("button", name="Take the sample").click()
    expect(card(page, re.compile("^Everyone is here"))).to_be_visible()
    guided(page, "Write it")
    expect(card(page, "Who is it for?")).to_be_visible()
    page.get_by_label("Customer").fill("Harbour Books")
    guided(page, "Next")
    expect(card(page, "What was it worth?")).to_be_visible()
    page.get_by_label("Amount in euro").fill("1250")
    guided(page, "Next")
    expect(card(page, "Save it as a draft")).to_be_visible()
    page.get_by_role("button", name="Save the draft").click()
    expect(card(page, "One press from done")).to_be_visible()
    page.locator("[data-guide='send']").click()
    expect(card(page, "Your first invoice is out!")).to_be_visible()
    green = page.locator("nav [aria-current]").evaluate("(one) => getComputedStyle(one).color")
    next_ = page.get_by_role("button", name="What comes next?")
    expect(next_).to_have_css("background-color", green)
    guided(page, "What comes next?")
    expect(page.get_by_role("button", name="First steps 2 of 5")).to_be_visible()


def test_the_checklist_fills_and_ends_in_a_celebration(visit: Visit) -> None:
    page = start(visit())
    guided(page, "Look around first")
    launcher = page.locator("[data-key='launcher']")
    expect(launcher).to_contain_text("0 of 5")
    panel = page.locator(".panel")
    expect(panel.get_by_role("listitem").filter(has_text="Send your first")).to_have_class("locked")
    imported(page)
    page.goto("/dashboard")
    expect(launcher).to_contain_text("1 of 5")
    sent(page)
    answered(page, lambda: guided(page, "Close"))
    page.goto("/payments")
    expect(card(page, "Money came in?")).to_be_visible()
    page.locator("[data-guide='record']").click()
    expect(card(page, "First money in the bank")).to_be_visible()
    answered(page, lambda: guided(page, "Close"))
    page.goto("/settings")
    page.get_by_role("switch", name="Payment reminders").click()
    expect(page.get_by_role("switch", name="Payment reminders")).to_be_checked()
    page.goto("/dashboard")
    expect(launcher).to_contain_text("4 of 5")
    launcher.click()
    expect(panel.locator(".done")).to_have_count(4)
    panel.get_by_role("button", name="Invite").click()
    expect(card(page, "Give the numbers away")).to_be_visible()
    page.get_by_label("First name").fill("Ben")
    page.locator("[data-guide='invite']").click()
    expect(card(page, "All set")).to_be_visible()
    page.goto("/dashboard")
    expect(page.locator(".milestones .reached")).to_have_count(7)


def test_what_is_dismissed_stays_away_and_why_says_so(visit: Visit) -> None:
    page = start(visit())
    page.goto("/contacts")
    answered(page, lambda: guided(page, "Close"))
    page.reload()
    page.get_by_role("link", name="Why did I see this?").click()
    page.wait_for_url("**/why?page=/contacts")
    expect(page.locator(".chosen h2")).to_have_text("Nothing is shown here now")
    stopped = page.locator(".others li").filter(has_text="import-contacts")
    expect(stopped.locator(".stop")).to_contain_text("Sent away for good")
    stopped.locator("summary").click()
    expect(stopped.get_by_role("row").filter(has_text="DISMISSED")).to_contain_text("not dismissed")


def test_what_is_snoozed_comes_back_when_the_clock_has_moved(visit: Visit) -> None:
    page = start(visit())
    page.goto("/contacts")
    guided(page, "Remind me later")
    answered(page, lambda: page.get_by_role("button", name=re.compile("4 hours")).click())
    expect(card(page, "Bring everyone at once")).to_have_count(0)
    page.get_by_role("link", name="Why did I see this?").click()
    stopped = page.locator(".others li").filter(has_text="import-contacts").locator(".stop")
    expect(stopped).to_contain_text("Put off until later")
    expect(stopped).to_contain_text(re.compile("in (3|4) hours"))
    page.get_by_role("button", name="+1 day").click()
    page.wait_for_url("**/why?page=*contacts")
    expect(page.locator(".chosen h2")).to_have_text("Bring everyone at once")
    page.get_by_role("link", name="Back to /contacts").click()
    expect(card(page, "Bring everyone at once")).to_be_visible()


def test_who_becomes_somebody_else_leaves_nothing_behind(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Ada, owner").click()
    guided(page, "Bring my contacts")
    expect(card(page, "Bring everyone at once")).to_be_visible()
    page.locator(".demo").get_by_role("button", name="Ben").click()
    expect(card(page, "The month at a glance, Ben")).to_be_visible()
    page.get_by_role("link", name="Be someone else").click()
    page.get_by_role("button", name="Cleo, member").click()
    expect(card(page, "Good to have you here, Cleo")).to_be_visible()


def test_time_alone_brings_new_guidance(visit: Visit) -> None:
    page = start(visit())
    imported(page)
    sent(page)
    answered(page, lambda: guided(page, "Close"))
    page.goto("/invoices")
    expect(page.get_by_role("cell", name="1001")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="+1 day").click()
        page.wait_for_load_state()
    expect(card(page, "Still waiting for money?")).to_be_visible()
    answered(page, lambda: guided(page, "Close"))
    page.get_by_role("button", name="+1 week").click()
    expect(card(page, "One week of Ledgerly")).to_be_visible()


def test_accountants_and_members_are_guided_in_their_own_way(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Cleo, member").click()
    expect(card(page, "Good to have you here, Cleo")).to_be_visible()
    guided(page, "Write a draft")
    hint(page, "Say it in one line")
    page.get_by_label("Customer").fill("Osei Logistics")
    page.get_by_label("Amount in euro").fill("80")
    page.get_by_role("button", name="Save the draft").click()
    expect(card(page, "Your first draft is saved")).to_be_visible()
    answered(page, lambda: guided(page, "Close"))
    page.get_by_role("button", name="Ben accountant").click()
    expect(card(page, "The month at a glance, Ben")).to_be_visible()
    guided(page, "I know my way")
    expect(card(page, "Your place is Payments")).to_be_visible()
    page.reload()
    expect(card(page, "Your place is Payments")).to_be_visible()
    guided(page, "Go there")
    expect(card(page, "The books in one file")).to_be_visible()
    page.locator("[data-guide='export']").click()
    expect(card(page, "The books are yours")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them").click()
    assert download.value.suggested_filename == "ledgerly.csv"


def test_a_survey_is_asked_once_it_was_worth_it_and_answered_once(visit: Visit) -> None:
    page = start(visit())
    imported(page)
    sent(page)
    answered(page, lambda: guided(page, "Close"))
    page.goto("/payments")
    page.locator("[data-guide='record']").click()
    expect(card(page, "First money in the bank")).to_be_visible()
    answered(page, lambda: guided(page, "Close"))
    page.goto("/invoices")
    survey = card(page, "You were paid. How was it?")
    expect(survey).to_be_visible()
    ease = survey.get_by_role("radiogroup", name="How easy was your first invoice?")
    ease.get_by_role("radio", name="5").check(force=True)
    survey.get_by_role("textbox").fill("Nothing!")
    answered(page, lambda: survey.get_by_role("button", name="Send").click())
    expect(survey).to_have_count(0)
    page.reload()
    page.get_by_role("link", name="Why did I see this?").click()
    stopped = page.locator(".others li").filter(has_text="how-is-it").locator(".stop")
    expect(stopped).to_contain_text("completed")


def test_everything_is_there_in_german(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="DE", exact=True).click()
    start(page)
    expect(card(page, "Willkommen bei Ledgerly, Mia")).to_be_visible()
    guided(page, "Erst umsehen")
    expect(page.locator("[data-key='launcher']")).to_contain_text("0 von 5")
    page.get_by_role("link", name="Kontakte").click()
    expect(card(page, "Alle auf einmal")).to_be_visible()
    page.get_by_role("link", name="Warum sehe ich das?").click()
    expect(page.locator(".chosen .kind")).to_contain_text("Gezeigt")


def test_the_report_shows_the_curve_by_role_too(visit: Visit) -> None:
    page = start(visit())
    guided(page, "Look around first")
    page.get_by_role("link", name="Report").click()
    expect(page.get_by_role("heading", name="Time to value")).to_be_visible()
    expect(page.locator(".lead")).to_contain_text("Send your first invoice")
    expect(page.locator("figure svg").first).to_be_visible()
    page.get_by_role("link", name="By role").click()
    expect(page.get_by_role("heading", name="By role")).to_be_visible()


def test_the_inspector_opens_for_who_has_signed_in(visit: Visit) -> None:
    page = visit()
    expect(page.locator(".pitch code")).to_have_text("?guidepath=inspect")
    start(page)
    # on the dashboard the checklist would come next, and be hers on every page
    guided(page, "Bring my contacts")
    expect(card(page, "Bring everyone at once")).to_be_visible()
    page.goto("/contacts?guidepath=inspect")
    expect(card(page, "Bring everyone at once")).to_be_visible()
    inspector = page.get_by_role("region", name="Inspector")
    expect(inspector.locator(".trace")).to_contain_text("showed import-contacts")
    expect(inspector.locator(".now")).to_contain_text("import-contacts")
    inspector.get_by_role("button", name="Close the inspector").click()
    expect(inspector).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_mend(visit: Visit, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    only = None if scheme == "light" else {"runOnly": ["color-contrast"]}

    def sound(seen: Locator) -> None:
        expect(seen).to_be_visible()
        found = Axe().run(page, options=only)
        assert found.violations_count == 0, found.generate_report()

    sound(page.get_by_role("button", name="Ada, owner"))
    start(page)
    sound(card(page, "Welcome to Ledgerly, Mia"))
    imported(page)
    sound(card(page, re.compile("^Everyone is here")))
    sent(page)
    guided(page, "What comes next?")
    sound(page.locator("[data-key='launcher']"))
    page.goto("/why?page=/contacts")
    page.locator(".others summary").first.click()
    sound(page.locator(".others [open]"))
    if scheme == "dark":
        return  # the colours of the other pages are the same
    for path in ("/contacts/import", "/invoices/new", "/payments", "/settings", "/team", "/report"):
        page.goto(path)
        sound(page.locator("h1"))


def test_no_page_is_wider_than_the_screen(visit: Visit) -> None:
    page = start(visit())
    imported(page)
    sent(page)
    wide = []
    paths = ["/sign-in", "/dashboard", "/contacts", "/contacts/import", "/invoices", "/team"]
    for path in [*paths, "/payments", "/settings", "/invoices/1001", "/why", "/report"]:
        page.goto(path)
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 740})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append((path, width))
    assert wide == []
