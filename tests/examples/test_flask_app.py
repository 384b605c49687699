"""The example runs as its README says, and its guidance is shown in a real browser."""

from playwright.sync_api import Browser
from tests.examples.running import Example, ada_is_led_to_her_first_invoice


def test_ada_is_led_to_her_first_invoice_in_a_browser(browser: Browser) -> None:
    with Example("flask_app") as example:
        ada_is_led_to_her_first_invoice(browser, example)
