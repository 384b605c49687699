"""What a person sees: guidance in her language, with her values in it, as it goes over the wire.

Titles and labels are plain text. Bodies are HTML, rendered from Markdown and sanitised here.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from guidepath.attention import Claim
from guidepath.clock import iso
from guidepath.deck import Deck
from guidepath.lock import whole
from guidepath.playbook.action import Action
from guidepath.playbook.guidance import ChecklistItem, Guidance, Placement, Step, Target
from guidepath.playbook.question import Option, Question, QuestionType
from guidepath.progress import Pair
from guidepath.subject import Context
from guidepath.tour import current, fits, onward, pages

Text = Mapping[str, str]


class _Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    pass


class WireTarget(_Wire, frozen=True):
    """The element an item points at."""

    selector: str
    wait_ms: int
    on_missing: Literal["skip", "center", "end"]


class WirePlacement(_Wire, frozen=True):
    """Where beside its target it stands."""

    side: str
    align: str


class WireOverlay(_Wire, frozen=True):
    """Whether the rest of the page dims."""

    enabled: bool


class WireAction(_Wire, frozen=True):
    """A button: it leads to an address or to a step of its tour, or completes the item."""

    label: str
    type: Literal["navigate", "complete", "step"]
    url: str | None
    step_id: str | None


class WireOption(_Wire, frozen=True):
    """One answer to choose."""

    id: str
    label: str


class WireQuestion(_Wire, frozen=True):
    """A question of a survey; what it has beside depends on its type."""

    id: str
    type: QuestionType
    prompt: str
    required: bool
    options: tuple[WireOption, ...] | UnsetType = UNSET
    multiple: bool | UnsetType = UNSET
    scale: int | UnsetType = UNSET
    low: str | UnsetType = UNSET
    high: str | UnsetType = UNSET
    max_length: int | UnsetType = UNSET


class WireStep(_Wire, frozen=True):
    """One thing on the screen; all but tours have one. `here`: it is for the page asked about."""

    id: str
    type: str
    here: bool
    title: str
    body_html: str
    target: WireTarget | None
    placement: WirePlacement
    overlay: WireOverlay
    advance_on: str | None
    primary_action: WireAction | None
    secondary_action: WireAction | None
    dismissible: bool
    questions: tuple[WireQuestion, ...]


class WireLine(_Wire, frozen=True):
    """One line of a checklist."""

    id: str
    title: str
    status: Literal["not_started", "completed"]
    required: bool
    locked: bool
    completed_by: str | None
    completed_at: str | None
    action: WireAction | None


class WireProgress(_Wire, frozen=True):
    """How much of it is done."""

    completed: int
    total: int


class WireState(_Wire, frozen=True):
    """How far the person is in it."""

    status: Literal["not_started", "in_progress", "completed"]
    current_step_id: str
    progress: WireProgress


class Item(_Wire, frozen=True, tag_field="object", tag="item"):
    """A piece of guidance, ready to be shown."""

    id: str
    version: str
    type: str
    moment: str
    toward: str
    locale: str
    steps: tuple[WireStep, ...]
    items: tuple[WireLine, ...]
    state: WireState
    snooze_options: tuple[str, ...]
    theme: str


class Writer:
    """Writes an item's texts for one person in one language."""

    def __init__(self, deck: Deck, pair: Pair, context: Context) -> None:
        user = pair.user.attributes if pair.user else {}
        account = pair.account.attributes if pair.account else {}
        locale = context.locale or user.get("locale")
        self._deck = deck
        self._playbook = deck.playbook
        self._reached = (pair.account, pair.user)
        self._page = context.page
        self.locale = locale if isinstance(locale, str) else None
        self._values: dict[str, object] = {
            **{f"user.{name}": value for name, value in user.items()},
            **{f"account.{name}": value for name, value in account.items()},
            "role": pair.user.role if pair.user else None,
        }

    def item(self, guidance: Guidance, claim: Claim | None, steps: Sequence[str] = ()) -> Item:
        """The whole item.

        Of a tour, `steps` are the ids of those that are for her, and `claim` tells at which she is.
        """
        for_her = [one for one in guidance.steps if one.id in steps]
        written = self._steps(guidance, for_her)
        lines = tuple(self._line(one) for one in guidance.items)
        at = current(guidance, for_her, claim).id if for_her else written[0].id
        return Item(
            id=guidance.id,
            version=guidance.version,
            type=guidance.type,
            moment=guidance.moment,
            toward=guidance.toward,
            locale=self._playbook.template(guidance.title, self.locale)[1],
            steps=written,
            items=lines,
            state=_state(at, [one.id for one in written], lines, claim),
            snooze_options=tuple(_duration(one) for one in guidance.snooze),
            theme=guidance.theme,
        )

    def text(self, text: Text) -> str:
        """A plain text."""
        template, locale = self._playbook.template(text, self.locale)
        return template.render(self._values, locale=locale)

    def _body(self, text: Text | None, *, images: bool) -> str:
        if text is None:
            return ""
        with whole:
            from guidepath.content import markdown

        template, locale = self._playbook.template(text, self.locale)
        rendered = template.render(self._values, locale=locale, escape=markdown.escape)
        return self._deck.html(rendered, images)

    def _steps(self, guidance: Guidance, steps: Sequence[Step]) -> tuple[WireStep, ...]:
        if not steps:
            return (self._step(guidance, guidance, ()),)
        ids = [one.id for one in steps]
        return tuple(self._step(guidance, one, ids) for one in steps)

    def _step(self, guidance: Guidance, step: Guidance | Step, steps: Sequence[str]) -> WireStep:
        of_tour = step if isinstance(step, Step) else None
        second = step.secondary_action or guidance.secondary_action
        return WireStep(
            id=step.id,
            type=guidance.type,
            here=of_tour is None or fits(pages(guidance, of_tour), self._page),
            title=self.text(step.title),
            body_html=self._body(step.body, images=guidance.images),
            target=_target(step.target),
            placement=_placement(step.placement),
            overlay=WireOverlay(enabled=guidance.overlay),
            advance_on=None if of_tour is None else of_tour.advance_on,
            primary_action=self._way(guidance, step, step.action, steps),
            secondary_action=self._way(guidance, step, second, steps),
            dismissible=guidance.dismissible,
            questions=tuple(self._question(one) for one in guidance.questions),
        )

    def _way(
        self,
        guidance: Guidance,
        step: Guidance | Step,
        action: Action | None,
        steps: Sequence[str],
    ) -> WireAction | None:
        """An action of a step; one that leads to where she is already is none."""
        if action is None or action.step is None:
            return self._action(action)
        to = onward(guidance, steps, action.step)
        if to == step.id:
            return None
        # where nothing is left of the way it leads to, the tour is over
        kind: Literal["step", "complete"] = "complete" if to is None else "step"
        return WireAction(label=self.text(action.label), type=kind, url=None, step_id=to)

    def _action(self, action: Action | None) -> WireAction | None:
        if action is None:
            return None
        kind, url = action.type, action.navigate
        return WireAction(label=self.text(action.label), type=kind, url=url, step_id=None)

    def _question(self, question: Question) -> WireQuestion:
        kind = question.type
        return WireQuestion(
            id=question.id,
            type=kind,
            prompt=self.text(question.prompt),
            required=question.required,
            options=tuple(map(self._option, question.options)) if kind == "choice" else UNSET,
            multiple=question.multiple if kind == "choice" else UNSET,
            scale=question.scale if kind == "rating" else UNSET,
            low=UNSET if question.low is None else self.text(question.low),
            high=UNSET if question.high is None else self.text(question.high),
            max_length=question.max_length if kind == "text" else UNSET,
        )

    def _option(self, option: Option) -> WireOption:
        return WireOption(id=option.id, label=self.text(option.label))

    def _line(self, line: ChecklistItem) -> WireLine:
        milestone = next(one for one in self._playbook.milestones if one.id == line.milestone)
        at, by = self._when(line.milestone)
        return WireLine(
            id=line.milestone,
            title=self.text(line.title or milestone.title),
            status="not_started" if at is None else "completed",
            required=line.required,
            locked=at is None and any(self._when(one)[0] is None for one in line.after),
            completed_by=by,
            completed_at=None if at is None else iso(at),
            action=self._action(line.action),
        )

    def _when(self, milestone: str) -> tuple[int | None, str | None]:
        for progress in self._reached:
            if progress is not None and milestone in progress.reached:
                return progress.reached[milestone], progress.reached_by.get(milestone)
        return None, None


