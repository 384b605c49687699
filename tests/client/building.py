"""Makes what browsers load out of the client's modules: `make client`, after any change of them."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests import node

CLIENT = Path(__file__).parents[2] / "src/guidepath/client"
BUILD = Path(__file__).parent / "build"


def built() -> dict[str, bytes]:
    """The files by name, made anew.

    Raises:
        RuntimeError: they cannot be made.
    """
    kept = node.packages(BUILD / "package.json")
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            ["node", BUILD / "build.mjs", CLIENT, folder],
            cwd=kept,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode != 0:
            raise RuntimeError(ended.stderr)
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def main() -> None:
    """Write them where the package has them."""
    folder = CLIENT / "built"
    made = built()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, body in made.items():
        (folder / name).write_bytes(body)


if __name__ == "__main__":
    main()
