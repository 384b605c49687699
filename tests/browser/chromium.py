"""A Chromium for the browser tests: the one of the machine, quiet on the network."""

import shutil

from playwright.sync_api import Browser, Playwright, expect

NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
PATIENCE_MS = 15_000  # how long something may take is not what is tested: a machine may be busy
ARGUMENTS = (
    "--no-sandbox",  # the tests may run as root; they load only pages of their own
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


def launch(playwright: Playwright) -> Browser:
    """A running Chromium.

    Raises:
        RuntimeError: none is installed: a missing browser fails the tests, it skips none.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        names = ", ".join(NAMES)
        raise RuntimeError(f"no Chromium found ({names}): run `sh tests/install.sh`")
    expect.set_options(timeout=PATIENCE_MS)
    return playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
