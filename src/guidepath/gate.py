"""The gates between a piece of guidance and a person, in the order in which they are asked.

A gate is open, or closed with what it found, what it requires and, where time alone will open it,
when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from guidepath.attention import SESSION_GAP, Claim, Exposure
from guidepath.clock import DAY, WEEK, iso, length, micros
from guidepath.deck import Deck
from guidepath.lock import cached
from guidepath.playbook.duration import write
from guidepath.playbook.guidance import Guidance, Step, rule_of
from guidepath.playbook.reason import Code
from guidepath.progress import Pair, situation
from guidepath.rules.interpret import explain
from guidepath.rules.schedule import next_change
from guidepath.rules.situation import Situation
from guidepath.subject import Context, Subject
from guidepath.tour import current, fits, kept, pages


class Closed(NamedTuple):
    """Why a gate is closed. `opens_at` is microseconds; None where time alone does not open it."""

    actual: str
    required: str
    opens_at: int | None = None


@dataclass(frozen=True)
class Asked:
    """Who asks, where and when: what all gates look at."""

    deck: Deck
    subject: Subject
    pair: Pair
    context: Context
    now: int
    claim: Claim | None = None  # the one that still holds, if any
    telling: bool = True  # whether someone will read why a rule does not hold
    begun: Mapping[str, Claim] = field(default_factory=dict)  # all that hold, here or not

    @cached
    def situation(self) -> Situation:
        """What the guidance's own rules are asked about."""
        return situation(self.deck, self.pair, self.now, self.context)

    @property
    def role(self) -> str | None:
        """What the person is in the account."""
        return self.pair.user.role if self.pair.user else None

    @property
    def start(self) -> int | None:
        """When the person's first event was."""
        return self.pair.user.start if self.pair.user else None

    def exposure(self, item: str) -> Exposure:
        """What became of an item so far."""
        return self.pair.user.attention.of(item) if self.pair.user else _NEVER

    def steps(self, guidance: Guidance) -> tuple[Step, ...]:
        """The steps of a tour that are for this person now."""
        return kept(self.deck, guidance, self.situation) if guidance.steps else ()

    def step(self, guidance: Guidance) -> Step | None:
        """The step of a tour at which she is; None where it has none for her."""
        steps = self.steps(guidance)
        return current(guidance, steps, self.begun.get(guidance.id)) if steps else None

    def backfilled(self, milestone: str) -> bool:
        """Whether the milestone was reached before the playbook asked for it."""
        return any(milestone in one.backfilled for one in self.pair.known)

    @cached
    def held_out(self) -> bool:
        """Whether this person gets no guidance, by a hash that no one can choose."""
        holdout = self.deck.playbook.holdout
        if not holdout.percent:
            return False
        drawn = [holdout.salt, self.deck.playbook.name, self.subject.account]
        if holdout.by == "user":
            drawn.append(self.subject.user or "")
        digest = sha256("\x1f".join(drawn).encode()).digest()
        return int.from_bytes(digest[:8]) < holdout.percent / 100 * 2**64


_NEVER = Exposure()

_UNTOLD = Closed("", "")

Gate = Callable[[Asked, Guidance], Closed | None]


def holdout(asked: Asked, _guidance: Guidance) -> Closed | None:
    """Some get no guidance, so that its effect can be measured."""
    if not asked.held_out:
        return None
    percent = asked.deck.playbook.holdout.percent
    return Closed("held out", f"not among the {percent:g} % held out")


def handoff_open(_asked: Asked, _guidance: Guidance) -> Closed | None:
    """While a person takes care of the account, automation is silent."""
    return None  # there are no hand-offs yet


def active_claim(asked: Asked, guidance: Guidance) -> Closed | None:
    """One item at a time, in all tabs."""
    claim = asked.claim
    if claim is None or claim.item == guidance.id:
        return None
    return Closed(f"{claim.item} is under way", "no other item under way", claim.expires_at)


def not_here(asked: Asked, guidance: Guidance) -> Closed | None:
    """An item shows on its pages and devices only, a tour on those of the step it is at."""
    page, device = asked.context.page, asked.context.device
    step = asked.step(guidance)
    begins = guidance.id not in asked.begun
    for wanted in (guidance.page if begins else (), pages(guidance, step)):
        if not fits(wanted, page):
            return Closed(page or "no page", " or ".join(wanted))
    if guidance.device and device not in guidance.device:
        return Closed(device or "no device", " or ".join(guidance.device))
    return None


