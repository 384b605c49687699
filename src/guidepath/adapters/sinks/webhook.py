"""Envelopes to any HTTP receiver: CloudEvents, signed as Standard Webhooks.

One POST an envelope, its body a CloudEvents 1.0 event in structured JSON. The id, in the event and
in the header `webhook-id`, is the envelope's own and the same on every retry; the header
`webhook-timestamp` is the attempt's, since receivers refuse old signatures.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence

import msgspec
from standardwebhooks import Webhook

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.cloudevent import SOURCE, context
from guidepath.adapters.sinks.guard import Block, Guard, blocks
from guidepath.adapters.sinks.network import Network, Resolve, resolved
from guidepath.adapters.sinks.posting import TIMEOUT_S, Poster, counted, endpoint, fingerprint
from guidepath.clock import Clock, utc_now
from guidepath.errors import ConfigurationError
from guidepath.event import Envelope

SHORTEST_SECRET, LONGEST_SECRET = 24, 64  # bytes, as Standard Webhooks has it


class WebhookSink:
    """Posts to one address, which must lead to public addresses or into `allow`.

    Args:
        secrets: `whsec_…` each. Each gives a signature, so that a receiver can change over.
        source: what the events name as their source.
        insecure: whether the address may be http.

    Raises:
        ConfigurationError: the address or a secret is none that can be used.
    """

    def __init__(
        self,
        address: str,
        secrets: Sequence[str],
        *,
        source: str = SOURCE,
        allow: Iterable[Block] = (),
        insecure: bool = False,
        timeout: float = TIMEOUT_S,
        name: str | None = None,
        carries: frozenset[str] = frozenset(),
        resolve: Resolve = resolved,
        clock: Clock = utc_now,
    ) -> None:
        self._to = endpoint(address, insecure=insecure)
        self._signers = [_signer(one) for one in secrets]
        if not self._signers:
            raise ConfigurationError(
                "a webhook needs a secret, secret=$NAME: it signs what it sends"
            )
        self._source = source
        self._clock = clock
        # of the address only: a changed secret must not make another sink of it
        self.name = name or f"webhook:{self._to.authority}#{fingerprint(address)}"
        self.carries = carries
        self._poster = Poster(
            timeout=timeout,
            secrets=[*secrets, address, *self._to.secret_paths],
            network=Network(Guard(allow), resolve),
            clock=clock,
        )

    @classmethod
    def from_url(cls, url: str) -> "WebhookSink":
        """`webhook:https://example.com/hook?secret=$WHSEC`; see docs/sinks.md for the options."""
        address = Address(url)
        sink = cls(
            address.needed("an address"),
            address.several("secret"),
            source=address.option("source", SOURCE),
            allow=blocks(address.several("allow", "")),
            insecure=address.flag("insecure"),
            timeout=address.number("timeout", TIMEOUT_S),
            name=address.name(""),
            carries=address.carries,
        )
        address.finish()
        return sink

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        """See ports.Sink."""
        for place, envelope in enumerate(envelopes):
            with counted(place):
                self._send(envelope)

    def close(self) -> None:
        """See ports.Sink."""
        self._poster.close()

    def _send(self, envelope: Envelope) -> None:
        event = {
            **context(envelope, self._source),
            "datacontenttype": "application/json",
            "data": envelope,
        }
        body = msgspec.json.encode(event)
        now = self._clock()
        signatures = [one.sign(envelope.id, now, body.decode()) for one in self._signers]
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": envelope.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        answer = self._poster.post(self._to, body, headers)
        if not answer.taken:
            raise self._poster.problem(self._to, answer)


def _signer(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not SHORTEST_SECRET <= len(key) <= LONGEST_SECRET:
        raise ConfigurationError(
            f"a webhook's secret is whsec_ and {SHORTEST_SECRET} to {LONGEST_SECRET} random bytes "
            "in base64; `openssl rand -base64 32` makes them"
        )
    return Webhook(key)
