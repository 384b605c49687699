"""An app that a browser can ask."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def answering(app: ASGIApp, *, lifespan: Literal["off", "auto"] = "off") -> Iterator[str]:
    """An app on a free port of the loopback; gives its address."""
    # asyncio sends small answers at once only on sockets that say they are TCP
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who asks before the server is there waits for it
        config = uvicorn.Config(app, log_level="error", lifespan=lifespan, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://localhost:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
