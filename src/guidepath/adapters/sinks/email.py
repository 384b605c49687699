"""Messages that are due, as mail by any SMTP server. What is no `message.due` passes unsent.

A message is refused for good where its content cannot be mail or the server says 5xx of it; where
the server is away, busy, or refuses the sink itself, the relay comes again.
"""

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.errors import NonASCIILocalPartDefect
from email.headerregistry import Address as MailAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from time import monotonic
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.excerpt import excerpt
from guidepath.clock import moment
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope, derive_id

TIMEOUT_S = 10.0
LONGEST_S = 15.0  # a parcel that takes longer goes on in the next: a relay's lease ends
DUE = "message.due"
SUBMISSION, SUBMISSION_TLS = 587, 465  # ports

Tls = Literal["starttls", "ssl", "none"]

_TOO_LARGE = 552  # said of the sender where the message's size is announced with it


class EmailSink:
    """One mail for each message that is due.

    Args:
        sender: what stands in From, as `Ledgerly <hello@ledgerly.example>`.
        user: who logs in; nobody where it is empty.
        tls: `starttls`, `ssl` (from the first byte) or `none`.
        context: how certificates are checked; the system's way where there is none.
        timeout: seconds the server has for each answer.

    Raises:
        ConfigurationError: `sender` is no address.
    """

    def __init__(
        self,
        host: str,
        port: int = SUBMISSION,
        *,
        sender: str,
        user: str = "",
        password: str = "",
        tls: Tls = "starttls",
        context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT_S,
        carries: frozenset[str] = frozenset(),
        name: str | None = None,
    ) -> None:
        self.name = name or f"email:{host}:{port}"
        self.carries = carries
        self._host = host
        self._port = port
        self._user = user
        self._password = password
        self._tls = tls
        self._context = context
        self._timeout = timeout
        try:
            self._sender = mailbox(sender, "from")
        except ValueError as problem:
            raise ConfigurationError(f"email: {problem}") from None

    @classmethod
    def from_url(cls, url: str) -> "EmailSink":
        """`email:smtp://user@host:587?from=…&password=$SMTP_PASSWORD&tls=starttls&ca=file`.

        Raises:
            ConfigurationError: the server or `from` is missing, or an option is wrong.
        """
        address = Address(url)
        login, _, server = address.rest.removeprefix("smtp://").rpartition("@")
        host, port = _place(server)
        if not host or ":" in login:
            raise ConfigurationError(
                "email: write email:smtp://user@host:587, and the password as an option"
            )
        tls = address.option("tls", "ssl" if port == SUBMISSION_TLS else "starttls")
        if tls not in get_args(Tls):
            raise ConfigurationError(f"email: tls={tls!a} is none of starttls, ssl, none")
        file = address.option("ca", "")
        sink = cls(
            host,
            port,
            sender=address.option("from"),
            user=address.option("user", login),
            password=address.option("password", ""),
            tls="ssl" if tls == "ssl" else "none" if tls == "none" else "starttls",
            context=ssl.create_default_context(cafile=file) if file else None,
            timeout=address.number("timeout", TIMEOUT_S),
            carries=address.carries,
            name=address.name(f"email:{host}:{port}"),
        )
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        server: smtplib.SMTP | None = None
        end = monotonic() + LONGEST_S
        place = 0
        try:
            for place, envelope in enumerate(envelopes):
                if envelope.type != DUE:
                    continue
                if monotonic() > end:
                    raise self._failure("the server is slow; the rest goes next time", place)
                message = letter(envelope, self._sender)
                server = server or self._connected()
                server.send_message(message, self._sender.addr_spec, _recipient(message))
        except (smtplib.SMTPException, OSError) as problem:
            refused = _is_refusal(problem)
            raise self._failure(_sentence(problem), place, refused=refused) from None
        except ValueError as problem:  # the content is no mail
            raise self._failure(str(problem), place, refused=True) from None
        finally:
            if server is not None:
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()  # what it took it has taken, however the connection ends
                server.close()

    def close(self) -> None:
        """See ports.Sink."""

    def _connected(self) -> smtplib.SMTP:
        """A connection over which mail can be sent.

        Raises:
            SMTPException, OSError: there is none.
        """
        context = self._context or ssl.create_default_context()
        server: smtplib.SMTP
        if self._tls == "ssl":
            server = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._tls == "starttls":
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    def _failure(self, said: str, place: int, *, refused: bool = False) -> DeliveryError:
        return DeliveryError(f"{self.name}: {excerpt(said)}", delivered=place, refused=refused)


