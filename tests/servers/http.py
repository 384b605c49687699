"""An HTTP server whose answers a test writes.

    http.answer = lambda request: Answer(429, {"Retry-After": "2"}) if … else Answer()
    sink.deliver(envelopes)
    assert [one.json()["id"] for one in http.requests] == […]

With nothing said it answers 200 and an empty body. An answer may also be what no good server
does: HANG, RESET, or Raw(b"whatever").
"""

import gzip
import json
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any, Final, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from tests.servers.server import HOST, free_port


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    method: str
    target: str  # as on the wire: the path with its query
    headers: Message  # looked up without regard to case
    body: bytes  # as on the wire, compressed where the client compressed it

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def content(self) -> bytes:
        """The body, decompressed where the client compressed it."""
        if self.headers.get("Content-Encoding") == "gzip":
            return gzip.decompress(self.body)
        return self.body

    def json(self) -> Any:
        return json.loads(self.content)


class Answer(NamedTuple):
    """What the server answers. A plain tuple of the three does as well."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes instead of an answer, HTTP or not; then the connection ends."""

    content: bytes


class Fault(Enum):
    HANG = "no answer, until the server is closed or `release` is called; then the connection ends"
    RESET = "the connection is reset once the request was read"


HANG: Final = Fault.HANG
RESET: Final = Fault.RESET

Reply = Answer | tuple[int, Mapping[str, str], bytes] | Raw | Fault


def nothing_to_say(_request: Request) -> Reply:
    return Answer()


class Http:
    """A server on this machine, one thread a connection; HTTP/1.1, so connections are kept.

    Args:
        answer: What it answers a request, or does instead. It may be changed at any time and is
            called in the connections' threads. Where it raises, the client gets the error as a 599.
        tls: What it speaks TLS with, as `certificate.server`; then its URL is an https one.
    """

    def __init__(
        self,
        answer: Callable[[Request], Reply] = nothing_to_say,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self.tls = tls
        self.requests: list[Request] = []  # in the order they came, each before it is answered
        self.connections = 0  # how many were opened
        self.port = free_port()
        self._came = Condition()
        self._released = Event()
        self._server: _Listener | None = None
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://{HOST}:{self.port}"

    def wait_for(self, count: int, timeout: float = 10) -> list[Request]:
        """The requests, as soon as there are that many.

        Raises:
            TimeoutError: fewer came in time.
        """
        with self._came:
            if not self._came.wait_for(lambda: len(self.requests) >= count, timeout):
                raise TimeoutError(
                    f"{len(self.requests)} requests came in {timeout} s, not {count}"
                )
            return list(self.requests)

    def release(self) -> None:
        """Lets go of all that hang now; who hangs later hangs again."""
        self._released.set()
        self._released = Event()

    def start(self) -> Self:
        """Listens, on the same port as before."""
        self._server = _Listener(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops listening and ends all connections, as a server that goes down."""
        if self._server is None or self._thread is None:
            raise RuntimeError("it does not run")
        self._server.shutdown()
        self._thread.join()
        self.release()
        self._server.server_close()
        self._server = self._thread = None

    def close(self) -> None:
        """Stops it where it runs."""
        if self._server is not None:
            self.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reply(self, request: Request) -> Reply:
        with self._came:
            self.requests.append(request)
            self._came.notify_all()
        try:
            return self.answer(request)
        except Exception as error:  # noqa: BLE001  # a test's own mistake, shown to its client
            return Answer(599, {}, repr(error).encode())


class _Listener(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for them
    request_queue_size = 128

    def __init__(self, owner: Http) -> None:
        self.owner = owner
        self.open: set[socket.socket] = set()
        super().__init__((HOST, owner.port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.owner.tls:
            # it shakes hands in its own thread, with the first read
            connection = self.owner.tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        self.owner.connections += 1
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for one in list(self.open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it ended meanwhile
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def handle_any(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.send_error(411)  # no client of ours sends in chunks
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, self.headers, body)
        reply = self.server.owner._reply(request)
        if isinstance(reply, tuple):
            self._send(*reply)
            return
        self.close_connection = True
        if isinstance(reply, Raw):
            self.wfile.write(reply.content)
        elif reply is HANG:
            self.server.owner._released.wait()
        else:
            # with nothing to linger for, closing resets
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # what the standard library calls for each method
            return self.handle_any
        raise AttributeError(name)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name in headers}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a test reads `requests`."""
