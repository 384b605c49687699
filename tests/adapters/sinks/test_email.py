"""The e-mail sink passes the contract over real SMTP, and what arrives reads as it was meant."""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as Transaction
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from msgspec.structs import replace
from tests.servers.http import Http
from tests.servers.smtp import Mail, Smtp

from guidepath.adapters.sinks.email import EmailSink
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope
from guidepath.testing import SinkContract
from guidepath.testing.sample import spoken

WHEN = 1_700_000_000_000_000


def due(number: int, **data: object) -> Envelope:
    """A message that is due, with its number as id."""
    content = {"to": "ada@example.org", "subject": "Hello", "text": "A word.", **data}
    return replace(spoken(number), type="message.due", occurred_at=WHEN, data=content)


def sink_for(smtp: Smtp, **options: Any) -> EmailSink:
    options = {"sender": "Ledgerly <hello@ledgerly.example>", "tls": "none", **options}
    return EmailSink("127.0.0.1", smtp.port, **options)


def ids(mails: Sequence[Mail]) -> list[str]:
    return [str(one.message["Message-ID"]).strip("<>").partition("@")[0] for one in mails]


class Writing(EmailSink):
    """Sends the contract's envelopes as messages, since others pass unsent."""

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        super().deliver([replace(due(0), id=one.id) for one in envelopes])


class TestEmailSink(SinkContract):
    @pytest.fixture
    def sink(self, smtp: Smtp) -> EmailSink:
        return Writing.from_url(f"email:{smtp.url}?from=hello@ledgerly.example&tls=none")

    @pytest.fixture
    def delivered(self, smtp: Smtp) -> Callable[[], list[str]]:
        return lambda: ids(smtp.mails)


def test_a_mail_says_what_the_message_says(smtp: Smtp) -> None:
    sink_for(smtp).deliver(
        [
            due(
                7,
                to="Ada Lovelace <ada@example.org>",
                subject="Grüße: Ihre erste Rechnung",
                text="Guten Tag,\n.\nein Punkt allein.\r\nÄnde",
                html="<p>Guten <b>Tag</b>, Änne</p>",
                replyTo="help@ledgerly.example",
                unsubscribe="https://ledgerly.example/unsubscribe?token=" + "x" * 200,
            )
        ]
    )
    [mail] = smtp.mails
    message = mail.message
    assert mail.sender == "hello@ledgerly.example"
    assert mail.recipients == ("ada@example.org",)
    assert message["From"] == "Ledgerly <hello@ledgerly.example>"
    assert message["To"] == "Ada Lovelace <ada@example.org>"
    assert message["Reply-To"] == "help@ledgerly.example"
    assert message["Subject"] == "Grüße: Ihre erste Rechnung"
    assert message["Message-ID"] == "<evt_7@ledgerly.example>"
    assert parsedate_to_datetime(message["Date"]) == datetime.fromtimestamp(WHEN // 10**6, UTC)
    assert message["Auto-Submitted"] == "auto-generated"
    link = f"<https://ledgerly.example/unsubscribe?token={'x' * 200}>"
    assert f"List-Unsubscribe: {link}\r\n".encode() in mail.raw
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content().splitlines() == ["Guten Tag,", ".", "ein Punkt allein.", "Ände"]
    assert html.get_content() == "<p>Guten <b>Tag</b>, Änne</p>\n"
    assert max(map(len, mail.raw.split(b"\r\n"))) < 998
    assert mail.raw.isascii()


def test_without_html_it_is_plain_text(smtp: Smtp) -> None:
    sink_for(smtp).deliver([due(1)])
    [mail] = smtp.mails
    assert mail.message.get_content_type() == "text/plain"
    assert mail.message.get_content() == "A word.\n"
    assert {"List-Unsubscribe", "Reply-To"}.isdisjoint(mail.message.keys())


def test_a_retry_is_the_same_mail_to_the_byte(smtp: Smtp) -> None:
    sink = sink_for(smtp)
    sink.deliver([due(1, html="<p>A word.</p>")])
    sink.deliver([due(1, html="<p>A word.</p>")])
    first, second = smtp.mails
    assert first.raw == second.raw


def test_what_is_no_message_passes_without_a_connection() -> None:
    sink = EmailSink("127.0.0.1", 1, sender="hello@ledgerly.example")
    sink.deliver([spoken(1), spoken(2)])


def test_the_address_may_be_an_attribute_that_it_is_told_to_carry(smtp: Smtp) -> None:
    sink = EmailSink.from_url(f"email:{smtp.url}?from=a@example.org&tls=none&carry=user.email")
    assert sink.carries == {"user.email"}
    without = replace(due(1), data={"subject": "Hello", "text": "A word."})
    sink.deliver(
        [
            replace(without, private={"user.email": "private@example.org"}),
            replace(without, attributes={"user.email": "open@example.org"}),
            replace(due(3), private={"user.email": "private@example.org"}),
        ]
    )
    assert [one.recipients for one in smtp.mails] == [
        ("private@example.org",),
        ("open@example.org",),
        ("ada@example.org",),
    ]


def test_a_domain_of_another_script_is_written_for_the_wire(smtp: Smtp) -> None:
    sink_for(smtp).deliver([due(1, to="Jörg <joerg@münchen.example>")])
    [mail] = smtp.mails
    assert mail.recipients == ("joerg@xn--mnchen-3ya.example",)
    assert mail.message["To"] == "Jörg <joerg@xn--mnchen-3ya.example>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"subject": "Hi\r\nBcc: all@example.org"}, "subject is not one line"),
        ({"subject": "Hi\nthere"}, "subject is not one line"),
        ({"subject": "Hi\x00"}, "subject is not one line"),
        ({"subject": "Hi\u2028there"}, "subject is not one line"),
        ({"to": "ada@example.org\r\nRCPT TO:<eve@example.org>"}, "to is not one line"),
        ({"to": "ada@example.org, eve@example.org"}, "to is not one mail address"),
        ({"to": "ada@example.org>, <eve@example.org"}, "to is not one mail address"),
        ({"to": "all: ada@example.org;"}, "to is not one mail address"),
        ({"to": "<ada@example.org> <eve@example.org>"}, "to is not one mail address"),
        ({"to": "ada@"}, "to is not one mail address"),
        ({"to": "@example.org"}, "to is not one mail address"),
        ({"to": "ada"}, "to is not one mail address"),
        ({"to": "ada@" + "x" * 64 + "ü.example"}, "to has a domain that cannot be"),
        ({"to": ["ada@example.org"]}, "no to"),
        ({"to": ""}, "no to"),
        ({"replyTo": "a@example.org\nBcc: b@example.org"}, "replyTo is not one line"),
        ({"replyTo": "a@example.org, b@example.org"}, "replyTo is not one mail address"),
        ({"unsubscribe": "https://x.example>\r\nBcc: a@example.org"}, "unsubscribe is not"),
        ({"unsubscribe": "https://x.example>, <mailto:a@example.org"}, "unsubscribe is no link"),
        ({"unsubscribe": "javascript:alert(1)"}, "unsubscribe is no link"),
        ({"unsubscribe": "https://x.example/" + "x" * 999}, "unsubscribe is no link"),
        ({"subject": None}, "no subject"),
        ({"text": None}, "no text"),
        ({"html": 7}, "no html"),
        ({"text": "half a pair: \ud83d"}, "surrogates"),
    ],
)
def test_what_can_be_no_mail_is_refused_after_those_before_it(
    smtp: Smtp, data: dict[str, object], said: str
) -> None:
    with pytest.raises(DeliveryError, match=said) as caught:
        sink_for(smtp).deliver([due(1), spoken(2), due(3, **data), due(4)])
    assert (caught.value.delivered, caught.value.refused) == (2, True)
    assert ids(smtp.mails) == ["evt_1"]
    assert smtp.refused == []