def wrong_role(asked: Asked, guidance: Guidance) -> Closed | None:
    """An item is for its roles only."""
    if not guidance.roles or asked.role in guidance.roles:
        return None
    return Closed(asked.role or "no role", " or ".join(guidance.roles))


def not_scheduled(asked: Asked, guidance: Guidance) -> Closed | None:
    """An item shows between its start and its end."""
    if guidance.ends is not None and asked.now >= micros(guidance.ends):
        return Closed(iso(asked.now), f"before {iso(micros(guidance.ends))}")
    if guidance.starts is not None and asked.now < micros(guidance.starts):
        starts = micros(guidance.starts)
        return Closed(iso(asked.now), f"from {iso(starts)}", starts)
    return None


def prerequisite(asked: Asked, guidance: Guidance) -> Closed | None:
    """What must come before has come; a celebration needs its milestone, not told from the past."""
    reached = asked.situation.reached
    for one in guidance.after:
        if one not in reached and asked.exposure(one).completed_at is None:
            return Closed(f"{one} is open", f"after {one}")
    if guidance.moment == "celebrate":
        if guidance.toward not in reached:
            return Closed(f"{guidance.toward} not reached", f"{guidance.toward} reached")
        if asked.backfilled(guidance.toward):
            return Closed(f"{guidance.toward} told from the past", "reached just now")
        if asked.start is None or asked.start > reached[guidance.toward]:
            return Closed(f"{guidance.toward} reached before her time", "reached while she is here")
    return None


def done(asked: Asked, guidance: Guidance) -> Closed | None:
    """An item is done when it was completed or its milestone is reached; celebrations come once."""
    if guidance.moment == "celebrate":
        return _celebrated(asked, guidance)
    at = asked.situation.reached.get(guidance.toward)
    if at is not None:
        return Closed(f"{guidance.toward} reached {iso(at)}", f"{guidance.toward} not reached")
    at = asked.exposure(guidance.id).completed_at
    return None if at is None else Closed(f"completed {iso(at)}", "not completed")


def rule(asked: Asked, guidance: Guidance) -> Closed | None:
    """The item's own rule holds, and of a tour that of a step."""
    holds = asked.deck.holds(guidance, asked.situation)
    if holds and (not guidance.steps or asked.steps(guidance)):
        return None
    if not asked.telling:
        return _UNTOLD  # reading a rule out takes longer than all the rest
    if holds:
        opens = (ripe(asked, guidance, one) for one in guidance.steps)
        opens_at = min((one for one in opens if one is not None), default=None)
        return Closed("no step's rule holds", "a step whose rule holds", opens_at)
    found = asked.deck.rules[guidance.id]
    told = explain(found, asked.deck.facts, asked.situation)
    return Closed(told.actual, told.required, ripe(asked, guidance))


def ripe(asked: Asked, guidance: Guidance, step: Step | None = None) -> int | None:
    """When time alone turns the item's own rule, or that of one of its steps."""
    deck = asked.deck
    own = deck.rules.get(guidance.id if step is None else rule_of(guidance.id, step.id))
    if own is None:
        return None
    verdict = partial(deck.holds, guidance, step=step)
    return next_change(own, deck.facts, asked.situation, verdict=verdict)


def snoozed(asked: Asked, guidance: Guidance) -> Closed | None:
    """The person put it off."""
    until = asked.exposure(guidance.id).snoozed_until
    if until is None or asked.now >= until:
        return None
    return Closed(f"snoozed until {iso(until)}", "not snoozed", until)


def dismissed(asked: Asked, guidance: Guidance) -> Closed | None:
    """The person sent it away."""
    at = asked.exposure(guidance.id).dismissed_at
    return None if at is None else Closed(f"dismissed {iso(at)}", "not dismissed")


def frequency_cap(asked: Asked, guidance: Guidance) -> Closed | None:
    """An item shows so many times and no more."""
    most, shown = guidance.frequency.max, asked.exposure(guidance.id).shown
    if most is None or shown < most:
        return None
    return Closed(f"shown {shown} times", f"shown fewer than {most} times")


