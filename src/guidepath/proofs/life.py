"""A made-up user, lived through: her history folded, and what is decided for her."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from guidepath.attention import Exposure
from guidepath.clock import DAY, HOUR, micros
from guidepath.deck import Deck
from guidepath.event import Event, EventKind, event
from guidepath.fold import refold, settle
from guidepath.gate import GATES, Asked
from guidepath.playbook.guidance import Guidance
from guidepath.progress import Pair, fresh
from guidepath.rules.witness import Witness
from guidepath.subject import Context, Subject

MIDNIGHT = 20_514 * DAY  # 2 March 2026: any day would do
NOON = MIDNIGHT + 12 * HOUR
_SUBJECT = Subject("acme", "ada")


class Behind(NamedTuple):
    """The items that somebody has behind her: completed, or celebrated with."""

    completed: frozenset[str] = frozenset()
    celebrated: frozenset[str] = frozenset()


class Lived(NamedTuple):
    """Somebody at an instant and a place."""

    deck: Deck
    pair: Pair
    context: Context
    now: int

    def open(self, until: Guidance) -> list[Guidance]:
        """The items that could be shown to her, in rank order, up to this one."""
        asked = Asked(self.deck, _SUBJECT, self.pair, self.context, self.now, telling=False)
        found = []
        for one in self.deck.candidates(self.context.page, asked.role):
            if all(gate(asked, one) is None for _, gate in GATES):
                found.append(one)
            if one.id == until.id:
                break
        return found


def lived(deck: Deck, witness: Witness, now: int, behind: Behind) -> Lived:
    """The witness as she is now, by the events that she is told to have behind her."""
    history = sorted(_history(witness, now), key=lambda one: one.occurred_at)
    account = refold(deck, Pair(), Subject(_SUBJECT.account), history).pair
    pair = refold(deck, account, _SUBJECT, history).pair
    pair = settle(deck, pair, now).pair
    if any(behind):
        user = pair.user or fresh(deck, "user")
        then = user.start or now
        items = dict.fromkeys(behind.celebrated, Exposure(shown=1, shown_at=then))
        items |= dict.fromkeys(behind.completed, Exposure(1, then, completed_at=then))
        pair = Pair(pair.account, replace(user, attention=replace(user.attention, items=items)))
    return Lived(deck, pair, Context(witness.page, None, witness.device), now)


def _history(witness: Witness, now: int) -> Iterator[Event]:
    hers = [one.ago for one in witness.events if one.by is None]
    everyones = [one.ago for one in witness.events]
    known = witness.role is not None or bool(witness.user)
    if known or witness.started is not None:
        started = max(hers, default=0) if witness.started is None else witness.started
        everyones.append(started)
        yield _event("identify", "", now - started, "ada", witness.user, role=witness.role)
    if witness.account or witness.account_started is not None:
        began = witness.account_started
        at = now - (max(everyones, default=0) if began is None else began)
        yield _event("group", "", at, None, witness.account)
    for number, one in enumerate(witness.events):
        by = one.by or "ada"
        yield _event("track", one.event, now - one.ago, by, one.properties, number=number)


def _event(
    kind: EventKind,
    name: str,
    at: int,
    user: str | None,
    properties: Mapping[str, object],
    *,
    role: str | None = None,
    number: int = 0,
) -> Event:
    return event(
        kind,
        name,
        subject=Subject(_SUBJECT.account, user),
        id=f"{kind}{number}",
        now=at,
        properties=properties,
        role=role,
    )


def instants(item: Guidance, others: Iterable[Guidance] = ()) -> list[int]:
    """When the item could be shown: on any day it is in time, and when others are not."""
    begins = None if item.starts is None else micros(item.starts)
    ends = None if item.ends is None else micros(item.ends)
    tries = [
        NOON,
        *(one for one in (begins, None if ends is None else ends - 1) if one is not None),
    ]
    for one in others:
        tries += [] if one.starts is None else [micros(one.starts) - 1]
        tries += [] if one.ends is None else [micros(one.ends)]
    tries.append(MIDNIGHT)  # a short window has two days in it then
    return [
        one
        for one in dict.fromkeys(tries)
        if (begins is None or one >= begins) and (ends is None or one < ends)
    ]


def covers(one: Guidance, other: Guidance) -> bool:
    """Whether one is in time whenever the other is."""
    begins = one.starts is None or (other.starts is not None and one.starts <= other.starts)
    ends = one.ends is None or (other.ends is not None and other.ends <= one.ends)
    return begins and ends
