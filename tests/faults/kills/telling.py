"""What is tracked under an id: always the same, so that whoever repeats it says nothing new."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from tests.faults.journal import Journal

from guidepath import Guidepath
from guidepath.receipt import Receipt
from guidepath.subject import Subject

PAST = datetime(2025, 3, 2, 9, tzinfo=UTC)  # who hears of it late is told anew


class Content(NamedTuple):
    """An event without its id."""

    user: str
    name: str
    properties: Mapping[str, object]
    at: datetime | None


def content(event: str) -> Content:
    """What is said with this id. Most of it is one user's.

    Only what no rule of the account asks for comes late: else another user would reach what it has
    made true when she comes next, and the history that is told in order has it at once.
    """
    chance = Random(event)
    name = chance.choice(("sent", "sent", "opened"))
    late = name == "opened" and chance.random() < 0.5
    return Content(
        chance.choice(("ada", "ada", "ada", "ada", "bob")),
        name,
        {"total": chance.choice((5, 250))} if name == "sent" else {},
        PAST + timedelta(seconds=chance.randrange(3600)) if late else None,
    )


def tell(guide: Guidepath, account: str, event: str) -> Receipt:
    """Track what is said with this id."""
    said = content(event)
    return guide.track(
        said.name,
        user=said.user,
        account=account,
        id=event,
        properties=said.properties,
        at=said.at,
    )


def journalled(guide: Guidepath, journal: Journal, account: str, event: str) -> None:
    """Track it, with a line in the journal before and another after."""
    with journal.call(Subject(account, content(event).user), event):
        tell(guide, account, event)
