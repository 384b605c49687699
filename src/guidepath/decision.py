"""The answer to "what now?": one item or none, with the reason.

`decide` is pure: the same inputs give the same decision, byte for byte. Candidates are asked in
rank order (moment, then playbook order); the first that passes every gate is chosen. Silence is a
right answer: its reason is the gate at which the candidate that came furthest was stopped.
"""

import base64
import binascii
import dataclasses
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from guidepath.attention import UNSHOWN, Attention, Claim
from guidepath.clock import micros
from guidepath.deck import Deck
from guidepath.errors import EventError
from guidepath.event import derive_id
from guidepath.gate import GATES, GATES_UNDER_WAY, Asked, Closed, not_here, ripe
from guidepath.item import Item
from guidepath.playbook.guidance import Guidance, Step
from guidepath.playbook.reason import Code
from guidepath.progress import Pair
from guidepath.subject import Context, Subject
from guidepath.tour import pages
from guidepath.walk import ripens_at

_ORDER = {code: place for place, (code, _) in enumerate(GATES)}


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What one gate says of one piece of guidance. `opens_at` is microseconds."""

    code: Code
    open: bool
    actual: str = ""
    required: str = ""
    opens_at: int | None = None


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A piece of guidance and the gates it was asked at; the first closed one decides."""

    item: str
    gates: tuple[Verdict, ...]

    @property
    def verdict(self) -> Verdict:
        """The first closed gate, or the last answer."""
        return next((one for one in self.gates if not one.open), self.gates[-1])


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What to show now, and why.

    `item` is what a person sees, in her language; None is silence. `reason` is a gate's code.
    `steps` are the ids of those of a tour that are for this person.
    `next_evaluation_at` is when the answer can change with no event. Times are microseconds.
    """

    id: str
    subject: Subject
    evaluated_at: int
    reason: Code
    next_evaluation_at: int | None = None
    guidance: str | None = None
    steps: tuple[str, ...] = ()
    claim: Claim | None = None
    candidates: tuple[Candidate, ...] = ()
    item: Item | None = None


def decide(
    deck: Deck,
    subject: Subject,
    pair: Pair,
    context: Context,
    now: int,
    *,
    everything: bool = False,
) -> Decision:
    """The decision for a user at a place and an instant.

    With `everything`, every gate of every piece of guidance answers; the decision is the same.
    """
    asked = Asked(deck, subject, pair, context, now, telling=False)
    begun = _begun(asked)
    if begun:
        asked = dataclasses.replace(asked, begun=begun)
    claim = _under_way(asked)
    if claim is None:
        decision = _afresh(asked, deck.candidates(context.page, asked.role))
    else:
        decision = _again(asked, claim)
    if everything:
        telling = Asked(deck, subject, pair, context, now, claim, begun=begun)
        decision = replace(decision, candidates=tuple(_all(telling, decision)))
    return decision


def claimed(attention: Attention, decision: Decision) -> Attention:
    """The attention once the decision's claim is saved; the same object if it was saved before.

    The claim of a tour that makes way is set aside while it lasts.
    """
    claim, before = decision.claim, attention.claim
    if claim is None or claim == before:
        return attention
    aside = {**attention.aside}
    if before is not None and before.step is not None:
        aside[before.item] = replace(before, left=True)
    aside = {
        item: one
        for item, one in aside.items()
        if item != claim.item and decision.evaluated_at < one.expires_at
    }
    claims = max(attention.claims, claim.number)
    return replace(attention, claim=claim, claims=claims, aside=aside)


class Reference(NamedTuple):
    """What a decision's id says: whose it was, which claim it made, on what, and when."""

    account: str
    user: str | None
    number: int
    item: str
    at: int

    @property
    def id(self) -> str:
        """The decision's id. It names its subject, so that an answer needs no look-up."""
        packed = msgspec.msgpack.encode(tuple(self))
        return "dec_" + base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @property
    def subject(self) -> Subject:
        """Whose decision it was."""
        return Subject(self.account, self.user)

    @property
    def token(self) -> str:
        """The token of the claim it made."""
        return derive_id("clm", *self)

    @classmethod
    def read(cls, decision_id: str) -> "Reference":
        """The reference in a decision's id.

        Raises:
            EventError: it is no decision's id, or one that showed nothing.
        """
        encoded = decision_id.removeprefix("dec_")
        try:
            packed = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            reference = cls(*msgspec.msgpack.decode(packed, type=tuple[str, str, int, str, int]))
        except (binascii.Error, msgspec.MsgspecError, ValueError):
            raise EventError(f"{decision_id[:80]!a} is no decision's id") from None
        if not reference.number:
            raise EventError("this decision showed nothing, so there is nothing to answer")
        return reference


