"""A product as a WSGI app."""

import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from tests.faults.hosts.witness import Witness
from tests.faults.product import PLAYBOOK

from guidepath import Guidepath

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def product() -> App:
    """The app. Its guide is made when it is loaded, which is before any fork."""
    witness = Witness()
    guide = Guidepath(PLAYBOOK, witness.store, [witness.sink])

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = dict(parse_qsl(environ["QUERY_STRING"]))
        user, account = asked["user"], asked["account"]
        if environ["PATH_INFO"] == "/next":
            guide.next(user=user, account=account)
        else:
            guide.track("sent", user=user, account=account, id=asked["id"])
            witness.kept(account, user, asked["id"])
        if environ["PATH_INFO"] == "/exit":
            os._exit(1)  # as a crash in a C library: nothing is closed, no answer goes out
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    return app
