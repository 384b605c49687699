"""The CloudEvents context of an envelope, which brokers carry in headers beside the content."""

from urllib.parse import quote

from guidepath.clock import iso
from guidepath.event import Envelope

SOURCE = "/guidepath"


def context(envelope: Envelope, source: str = SOURCE) -> dict[str, str]:
    """The attributes of CloudEvents 1.0, by name.

    `subject` is the account or account/user, each percent-encoded, so that the stroke between them
    is the only one.
    """
    about = (envelope.account,) if envelope.user is None else (envelope.account, envelope.user)
    return {
        "specversion": "1.0",
        "id": envelope.id,
        "source": source,
        "type": f"guidepath.{envelope.type}",
        "subject": "/".join(quote(one, safe="") for one in about),
        "time": iso(envelope.occurred_at),
    }
