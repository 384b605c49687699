"""Webhooks: CloudEvents inside, Standard Webhooks around, and nowhere that they must not go."""

import base64
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json as msgspec_json
from standardwebhooks import Webhook, WebhookVerificationError
from tests.adapters.sinks.receivers import HOOK, LOOPBACK, SECRET, Opened, pleased, told
from tests.servers.http import Answer, Http, Request

from guidepath import ConfigurationError
from guidepath.adapters.sinks.cloudevent import context
from guidepath.adapters.sinks.network import Place
from guidepath.adapters.sinks.webhook import WebhookSink
from guidepath.errors import DeliveryError
from guidepath.event import Envelope
from guidepath.testing.sample import spoken

OTHER = "whsec_" + base64.b64encode(b"x" * 32).decode()


def sent(http: Http, opened: Opened, envelope: Envelope, **more: object) -> Request:
    http.answer = pleased("webhook")
    opened("webhook", http.url, **more).deliver([envelope])
    return http.requests[-1]


def read(request: Request) -> Any:
    """The event, as the CloudEvents SDK reads it."""
    return from_http_event(HTTPMessage(headers=dict(request.headers.items()), body=request.body))


def test_the_body_is_a_cloud_event(http: Http, opened: Opened) -> None:
    request = sent(http, opened, told())
    event = read(request)
    assert event.get_specversion() == "1.0"
    assert event.get_id() == "evt_d7ui2xxnt4xc3feohvlr6r5taq"
    assert event.get_source() == "/guidepath"
    assert event.get_type() == "guidepath.milestone.reached"
    assert event.get_subject() == "acme/ada"
    assert event.get_time() == datetime(2026, 1, 2, 12, 0, 0, 123456, tzinfo=UTC)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == json.loads(msgspec_json.encode(told()))
    assert (request.method, request.path) == ("POST", HOOK)


def test_the_source_can_be_named(http: Http, opened: Opened) -> None:
    assert read(sent(http, opened, told(), source="//eu/prod")).get_source() == "//eu/prod"


def test_an_account_is_a_subject_of_its_own(http: Http, opened: Opened) -> None:
    event = read(sent(http, opened, told(user=None)))
    assert event.get_subject() == "acme"
    assert event.get_data()["user"] is None


@given(st.lists(st.text("a/%é ", min_size=1), min_size=2, max_size=2))
def test_no_two_subjects_are_written_alike(ids: list[str]) -> None:
    account, user = ids
    both = context(told(account=account, user=user))["subject"]
    alone = context(told(account=account, user=None))["subject"]
    assert both.split("/", 1)[0] == alone
    assert both.count("/") == 1
    assert "/" not in alone


def test_the_signature_is_one_that_the_library_verifies(http: Http, opened: Opened) -> None:
    request = sent(http, opened, told())
    Webhook(SECRET).verify(request.body, dict(request.headers.items()))
    assert request.headers["webhook-id"] == told().id
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(request.body, dict(request.headers.items()))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body + b" ", dict(request.headers.items()))


def test_each_of_several_secrets_has_its_signature(http: Http) -> None:
    http.answer = pleased("webhook")
    sink = WebhookSink(http.url, [OTHER, SECRET], allow=[LOOPBACK], insecure=True)
    sink.deliver([told()])
    sink.close()
    (request,) = http.requests
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(request.body, dict(request.headers.items()))


def test_a_retry_has_its_own_time_and_the_same_id(http: Http, opened: Opened) -> None:
    times = iter([datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)])
    sink = opened("webhook", http.url, clock=lambda: next(times))
    sink.deliver([told()])
    sink.deliver([told()])
    first, second = http.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert (
        int(second.headers["webhook-timestamp"]) == int(first.headers["webhook-timestamp"]) + 86400
    )
    assert first.headers["webhook-timestamp"] == "1767312000"


def test_what_was_taken_before_a_refusal_is_counted(http: Http, opened: Opened) -> None:
    def answer(request: Request) -> Answer:
        return Answer(422 if request.json()["id"] == "evt_3" else 204)

    http.answer = answer
    with pytest.raises(DeliveryError) as raised:
        opened("webhook", http.url).deliver([spoken(number) for number in range(1, 6)])
    assert (raised.value.delivered, raised.value.refused) == (2, True)
    assert [one.json()["id"] for one in http.requests] == ["evt_1", "evt_2", "evt_3"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_status_of_success_is_enough(status: int, http: Http, opened: Opened) -> None:
    http.answer = lambda _request: Answer(status, {"Content-Type": "text/html"}, b"")
    opened("webhook", http.url).deliver([told()])


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[::127.0.0.1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "169.254.169.254",
        "0xa9fea9fe",
        "10.0.0.1",
        "100.100.100.200",
        "168.63.129.16",
    ],
)
def test_no_spelling_of_an_inner_address_is_reached(host: str) -> None:
    sink = WebhookSink(f"http://{host}:9/", [SECRET], insecure=True)
    with pytest.raises(DeliveryError, match="not a public address") as raised:
        sink.deliver([told()])
    assert not raised.value.refused
    sink.close()


def place(address: str, port: int) -> Place:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 0, "", (address, port))


