"""A small playbook, a week of events, and how to run a command over them."""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

PLAYBOOK = """\
guidepath: 1
name: ledgerly
roles: [owner, member]
events:
  invoice.sent: {properties: {total: number}}
  contact.imported: {}
milestones:
  - {id: contacts_in, title: Bring your contacts, reached_when: did("contact.imported")}
  - id: first_invoice
    title: Send your first invoice
    reached_when: did("invoice.sent")
    first_value: true
  - {id: settled, title: Settle in, reached_when: since(reached first_invoice) > 2d}
  - id: busy
    title: Three people at work
    scope: account
    reached_when: account.users("invoice.sent" within 30d) >= 3
guidance:
  - id: send-one
    type: banner
    moment: onboard
    toward: first_invoice
    title: Send your first invoice
  - id: import
    type: banner
    moment: nurture
    toward: contacts_in
    when: since(reached first_invoice) > 1d
    title: Bring your contacts
"""
START = datetime(2024, 1, 1, tzinfo=UTC)


class Done(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def track(
    number: int, user: str, event: str, *, account: str = "acme", hours: float
) -> Mapping[str, object]:
    at = START + timedelta(hours=hours)
    return {
        "type": "track",
        "messageId": f"m{number}",
        "timestamp": at.isoformat(),
        "userId": user,
        "context": {"groupId": account},
        "event": event,
    }


MESSAGES = (
    track(1, "ada", "contact.imported", hours=0),
    track(2, "ada", "invoice.sent", hours=5),
    track(3, "bob", "contact.imported", hours=6),
    track(4, "bob", "invoice.sent", hours=30),
    track(5, "cyd", "invoice.sent", hours=48),
    track(6, "dan", "contact.imported", account="zeta", hours=60),
    track(7, "dan", "contact.imported", account="zeta", hours=96),
)


def log_file(file: Path, messages: Iterable[Mapping[str, object] | str]) -> Path:
    """A log of these messages; a text is a line as it stands."""
    lines = (one if isinstance(one, str) else json.dumps(one) for one in messages)
    content = "".join(f"{line}\n" for line in lines).encode()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
    return file
