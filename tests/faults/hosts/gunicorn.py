"""A real gunicorn in front of the product, and what can be done to its workers."""

import sys
from pathlib import Path

from tests.acceptance.command import ROOT
from tests.servers.server import HOST, Server

WORKERS = 4
CLASSES = {"uvicorn": "uvicorn.workers.UvicornWorker"}
ASYNCIO = ("asgi", "uvicorn")
PREFIX = "worker-"  # of the files in which workers journal
STORE, SINK, FOLDER = "PRODUCT_STORE", "PRODUCT_SINK", "PRODUCT_FOLDER"


class Gunicorn(Server):
    """Serves the product, which is loaded before the workers are forked.

    Args:
        worker: sync, gthread, gevent, asgi or uvicorn; "patched gevent" patches before anything is
            imported.
        recycled_after: how many requests a worker serves before another takes its place.
    """

    def __init__(self, worker: str, store: str, sink: str, *, recycled_after: int) -> None:
        super().__init__()
        self.worker = worker
        self.store = store
        self.sink = sink
        self.recycled_after = recycled_after

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def journals(self) -> list[Path]:
        """What the workers know."""
        return list(self.folder.glob(f"{PREFIX}*"))

    @property
    def workers(self) -> list[int]:
        """The processes that serve now."""
        if self._process is None:
            return []
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(one) for one in children.split()]

    @property
    def recycled(self) -> int:
        """How many workers had served what they may."""
        log = self.log
        return sum(log.count(said) for said in ("Autorestarting worker", "Maximum request limit"))

    def ended(self) -> int | None:
        """How its master ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def _prepare(self) -> None:
        patches = self.worker.startswith("patched")
        text = "from gevent import monkey\n\nmonkey.patch_all()\n" if patches else ""
        (self.folder / "settings.py").write_text(text)

    def _command(self) -> list[str | Path]:
        kind = self.worker.split()[-1]
        place = {STORE: self.store, SINK: self.sink, FOLDER: self.folder}
        return [
            *(sys.executable, "-m", "gunicorn", "--preload"),
            *("--config", self.folder / "settings.py"),
            *("--worker-class", CLASSES.get(kind, kind), "--workers", str(WORKERS)),
            *("--threads", "4" if kind == "gthread" else "1"),
            *("--bind", f"{HOST}:{self.port}", "--chdir", str(ROOT), "--pythonpath", str(ROOT)),
            *("--max-requests", str(self.recycled_after), "--max-requests-jitter", "10"),
            *("--worker-tmp-dir", self.folder, "--no-control-socket"),
            *(word for one in place.items() for word in ("--env", "=".join(map(str, one)))),
            f"tests.faults.hosts.{'asgi' if kind in ASYNCIO else 'wsgi'}:product()",
        ]

    def _answers(self) -> bool:
        return bool(self._said(b"GET /next?user=nobody&account=nobody HTTP/1.0\r\n\r\n"))
