"""An example as a server of its own, started as its README says, and what Ada does in it."""

import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect
from tests.servers.server import HOST, Server

from guidepath import Guidepath, Playbook

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMAND = re.compile(r"```console\n\$ (.+)\n```")


class Example(Server):
    """One of the examples, in a folder of its own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.source = EXAMPLES / name

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def page(self) -> str:
        """The page that its README opens."""
        return f"{self.url}/invoices"

    def _prepare(self) -> None:
        for file in ("app.py", "guidepath.yaml"):
            shutil.copy(self.source / file, self.folder)

    def _command(self) -> list[str | Path]:
        said = COMMAND.search((self.source / "README.md").read_text("utf-8"))
        assert said, "the README says how to start it"
        program, *words = shlex.split(said[1].replace("8000", str(self.port)))
        alone = "GUNICORN_CMD_ARGS=--no-control-socket"  # nothing of it lies outside of its folder
        return ["env", alone, sys.executable, "-m", program, *words]

    def _answers(self) -> bool:
        return (
            self._said(b"GET /guidepath/healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")[9:12]
            == b"200"
        )

    def reached(self) -> tuple[str, ...]:
        """What Ada has reached, by what is on the disk."""
        with self._guide() as guide:
            return guide.progress(user="ada", account="acme").reached

    def shown(self, user: str, item: str) -> int:
        """How often an item was counted as shown to somebody, by what is on the disk."""
        with self._guide() as guide:
            said: Any = guide.export(user=user, account="acme")["said"]
        shown = [one["data"]["item"] for one in said if one["type"] == "guidance.shown"]
        return shown.count(item)

    def _guide(self) -> Guidepath:
        playbook = Playbook.load(self.folder / "guidepath.yaml")
        return Guidepath(playbook, f"sqlite:///{self.folder}/guidepath.db")


def ada_is_led_to_her_first_invoice(browser: Browser, example: Example) -> None:
    """She signs in, is shown the way, goes it, and is celebrated."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 900, "height": 600})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(example.page)
    page.get_by_role("button", name="Sign in as Ada").click()

    expect(page.get_by_role("heading", name="Send your first invoice, Ada")).to_be_visible()
    assert example.reached() == ()
    page.get_by_role("button", name="Send an invoice").click()

    expect(page.get_by_text("Sent so far: 1")).to_be_visible()
    expect(page.get_by_role("dialog", name="Your first invoice is out!")).to_be_visible()
    assert example.reached() == ("first_invoice",)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Two more this month")).to_be_visible()

    page.reload()
    expect(page.get_by_role("heading", name="Two more this month")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert errors == []
    context.close()