def cool_off(asked: Asked, guidance: Guidance) -> Closed | None:
    """Some time passes before the same item, or any item, shows again."""
    exposure, limits = asked.exposure(guidance.id), asked.deck.playbook.limits
    own = guidance.frequency.cool_off
    pauses = [
        ("it was shown", exposure.shown_at, own),
        ("its target was missing", exposure.missing_at, own or limits.lease),
    ]
    if guidance.moment != "celebrate" and asked.pair.user is not None:
        newest = next(iter(asked.pair.user.attention.impressions), None)
        pauses.append(("an item was shown", newest, limits.cool_off))
    closed = [
        (at + length(pause), f"{what} {iso(at)}", f"{write(pause)} ago or more")
        for what, at, pause in pauses
        if at is not None and pause is not None and asked.now < at + length(pause)
    ]
    if not closed:
        return None
    opens_at, actual, required = max(closed)
    return Closed(actual, required, opens_at)


def budget(asked: Asked, guidance: Guidance) -> Closed | None:
    """So many items a session, a day and a week; celebrations lie outside."""
    if guidance.moment == "celebrate" or asked.pair.user is None:
        return None
    limits, attention = asked.deck.playbook.limits, asked.pair.user.attention
    number, began = attention.session(asked.now)
    next_session = asked.now if attention.active_at is None else attention.active_at
    next_session += SESSION_GAP + 1
    if limits.quiet_first_session and number == 1:
        return Closed("first session", "a later session", next_session)
    closed = [
        _spent(asked, limits.per_session, "this session", asked.now - began + 1, next_session),
        _spent(asked, limits.per_day, "in 24 hours", DAY, None),
        _spent(asked, limits.per_week, "in 7 days", WEEK, None),
    ]
    # all of them must open: the last decides
    return max(
        (one for one in closed if one is not None), key=lambda one: one.opens_at or 0, default=None
    )


def patience(_asked: Asked, _guidance: Guidance) -> Closed | None:
    """Favours are asked rarely, and of people who had value lately."""
    return None  # nothing counts as a favour yet


GATES: tuple[tuple[Code, Gate], ...] = (
    ("HOLDOUT", holdout),
    ("HANDOFF_OPEN", handoff_open),
    ("ACTIVE_CLAIM", active_claim),
    ("NOT_HERE", not_here),
    ("WRONG_ROLE", wrong_role),
    ("NOT_SCHEDULED", not_scheduled),
    ("PREREQUISITE", prerequisite),
    ("DONE", done),
    ("RULE", rule),
    ("SNOOZED", snoozed),
    ("DISMISSED", dismissed),
    ("FREQUENCY_CAP", frequency_cap),
    ("COOL_OFF", cool_off),
    ("BUDGET", budget),
    ("PATIENCE", patience),
)

# An item under way need not ask these again: where it is shown is the caller's question, and how
# often was settled when it was claimed.
_SETTLED = ("ACTIVE_CLAIM", "NOT_HERE", "FREQUENCY_CAP", "COOL_OFF", "BUDGET", "PATIENCE")
GATES_UNDER_WAY = tuple((code, gate) for code, gate in GATES if code not in _SETTLED)


def _celebrated(asked: Asked, guidance: Guidance) -> Closed | None:
    for one in asked.deck.celebrations[guidance.toward]:
        under_way = asked.claim is not None and asked.claim.item == one
        exposure = asked.exposure(one)
        if exposure.completed_at or exposure.dismissed_at or (exposure.shown and not under_way):
            return Closed(f"celebrated by {one}", f"{guidance.toward} not celebrated")
    return None


def _spent(
    asked: Asked, most: int | None, name: str, window: int, opens_at: int | None
) -> Closed | None:
    impressions = asked.pair.user.attention.impressions if asked.pair.user else ()
    if most is None or len(impressions) < most or asked.now - impressions[most - 1] >= window:
        return None
    opens_at = impressions[most - 1] + window if opens_at is None else opens_at
    return Closed(f"{most} shown {name}", f"fewer than {most} {name}", opens_at)
