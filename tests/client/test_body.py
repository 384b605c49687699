"""The body of an item, by the browser's sanitiser, or by a trusted policy where that is missing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.client.host import CSP, Host

HIDE = "delete Element.prototype.setHTML;"
SHOWN = """async (html) => {
  const { body } = await import("/guidepath/client/body.js");
  const box = document.createElement("div");
  box.append(body(html));
  const text = new XMLSerializer().serializeToString(box);
  return text.replaceAll(' xmlns="http://www.w3.org/1999/xhtml"', "");
}"""


@pytest.fixture(params=["sanitiser", "policy"], scope="module")
def strict(browser: Browser, running: Host, request: pytest.FixtureRequest) -> Iterator[Page]:
    running.pages["/strict"] = "<!doctype html><title>strict</title>"
    running.csp = CSP
    page = browser.new_page()
    if request.param == "policy":
        page.add_init_script(HIDE)
    page.goto(f"{running.url}/strict")
    yield page
    page.context.close()


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>A <strong>CSV</strong> &amp; more</p>", "<p>A <strong>CSV</strong> &amp; more</p>"),
        ("<script>alert(1)</script>x<style>p{}</style>", "x"),
        ("<img src=x onerror=alert(1)>", '<img src="{url}/x" />'),
        ("<img src=http://far.example/x.png>", '<img src="" />'),
        ('<p style="position:fixed" class=a id=title onclick=alert(1)>x</p>', "<p>x</p>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="http://far.example/">x</a>', "<a>x</a>"),
        ('<a href="data:text/html,x">x</a>', "<a>x</a>"),
        ('<a href="/help">x</a>', '<a href="{url}/help">x</a>'),
        ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
        (
            '<a href="https://far.example/">x</a>',
            '<a href="https://far.example/" target="_blank" rel="noopener noreferrer">x</a>',
        ),
        ("<form><button>x</button></form>", "x"),
        ("<svg><script>alert(1)</script></svg><math><mi>y</mi></math>x", "x"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
    ],
)
def test_only_what_the_list_names_enters_the_page(
    strict: Page, running: Host, html: str, kept: str
) -> None:
    assert strict.evaluate(SHOWN, html) == f"<div>{kept.format(url=running.url)}</div>"


def test_where_no_policy_may_be_made_the_bare_text_is_shown(
    browser: Browser, running: Host
) -> None:
    running.pages["/none"] = "<!doctype html><title>none</title>"
    running.csp = f"{CSP}; trusted-types 'none'"
    page = browser.new_page()
    page.add_init_script(HIDE)
    page.goto(f"{running.url}/none")
    assert page.evaluate(SHOWN, "<p>A <b>CSV</b></p><img src=x>") == "<div>A CSV</div>"
    page.context.close()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("/contacts", True),
        ("https://far.example/x", True),
        ("http://far.example/x", False),
        ("javascript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("//far.example/x", False),
        ("data:text/html,x", False),
        ("https://", False),
    ],
)
def test_people_are_sent_to_https_or_the_page_s_own_origin_only(
    strict: Page, url: str, safe: bool
) -> None:
    got = strict.evaluate(
        """async (url) => (await import("/guidepath/client/body.js")).safeUrl(url) !== null""", url
    )
    assert got is safe
