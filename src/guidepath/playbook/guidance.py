"""What is shown to a person, where, when, and how often."""

import hashlib
import json
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, WithJsonSchema, model_validator

from guidepath.playbook.action import Action
from guidepath.playbook.duration import Duration, Instant
from guidepath.playbook.name import Id, Label
from guidepath.playbook.part import Part
from guidepath.playbook.question import Question
from guidepath.playbook.text import Text

GuidanceType = Literal[
    "tooltip", "hint", "banner", "modal", "tour", "checklist", "survey", "announcement"
]
Moment = Literal["onboard", "celebrate", "nurture", "upgrade", "advocate", "renew"]
Device = Literal["desktop", "tablet", "mobile"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Pages = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class Target(Part):
    """The element on the page that an item points at."""

    selector: str = Field(min_length=1, max_length=1_000, description="A CSS selector.")
    wait: Duration = Field(
        default=timedelta(seconds=5), description="How long to wait for it to appear."
    )
    on_missing: Literal["skip", "center", "end"] = Field(
        default="skip",
        description="Without it, leave it or this step out, show it in the middle, or end a tour.",
    )


class Placement(Part):
    """Where beside its target an item stands, if there is room.

    `start` and `end` are where a line of the language starts and ends.
    """

    side: Literal["top", "right", "bottom", "left", "start", "end"] = "bottom"
    align: Literal["start", "center", "end"] = "start"


class Frequency(Part):
    """How often one person sees an item."""

    max: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=3, description="How many times at most; null: no limit."
    )
    cool_off: Duration | None = Field(
        default=timedelta(days=1), description="How long until it may show again."
    )


class Step(Part):
    """One step of a tour."""

    id: Id
    page: Pages = Field(default=(), description="Where it shows; default: where its tour does.")
    when: str | None = Field(default=None, description="A rule: else the step is left out.")
    title: Text
    body: Text | None = None
    target: Target | None = None
    placement: Placement = Placement()
    action: Action | None = None
    secondary_action: Action | None = Field(default=None, description="Default: the tour's.")
    advance_on: Annotated[str, Field(min_length=1, max_length=1_000)] | None = Field(
        default=None, description="A CSS selector: a click on it goes on to the next step."
    )


class ChecklistItem(Part):
    """One line of a checklist: done when its milestone is reached."""

    milestone: Id
    title: Text | None = Field(default=None, description="Default: the milestone's title.")
    required: StrictBool = True
    after: tuple[Id, ...] = Field(
        default=(), description="Milestones that must be reached before it can be started."
    )
    action: Action | None = None


class Guidance(Part):
    """One thing shown to a person, toward one milestone."""

    id: Id
    type: GuidanceType
    moment: Moment = Field(description="Why it exists.")
    toward: Id = Field(description="The milestone it leads to; once reached, it is not shown.")
    roles: tuple[Label, ...] = Field(default=(), description="To whom; default: everyone.")
    page: Pages = Field(default=(), description="Paths, with * and **; default: anywhere.")
    device: tuple[Device, ...] = Field(default=(), description="On what; default: any device.")
    when: str | None = Field(default=None, description="A rule: only while it holds.")
    after: tuple[Id, ...] = Field(
        default=(), description="Guidance completed or milestones reached before."
    )
    starts: Instant | None = None
    ends: Instant | None = None
    target: Target | None = None
    placement: Placement = Placement()
    overlay: StrictBool = Field(default=False, description="Whether the rest of the page dims.")
    title: Text
    body: Text | None = Field(default=None, description="Markdown.")
    action: Action | None = None
    secondary_action: Action | None = None
    dismissible: StrictBool = True
    frequency: Frequency = Field(
        default=Frequency(), description="Default: 3 times, a day apart; a checklist: no limit."
    )
    snooze: tuple[Duration, ...] = Field(
        default=(), description="For how long a person may put it off."
    )
    steps: tuple[Step, ...] = Field(default=(), description="Of a tour.")
    items: tuple[ChecklistItem, ...] = Field(default=(), description="Of a checklist.")
    questions: tuple[Question, ...] = Field(default=(), description="Of a survey.")
    images: StrictBool = Field(default=False, description="Whether its bodies may show pictures.")
    theme: Label = "default"

    @model_validator(mode="before")
    @classmethod
    def _always_there(cls, value: object) -> object:
        if isinstance(value, dict) and value.get("type") == "checklist":
            return {"frequency": Frequency(max=None, cool_off=None), **value}
        return value

    @cached_property
    def version(self) -> str:
        """A short hash of its content: the same content has the same version, anywhere."""
        return fingerprint(self)[:12]


def rule_of(guidance: str, step: str) -> str:
    """The name under which a step's rule stands among those of guidance: no id has a dot."""
    return f"{guidance}.{step}"


def fingerprint(part: Part) -> str:
    """A hash of what a part says, 64 hex digits; what is left out counts as its default."""
    content = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
