"""One POST to a receiver, and what its answer means.

The relay looks for a poisoned envelope where an answer says that the content is bad, and waits
otherwise. So what an answer means must be said with care: a wrong key taken for bad content would
make a dead letter of everything, bad content taken for a receiver that is away would stop a sink.
"""

import gzip
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import httpcore
import msgspec

from guidepath.adapters.sinks.excerpt import excerpt
from guidepath.adapters.sinks.network import Network
from guidepath.clock import Clock, utc_now
from guidepath.errors import ConfigurationError, DeliveryError

TIMEOUT_S = 10.0
LARGEST_ANSWER = 65_536
LONGEST_WAIT_S = 3600.0  # a receiver's clock may be wrong by years
IDLE_S = 15.0
SHORTEST_SECRET_PATH = 16

LIBRARY = f"guidepath/{version('guidepath')}"

_BAD_CONTENT = {400, 413, 422}
_MENDS = {
    401: "check the key",
    403: "check the key, and what it may do",
    404: "check the address",
    405: "check the address: it takes no POST",
    410: "it is gone for good: give another address, or take the sink away",
}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\Z")


class Endpoint(NamedTuple):
    """Where to post: an http(s) address taken apart once, so that no two parsers can disagree."""

    scheme: str
    host: str  # an IPv6 address without its brackets
    port: int
    path: str  # with its query

    @property
    def authority(self) -> str:
        """Host and, where it is not the usual one, port, as they stand in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def secret_paths(self) -> list[str]:
        """Its path, where that is long enough to be a secret that stands in the address."""
        return [self.path] if len(self.path) >= SHORTEST_SECRET_PATH else []

    def at(self, path: str) -> "Endpoint":
        """A path below this one."""
        return self._replace(path=self.path.rstrip("/") + path)


def endpoint(text: str, *, insecure: bool) -> Endpoint:
    """An address taken apart. What is wrong with it is said without it: it may be a secret.

    Raises:
        ConfigurationError: it is none, is not https (unless `insecure`), or has a name or password.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError("the address of the sink is no web address") from None
    if parts.scheme not in ("https", "http") or not re.fullmatch(r"[!-~]+", text):
        raise ConfigurationError("the address of the sink must be a web address, https://…")
    if parts.scheme == "http" and not insecure:
        raise ConfigurationError("the sink's address is not https; insecure=yes would permit it")
    if "@" in parts.netloc or parts.fragment:
        raise ConfigurationError("the address of the sink may have no name, password or #fragment")
    host = host.removesuffix(".")
    if not (_is_ipv6(host) if "[" in parts.netloc else _HOST.match(host)):
        raise ConfigurationError("the address of the sink has no host name that could be looked up")
    query = f"?{parts.query}" if parts.query else ""
    usual = 443 if parts.scheme == "https" else 80
    return Endpoint(
        parts.scheme, host, usual if port is None else port, (parts.path or "/") + query
    )


class Answer(NamedTuple):
    """What a receiver answered; of a long body its start."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def taken(self) -> bool:
        """Whether its status says that it has what it was sent."""
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people: a proxy's or a portal's, never an API's."""
        return self.headers.get("content-type", "").lower().startswith("text/html")

    def field(self, name: str) -> object:
        """A field of the JSON object that the body is, None where it has none or is none."""
        try:
            body = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return body.get(name) if isinstance(body, dict) else None


