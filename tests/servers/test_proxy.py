"""Each fault of the proxy does what it says, to open connections and to new ones."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from threading import Thread

import httpx
import psycopg
import pytest
from tests.servers.http import Http
from tests.servers.postgres import Postgres
from tests.servers.proxy import Cut, Delay, Proxy, Reset, Slow, Stall
from tests.servers.server import HOST, free_port


class Echo:
    """A server that says everything back, in capitals, and remembers what came."""

    def __init__(self) -> None:
        self.listening = socket.create_server((HOST, 0))
        self.port: int = self.listening.getsockname()[1]
        self.ends: list[str] = []
        self.threads: list[Thread] = []
        self.got = b""
        self.accepting = Thread(target=self._accept)
        self.accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            self.threads.append(Thread(target=self._serve, args=(client,)))
            self.threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                while chunk := client.recv(65536):
                    self.got += chunk
                    client.sendall(chunk.upper())
                self.ends.append("end")
            except OSError as error:
                self.ends.append(type(error).__name__)

    def close(self) -> list[str]:
        """How its connections ended, once all have."""
        if self.accepting.is_alive():
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for thread in (self.accepting, *self.threads):
            thread.join(10)
        return self.ends


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Proxy]:
    with Proxy(echo.port) as proxy:
        yield proxy


@pytest.fixture
def connect(proxy: Proxy) -> Iterator[Callable[[], socket.socket]]:
    """Opens connections to the echo through the proxy."""
    clients: list[socket.socket] = []

    def open_() -> socket.socket:
        clients.append(socket.create_connection((HOST, proxy.port), timeout=10))
        return clients[-1]

    yield open_
    for client in clients:
        client.close()


Connect = Callable[[], socket.socket]


def heard(client: socket.socket, size: int) -> bytes:
    """What comes: so many bytes, or fewer where it ends before."""
    answer = b""
    while len(answer) < size and (chunk := client.recv(size - len(answer))):
        answer += chunk
    return answer


def listen(port: int) -> bytes:
    """What comes from a port by itself; a reset may come while it connects, or after."""
    with socket.create_connection((HOST, port), timeout=10) as client:
        return client.recv(1)


def ask(client: socket.socket, text: bytes) -> bytes:
    """What comes back to a text."""
    client.sendall(text)
    return heard(client, len(text))


def test_without_a_fault_all_passes_and_the_ends_too(connect: Connect, echo: Echo) -> None:
    client = connect()
    text = b"abc" * 500_000
    sending = Thread(target=client.sendall, args=(text,))
    sending.start()
    assert heard(client, len(text)) == text.upper()
    sending.join()
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    assert echo.close() == ["end"]


def test_a_client_of_a_server_that_is_not_there_is_reset() -> None:
    with Proxy(free_port()) as proxy, pytest.raises(ConnectionResetError):
        listen(proxy.port)


def test_a_client_that_is_reset_resets_the_server(connect: Connect, echo: Echo) -> None:
    client = connect()
    ask(client, b"hello")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    assert echo.close() == ["ConnectionResetError"]


def test_a_reset_at_once_meets_who_is_silent_and_who_comes(
    proxy: Proxy, connect: Connect, echo: Echo
) -> None:
    silent = connect()
    ask(silent, b"hello")
    proxy.fault = Reset()
    with pytest.raises(ConnectionResetError):
        silent.recv(1)
    with pytest.raises(ConnectionResetError):
        listen(proxy.port)
    proxy.wait_struck(2)
    assert proxy.struck == 2
    proxy.fault = None
    third = connect()
    assert ask(third, b"again") == b"AGAIN"
    assert proxy.accepted == 3
    third.close()
    assert "ConnectionResetError" in echo.close()


def test_a_cut_at_once_looks_like_an_end_on_both_sides(
    proxy: Proxy, connect: Connect, echo: Echo
) -> None:
    silent = connect()
    ask(silent, b"hello")
    proxy.fault = Cut()
    for client in (silent, connect()):
        assert client.recv(1) == b""
        client.close()
    proxy.wait_struck(2)
    assert "end" in echo.close()


def test_a_reset_before_the_answer_lets_all_of_the_request_arrive(
    proxy: Proxy, connect: Connect, echo: Echo
) -> None:
    client = connect()
    ask(client, b"before")
    proxy.fault = Reset(after=0)
    with pytest.raises(ConnectionResetError):
        ask(client, b"unknown outcome")
    assert proxy.struck == 1
    echo.close()
    assert echo.got == b"beforeunknown outcome"


def test_a_request_can_be_reset_in_its_middle(proxy: Proxy, connect: Connect, echo: Echo) -> None:
    proxy.fault = Reset(after=4, way="request")
    with pytest.raises(ConnectionResetError):
        ask(connect(), b"abcdefgh")
    echo.close()
    assert echo.got in (b"", b"abcd")  # a reset may overtake what was not read yet


def test_an_answer_is_cut_after_so_many_bytes_counted_since_the_fault_was_set(
    proxy: Proxy, connect: Connect
) -> None:
    client = connect()
    ask(client, b"not counted")
    proxy.fault = Cut(after=7)
    assert ask(client, b"four") == b"FOUR"
    assert ask(client, b"four") == b"FOU"
    assert ask(connect(), b"eight by") == b"EIGHT B"
    assert proxy.struck == 2


def test_another_fault_counts_anew(proxy: Proxy, connect: Connect) -> None:
    client = connect()
    proxy.fault = Stall(after=3)
    client.sendall(b"hello")
    assert heard(client, 3) == b"HEL"
    proxy.wait_struck()
    proxy.fault = Stall(after=1)
    assert heard(client, 1) == b"L"
    proxy.wait_struck()
    proxy.fault = None
    assert proxy.struck == 0


def test_a_cut_hears_out_who_still_speaks(proxy: Proxy, connect: Connect, echo: Echo) -> None:
    proxy.fault = Cut(after=3)
    client = connect()
    client.sendall(b"x" * 2_000_000)
    assert heard(client, 4) == b"XXX"
    client.close()
    assert echo.close() == ["end"]


def test_what_is_stalled_stays_open_and_passes_when_the_fault_is_gone(
    proxy: Proxy, connect: Connect
) -> None:
    proxy.fault = Stall()
    client = connect()
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        ask(client, b"hello")
    assert proxy.struck == 1
    client.settimeout(10)
    proxy.fault = None
    assert heard(client, 5) == b"HELLO"


def test_a_stall_can_begin_in_the_middle_of_an_answer(proxy: Proxy, connect: Connect) -> None:
    proxy.fault = Stall(after=3)
    client = connect()
    client.sendall(b"hello")
    assert heard(client, 3) == b"HEL"
    proxy.wait_struck()
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(10)
    proxy.fault = None
    assert heard(client, 2) == b"LO"


def test_the_end_does_not_pass_a_stall_either(proxy: Proxy, connect: Connect, echo: Echo) -> None:
    client = connect()
    ask(client, b"hello")
    proxy.fault = Stall()
    client.shutdown(socket.SHUT_WR)
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(10)
    proxy.fault = None
    assert client.recv(1) == b""


def test_a_stall_can_turn_into_a_reset(proxy: Proxy, connect: Connect) -> None:
    proxy.fault = Stall()
    client = connect()
    client.sendall(b"hello")
    proxy.wait_struck()
    proxy.fault = Reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_a_delay_comes_before_each_chunk_of_either_side(proxy: Proxy, connect: Connect) -> None:
    proxy.fault = Delay(0.1)
    client = connect()
    begun = time.monotonic()
    assert ask(client, b"hello") == b"HELLO"
    assert time.monotonic() - begun >= 0.2
    assert proxy.struck == 1


def test_a_delay_ends_with_the_fault(proxy: Proxy, connect: Connect) -> None:
    proxy.fault = Delay(3600)
    client = connect()
    client.sendall(b"hello")
    proxy.wait_struck()
    proxy.fault = None
    assert heard(client, 5) == b"HELLO"


def test_what_is_slow_takes_its_time_and_arrives_whole(proxy: Proxy, connect: Connect) -> None:
    proxy.fault = Slow(bytes_per_second=1000)
    client = connect()
    begun = time.monotonic()
    assert ask(client, b"x" * 200) == b"X" * 200
    assert time.monotonic() - begun >= 0.2
    proxy.fault = Slow(bytes_per_second=1)
    client.sendall(b"x" * 5000)
    proxy.wait_struck()
    proxy.fault = None
    assert heard(client, 5000) == b"X" * 5000


def test_a_commit_can_lose_its_answer_on_the_way(postgres: Postgres) -> None:
    url = postgres.database()
    with Proxy(postgres.port) as proxy:
        with psycopg.connect(proxy.through(url)) as connection:
            connection.execute("CREATE TABLE thing (n integer)")
            connection.commit()
            connection.execute("INSERT INTO thing VALUES (1)")
            proxy.fault = Reset(after=0)
            with pytest.raises(psycopg.OperationalError):
                connection.commit()
        assert proxy.struck == 1
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT n FROM thing").fetchall() == [(1,)]


def test_an_http_answer_can_break_off(http: Http) -> None:
    with Proxy(http.port) as proxy:
        assert httpx.get(proxy.through(http.url)).status_code == 200
        proxy.fault = Cut(after=10)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(proxy.through(http.url))
    assert len(http.requests) == 2


def test_a_url_that_does_not_lead_to_the_server_is_an_error(proxy: Proxy) -> None:
    with pytest.raises(ValueError, match="does not lead to"):
        proxy.through("http://127.0.0.1:1/")


def test_closing_ends_the_connections(echo: Echo) -> None:
    with Proxy(echo.port) as proxy:
        client = socket.create_connection((HOST, proxy.port), timeout=10)
        ask(client, b"hello")
        proxy.fault = Stall()
        proxy.wait_struck()
    assert client.recv(1) == b""
    client.close()
    assert echo.close() == ["end"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, proxy.port))
