"""Envelopes as messages of a NATS JetStream stream, by nats-py.

Each parcel has a connection and an event loop of its own, in a thread that ends with it: nothing
is left behind that a fork could break. Accounts are sent side by side, what is said in one account
one after the other, so that a message that fails is not overtaken by the next.
"""

import asyncio
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypedDict

import msgspec
from nats.aio.client import Client
from nats.errors import BadSubjectError, Error, MaxPayloadError, NoServersError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.cloudevent import SOURCE, context
from guidepath.adapters.sinks.excerpt import excerpt
from guidepath.errors import ConfigurationError, DeliveryError
from guidepath.event import Envelope

TIMEOUT_S = 10.0
SUBJECT = "guidepath"

_TOO_LARGE_FOR_THE_STREAM = 10054


class Login(TypedDict, total=False):
    """Who the sink is to the server: nothing, user and password, a token, or a file of both."""

    user: str
    password: str
    token: str
    user_credentials: str


class NatsSink:
    """One message an envelope, on `<subject>.<type>`, acknowledged by the stream.

    Args:
        servers: host:port of each; the first that answers is used.
        subject: what the subjects begin with; a stream must take them.
        login: who the sink is to the server.
        tls: how to speak TLS; None does not.
        source: what CloudEvents headers name as the source.
        timeout: seconds in which a parcel must be acknowledged.
    """

    def __init__(
        self,
        servers: Sequence[str],
        subject: str = SUBJECT,
        *,
        login: Login | None = None,
        tls: ssl.SSLContext | None = None,
        source: str = SOURCE,
        timeout: float = TIMEOUT_S,
        carries: frozenset[str] = frozenset(),
        name: str | None = None,
    ) -> None:
        self.name = name or f"nats:{','.join(servers)}/{subject}"
        self.carries = carries
        self._servers = servers
        self._subject = subject
        self._login: Login = login or {}
        self._tls = tls
        self._source = source
        self._timeout = timeout

    @classmethod
    def from_url(cls, url: str) -> "NatsSink":
        """`nats:host:4222,host2:4222/subject?user=…&password=$NATS_PASSWORD`.

        Raises:
            ConfigurationError: no server is named, the subject is none, or an option is unknown.
        """
        address = Address(url)
        named, _, subject = address.rest.removeprefix("//").partition("/")
        servers = [one for one in named.split(",") if one]
        subject = subject or SUBJECT
        if not servers or "@" in named:
            raise ConfigurationError(
                "nats: write nats:host:4222/subject, and user and password as options"
            )
        if set(subject) & set("*> \t\r\n") or "" in subject.split("."):
            raise ConfigurationError(f"nats: {subject!a} is no subject to publish on")
        login: Login = {}
        if user := address.option("user", ""):
            login |= {"user": user, "password": address.option("password", "")}
        if token := address.option("token", ""):
            login["token"] = token
        if file := address.option("credentials", ""):
            login["user_credentials"] = file
        sink = cls(
            servers,
            subject,
            login=login,
            tls=_tls(address),
            source=address.option("source", SOURCE),
            timeout=address.number("timeout", TIMEOUT_S),
            carries=address.carries,
            name=address.name(f"nats:{named}/{subject}"),
        )
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        taken: set[int] = set()
        # a thread of its own, because the caller's may have an event loop that runs
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="guidepath-nats") as thread:
            problem = thread.submit(asyncio.run, self._attempt(envelopes, taken)).result()
        if problem is not None:
            first = next(index for index in range(len(envelopes)) if index not in taken)
            raise DeliveryError(
                f"{self.name}: {self._sentence(problem)}",
                delivered=first,
                refused=_is_refusal(problem),
            )

    def close(self) -> None:
        """See ports.Sink."""

    async def _attempt(
        self, envelopes: Sequence[Envelope], taken: set[int]
    ) -> BaseException | None:
        """Send what can be sent; what keeps the first of the others back, if there are any."""
        client = Client()
        try:
            async with asyncio.timeout(self._timeout):
                lost = await self._connect(client)
                sending = asyncio.ensure_future(self._send_all(client, envelopes, taken))
                either: list[asyncio.Future[Any]] = [sending, lost]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not sending.done():
                    sending.cancel()
                    return ConnectionError("the connection was lost")
                return sending.result()
        except (OSError, Error) as problem:  # a time-out is an OSError
            return problem
        finally:
            await client.close()

    async def _connect(self, client: Client) -> "asyncio.Future[None]":
        """Connect to the first server that answers; the future is done when it is lost again.

        Raises:
            OSError, Error: no server answers; what the last one said.
        """
        lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        said: list[Exception] = []

        async def closed() -> None:
            if not lost.done():
                lost.set_result(None)

        async def heard(problem: Exception) -> None:
            said.append(problem)

        scheme = "tls" if self._tls else "nats"
        try:
            await client.connect(
                [f"{scheme}://{one}" for one in self._servers],
                name="guidepath",
                dont_randomize=True,
                allow_reconnect=False,  # the relay comes again
                max_reconnect_attempts=1,  # each server is tried twice, without a pause
                reconnect_time_wait=0,
                connect_timeout=max(1, int(self._timeout / len(self._servers) / 2)),
                tls=self._tls,
                closed_cb=closed,
                error_cb=heard,
                **self._login,
            )
        except NoServersError as problem:
            raise (said[-1] if said else problem) from None
        return lost

    async def _send_all(
        self, client: Client, envelopes: Sequence[Envelope], taken: set[int]
    ) -> BaseException | None:
        accounts: dict[str, list[int]] = {}
        for index, envelope in enumerate(envelopes):
            accounts.setdefault(envelope.account, []).append(index)
        stream = client.jetstream(timeout=self._timeout)

        async def send(indices: list[int]) -> None:
            for index in indices:
                await self._send(client, stream, envelopes[index])
                taken.add(index)

        ends = await asyncio.gather(*map(send, accounts.values()), return_exceptions=True)
        failed = {
            next(one for one in indices if one not in taken): end
            for indices, end in zip(accounts.values(), ends, strict=True)
            if end is not None
        }
        return failed[min(failed)] if failed else None

    async def _send(self, client: Client, stream: JetStreamContext, envelope: Envelope) -> None:
        headers = {f"ce-{name}": value for name, value in context(envelope, self._source).items()}
        headers |= {"Nats-Msg-Id": envelope.id, "Content-Type": "application/json"}
        body = msgspec.json.encode(envelope)
        # the server counts headers too, and hangs up on what is too large
        size = len(body) + sum(len(name) + len(value) + 4 for name, value in headers.items()) + 14
        if size > client.max_payload:
            raise MaxPayloadError
        await stream.publish(f"{self._subject}.{envelope.type}", body, headers=headers)

    def _sentence(self, problem: BaseException) -> str:
        if isinstance(problem, NoStreamResponseError):
            return f"no JetStream stream takes {self._subject}.>; make one with that subject"
        if isinstance(problem, TimeoutError):
            return f"no answer within {self._timeout:g} s"
        return excerpt(problem) or type(problem).__name__


def _is_refusal(problem: BaseException) -> bool:
    if isinstance(problem, APIError):
        return problem.err_code == _TOO_LARGE_FOR_THE_STREAM
    return isinstance(problem, MaxPayloadError | BadSubjectError)


def _tls(address: Address) -> ssl.SSLContext | None:
    file = address.option("ca", "")
    wanted = address.option("tls", "yes" if file else "no")
    if wanted not in ("yes", "no"):
        raise ConfigurationError(f"nats: tls={wanted!a} is neither yes nor no")
    return ssl.create_default_context(cafile=file or None) if wanted == "yes" else None