@pytest.mark.parametrize(
    ("reply", "refused"),
    [("554 5.7.1 spam", True), ("552 too large", True), ("451 later", False), ("421 bye", False)],
)
def test_an_answer_to_a_mail_says_whether_to_come_again(
    smtp: Smtp, reply: str, refused: bool
) -> None:
    smtp.refuse = lambda mail: reply if "evt_2" in str(mail.message["Message-ID"]) else None
    with pytest.raises(DeliveryError, match=reply) as caught:
        sink_for(smtp).deliver([due(1), due(2), due(3)])
    assert (caught.value.delivered, caught.value.refused) == (1, refused)
    assert ids(smtp.mails) == ["evt_1"]


class Choosy(Smtp):
    """Answers to senders and recipients as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, str] = {}
        self.clients: set[object] = set()

    async def handle_MAIL(
        self, _server: SMTP, session: Session, envelope: Transaction, address: str, _options: Any
    ) -> str:
        self.clients.add(session.peer)
        envelope.mail_from = address
        return self.answers.get(address, "250 OK")

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Transaction, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")


@pytest.mark.parametrize(
    ("address", "reply", "refused"),
    [
        ("eve@example.org", "550 5.1.1 no such user", True),
        ("eve@example.org", "450 4.2.1 busy", False),
        ("eve@example.org", "421 4.3.2 going down", False),
        ("hello@ledgerly.example", "550 5.7.1 not your address", False),
        ("hello@ledgerly.example", "552 5.3.4 too large", True),
        ("hello@ledgerly.example", "451 4.3.0 later", False),
    ],
)
def test_an_answer_to_an_address_says_whether_to_come_again(
    address: str, reply: str, refused: bool
) -> None:
    with Choosy() as smtp:
        smtp.answers = {address: reply}
        with pytest.raises(DeliveryError, match=reply[4:]) as caught:
            sink_for(smtp).deliver([spoken(1), due(2, to="eve@example.org"), due(3)])
        assert (caught.value.delivered, caught.value.refused) == (1, refused)
        assert smtp.mails == []


def test_a_parcel_has_one_connection() -> None:
    with Choosy() as smtp:
        sink_for(smtp).deliver([due(number) for number in range(5)])
        assert len(smtp.mails) == 5
        assert len(smtp.clients) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.public_bytes(Encoding.PEM)
    )
    return file


@pytest.fixture(params=["starttls", "ssl"])
def secured(request: pytest.FixtureRequest, certificate: Path) -> Iterator[tuple[Smtp, str]]:
    """A server that takes mail over TLS only, and only of who logs in; and how to reach it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with Smtp(login=("guidepath", "pa ss$"), tls=context, at_once=request.param == "ssl") as server:
        url = f"email:smtp://guidepath@127.0.0.1:{server.port}"
        yield server, f"{url}?from=a@example.org&tls={request.param}"


