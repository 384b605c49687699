"""Small products, each in a process of its own that begins anew."""

import subprocess
import sys

from tests.acceptance.command import ROOT

PATIENCE_S = 60


def ran(script: str, *arguments: object) -> list[str]:
    """The lines that it printed; a warning is an error to it, and so is to hang."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
