"""Takes the pictures of the README anew, from the demo itself: `python -m docs.images.take`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import uvicorn
from playwright.sync_api import Page, sync_playwright
from tests.browser.chromium import launch

from guidepath.demo.app import create

HERE = Path(__file__).parent
INVOICES = (
    ("Moreau & Fils", "Menu cards", 340),
    ("Tanaka Ceramics", "Catalogue photographs", 1280),
    ("Osei Logistics", "Fleet lettering", 2150),
    ("Harbour Books", "Shop window, spring", 1250),
    ("Bakery Blum", "Opening hours sign", 180),
)


@contextmanager
def demo() -> Iterator[str]:
    """The demo, answering at an address."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create(Path(folder)), log_level="error"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def invoice(page: Page, customer: str, what: str, euro: int, *, send: bool) -> None:
    """Write an invoice, and perhaps send it."""
    page.goto("/invoices/new")
    page.locator("[name='customer']").fill(customer)
    page.locator("[name='description']").fill(what)
    page.locator("[name='amount']").fill(str(euro))
    page.locator("[name='amount']").press("Enter")
    page.wait_for_url("**/invoices/1*")
    if send:
        page.locator("[data-guide='send']").click()
        page.wait_for_url("**?done=sent")


def close(page: Page) -> None:
    """Close the guidance that is shown, when it has been seen."""
    with page.expect_response(lambda one: one.url.endswith("/v1/feedback")):
        page.locator("guide-path-surface [data-key='close']").click()


def take(page: Page) -> None:
    """Live through the first weeks, then take the pictures."""
    page.goto("/")
    page.get_by_role("button", name="Ada, owner").click()
    page.goto("/contacts/import")
    page.locator("[data-guide='sample']").click()
    for number, (customer, what, euro) in enumerate(INVOICES):
        invoice(page, customer, what, euro, send=number < 4)
        if number == 0:
            close(page)  # the celebration
            page.get_by_role("button", name="+1 week").click()
            page.get_by_role("button", name="+1 week").click()
            page.get_by_role("button", name="+1 day").click()
        if number == 1:
            page.goto("/payments")
            page.locator("[data-guide='record']").first.click()
            close(page)
    page.goto("/dashboard")
    page.locator("[data-key='launcher']").click()
    page.mouse.move(640, 790)
    page.wait_for_timeout(600)
    page.screenshot(path=HERE / "ledgerly.png")
    page.goto("/report")
    page.screenshot(path=HERE / "report.png")


def main() -> None:
    """Both pictures, 1280 by 800."""
    with demo() as address, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(
            base_url=address, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
        )
        page.set_default_timeout(60_000)
        take(page)
        browser.close()


if __name__ == "__main__":
    main()