def test_mail_goes_over_tls_to_a_server_that_is_trusted(
    secured: tuple[Smtp, str], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = secured
    monkeypatch.setenv("SMTP_PASSWORD", "pa ss$")
    EmailSink.from_url(f"{url}&password=$SMTP_PASSWORD&ca={certificate}").deliver([due(1)])
    assert ids(server.mails) == ["evt_1"]


def test_a_server_whose_certificate_nobody_knows_gets_no_password(
    secured: tuple[Smtp, str],
) -> None:
    server, url = secured
    with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        EmailSink.from_url(f"{url}&password=x").deliver([due(1)])
    assert not caught.value.refused
    assert server.mails == []


def test_a_wrong_password_refuses_the_sink_and_no_message(
    secured: tuple[Smtp, str], certificate: Path
) -> None:
    server, url = secured
    with pytest.raises(DeliveryError, match="535") as caught:
        EmailSink.from_url(f"{url}&password=wr0ng&ca={certificate}").deliver([due(1)])
    assert not caught.value.refused
    assert "wr0ng" not in str(caught.value)
    assert server.mails == []


def test_a_server_without_tls_gets_nothing_unless_that_is_allowed(smtp: Smtp) -> None:
    with pytest.raises(DeliveryError, match="STARTTLS") as caught:
        EmailSink.from_url(f"email:{smtp.url}?from=a@example.org").deliver([due(1)])
    assert not caught.value.refused
    assert smtp.mails == []


def test_a_server_that_is_away_is_an_error_that_says_so() -> None:
    with pytest.raises(DeliveryError, match="refused") as caught:
        EmailSink("127.0.0.1", 1, sender="a@example.org").deliver([spoken(1), due(2)])
    assert (caught.value.delivered, caught.value.refused) == (1, False)


@pytest.mark.parametrize("tls", ["none", "ssl"])
def test_a_server_that_says_nothing_is_given_up(tls: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        url = f"email:smtp://127.0.0.1:{port}?from=a@example.org&tls={tls}&timeout=0.5"
        with pytest.raises(DeliveryError, match=r"does not answer|timed out"):
            EmailSink.from_url(url).deliver([due(1)])


def test_a_server_of_another_kind_is_an_error() -> None:
    with Http() as server:
        url = f"email:smtp://127.0.0.1:{server.port}?from=a@example.org&tls=ssl"
        with pytest.raises(DeliveryError, match="SSL") as caught:
            EmailSink.from_url(url).deliver([due(1)])
    assert not caught.value.refused


def test_a_parcel_that_takes_too_long_goes_on_in_the_next(
    smtp: Smtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def slow(_mail: Mail) -> str | None:
        nonlocal now
        now += 6
        return None

    smtp.refuse = slow
    monkeypatch.setattr("guidepath.adapters.sinks.email.monotonic", lambda: now)
    with pytest.raises(DeliveryError, match="slow") as caught:
        sink_for(smtp).deliver([due(number) for number in range(9)])
    assert (caught.value.delivered, caught.value.refused) == (3, False)
    assert len(smtp.mails) == 3


def test_the_address_says_how_to_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "a secret")
    sink = EmailSink.from_url(
        "email:smtp://me%40example.org@mail.example.org?from=a@example.org&password=$SMTP_PASSWORD"
    )
    assert sink.name == "email:mail.example.org:587"
    assert (sink._host, sink._port, sink._tls) == ("mail.example.org", 587, "starttls")
    assert (sink._user, sink._password) == ("me@example.org", "a secret")
    assert EmailSink.from_url("email:smtp://host:465?from=a@example.org")._tls == "ssl"
    assert EmailSink.from_url("email:smtp://[::1]:25?from=a@example.org")._host == "::1"


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("email:", "write email:smtp"),
        ("email:smtp://me:secret@host:587?from=a@example.org", "password as an option"),
        ("email:smtp://host:x?from=a@example.org", "write email:smtp"),
        ("email:smtp://host/path?from=a@example.org", "write email:smtp"),
        ("email:smtp://host", "needs the option from"),
        ("email:smtp://host?from=nobody", "from is not one mail address"),
        ("email:smtp://host?from=a@example.org&tls=maybe", "none of starttls"),
        ("email:smtp://host?from=a@example.org&form=b", "no option 'form'"),
    ],
)
def test_a_wrong_address_is_told(url: str, mistake: str) -> None:
    with pytest.raises(ConfigurationError, match=mistake):
        EmailSink.from_url(url)