def _begun(asked: Asked) -> dict[str, Claim]:
    """The claims that still hold, here or elsewhere, by item; the latest first."""
    attention = asked.pair.user.attention if asked.pair.user else None
    if attention is None:
        return {}
    claims = () if attention.claim is None else (attention.claim,)
    return {one.item: one for one in (*claims, *attention.aside.values()) if _right(asked, one)}


def _under_way(asked: Asked) -> Claim | None:
    """The claim that holds on this page, or keeps others away on it."""
    for claim in asked.begun.values():
        here = not_here(asked, asked.deck.guidance[claim.item]) is None
        if here or _abides(asked, claim):
            return claim
    return None


def _right(asked: Asked, claim: Claim) -> bool:
    """Whether a claim is in time, and its item still right for this person."""
    guidance = asked.deck.guidance.get(claim.item)
    if asked.now >= claim.expires_at or guidance is None or guidance.version != claim.version:
        return False
    held = dataclasses.replace(asked, claim=claim)
    return not any(gate(held, guidance) for _, gate in GATES_UNDER_WAY)


def _abides(asked: Asked, claim: Claim) -> bool:
    """Whether it keeps others away on a page where its item does not fit.

    A tour that has gone on to a step on other pages is on no screen.
    """
    if not claim.abides(asked.now):
        return False
    if claim.step not in claim.done:
        return True
    guidance = asked.deck.guidance[claim.item]
    shown = next((one for one in guidance.steps if one.id == claim.step), None)
    return pages(guidance, shown) == pages(guidance, asked.step(guidance))


def _again(asked: Asked, claim: Claim) -> Decision:
    guidance = asked.deck.guidance[claim.item]
    here = not_here(asked, guidance) is None
    unshown = not here and claim.shown_at is None
    changes = [
        claim.made_at + UNSHOWN if unshown else claim.expires_at,
        *_turning(asked, guidance, ("NOT_SCHEDULED", "RULE")),
        *_elsewhere(asked, claim),
    ]
    return Decision(
        id=_reference(asked, claim.number, claim.item, claim.made_at).id,
        subject=asked.subject,
        evaluated_at=asked.now,
        reason="ACTIVE_CLAIM",
        next_evaluation_at=_first(asked, changes),
        guidance=guidance.id if here else None,
        steps=_steps(asked, guidance) if here else (),
        claim=replace(claim, left=False) if here else None,
        candidates=(Candidate(guidance.id, (Verdict("ACTIVE_CLAIM", open=here),)),),
    )


def _afresh(asked: Asked, matching: Iterable[Guidance]) -> Decision:
    candidates = []
    for guidance in matching:
        candidate = Candidate(guidance.id, tuple(_until_closed(asked, guidance)))
        candidates.append(candidate)
        if candidate.verdict.open:
            return _chosen(asked, guidance, candidates)
    return _silent(asked, candidates)


def _chosen(asked: Asked, guidance: Guidance, candidates: list[Candidate]) -> Decision:
    number = (asked.pair.user.attention.claims if asked.pair.user else 0) + 1
    lease = asked.deck.lease
    reference = _reference(asked, number, guidance.id, asked.now)
    claim = Claim(
        token=reference.token,
        number=number,
        item=guidance.id,
        version=guidance.version,
        made_at=asked.now,
        expires_at=asked.now + lease,
    )
    changes = [
        claim.expires_at,
        *_turning(asked, guidance, ("NOT_SCHEDULED", "RULE")),
        *_elsewhere(asked, claim),
    ]
    return Decision(
        id=reference.id,
        subject=asked.subject,
        evaluated_at=asked.now,
        reason="CHOSEN",
        next_evaluation_at=_first(asked, changes),
        guidance=guidance.id,
        steps=_steps(asked, guidance),
        claim=claim,
        candidates=tuple(candidates),
    )


