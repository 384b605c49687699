"""A mail server that keeps what it gets, and refuses what a test wants refused."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Condition
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tests.servers.server import HOST, free_port


@dataclass(frozen=True, slots=True)
class Mail:
    """What a client handed over."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """What was said, with its lines ended as Python ends them."""
        return message_from_bytes(self.raw.replace(b"\r\n", b"\n"), policy=policy.default)


def refuse_nothing(_mail: Mail) -> str | None:
    return None


class Smtp:
    """A mail server on this machine.

    Args:
        login: The user and password without which it takes nothing.
        tls: What it speaks STARTTLS with, or with `at_once` TLS from the first byte.
    """

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
    ) -> None:
        # the reply to a mail, such as "451 later" or "550 never"; None takes it
        self.refuse: Callable[[Mail], str | None] = refuse_nothing
        self.mails: list[Mail] = []  # those that were taken
        self.refused: list[Mail] = []
        self.port = free_port()
        self._login = login
        self._tls = tls
        self._at_once = at_once
        self._came = Condition()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    def wait_for(self, count: int, timeout: float = 10) -> list[Mail]:
        """The mails that were taken, as soon as there are that many.

        Raises:
            TimeoutError: fewer came in time.
        """
        with self._came:
            if not self._came.wait_for(lambda: len(self.mails) >= count, timeout):
                raise TimeoutError(f"{len(self.mails)} mails came in {timeout} s, not {count}")
            return list(self.mails)

    def start(self) -> Self:
        """Listens, on the same port as before."""
        self._controller = Controller(
            self,
            hostname=HOST,
            port=self.port,
            ssl_context=self._tls if self._at_once else None,
            tls_context=None if self._at_once else self._tls,
            require_starttls=self._tls is not None and not self._at_once,
            authenticator=self._authenticate,
            auth_require_tls=False,
        )
        self._controller.start()
        return self

    def stop(self) -> None:
        """Stops listening and ends all connections."""
        if self._controller is None:
            raise RuntimeError("it does not run")
        self._controller.stop()
        self._controller = None

    def close(self) -> None:
        """Stops it where it runs."""
        if self._controller is not None:
            self.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        """What aiosmtpd calls for each mail."""
        if self._login and not session.authenticated:
            return "530 5.7.0 say first who you are"
        raw = envelope.original_content or b""
        mail = Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)
        answer = self.refuse(mail)
        with self._came:
            (self.mails if answer is None else self.refused).append(mail)
            self._came.notify_all()
        return answer or "250 OK"

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        known = self._login and tuple(part.encode() for part in self._login)
        given = isinstance(data, LoginPassword) and (data.login, data.password)
        return AuthResult(success=given == known, handled=False)
