"""`guidepath serve`: a server for products that are not in Python, until it is stopped."""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from types import FrameType
from typing import Annotated, Any

import typer

from guidepath.asyncio import AsyncGuidepath
from guidepath.cli import option, output
from guidepath.cli.mistake import Mistake
from guidepath.errors import ConfigurationError
from guidepath.playbook.playbook import Playbook

EXAMPLE = (
    "Example: `GUIDEPATH_WRITE_KEY=$(openssl rand -hex 24) guidepath serve guidepath.yaml "
    "--store sqlite:///guidepath.db`. Then your Segment or RudderStack SDK gets this address as "
    "its host, and the key as its write key."
)
_KEY = "GUIDEPATH_WRITE_KEY"
_PATIENCE = 30  # seconds for which the requests under way may still be answered
_STOPS = (signal.SIGINT, signal.SIGTERM)


def serve(
    playbook: option.Playbook,
    *,
    store: Annotated[
        str,
        typer.Option(
            "--store", metavar="URL", help="Where progress lives: sqlite:///guidepath.db, made new."
        ),
    ],
    host: Annotated[str, typer.Option("--host", help="To whom: this machine only.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Where it answers; 0 takes a free one.")
    ] = 8400,
    write_key: Annotated[
        list[str] | None,
        typer.Option(
            "--write-key",
            metavar="KEY",
            envvar=_KEY,
            help="The secret of a server that may ask; repeat. In the variable, between blanks.",
        ),
    ] = None,
    sink: Annotated[
        list[str] | None,
        typer.Option("--sink", metavar="URL", help="Where guidepath's own events go; repeat."),
    ] = None,
) -> None:
    """Serve your product's servers over HTTP, until Ctrl-C or SIGTERM.

    They send events as to Segment (`POST v1/track`, `identify`, `group`, `batch`), and ask
    `GET v1/next`, `GET v1/progress` and `POST v1/feedback`. `GET openapi.json` describes it all.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    if not write_key:
        raise ConfigurationError(
            "nobody could ask without a write key; `openssl rand -hex 24` makes one: "
            f"put it into the variable {_KEY}, or give it as --write-key"
        )
    loaded = Playbook.load(playbook)
    with closing(_listening(host, port)) as listener:
        asyncio.run(_run(loaded, store, sink or (), write_key, listener))
    output.note("stopped")


async def _run(
    playbook: Playbook,
    store: str,
    sinks: Sequence[str],
    write_keys: Sequence[str],
    listener: socket.socket,
) -> None:
    try:
        import uvicorn
    except ModuleNotFoundError:
        raise ConfigurationError("serve needs uvicorn; pip install 'guidepath[serve]'") from None
    guide = AsyncGuidepath(playbook, store, sinks)
    config = uvicorn.Config(
        guide.asgi(identify=None, write_keys=write_keys),
        log_config=None,
        log_level="warning",
        lifespan="off",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = uvicorn.Server(config)
    with _stopping(server):
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        output.text(f"guidepath answers at http://{shown}:{port}  (Ctrl-C ends it)")
        try:
            await server.serve(sockets=[listener])
        finally:
            await guide.close()


@contextmanager
def _stopping(server: Any) -> Iterator[None]:
    """Let a signal end the server and not the process, so that what is open is closed after it.

    The server takes signals over while it runs, and raises them again for us at its end.
    """

    def ask(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {one: signal.signal(one, ask) for one in _STOPS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _listening(host: str, port: int) -> socket.socket:
    """A socket where requests wait from now on.

    Raises:
        Mistake: the address is taken, or is not of this machine.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as problem:
        why = str(problem.strerror).partition(" (")[0]
        raise Mistake(f"cannot answer at {host}, port {port}: {why}") from None