def _silent(asked: Asked, candidates: list[Candidate]) -> Decision:
    verdicts = [one.verdict for one in candidates]
    furthest = max(verdicts, key=lambda one: _ORDER[one.code], default=None)
    changes = [one.opens_at for one in verdicts if one.opens_at is not None]
    for one in candidates:
        guidance = asked.deck.guidance[one.item]
        changes += _turning(asked, guidance, {gate.code for gate in one.gates})
    changes += [one.expires_at for one in asked.begun.values()]
    changes += _elsewhere(asked)
    return Decision(
        id=_reference(asked, 0, "", asked.now).id,
        subject=asked.subject,
        evaluated_at=asked.now,
        reason="NOT_HERE" if furthest is None else furthest.code,
        next_evaluation_at=_first(asked, changes),
        candidates=tuple(candidates),
    )


def _first(asked: Asked, changes: Iterable[int]) -> int | None:
    """The first of these instants, or when a milestone is reached by waiting before them."""
    ripens = ripens_at(asked.deck, asked.pair, asked.now)
    found = [*changes] if ripens is None else [*changes, ripens]
    return min((one for one in found if one > asked.now), default=None)


def _elsewhere(asked: Asked, claim: Claim | None = None) -> Iterator[int]:
    """When time alone brings a tour here that is under way on other pages."""
    for one in asked.begun.values():
        guidance = asked.deck.guidance[one.item]
        if guidance.steps and (claim is None or one.item != claim.item):
            yield from _turning(asked, guidance, {"NOT_HERE"})


def _turning(asked: Asked, guidance: Guidance, gates: Collection[Code]) -> Iterator[int]:
    """When time alone turns the item's schedule or a rule, open or closed, where that was asked."""
    if guidance.ends is not None and "NOT_SCHEDULED" in gates:
        yield micros(guidance.ends)
    rules: list[Step | None] = []
    if "RULE" in gates:
        rules.append(None)
    if (
        "RULE" in gates or "NOT_HERE" in gates
    ):  # where a tour is follows from the rules of its steps
        rules += guidance.steps
    for step in rules:
        at = ripe(asked, guidance, step)
        if at is not None:
            yield at


def _steps(asked: Asked, guidance: Guidance) -> tuple[str, ...]:
    return tuple(one.id for one in asked.steps(guidance))


def _all(asked: Asked, decision: Decision) -> Iterator[Candidate]:
    """Every gate's answer for every piece of guidance, chosen, outranked or closed."""
    for guidance in asked.deck.ranked:
        if guidance.id == decision.guidance:
            gates = tuple(_under_claim(asked, guidance))
            yield Candidate(guidance.id, (*gates, Verdict(decision.reason, open=True)))
        else:
            gates = tuple(_verdict(code, gate(asked, guidance)) for code, gate in GATES)
            yield Candidate(guidance.id, (*gates, _outranked(decision)))


def _outranked(decision: Decision) -> Verdict:
    if decision.guidance is None:
        return Verdict("OUTRANKED", open=True)
    return Verdict("OUTRANKED", False, f"{decision.guidance} comes first", "nothing before it")


def _until_closed(asked: Asked, guidance: Guidance) -> Iterator[Verdict]:
    for code, gate in GATES:
        verdict = _verdict(code, gate(asked, guidance))
        yield verdict
        if not verdict.open:
            return


def _under_claim(asked: Asked, guidance: Guidance) -> Iterator[Verdict]:
    """The gates of the item that is shown: what its claim settled counts as open."""
    asks = dict(GATES_UNDER_WAY)
    for code, _ in GATES:
        yield _verdict(code, asks[code](asked, guidance) if code in asks else None)


def _verdict(code: Code, closed: Closed | None) -> Verdict:
    if closed is None:
        return Verdict(code, open=True)
    return Verdict(code, False, *closed)


def _reference(asked: Asked, number: int, item: str, at: int) -> Reference:
    return Reference(*asked.subject, number, item, at)
