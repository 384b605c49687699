"""Connections: to checked addresses only, and never beyond the deadline."""

import socket
from collections.abc import Iterator, Sequence

import httpcore
import pytest

from guidepath.adapters.sinks.network import Network, Place


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def place(address: str, port: int) -> Place:
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return port_of(server)


def test_the_connection_goes_to_an_address_that_was_checked(listening: socket.socket) -> None:
    """The second lookup of a name that is rebound meanwhile never happens."""
    asked: list[str] = []
    checked: list[Sequence[str]] = []

    def resolve(host: str, port: int) -> list[Place]:
        asked.append(host)
        return [place("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port)]

    network = Network(lambda _host, addresses: checked.append(list(addresses)), resolve)
    network.deadline.start(5)
    stream = network.connect_tcp("rebound.example", port_of(listening))
    client, _ = listening.accept()
    assert client.getsockname()[0] == "127.0.0.1"
    assert (asked, checked) == (["rebound.example"], [["127.0.0.1"]])
    stream.close()
    client.close()


def test_what_the_check_raises_ends_it_before_any_connection(listening: socket.socket) -> None:
    def check(_host: str, addresses: Sequence[str]) -> None:
        assert list(addresses) == ["127.0.0.1", "127.0.0.2"]
        raise LookupError

    network = Network(check, lambda _, port: [place("127.0.0.1", port), place("127.0.0.2", port)])
    network.deadline.start(5)
    with pytest.raises(LookupError):
        network.connect_tcp("h", port_of(listening))
    listening.settimeout(0)
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_the_next_address_is_tried_where_one_does_not_answer(listening: socket.socket) -> None:
    network = Network(
        resolve=lambda _, port: [place("127.0.0.1", closed_port()), place("127.0.0.1", port)]
    )
    network.deadline.start(5)
    network.connect_tcp("h", port_of(listening)).close()
    listening.accept()[0].close()


def test_a_host_that_cannot_be_reached_or_named_is_an_error() -> None:
    network = Network()
    network.deadline.start(5)
    for host in ("127.0.0.1", "x" * 70 + ".example", "no-such-host.invalid"):
        with pytest.raises(httpcore.ConnectError):
            network.connect_tcp(host, closed_port())
    with pytest.raises(httpcore.ConnectError, match="no address"):
        Network(resolve=lambda _, __: []).connect_tcp("h", 1)


def test_no_step_begins_after_the_deadline(listening: socket.socket) -> None:
    network = Network()
    network.deadline.start(5)
    stream = network.connect_tcp("127.0.0.1", port_of(listening))
    client, _ = listening.accept()
    client.sendall(b"x" * 100)  # it is there, and comes too late all the same
    network.deadline.start(0)
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(1, timeout=60)
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(b"x", timeout=60)
    with pytest.raises(httpcore.ConnectTimeout):
        network.connect_tcp("127.0.0.1", port_of(listening), timeout=60)
    stream.close()
    client.close()


def test_a_receiver_that_reads_nothing_holds_nobody(listening: socket.socket) -> None:
    network = Network()
    network.deadline.start(0.2)
    stream = network.connect_tcp("127.0.0.1", port_of(listening))
    client, _ = listening.accept()
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(bytes(50_000_000))
    stream.close()
    client.close()
