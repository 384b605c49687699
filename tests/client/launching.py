"""A page with the launcher on it, and what the server knows of the person."""

from playwright.sync_api import Locator, Page
from tests.client.host import JSON, Host, decision, page
from tests.client.kinds import announcement, checklist

PROGRESS: JSON = {
    "object": "progress",
    "milestones": [],
    "checklists": [checklist(2)["item"]],
    "announcements": [decision(announcement(), id="recurring")["item"]],
}


def launched(
    host: Host,
    tab: Page,
    progress: JSON = PROGRESS,
    *,
    locale: str = "en",
    opens: bool = True,
) -> Locator:
    """The launcher, opened."""
    tag = f'<guide-path base="/guidepath" locale="{locale}" launcher></guide-path>'
    body = host.pages["*"].split("<h1>Contacts</h1>")[1].split("</main>")[0]
    host.pages["/launcher"] = page(body, tags=tag)
    tab.route("**/v1/progress", lambda route: route.fulfill(json=progress))
    tab.goto("/launcher")
    launcher = tab.get_by_role("button", name="Guide" if locale == "en" else "Wegweiser")
    if opens:
        launcher.click()
        tab.locator(".panel > *").first.wait_for()
    return launcher