def test_a_public_address_beside_an_inner_one_does_not_help(http: Http) -> None:
    sink = WebhookSink(
        f"http://mixed.example:{http.port}/",
        [SECRET],
        insecure=True,
        resolve=lambda _, port: [place("93.184.215.14", port), place("127.0.0.1", port)],
    )
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1, which is not a public address"):
        sink.deliver([told()])
    assert http.requests == []
    sink.close()


def test_a_name_that_changes_its_mind_is_not_asked_twice(http: Http) -> None:
    """It is 127.0.0.1, which is allowed here, when it is checked, and another afterwards."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    sink = WebhookSink(
        f"http://rebound.example:{http.port}{HOOK}",
        [SECRET],
        allow=[LOOPBACK],
        insecure=True,
        resolve=lambda _, port: [place(one, port) for one in answers.pop(0)],
    )
    sink.deliver([told()])
    assert http.requests[0].headers["Host"] == f"rebound.example:{http.port}"
    assert answers == [["10.0.0.1"]]
    sink.close()  # a new connection is checked anew
    with pytest.raises(DeliveryError, match=r"10\.0\.0\.1, which is not"):
        sink.deliver([told()])
    assert answers == []
    sink.close()


def test_a_redirect_to_an_inner_address_is_not_followed(http: Http, opened: Opened) -> None:
    http.answer = lambda _request: Answer(307, {"Location": "http://169.254.169.254/latest"})
    with pytest.raises(DeliveryError, match="redirects are not followed") as raised:
        opened("webhook", http.url).deliver([told()])
    assert not raised.value.refused
    assert len(http.requests) == 1


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "hunter2", "whsec_" + base64.b64encode(b"x" * 23).decode(), "whsec_!!!!" * 9],
)
def test_a_weak_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="24 to 64 random bytes") as raised:
        WebhookSink("https://h.example", [SECRET, secret])
    assert len(secret) < 7 or secret not in str(raised.value)


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"needs a secret"):
        WebhookSink("https://h.example", [])


def test_a_url_has_all_options(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHSEC", f"{SECRET},{OTHER}")
    http.answer = pleased("webhook")
    sink = WebhookSink.from_url(
        f"webhook:{http.url}/in%3Fk=v?secret=$WHSEC&source=/here&allow=127.0.0.0/8&insecure=yes"
        "&timeout=5&name=mine&carry=user.email"
    )
    sink.deliver([told()])
    sink.close()
    (request,) = http.requests
    assert request.target == "/in?k=v"
    assert read(request).get_source() == "/here"
    assert len(request.headers["webhook-signature"].split()) == 2
    assert sink.name == "mine"
    assert sink.carries == {"user.email"}


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("webhook:https://h.example", "needs the option secret"),
        (f"webhook:?secret={SECRET}", "needs an address"),
        (f"webhook:http://h.example?secret={SECRET}", "insecure=yes"),
        (f"webhook:https://u:p@h.example?secret={SECRET}", "no name, password"),
        (f"webhook:https://h.example?secret={SECRET}&allow=all", "takes networks"),
        (f"webhook:https://h.example?secret={SECRET}&alow=::1/128", "did you mean allow"),
    ],
)
def test_a_url_with_a_mistake_is_refused(url: str, match: str) -> None:
    with pytest.raises(ConfigurationError, match=match):
        WebhookSink.from_url(url)


def test_a_new_secret_leaves_the_name_and_another_path_does_not() -> None:
    name = WebhookSink("https://h.example/a", [SECRET]).name
    assert WebhookSink("https://h.example/a", [OTHER]).name == name
    assert WebhookSink("https://h.example/b", [SECRET]).name != name


class Secured(HTTPServer):
    """A server with TLS, for one name."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.hosts: list[str] = []
        super().__init__(("127.0.0.1", 0), SecuredHandler)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust it is what a test wants to see."""


class SecuredHandler(BaseHTTPRequestHandler):
    server: Secured

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.hosts.append(self.headers["Host"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that signs itself, for hooks.example only, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hooks.example"
    names = ["-addext", "subjectAltName=DNS:hooks.example", "-keyout", str(key), "-out", str(made)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True, timeout=60)
    return made, key


@pytest.fixture
def secured(certificate: tuple[Path, Path]) -> Iterator[Secured]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = Secured(context)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def secured_sink(host: str, server: Secured) -> WebhookSink:
    return WebhookSink(
        f"https://{host}:{server.server_port}/",
        [SECRET],
        allow=[LOOPBACK],
        timeout=5,
        resolve=lambda _, port: [place("127.0.0.1", port)],
    )


def test_tls_is_verified_against_the_name_though_the_address_was_looked_up_before(
    secured: Secured, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    sink = secured_sink("hooks.example", secured)
    sink.deliver([told()])
    sink.close()
    assert secured.hosts == [f"hooks.example:{secured.server_port}"]
    other = secured_sink("other.example", secured)
    with pytest.raises(DeliveryError, match="Hostname mismatch") as raised:
        other.deliver([told()])
    assert not raised.value.refused
    assert len(secured.hosts) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secured: Secured) -> None:
    with pytest.raises(DeliveryError, match="certificate verify failed"):
        secured_sink("hooks.example", secured).deliver([told()])
    assert secured.hosts == []
