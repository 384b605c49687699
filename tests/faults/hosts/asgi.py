"""The same product as an ASGI app, with a guide for asyncio."""

import os
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl

from tests.faults.hosts.witness import Witness
from tests.faults.product import PLAYBOOK

from guidepath import AsyncGuidepath

App = Callable[[dict[str, Any], Any, Any], Coroutine[Any, Any, None]]


def product() -> App:
    """The app. Its guide is made when it is loaded, which is before any fork."""
    witness = Witness()
    guide = AsyncGuidepath(PLAYBOOK, witness.store, [witness.sink])

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lived(receive, send)
            await guide.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        asked = dict(parse_qsl(scope["query_string"].decode()))
        user, account = asked["user"], asked["account"]
        if scope["path"] == "/next":
            await guide.next(user=user, account=account)
        else:
            await guide.track("sent", user=user, account=account, id=asked["id"])
            witness.kept(account, user, asked["id"])
        if scope["path"] == "/exit":
            os._exit(1)
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


async def lived(receive: Any, send: Any) -> None:
    """The life of an app, until it is asked to end."""
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
