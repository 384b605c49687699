"""What a host is told of what it said: what was stored, and what it reached.

Times are aware datetimes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from guidepath import flow
from guidepath.clock import moment


class Reach(NamedTuple):
    """A milestone that was just reached; `user` is None where the account reached it."""

    milestone: str
    at: datetime
    account: str
    user: str | None
    backfilled: bool


class Receipt(NamedTuple):
    """What became of what was tracked: False where it was known before, and what it reached."""

    stored: bool
    reached: tuple[Reach, ...] = ()


STORED, _KNOWN = Receipt(stored=True), Receipt(stored=False)


class Imported(NamedTuple):
    """What became of an import: how many messages were new, known before, or refused, by reason.

    `reached` is how many milestones were newly reached.
    `forgotten` are of a time before their user was erased, or before what is kept of the history.
    """

    stored: int
    repeated: int
    refused: Mapping[str, int]
    reached: int
    forgotten: int = 0


class Received(NamedTuple):
    """What became of events that came from outside; `refused` has the ids used for other content.

    `forgotten` are of a time before their user was erased, or before what is kept of the history.
    """

    stored: int
    repeated: int
    forgotten: int = 0
    refused: tuple[str, ...] = ()


class Compacted(NamedTuple):
    """What a compaction did: how many events it dropped, in how many accounts, up to when."""

    events: int
    accounts: int
    until: datetime


def handed(receipt: flow.Receipt) -> Receipt:
    """What a host is told of one event that was taken in; times become datetimes."""
    if not receipt.news:
        return STORED if receipt.stored else _KNOWN  # as most are
    return Receipt(
        bool(receipt.stored),
        tuple(
            Reach(news.milestone, moment(news.at), *subject, news.backfilled)
            for subject, news in receipt.news
            if news.milestone is not None and news.reached
        ),
    )


def compacted(dropped: Sequence[int], cut: int) -> Compacted:
    """What a compaction did, from how many events each account lost; `cut` in microseconds."""
    return Compacted(sum(dropped), sum(one > 0 for one in dropped), moment(cut))
