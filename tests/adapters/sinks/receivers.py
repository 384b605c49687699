"""Every sink over HTTP, pointed at a server of this machine, and what that server understood."""

import base64
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

from tests.servers.http import Answer, Http, Request

from guidepath.adapters.sinks.amplitude import AmplitudeSink
from guidepath.adapters.sinks.mixpanel import MixpanelSink
from guidepath.adapters.sinks.posthog import PosthogSink
from guidepath.adapters.sinks.segment import SegmentSink
from guidepath.adapters.sinks.slack import SlackSink
from guidepath.adapters.sinks.webhook import WebhookSink
from guidepath.event import Envelope
from guidepath.ports import Sink

KEY = "key-0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
HOOK = "/services/T000/B000/very-secret"
LOOPBACK = ip_network("127.0.0.0/8")

OPEN: Mapping[str, Callable[..., Sink]] = {
    "webhook": lambda url, **more: WebhookSink(
        url + HOOK, [SECRET], allow=[LOOPBACK], insecure=True, **more
    ),
    "slack": lambda url, **more: SlackSink(
        url + HOOK, insecure=True, **({"types": ["milestone.reached"]} | more)
    ),
    "segment": lambda url, **more: SegmentSink(KEY, home=url, insecure=True, **more),
    "posthog": lambda url, **more: PosthogSink(KEY, home=url, insecure=True, **more),
    "amplitude": lambda url, **more: AmplitudeSink(KEY, home=url, insecure=True, **more),
    "mixpanel": lambda url, **more: MixpanelSink(KEY, home=url, insecure=True, **more),
}
KINDS = sorted(OPEN)
Opened = Callable[..., Sink]  # the fixture: kind, url and options of a sink that will be closed

PLEASED: Mapping[str, bytes] = {
    "webhook": b"",
    "slack": b"ok",
    "segment": b'{"success":true}',
    "posthog": b'{"status":"Ok"}',
    "amplitude": b'{"code":200,"events_ingested":1,"payload_size_bytes":1,"server_upload_time":1}',
    "mixpanel": b'{"code":200,"num_records_imported":1,"status":"OK"}',
}


def pleased(kind: str) -> Callable[[Request], Answer]:
    """What the receiver of a kind answers where all is well."""
    return lambda _request: Answer(200, {"Content-Type": "application/json"}, PLEASED[kind])


def ids(kind: str, requests: Sequence[Request]) -> list[str]:
    """The envelopes' ids, as the receiver of a kind reads them."""
    return [one for request in requests for one in _ids(kind, request.json())]


def _ids(kind: str, body: Any) -> list[str]:
    match kind:
        case "webhook":
            return [body["id"]]
        case "slack":
            return [body["blocks"][-1]["elements"][0]["text"].rpartition(" ")[2]]
        case "segment":
            return [one["messageId"] for one in body["batch"]]
        case "posthog":
            return [one["properties"]["guidepath.id"] for one in body["batch"]]
        case "amplitude":
            return [one["insert_id"] for one in body["events"]]
    return [one["properties"]["guidepath.id"] for one in body]


def told(**changed: object) -> Envelope:
    """An envelope with something in every field."""
    fields: dict[str, Any] = {
        "id": "evt_d7ui2xxnt4xc3feohvlr6r5taq",
        "type": "milestone.reached",
        "occurred_at": 1_767_355_200_123_456,
        "account": "acme",
        "user": "ada",
        "data": {"milestone": "first_invoice", "scope": "user"},
        "playbook": "p1",
        "seq": 7,
        "role": "owner",
        "attributes": {"account.size": 7, "user.locale": "en"},
        "private": {"user.first_name": "Ada"},
    }
    return Envelope(**(fields | changed))


@contextmanager
def dripping(answer: bytes, every: float = 0.05) -> Iterator[str]:
    """A server that answers everyone byte by byte; it gives its URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        while not stop.is_set():
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                client.recv(65_536)
                for byte in answer:
                    try:
                        client.sendall(bytes([byte]))
                    except OSError:
                        break
                    if stop.wait(every):
                        return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        stop.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def answering(http: Http, status: int, body: bytes = b"", **headers: str) -> None:
    """Have a server answer everything so."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    http.answer = lambda _request: Answer(status, named, body)
