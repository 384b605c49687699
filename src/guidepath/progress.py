"""What is remembered of a subject, and how one event changes it.

Progress holds what the playbook's rules need and no more: it does not grow with history. Folding
events in order, with milestones, is in `fold`.
"""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from guidepath.attention import Attention, active
from guidepath.deck import Deck
from guidepath.event import EARLIEST, Event
from guidepath.rules.expression import Of, Scalar
from guidepath.rules.memory import Memory
from guidepath.rules.situation import Situation
from guidepath.subject import Context

# A null attribute stays in, as None: it takes the attribute away.
Typed = dict[str, Scalar | None]


class Progress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One subject's progress. Times are microseconds.

    `start` is the subject's earliest event, `clock` its newest; `due` is when time alone next does
    something: reaches a waiting milestone, or passes a deadline. `deadlines` are those to come, by
    milestone; `overdue` are the milestones that have passed theirs and are not reached. `folds`
    counts the changes of an account's progress, `seen` is the count that a user's progress took
    into account. `emitted` numbers the envelopes.

    Since `untold` an account has reached something that its users are still to be told; until then
    that is due, and `rest` is what is due beside it.

    `base` is what is kept in place of the history up to some time; see `base`. What is not newer
    than an account's `cut` is no longer taken in.
    """

    fingerprint: str
    memory: Memory
    start: int | None = None
    clock: int = EARLIEST
    attributes: dict[str, Scalar] = {}
    attribute_times: dict[str, int] = {}
    reached: dict[str, int] = {}
    reached_by: dict[str, str] = {}
    backfilled: tuple[str, ...] = ()
    due: int | None = None
    deadlines: dict[str, int] = {}
    overdue: tuple[str, ...] = ()
    untold: int | None = None
    rest: int | None = None
    emitted: int = 0
    folds: int = 0
    seen: int = 0
    role: str | None = None
    role_at: int = EARLIEST
    first_role: str | None = None
    first_role_at: int | None = None
    attention: Attention = Attention()
    base: bytes = b""
    cut: int | None = None

    @property
    def wakes(self) -> int | None:
        """When time alone next does something to the subject itself."""
        return self.due if self.untold is None else self.rest


class Pair(msgspec.Struct, frozen=True, gc=False):
    """The progress of an account and of one user in it; None of whom nothing is known."""

    account: Progress | None = None
    user: Progress | None = None

    @property
    def known(self) -> tuple[Progress, ...]:
        """Those of the two that are known."""
        return tuple(one for one in (self.account, self.user) if one is not None)

    def of(self, of: Of) -> Progress | None:
        """One of the two."""
        return self.account if of == "account" else self.user

    def put(self, of: Of, progress: Progress) -> "Pair":
        """The pair with this one in its place."""
        return Pair(progress, self.user) if of == "account" else Pair(self.account, progress)


class News(NamedTuple):
    """A milestone just reached, or overdue; with no milestone, the start of the subject."""

    of: Of
    milestone: str | None
    at: int
    by: str | None = None
    backfilled: bool = False
    overdue: bool = False

    @property
    def reached(self) -> bool:
        """Whether it tells of a milestone that was reached."""
        return self.milestone is not None and not self.overdue


class Folded(msgspec.Struct, frozen=True, gc=False):
    """The pair after, what is new, and what was ignored because it is not as declared."""

    pair: Pair
    news: tuple[News, ...] = ()
    ignored: tuple[str, ...] = ()


def situation(deck: Deck, pair: Pair, now: int, context: Context | None = None) -> Situation:
    """What rules are asked about at `now`."""
    account, user = pair.account, pair.user
    mine, its = user or fresh(deck, "user"), account or fresh(deck, "account")
    return (
        Situation(  # in the order of its fields: names take twice as long, and this is asked often
            now,
            mine.memory,
            its.memory,
            mine.start,
            its.start,
            {**its.reached, **mine.reached} if its.reached else mine.reached,
            mine.attributes,
            its.attributes,
            mine.role,
            context.page if context else None,
            context.device if context else None,
        )
    )


def fresh(deck: Deck, of: Of) -> Progress:
    """The progress of a subject of whom nothing happened."""
    return Progress(fingerprint=deck.fingerprint, memory=deck.facts.empty(of))


def waking(progress: Progress, at: int | None, untold: int | None) -> Progress:
    """The progress with when time alone does something, and since when its users are untold."""
    if untold is None:
        return replace(progress, due=at, untold=None, rest=None)
    due = untold if at is None else min(at, untold)
    return replace(progress, due=due, untold=untold, rest=at)


def applied(
    deck: Deck, progress: Progress | None, of: Of, event: Event, properties: Typed
) -> Progress:
    """The progress with the event's facts, attributes and role; milestones are not looked at."""
    progress = progress or fresh(deck, of)
    at = event.occurred_at
    memory = progress.memory
    if event.kind == "track":
        memory = deck.facts.insert(
            memory,
            of,
            event=event.name,
            at=at,
            user=event.user,
            properties=properties,
            matches=deck.accepts,
        )
    progress = replace(
        progress,
        start=at if progress.start is None else min(progress.start, at),
        clock=max(progress.clock, at),
        memory=memory,
        attention=active(progress.attention, at) if of == "user" else progress.attention,
    )
    if event.kind == "identify" and of == "user":
        return _as_role(_attributed(progress, at, properties), event)
    if event.kind == "group" and of == "account":
        return _attributed(progress, at, properties)
    return progress


def _attributed(progress: Progress, at: int, properties: Typed) -> Progress:
    """Newest value wins for each attribute on its own; None takes it away."""
    newer = {
        name: value
        for name, value in properties.items()
        if at >= progress.attribute_times.get(name, EARLIEST)
    }
    values = {**progress.attributes, **newer}
    return replace(
        progress,
        attributes={name: value for name, value in values.items() if value is not None},
        attribute_times={**progress.attribute_times, **dict.fromkeys(newer, at)},
    )


def _as_role(progress: Progress, event: Event) -> Progress:
    """The newest role is hers now; the first is the one she is counted under."""
    if event.role is None:
        return progress
    at = event.occurred_at
    if at >= progress.role_at:
        progress = replace(progress, role=event.role, role_at=at)
    if progress.first_role_at is None or at < progress.first_role_at:
        progress = replace(progress, first_role=event.role, first_role_at=at)
    return progress


def typed(deck: Deck, event: Event) -> tuple[Typed, list[str]]:
    """The properties that are as declared, and words for those that are not."""
    vocabulary = deck.vocabulary
    match event.kind:
        case "track":
            declared, what = deck.declared.get(event.name), event.name
        case "identify":
            declared, what = vocabulary.user, "user"
        case _:
            declared, what = vocabulary.account, "account"
    if declared is None:
        return {}, [f"event {event.name} is not declared"]
    if not event.properties and event.role is None:
        return {}, []
    read: Typed = {}
    ignored = []
    for name, value in event.properties.items():
        value_type = declared.get(name)
        if value_type is None:
            continue  # the product may say more than the playbook asks
        scalar = value_type.read(value)
        if scalar is not None or (value is None and event.kind != "track"):
            read[name] = scalar
        elif value is not None:
            ignored.append(f"{what}.{name} is not of type {value_type.kind}")
    if event.role is not None and vocabulary.roles and event.role not in vocabulary.roles:
        ignored.append(f"role {event.role} is not declared")
    return read, ignored