def _state(
    at: str, steps: Sequence[str], lines: Sequence[WireLine], claim: Claim | None
) -> WireState:
    done = claim.done if claim else ()
    if lines:
        completed, total = sum(one.status == "completed" for one in lines), len(lines)
    else:
        completed, total = sum(one in done for one in steps), len(steps)
    begun = completed > 0 or (claim is not None and claim.step in steps)
    return WireState(
        status="completed" if completed >= total else "in_progress" if begun else "not_started",
        current_step_id=at,
        progress=WireProgress(completed=completed, total=total),
    )


def _target(target: Target | None) -> WireTarget | None:
    if target is None:
        return None
    return WireTarget(
        selector=target.selector,
        wait_ms=target.wait // timedelta(milliseconds=1),
        on_missing=target.on_missing,
    )


def _placement(placement: Placement) -> WirePlacement:
    return WirePlacement(side=placement.side, align=placement.align)


def _duration(span: timedelta) -> str:
    """ISO 8601, in the largest unit that divides it.

    >>> _duration(timedelta(hours=4)), _duration(timedelta(seconds=90))
    ('PT4H', 'PT90S')
    """
    seconds = span // timedelta(seconds=1)
    for unit, length in (("P{}D", 86_400), ("PT{}H", 3_600), ("PT{}M", 60)):
        if seconds % length == 0:
            return unit.format(seconds // length)
    return f"PT{seconds}S"
