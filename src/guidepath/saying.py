"""What guidepath says of what happened: envelopes with ids derived from what they tell."""

from collections.abc import Sequence
from typing import TypedDict

from msgspec.structs import replace

from guidepath.attention import Answers, Attention, Claim, Feedback
from guidepath.clock import SECOND, iso
from guidepath.deck import Deck
from guidepath.event import Envelope, Event, derive_id
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.milestone import Milestone
from guidepath.progress import News, Pair, Progress
from guidepath.rules.expression import Scalar
from guidepath.subject import Subject
from guidepath.survey import told

CYCLE = 1  # the success plan's cycle; the first until there are plans

_FEEDBACK_TYPES = {
    "item.shown": ("guidance.shown",),
    "step.shown": ("guidance.step_shown",),
    "item.completed": ("guidance.completed",),
    "item.dismissed": ("guidance.dismissed",),
    "item.snoozed": ("guidance.snoozed",),
    "survey.answered": ("survey.answered", "guidance.completed"),
    "target.missing": ("guidance.target_missing",),
}


def said(deck: Deck, subject: Subject, pair: Pair, news: Sequence[News]) -> list[Envelope]:
    """The envelopes of a subject's news, numbered on from what it has emitted."""
    progress = pair.account if subject.user is None else pair.user
    if progress is None or not news:
        return []
    about = _about(deck, pair)
    kinds = [(one, kind) for one in news for kind in _kinds(deck, one)]
    return [
        Envelope(
            id=derive_id("evt", kind, subject.account, subject.user, one.milestone, CYCLE),
            type=kind,
            occurred_at=one.at,
            account=subject.account,
            user=subject.user,
            data=_data(deck, kind, one, progress),
            playbook=deck.playbook.fingerprint,
            seq=progress.emitted + number,
            **about,
        )
        for number, (one, kind) in enumerate(kinds, 1)
    ]


def heard(
    deck: Deck,
    event: Event,
    feedback: Feedback,
    before: Attention,
    after: Attention,
    pair: Pair,
) -> list[Envelope]:
    """The envelopes of an answer, where it changed anything that counts."""
    kinds = _FEEDBACK_TYPES.get(feedback.type, ())
    if not kinds or (before.items == after.items and _claims(before) == _claims(after)):
        return []
    if feedback.type == "item.dismissed" and before.items == after.items:
        return []  # the page was left, or another item took its place
    guidance = deck.guidance[feedback.item]
    data: dict[str, object] = {
        "item": guidance.id,
        "version": guidance.version,
        "moment": guidance.moment,
        "toward": guidance.toward,
    }
    if feedback.step is not None:
        data["step"] = feedback.step
    if feedback.end_reason is not None:
        data["endReason"] = feedback.end_reason
    emitted = 0 if pair.user is None else pair.user.emitted
    envelopes = [
        Envelope(
            id=derive_id("evt", kind, event.account, event.user, event.id),
            type=kind,
            occurred_at=event.occurred_at,
            account=event.account,
            user=event.user,
            data=data,
            playbook=deck.playbook.fingerprint,
            seq=emitted + number,
            **_about(deck, pair),
        )
        for number, kind in enumerate(kinds, 1)
    ]
    if feedback.answers is not None:
        envelopes[0] = _with_answers(envelopes[0], guidance, feedback.answers)
    return envelopes


def _claims(attention: Attention) -> tuple[Claim | None, dict[str, Claim]]:
    return attention.claim, attention.aside


def _with_answers(envelope: Envelope, guidance: Guidance, answers: Answers) -> Envelope:
    """The envelope with the answers; those that may tell who she is are private."""
    anybodys, private = told(guidance, answers)
    data: dict[str, object] = {**envelope.data, "answers": anybodys}
    return replace(envelope, data=data, private={**envelope.private, **private})


class _About(TypedDict, total=False):
    role: str | None
    attributes: dict[str, Scalar]
    private: dict[str, Scalar]


def _about(deck: Deck, pair: Pair) -> _About:
    """Who it is about: what sinks may tell of her, and what only those that are told to."""
    vocabulary = deck.vocabulary
    about: tuple[dict[str, Scalar], dict[str, Scalar]] = ({}, {})
    for whose, progress, declared in (
        ("account", pair.account, vocabulary.account),
        ("user", pair.user, vocabulary.user),
    ):
        for name, value in (progress.attributes if progress else {}).items():
            if name in declared:
                about[declared[name].pii][f"{whose}.{name}"] = value
    return {
        "role": pair.user.role if pair.user else None,
        "attributes": about[0],
        "private": about[1],
    }


def _kinds(deck: Deck, news: News) -> tuple[str, ...]:
    if news.milestone is None:
        return ("subject.started",)
    if news.overdue:
        return ("milestone.overdue",)
    if news.milestone == deck.playbook.first_value.id:
        return ("milestone.reached", "first_value.reached")
    return ("milestone.reached",)


def _data(deck: Deck, kind: str, news: News, progress: Progress) -> dict[str, object]:
    if news.milestone is None:
        return {"scope": news.of}
    data: dict[str, object] = {"milestone": news.milestone, "scope": news.of}
    if news.by is not None:
        data["by"] = news.by
    if news.backfilled:
        data["backfilled"] = True
    if kind == "first_value.reached" and progress.start is not None:
        data["startedAt"] = iso(progress.start)
        data["time_to_value_s"] = (news.at - progress.start) / SECOND
    if news.overdue:
        data.update(_asked(deck.milestones[news.milestone], progress))
    return data


def _asked(milestone: Milestone, progress: Progress) -> dict[str, object]:
    """Since when an overdue milestone was to come, and who is responsible for it."""
    found: dict[str, object] = {}
    if progress.start is not None:
        found["startedAt"] = iso(progress.start)
    if milestone.responsible is not None:
        found["responsible"] = {side: one for side, one in milestone.responsible if one}
    return found
