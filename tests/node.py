"""Node's packages for the tests that need them: installed once, and kept for the next run.

A package.json with exact versions says which. No lock file is written: it would hold addresses.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

KEPT = Path(__file__).parents[1] / ".venv" / "node"
INSTALL = ("npm", "install", "--no-package-lock", "--ignore-scripts", "--loglevel=error")


def packages(wanted: Path) -> Path:
    """A folder with the package.json `wanted` and the node_modules it asks for.

    Raises:
        RuntimeError: there is no Node, or its packages cannot be had: the tests fail, none is
            skipped.
    """
    kept = KEPT / hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]
    if not kept.exists():
        _install(wanted, kept)
    return kept


def run(
    kept: Path, tool: str, *arguments: str | Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """What a tool of these packages says; what its exit code means is the caller's to know.

    Sources that lie elsewhere find the packages by NODE_PATH, where the tool looks at it.
    """
    command = [kept / "node_modules" / ".bin" / tool, *arguments]
    paths = os.environ | {"NODE_PATH": str(kept / "node_modules")}
    return subprocess.run(
        command, cwd=cwd or kept, env=paths, capture_output=True, text=True, check=False
    )


def _install(wanted: Path, kept: Path) -> None:
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        raise RuntimeError(f"no {' and no '.join(missing)} found: run `sh tests/install.sh`")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="new-") as made:
        folder = Path(made) / "packages"
        folder.mkdir()
        shutil.copy(wanted, folder / "package.json")
        ended = subprocess.run(INSTALL, cwd=folder, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise RuntimeError(f"npm cannot install {wanted}:\n{ended.stderr}")
        try:
            folder.rename(kept)  # whole or not at all
        except OSError:
            if not kept.exists():  # unless another worker was faster
                raise
