"""Every type while it is open, in light and dark: nothing to mend, no breach of a strict policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.client.host import Host, page
from tests.client.kinds import KINDS
from tests.client.launching import launched

LISTEN = """
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


def opened(host: Host, tab: Page, kind: str, scheme: str) -> None:
    """An item of this kind, shown, and what it folds away opened."""
    tab.add_init_script(LISTEN)
    tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if kind == "launcher":
        launched(host, tab)
        return
    if kind == "inline":
        tag = '<guide-path base="/guidepath" container="#here"></guide-path>'
        host.pages["*"] = page('<aside id="here"></aside>', tags=tag)
    host.play(KINDS["checklist" if kind == "inline" else kind]())
    tab.goto("/contacts")
    host.until(lambda: "item.shown" in host.heard(), host.heard)
    if kind == "hint":
        tab.locator(".dot").click()
    if kind in ("survey", "nps"):
        tab.get_by_role("button", name="Send").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", [*KINDS, "inline", "launcher"])
def test_axe_finds_nothing_to_mend(host: Host, tab: Page, kind: str, scheme: str) -> None:
    opened(host, tab, kind, scheme)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert tab.evaluate("violations") == []
