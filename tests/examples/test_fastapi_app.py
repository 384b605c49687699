"""The example runs, and is what the quickstart shows."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser
from tests.examples.loading import loaded
from tests.examples.running import Example, ada_is_led_to_her_first_invoice

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fastapi_app"
FILES = ("app.py", "guidepath.yaml")


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    for name in FILES:
        shutil.copy(EXAMPLE / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    module = loaded(tmp_path / "app.py")
    yield module
    module.guide.close()


async def visited(app: ModuleType) -> list[str]:
    """What is shown at first, after an invoice was sent, and when the celebration was closed."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app.app), base_url="https://app.test"
    ) as browser:

        async def decided() -> dict[str, Any]:
            answer = await browser.get("/guidepath/v1/next?page=/invoices")
            decision: dict[str, Any] = answer.json()
            return decision

        async def answered(decision: dict[str, Any], answer: str) -> None:
            said = {"eventId": answer, "decisionId": decision["decisionId"], "type": answer}
            heard = await browser.post("/guidepath/v1/feedback", json=said)
            assert heard.json()["accepted"]

        await browser.post("/sign-in/ada")
        first = await decided()
        await browser.post("/invoices")
        second = await decided()
        await answered(second, "item.shown")
        await answered(second, "item.dismissed")
        third = await decided()
    return [one["item"]["id"] for one in (first, second, third)]


def test_ada_is_led_to_her_first_invoice_and_celebrated_and_led_on(example: ModuleType) -> None:
    assert asyncio.run(visited(example)) == ["send-one", "well-done", "keep-going"]
    assert example.guide.progress(user="ada", account="acme").reached == ("first_invoice",)


def test_the_client_is_served_where_the_page_asks_for_it(example: ModuleType) -> None:
    async def client() -> httpx.Response:
        transport = httpx.ASGITransport(example.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://app.test") as browser:
            return await browser.get("/guidepath/client/guidepath.js")

    assert "/guidepath/client/guidepath.js" in example.PAGE
    assert asyncio.run(client()).headers["content-type"].startswith("text/javascript")


def test_who_is_not_signed_in_gets_no_guidance(example: ModuleType) -> None:
    async def stranger() -> int:
        transport = httpx.ASGITransport(example.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://app.test") as browser:
            return (await browser.get("/guidepath/v1/next?page=/invoices")).status_code

    assert asyncio.run(stranger()) == 401


@pytest.mark.parametrize("name", FILES)
def test_the_quickstart_shows_these_very_files(name: str) -> None:
    quickstart = (ROOT / "docs" / "quickstart.md").read_text("utf-8")
    assert f"\n{(EXAMPLE / name).read_text('utf-8')}```\n" in quickstart


# last in this file: no event loop can run beside the browser's, which ends with the file
def test_ada_is_led_to_her_first_invoice_in_a_browser(browser: Browser) -> None:
    with Example("fastapi_app") as running:
        ada_is_led_to_her_first_invoice(browser, running)