def _place(server: str) -> tuple[str, int]:
    """Host and port; no host where it is neither."""
    try:
        parts = urlsplit(f"//{server}")
        port = parts.port
    except ValueError:
        return "", 0
    return ("" if parts.path else parts.hostname or ""), port or SUBMISSION


def letter(envelope: Envelope, sender: MailAddress) -> EmailMessage:
    """The mail that an envelope is; the same on every retry, its Message-ID too.

    Raises:
        ValueError: it can be none; what is wrong with it.
    """
    data = envelope.data
    known = {**envelope.attributes, **envelope.private}
    message = EmailMessage(_POLICY)
    message["Message-ID"] = f"<{_local_part(envelope.id)}@{sender.domain}>"
    message["Date"] = format_datetime(moment(envelope.occurred_at))
    message["From"] = sender
    message["To"] = mailbox(data.get("to") or known.get("user.email"), "to")
    if data.get("replyTo"):
        message["Reply-To"] = mailbox(data["replyTo"], "replyTo")
    message["Subject"] = _line(data.get("subject"), "subject")
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday notice answers it
    if data.get("unsubscribe"):
        message["List-Unsubscribe"] = f"<{_link(data['unsubscribe'])}>"
    message.set_content(_text(data.get("text"), "text"))
    if data.get("html"):
        message.add_alternative(_text(data["html"], "html"), subtype="html")
        message.set_boundary(derive_id("part", envelope.id))
    return message


def mailbox(value: object, what: str) -> MailAddress:
    """One address, with or without a name before it.

    Raises:
        ValueError: it is none, or more than one.
    """
    text = _line(value, what)
    try:
        header = SMTP.header_factory("To", text)
    except (ValueError, IndexError):  # the standard library's parser stumbles over some
        header = None
    if header is None or not _is_one(header):
        raise ValueError(f"{what} is not one mail address")
    [found] = header.addresses
    try:
        domain = found.domain.encode("idna").decode()
    except UnicodeError:
        raise ValueError(f"{what} has a domain that cannot be") from None
    return MailAddress(found.display_name, found.username, domain)


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header that is one line however long: a link that is broken up is none."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def _policy() -> Policy:
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", _Unfolded)
    # 7 bits, for not every server between here and her takes 8
    return SMTP.clone(header_factory=registry, cte_type="7bit")


_POLICY = _policy()


def _is_one(header: Any) -> bool:  # the class that a registry makes of an AddressHeader
    grouped = any(one.display_name is not None for one in header.groups)
    strange = any(not isinstance(one, NonASCIILocalPartDefect) for one in header.defects)
    return len(header.addresses) == 1 and not grouped and not strange


def _recipient(message: EmailMessage) -> str:
    spec: str = message["To"].addresses[0].addr_spec
    return spec


def _local_part(identity: str) -> str:
    plain = identity.replace("_", "").replace("-", "")
    return identity if plain.isascii() and plain.isalnum() else derive_id("msg", identity)


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"the message has no {what}")
    return value


def _line(value: object, what: str) -> str:
    text = _text(value, what)
    if not text.isprintable():  # a line break would begin another header
        raise ValueError(f"{what} is not one line of printable characters")
    return text


def _link(value: object) -> str:
    link = _line(value, "unsubscribe")
    known = link.startswith(("https://", "http://", "mailto:"))
    if not known or not link.isascii() or set(link) & set("<> ,") or len(link) > 900:
        raise ValueError("unsubscribe is no link that a header can hold")
    return link


def _is_refusal(problem: Exception) -> bool:
    match problem:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in problem.recipients.values())
        case smtplib.SMTPSenderRefused():  # else it is the sink itself that is refused
            return problem.smtp_code == _TOO_LARGE
        case smtplib.SMTPDataError():
            return problem.smtp_code >= 500
    return False


def _sentence(problem: Exception) -> str:
    match problem:
        case smtplib.SMTPRecipientsRefused():
            [(code, said)] = problem.recipients.values()
            return f"{code} {_decoded(said)}"
        case smtplib.SMTPResponseException():
            return f"{problem.smtp_code} {_decoded(problem.smtp_error)}"
        case TimeoutError():
            return "the server does not answer"
    return str(problem) or type(problem).__name__


def _decoded(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
