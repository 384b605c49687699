"""Events, envelopes and progress with nothing in them but what tells them apart."""

from guidepath.event import Envelope, Event, event
from guidepath.progress import Progress
from guidepath.rules.facts import Memory
from guidepath.subject import Subject


def happened(name: str, at: int, *, user: str = "alice", account: str = "acme") -> Event:
    """An event with its name as id."""
    return event("track", name, subject=Subject(account, user), id=name, now=at, at=at)


def spoken(number: int, *, user: str | None = "alice", account: str = "acme") -> Envelope:
    """An envelope with its number as id."""
    return Envelope(
        id=f"evt_{number}",
        type="milestone.reached",
        occurred_at=number,
        account=account,
        user=user,
        data={"milestone": "first"},
        playbook="p",
        seq=number,
    )


def progress(clock: int, *, due: int | None = None) -> Progress:
    """Some progress, told apart by its clock."""
    return Progress(fingerprint="f", memory=Memory(), start=1, clock=clock, due=due)