class Poster:
    """Posts to receivers, over connections that are kept while they are used.

    Follows no redirect, and heeds no proxy of the environment. A process that was forked off opens
    its own connections.

    Args:
        timeout: how many seconds a whole exchange may take.
        secrets: what no error may repeat, even where a receiver does.
    """

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT_S,
        secrets: Sequence[str] = (),
        network: Network | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._timeout = timeout
        self._secrets = [one for one in secrets if one]
        self._network = network or Network()
        self._clock = clock
        self._pool: httpcore.ConnectionPool | None = None
        self._pid = 0
        self._parents: list[httpcore.ConnectionPool] = []

    def post(self, to: Endpoint, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to a POST, whatever its status.

        Raises:
            DeliveryError: there was none.
        """
        pool = self._opened()
        url = httpcore.URL(
            scheme=to.scheme.encode(), host=to.host.encode(), port=to.port, target=to.path.encode()
        )
        sent = {
            "Host": to.authority,
            "User-Agent": LIBRARY,
            "Accept-Encoding": "identity",
            "Content-Length": str(len(body)),
            **headers,
        }
        self._network.deadline.start(self._timeout)
        try:
            with pool.stream("POST", url, headers=list(sent.items()), content=body) as response:
                return Answer(response.status, _headers(response), _start(response))
        except httpcore.TimeoutException:
            raise DeliveryError(
                f"{to.authority} gave no whole answer within {self._timeout:g} s"
            ) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as problem:
            said = self._shown(str(problem)) or type(problem).__name__
            raise DeliveryError(f"{to.authority} gave no answer: {said}") from problem

    def problem(
        self, to: Endpoint, answer: Answer, *, refused: bool | None = None, mend: str | None = None
    ) -> DeliveryError:
        """The error that an answer is.

        `refused` says whether the content is bad, and `mend` what to do, where that is known better
        than from the status.
        """
        try:
            phrase = f" {HTTPStatus(answer.status).phrase}"
        except ValueError:
            phrase = ""
        if mend is None and 300 <= answer.status < 400:
            mend = "redirects are not followed: give the address that it leads to"
        parts = (
            f"{to.authority} answered {answer.status}{phrase}",
            self._shown(answer.body.decode(errors="replace")),
            self._shown(mend or _MENDS.get(answer.status, "")),
        )
        return DeliveryError(
            "; ".join(part for part in parts if part),
            refused=answer.status in _BAD_CONTENT if refused is None else refused,
            retry_after=retry_after(answer.headers.get("retry-after"), self._clock()),
        )

    def close(self) -> None:
        """Let go of the connections; a later post opens new ones."""
        if self._pool is not None and self._pid == os.getpid():
            self._pool.close()
        self._pool = None

    def _opened(self) -> httpcore.ConnectionPool:
        if self._pool is not None and self._pid != os.getpid():
            # the parent's connections, and maybe its locks: to be neither used nor closed here
            self._parents.append(self._pool)
            self._pool = None
        if self._pool is None:
            self._pid = os.getpid()
            # whom it trusts: the system's authorities, where a company adds its own, and certifi's,
            # for containers that have none
            self._pool = httpcore.ConnectionPool(
                keepalive_expiry=IDLE_S, network_backend=self._network
            )
        return self._pool

    def _shown(self, text: str) -> str:
        for secret in self._secrets:  # before it is cut, or a part of one might stay
            text = text.replace(secret, "…")
        return excerpt(text)


def retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds to wait, from seconds or a date; an hour at most.

    >>> noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    >>> retry_after("7", noon), retry_after("Fri, 02 Jan 2026 12:00:09 GMT", noon)
    (7.0, 9.0)
    """
    if text is None:
        return None
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,10}", text):
        wait = float(text)
    else:
        try:
            date = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        wait = ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(wait, 0.0), LONGEST_WAIT_S)


@contextmanager
def counted(taken: int) -> Iterator[None]:
    """Say in an error from within how many envelopes were taken before."""
    try:
        yield
    except DeliveryError as problem:
        problem.delivered += taken
        raise


def fingerprint(secret: str) -> str:
    """Eight characters that tell one secret from another and give nothing of it away."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def compressed(body: bytes) -> bytes:
    """Gzipped; the same body always gives the same bytes."""
    return gzip.compress(body, mtime=0)


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): text.decode("latin-1") for name, text in response.headers
    }


def _start(response: httpcore.Response) -> bytes:
    body = b""
    for chunk in response.iter_stream():
        body += chunk
        if len(body) >= LARGEST_ANSWER:
            break  # the rest is not read: leaving the stream closes the connection
    return body[:LARGEST_ANSWER]


def _is_ipv6(host: str) -> bool:
    try:
        return ip_address(host).version == 6 and "%" not in host
    except ValueError:
        return False
