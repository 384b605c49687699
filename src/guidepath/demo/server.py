"""`guidepath demo`: the app behind uvicorn, with its files in a folder."""

import sys
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

import uvicorn

from guidepath.demo.app import create

_NAMES = ("guidepath.db", "ledger.db")
_BESIDE = ("", "-wal", "-shm", "-journal", ".lock")


def serve(*, host: str, port: int, folder: Path | None, fresh: bool) -> None:
    """Serve the demo until it is interrupted, and say where once it answers.

    Args:
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        folder: where the state lies; None keeps it only while the demo runs.
        fresh: begin anew: the demo's own files in the folder are removed first.
    """
    if folder is None:
        with TemporaryDirectory(prefix="guidepath-demo-") as passing:
            _serve(host, port, Path(passing))
        return
    folder.mkdir(parents=True, exist_ok=True)
    if fresh:
        for name in _NAMES:
            for ending in _BESIDE:
                (folder / f"{name}{ending}").unlink(missing_ok=True)
    _serve(host, port, folder)


class Announced(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """See uvicorn."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            sys.stdout.write(f"Ledgerly is open at http://{shown}:{port}  (Ctrl+C ends it)\n")
            sys.stdout.flush()


def _serve(host: str, port: int, folder: Path) -> None:
    app = create(folder, progress=_seeding)
    Announced(uvicorn.Config(app, host=host, port=port, log_level="warning")).run()


def _seeding(done: int, of: int) -> None:
    """One line that counts up, where somebody watches."""
    if sys.stderr.isatty():
        end = "\n" if done == of else ""
        sys.stderr.write(f"\rSimulating accounts: {done} of {of}{end}")
