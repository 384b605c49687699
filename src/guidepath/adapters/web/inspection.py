"""What the inspector in the page shows: the decision of now, and why each other item waits.

It is for those whom the host permits. For everybody else the path does not exist: it is in no
description, and its 404 is that of any other path.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from guidepath.adapters.web.exchange import PRIVATE, Request, Response, json
from guidepath.adapters.web.identity import Identity
from guidepath.asyncio import AsyncGuidepath
from guidepath.clock import iso
from guidepath.content.locale import well_formed
from guidepath.decision import Candidate, Decision, Verdict
from guidepath.playbook.playbook import Playbook
from guidepath.playbook.reason import Code
from guidepath.progress import Pair
from guidepath.rules.dependency import attributes_of
from guidepath.rules.expression import Scalar

PATH = "v1/inspect"
HIDDEN = "(private)"
# what a closed gate means, for people
MEANING: Mapping[Code, str] = {
    "HOLDOUT": "in the holdout, which gets no guidance so that its effect can be measured",
    "HANDOFF_OPEN": "a person takes care of this account just now",
    "ACTIVE_CLAIM": "another item is under way",
    "NOT_HERE": "not for this page or device",
    "WRONG_ROLE": "for another role",
    "NOT_SCHEDULED": "not at this time",
    "PREREQUISITE": "something else comes first",
    "DONE": "done already",
    "RULE": "its rule does not hold",
    "SNOOZED": "put off by this person",
    "DISMISSED": "sent away by this person",
    "FREQUENCY_CAP": "shown often enough",
    "COOL_OFF": "too soon after the last one",
    "BUDGET": "enough was shown for now",
    "PATIENCE": "enough favours were asked for now",
    "OUTRANKED": "another item comes first",
    "CHOSEN": "every gate is open, and nothing comes before it",
}


class _Seen(msgspec.Struct, frozen=True, rename="camel", kw_only=True, gc=False):
    pass


class SeenGate(_Seen, frozen=True):
    """A closed gate: what it found, what it requires, and when time alone opens it."""

    code: Code
    meaning: str
    actual: str
    required: str
    opens_at: str | None


class SeenItem(_Seen, frozen=True):
    """A piece of guidance and the gates that are closed for it, in order; none: it is shown.

    `passed` is at how many gates it was before the first closed one: how close it came.
    """

    id: str
    title: str
    type: str
    moment: str
    toward: str
    chosen: bool
    passed: int
    closed: tuple[SeenGate, ...]


class SeenAttribute(_Seen, frozen=True):
    """An attribute that is known. What tells who a person is has no value here."""

    of: Literal["account", "user"]
    name: str
    value: Scalar | None
    private: bool


class SeenMilestone(_Seen, frozen=True):
    """A milestone, and when it was reached."""

    id: str
    title: str
    reached_at: str | None


class SeenPerson(_Seen, frozen=True):
    """Who asks, as guidepath knows her."""

    user: str
    account: str
    role: str | None
    attributes: tuple[SeenAttribute, ...]
    milestones: tuple[SeenMilestone, ...]


class Inspection(_Seen, frozen=True, tag_field="object", tag="inspection"):
    """All of it, at one instant."""

    evaluated_at: str
    next_evaluation_at: str | None
    page: str | None
    device: str | None
    item: str | None
    reason: Code
    meaning: str
    person: SeenPerson
    items: tuple[SeenItem, ...]


async def show_inspection(guide: AsyncGuidepath, request: Request, who: Identity) -> Response:
    """GET v1/inspect: what is decided here and now, and why. Nothing is claimed or saved."""
    page, device = request.query.get("page"), request.query.get("device")
    locale = _locale(request)
    decision = await guide.explain(
        user=who.user, account=who.account, page=page, locale=locale, device=device
    )
    pair = await guide.standing(user=who.user, account=who.account)
    names = _Names(guide.playbook, locale)
    then = decision.next_evaluation_at
    seen = Inspection(
        evaluated_at=iso(decision.evaluated_at),
        next_evaluation_at=None if then is None else iso(then),
        page=page,
        device=device,
        item=decision.guidance,
        reason=decision.reason,
        meaning=_why(decision),
        person=_person(guide.playbook, who, pair, names),
        items=tuple(_item(one, decision, names, guide.playbook) for one in decision.candidates),
    )
    return json(seen, headers=PRIVATE)


def _why(decision: Decision) -> str:
    if decision.guidance is not None and decision.reason == "ACTIVE_CLAIM":
        return "it is under way: the same in every tab until it is answered"
    return MEANING[decision.reason]


class _Names:
    """What things are called, with the names of values where a person would read the values."""

    def __init__(self, playbook: Playbook, locale: str | None) -> None:
        self._playbook = playbook
        self._locale = locale
        self.guidance = {one.id: one for one in playbook.guidance}

    def of(self, text: Mapping[str, str]) -> str:
        """A text in the language asked for.

        The inspector's text is copied into tickets and chats: nobody's name belongs there.
        """
        template, locale = self._playbook.template(text, self._locale)
        named = {path: f"{{{path}}}" for path in template.paths}
        return template.render(named, locale=locale)


def _person(playbook: Playbook, who: Identity, pair: Pair, names: _Names) -> SeenPerson:
    reached = {name: at for one in pair.known for name, at in one.reached.items()}
    return SeenPerson(
        user=who.user,
        account=who.subject.account,
        role=pair.user.role if pair.user else None,
        attributes=tuple(_attributes(playbook, pair)),
        milestones=tuple(
            SeenMilestone(
                id=one.id,
                title=names.of(one.title),
                reached_at=iso(reached[one.id]) if one.id in reached else None,
            )
            for one in playbook.milestones
        ),
    )


def _attributes(playbook: Playbook, pair: Pair) -> Iterator[SeenAttribute]:
    vocabulary = playbook.vocabulary
    known: tuple[Literal["user", "account"], ...] = ("user", "account")
    for of in known:
        progress, declared = pair.of(of), getattr(vocabulary, of)
        for name, value in (progress.attributes if progress else {}).items():
            if name not in declared or value is None:
                continue
            private = declared[name].pii
            told = iso(int(value)) if declared[name].kind == "time" else value
            yield SeenAttribute(of=of, name=name, value=None if private else told, private=private)


def _item(candidate: Candidate, decision: Decision, names: _Names, playbook: Playbook) -> SeenItem:
    guidance = names.guidance[candidate.item]
    private = _reads_private(playbook, candidate.item)
    return SeenItem(
        id=guidance.id,
        title=names.of(guidance.title),
        type=guidance.type,
        moment=guidance.moment,
        toward=guidance.toward,
        chosen=candidate.item == decision.guidance,
        passed=next((at for at, one in enumerate(candidate.gates) if not one.open), len(MEANING)),
        closed=tuple(_gate(one, private=private) for one in candidate.gates if not one.open),
    )


def _reads_private(playbook: Playbook, item: str) -> bool:
    """Whether the item's rule reads what tells who a person is: then what it found is not told."""
    rule = playbook.guidance_rules.get(item)
    declared = {"user": playbook.vocabulary.user, "account": playbook.vocabulary.account}
    return rule is not None and any(declared[of][name].pii for of, name in attributes_of(rule))


def _gate(verdict: Verdict, *, private: bool) -> SeenGate:
    return SeenGate(
        code=verdict.code,
        meaning=MEANING[verdict.code],
        actual=HIDDEN if private and verdict.code == "RULE" else verdict.actual,
        required=verdict.required,
        opens_at=None if verdict.opens_at is None else iso(verdict.opens_at),
    )


def _locale(request: Request) -> str | None:
    wanted = request.query.get("locale", "").strip().replace("_", "-")
    return wanted if well_formed(wanted) else None
