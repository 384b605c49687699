"""What became of one expectation, in words that name what was found and what it takes."""

from dataclasses import dataclass

from guidepath.adapters.web.wire import WireDecision
from guidepath.clock import iso
from guidepath.decision import Candidate, Decision
from guidepath.errors import Place
from guidepath.insight.wording import span
from guidepath.playbook.personas import Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether one expectation of a persona holds; if not, what she got instead, and why.

    `decision` is the one it was about, as a browser gets it, if it was about one; `place` is where
    the file has the expectation.
    """

    persona: str
    sentence: str
    expectation: Expectation | None
    passed: bool
    got: str
    why: tuple[str, ...] = ()
    place: Place | None = None
    decision: WireDecision | None = None

    def __str__(self) -> str:
        """The persona and what was expected; where it failed, what she got and why, by lines."""
        head = f"{self.persona} {self.sentence}"
        if self.passed:
            return head
        where = [] if self.place is None else [str(self.place)]
        return "\n".join([head, *(f"    {one}" for one in (self.got, *self.why, *where))])


def answer(decision: Decision) -> str:
    """What a decision shows, and by which gate."""
    if decision.guidance is None:
        return f"got nothing: {decision.reason}"
    title = f" “{decision.item.steps[0].title}”" if decision.item else ""
    return f"got {decision.guidance}{title}: {decision.reason}"


def kept_back(candidate: Candidate, now: int) -> str:
    """The first gate that keeps an item back: what it found, what it takes, and when it opens."""
    verdict = candidate.verdict
    if verdict.open:
        return f"nothing keeps {candidate.item} back"
    told = f"{candidate.item} is kept back by {verdict.code}"
    told += f": {verdict.actual}; must be {verdict.required}"
    if verdict.opens_at is None:
        return told
    return f"{told}; opens {iso(verdict.opens_at)} (in {span(max(0, verdict.opens_at - now))})"
