"""The steps of a tour: which of them are for this person, where she is, and on which page that is.

declared steps -> those whose rule holds -> the one she is at -> whether it is on this page
"""

from collections.abc import Sequence

from guidepath.attention import Claim
from guidepath.deck import Deck
from guidepath.playbook.guidance import Guidance, Step
from guidepath.rules.glob import match
from guidepath.rules.situation import Situation


def kept(deck: Deck, guidance: Guidance, situation: Situation) -> tuple[Step, ...]:
    """The steps whose rule holds; the others are left out."""
    return tuple(one for one in guidance.steps if deck.holds(guidance, situation, one))


def current(guidance: Guidance, steps: Sequence[Step], claim: Claim | None) -> Step:
    """The step at which a person is, of those that are kept (at least one).

    After a step she is done with, it is the next; after one that was left out meanwhile, too.
    """
    places = {one.id: place for place, one in enumerate(guidance.steps)}
    if claim is None or claim.step not in places:
        return steps[0]
    at = places[claim.step] + (claim.step in claim.done)
    return next((one for one in steps if places[one.id] >= at), steps[-1])


def onward(guidance: Guidance, steps: Sequence[str], step: str) -> str | None:
    """Where a way to a step leads: there, or to the next one that is kept; None where none is."""
    ids = [one.id for one in guidance.steps]
    return next((one for one in ids[ids.index(step) :] if one in steps), None)


def pages(guidance: Guidance, step: Step | None) -> tuple[str, ...]:
    """Where it shows: on the step's pages, else on those of all of it; nothing is anywhere."""
    return (step.page if step is not None else ()) or guidance.page


def fits(patterns: Sequence[str], page: str | None) -> bool:
    """Whether one of the patterns fits the page; no patterns fit any, and none at all."""
    return not patterns or (page is not None and any(match(one, page) for one in patterns))
