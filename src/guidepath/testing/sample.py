"""Events, envelopes and progress with nothing in them but what tells them apart, and a parcel."""

from guidepath.event import Envelope, Event, event
from guidepath.ports import Parcel, Store
from guidepath.progress import Progress
from guidepath.rules.memory import Memory
from guidepath.subject import Subject

ALICE, BOB = "alice", "bob"


def happened(name: str, at: int, *, user: str = ALICE, account: str = "acme") -> Event:
    """An event with its name as id."""
    return event("track", name, subject=Subject(account, user), id=name, now=at, at=at)


def spoken(number: int, *, user: str | None = ALICE, account: str = "acme") -> Envelope:
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


def leased(store: Store, sink: str, *, now: int, lease: int = 10, most: int = 9) -> Parcel:
    """What waits for a sink; there must be something."""
    parcel = store.claim(sink, now=now, lease=lease, most=most)
    assert parcel is not None
    return parcel
