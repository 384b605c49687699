"""The scripted HTTP server answers, hangs, resets and talks nonsense as it is told."""

import gzip
import json
import socket
from pathlib import Path
from threading import Thread

import httpx
import pytest
from tests.servers.certificate import Certificate
from tests.servers.http import HANG, RESET, Answer, Http, Raw, Reply, Request


def test_it_answers_200_and_tells_what_it_got(http: Http) -> None:
    answer = httpx.post(f"{http.url}/a/b?c=1&c=2", json={"d": 3}, headers={"X-Thing": "yes"})
    assert (answer.status_code, answer.content) == (200, b"")
    [request] = http.requests
    assert (request.method, request.path, request.target) == ("POST", "/a/b", "/a/b?c=1&c=2")
    assert request.query == {"c": ["1", "2"]}
    assert request.headers["x-thing"] == "yes"
    assert request.json() == {"d": 3}


def test_the_test_writes_the_answer(http: Http) -> None:
    def answer(request: Request) -> Reply:
        if request.path == "/slow":
            return Answer(429, {"Retry-After": "2"}, b"later")
        return 201, {}, request.method.encode()

    http.answer = answer
    with httpx.Client(base_url=http.url) as client:
        refused = client.get("/slow")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "2"
        assert refused.text == "later"
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"):
            assert client.request(method, "/").text == method
        assert client.head("/").headers["Content-Length"] == "4"
    assert len(http.requests) == 9
    assert http.connections == 1


def test_a_compressed_body_can_be_read_both_ways(http: Http) -> None:
    body = gzip.compress(json.dumps([1, 2]).encode())
    httpx.post(http.url, content=body, headers={"Content-Encoding": "gzip"})
    assert http.requests[0].body == body
    assert http.requests[0].json() == [1, 2]


def test_a_hanging_answer_never_comes(http: Http) -> None:
    http.answer = lambda _: HANG
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(http.url, timeout=0.1)
    assert len(http.requests) == 1


def test_what_hangs_is_let_go_without_an_answer(http: Http) -> None:
    http.answer = lambda _: HANG
    seen: list[Exception] = []

    def ask() -> None:
        try:
            httpx.get(http.url, timeout=30)
        except httpx.HTTPError as error:
            seen.append(error)

    asking = Thread(target=ask)
    asking.start()
    http.wait_for(1)
    http.release()
    asking.join()
    assert isinstance(seen[0], httpx.RemoteProtocolError)


def test_a_reset_comes_after_the_request_was_read(http: Http) -> None:
    http.answer = lambda _: RESET
    with socket.create_connection(("127.0.0.1", http.port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert http.requests[0].body == b"hi"


def test_what_is_no_http_is_sent_as_it_stands(http: Http) -> None:
    http.answer = lambda _: Raw(b"\x00\x01 not HTTP")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(http.url)
    http.answer = lambda _: Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(http.url)


def test_a_mistake_in_the_test_reaches_the_client(http: Http) -> None:
    http.answer = lambda request: Answer(200, {}, request.json()["missing"])
    answer = httpx.post(http.url, json={})
    assert answer.status_code == 599
    assert answer.text == "KeyError('missing')"


def test_a_server_that_is_down_refuses_and_one_that_is_up_again_answers(http: Http) -> None:
    with httpx.Client(base_url=http.url) as client:
        client.get("/")
        http.stop()
        with pytest.raises(httpx.HTTPError):
            client.get("/")
        with pytest.raises(httpx.ConnectError):
            client.get("/")
        http.start()
        assert client.get("/").status_code == 200


def test_it_speaks_tls(certificate: Certificate) -> None:
    with Http(tls=certificate.server) as server:
        assert httpx.get(server.url, verify=certificate.client()).status_code == 200
        with pytest.raises(httpx.ConnectError, match="self-signed"):
            httpx.get(server.url)
        server.answer = lambda _: RESET
        with pytest.raises(httpx.TransportError):
            httpx.get(server.url, verify=certificate.client())


def test_a_certificate_names_the_hosts_it_is_for(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path, "hooks.example.com")
    with Http(tls=certificate.server) as server:
        with pytest.raises(httpx.ConnectError, match=r"not valid for '127\.0\.0\.1'"):
            httpx.get(server.url, verify=certificate.client())
        named = {"sni_hostname": "hooks.example.com"}
        with httpx.Client(verify=certificate.client()) as client:
            assert client.get(server.url, extensions=named).status_code == 200


def test_requests_can_be_waited_for(http: Http) -> None:
    asking = Thread(target=httpx.get, args=(http.url,))
    asking.start()
    assert len(http.wait_for(1)) == 1
    asking.join()
    with pytest.raises(TimeoutError, match=r"1 requests came in 0\.01 s, not 2"):
        http.wait_for(2, timeout=0.01)
