"""Connections that end in time, and that go nowhere but where they may.

A time-out of a socket bounds one step. A receiver that sends a byte every second would hold a
delivery for ever, so every step here gets what is left of one deadline. Only the resolution of the
name is bounded by the system's resolver.
"""

import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpcore

Place = tuple[Any, ...]  # what getaddrinfo gives for each address
Resolve = Callable[[str, int], Sequence[Place]]
Check = Callable[[str, Sequence[str]], None]


def resolved(host: str, port: int) -> Sequence[Place]:
    """The addresses of a name, as the system finds them."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def anywhere(host: str, addresses: Sequence[str]) -> None:
    """The check that has nothing against any address."""
    del host, addresses


class Deadline(threading.local):
    """Until when the thread's request may last."""

    at = 0.0

    def start(self, seconds: float) -> None:
        """From now on, so many seconds."""
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        """What is left, in seconds.

        Raises:
            TimeoutError: nothing.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Network(httpcore.NetworkBackend):
    """Opens connections for a pool.

    Args:
        check: is given all addresses of a host, and raises where one of them may not be reached.
            The connection then goes to one of exactly these: a name server that answers
            otherwise a moment later changes nothing.
    """

    def __init__(self, check: Check = anywhere, resolve: Resolve = resolved) -> None:
        self.deadline = Deadline()
        self._check = check
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """The first address that answers; none takes more than its share of the time."""
        del timeout, local_address, socket_options
        with _errors(httpcore.ConnectTimeout, httpcore.ConnectError):
            places = self._resolve(host, port)
            self._check(host, [str(place[4][0]) for place in places])
            failed: OSError = OSError("the name has no address")
            for tried, (family, kind, protocol, _, place) in enumerate(places):
                connection = socket.socket(family, kind, protocol)
                try:
                    connection.settimeout(self.deadline.left() / (len(places) - tried))
                    connection.connect(place)
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                except OSError as problem:
                    connection.close()
                    failed = problem
                else:
                    return _Stream(connection, self.deadline)
            raise failed


class _Stream(httpcore.NetworkStream):
    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._socket = connection
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        with _errors(httpcore.ReadTimeout, httpcore.ReadError):
            self._socket.settimeout(self._deadline.left())
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        rest = memoryview(buffer)
        with _errors(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                self._socket.settimeout(self._deadline.left())
                rest = rest[self._socket.send(rest) :]

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        del timeout
        with _errors(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                self._socket.settimeout(self._deadline.left())
                secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
            except BaseException:
                self.close()
                raise
            return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # an idle connection that is: the receiver has closed it
            with selectors.DefaultSelector() as selector:
                selector.register(self._socket, selectors.EVENT_READ)
                return bool(selector.select(0))
        return None


@contextmanager
def _errors(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as problem:
        raise late from problem
    except (OSError, UnicodeError) as problem:  # a name with a label that is too long is the latter
        raise broken(problem) from problem
