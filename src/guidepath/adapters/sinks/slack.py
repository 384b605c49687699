"""Hand-offs to a Slack channel, or to another that takes Slack's incoming webhooks.

Slack knows no ids: a message whose answer was lost comes twice.
"""

from collections.abc import Iterable, Sequence

import msgspec

from guidepath.adapters.sinks.address import Address
from guidepath.adapters.sinks.posting import (
    TIMEOUT_S,
    Answer,
    Poster,
    counted,
    endpoint,
    fingerprint,
)
from guidepath.clock import iso
from guidepath.errors import DeliveryError
from guidepath.event import Envelope

TYPES = ("handoff.opened", "handoff.closed")
LONGEST_FIELD, LONGEST_SUMMARY = 380, 590  # escaped at most 5 times as long: 2,000 and 3,000 fit
LONGEST_LINK = 2000

_TITLES = {"handoff.opened": "Hand-off opened", "handoff.closed": "Hand-off closed"}
_FIELDS = {"milestone": "Milestone", "owner": "Owner", "reason": "Reason"}
_NOT_THE_MESSAGE = {"user_not_found", "invalid_token", "no_active_hooks"}  # though it says 400


class SlackSink:
    """One message an envelope of the `types`; all others pass without a request.

    Args:
        address: the incoming webhook's. Who has it can write to the channel: it is a secret.

    Raises:
        ConfigurationError: the address is none that can be used.
    """

    def __init__(
        self,
        address: str,
        *,
        types: Iterable[str] = TYPES,
        insecure: bool = False,
        timeout: float = TIMEOUT_S,
        name: str | None = None,
        carries: frozenset[str] = frozenset(),
    ) -> None:
        self._to = endpoint(address, insecure=insecure)
        self._types = frozenset(types)
        self.name = name or f"slack:{self._to.authority}#{fingerprint(address)}"
        self.carries = carries
        self._poster = Poster(timeout=timeout, secrets=[address, *self._to.secret_paths])

    @classmethod
    def from_url(cls, url: str) -> "SlackSink":
        """`slack:$SLACK_WEBHOOK_URL?types=handoff.opened,milestone.overdue`."""
        address = Address(url)
        sink = cls(
            address.needed("an incoming webhook's address"),
            types=address.several("types", ",".join(TYPES)),
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
            if envelope.type in self._types:
                with counted(place):
                    self._send(envelope)

    def close(self) -> None:
        """See ports.Sink."""
        self._poster.close()

    def _send(self, envelope: Envelope) -> None:
        body = msgspec.json.encode(message(envelope))
        headers = {"Content-Type": "application/json; charset=utf-8"}
        problem = self._judged(self._poster.post(self._to, body, headers))
        if problem is not None:
            raise problem

    def _judged(self, answer: Answer) -> DeliveryError | None:
        said = answer.body.strip().decode(errors="replace")
        if answer.taken and said == "ok":
            return None
        refused = False if said in _NOT_THE_MESSAGE else None
        return self._poster.problem(self._to, answer, refused=refused)


def message(envelope: Envelope) -> dict[str, object]:
    """What Slack shows, and a text for where it can show no blocks, as in a notification."""
    title = _TITLES.get(envelope.type) or envelope.type.replace(".", " ").capitalize()
    who = f"account {envelope.account}" + (f", user {envelope.user}" if envelope.user else "")
    blocks: list[dict[str, object]] = [_section(f"*{escaped(title)}*: {escaped(who)}")]
    if summary := _said(envelope, "summary", LONGEST_SUMMARY):
        blocks.append(_section(summary))
    fields = [
        {"type": "mrkdwn", "text": f"*{label}*\n{said}"}
        for name, label in _FIELDS.items()
        if (said := _said(envelope, name, LONGEST_FIELD))
    ]
    if fields:
        blocks.append({"type": "section", "fields": fields})
    if link := _link(envelope):
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": link}
        blocks.append({"type": "actions", "elements": [button]})
    told = {"type": "mrkdwn", "text": f"{iso(envelope.occurred_at)} · {escaped(envelope.id)}"}
    blocks.append({"type": "context", "elements": [told]})
    return {"text": f"{escaped(title)}: {escaped(who)}", "blocks": blocks}


def escaped(text: str) -> str:
    """Text that Slack reads as text: it could else name a channel, a person or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _said(envelope: Envelope, name: str, longest: int) -> str:
    """A field of the data, where there is such a text or number."""
    value = envelope.data.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value).strip()
    return escaped(text if len(text) <= longest else text[: longest - 1] + "…")


def _link(envelope: Envelope) -> str:
    value = envelope.data.get("url")
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return value if len(value) <= LONGEST_LINK else ""
    return ""
