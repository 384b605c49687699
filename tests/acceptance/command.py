"""The command line as a user has it: a process of its own, on files."""

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PLAYBOOK = ROOT / "examples" / "contributors" / "guidepath.yaml"
LOG = ROOT.parent / "shared" / "data" / "commits.jsonl.gz"
END = "2026-08-21T21:38:25Z"  # the newest time in the log


class Replay(NamedTuple):
    """One replay of the real log: its store, and what the command wrote."""

    file: Path
    report: dict[str, Any]
    milestones: list[dict[str, Any]]
    printed: str

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"


def guidepath(*arguments: object) -> subprocess.CompletedProcess[str]:
    """What the command said; it must succeed."""
    return python("-m", "guidepath", *arguments)


def python(*arguments: object, seed: int = 0) -> subprocess.CompletedProcess[str]:
    """What an interpreter said, with `seed` in its hashes; it must succeed."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": str(seed), "PYTHONWARNINGS": "error", "PATH": ""},
        timeout=100,
    )
