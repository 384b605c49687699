"""What is shown to a person, where, when, and how often."""

import hashlib
import json
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, WithJsonSchema, model_validator

from guidepath.lock import cached, whole
from guidepath.playbook.action import Action
from guidepath.playbook.duration import Duration, Instant
from guidepath.playbook.name import Id, Label
from guidepath.playbook.part import Part, meanings
from guidepath.playbook.question import Question
from guidepath.playbook.rule import RuleText
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
    WithJsonSchema(
        {
            "title": "Pages",
            "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "examples": ["/contacts", "/invoices/*", "/settings/**", ["/contacts", "/invoices"]],
        }
    ),
]


class Target(Part):
    """The element on the page that an item points at."""

    selector: str = Field(
        min_length=1,
        max_length=1_000,
        description="A CSS selector.",
        examples=["[data-guide='import']"],
    )
    wait: Duration = Field(
        default=timedelta(seconds=5), description="How long to wait for it to appear."
    )
    on_missing: Annotated[
        Literal["skip", "center", "end"],
        meanings(
            skip="Leave the item or this step out.",
            center="Show it in the middle of the page.",
            end="End the whole tour.",
        ),
    ] = Field(default="skip", description="What to do when it is not there after the wait.")


class Placement(Part):
    """Where beside its target an item stands, if there is room.

    `start` and `end` are where a line of the language starts and ends.
    """

    side: Annotated[
        Literal["top", "right", "bottom", "left", "start", "end"],
        meanings(
            top="Above.",
            right="To the right.",
            bottom="Below.",
            left="To the left.",
            start="Where a line starts: left in English, right in Arabic.",
            end="Where a line ends: right in English, left in Arabic.",
        ),
    ] = Field(default="bottom", description="On which side of its target it stands.")
    align: Annotated[
        Literal["start", "center", "end"],
        meanings(
            start="Their beginnings in line.", center="Their middles.", end="Their ends in line."
        ),
    ] = Field(default="start", description="Which part of the target it lines up with.")


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

    id: Id = Field(description="Its name within the tour.", examples=["start"])
    page: Pages = Field(default=(), description="Where it shows; default: where its tour does.")
    when: RuleText | None = Field(
        default=None,
        description="A rule: else the step is left out.",
        examples=["account.size > 1"],
    )
    target: Target | None = Field(default=None, description="What on the page it points at.")
    placement: Placement = Field(
        default=Placement(), description="Where beside its target it stands, if there is room."
    )
    title: Text = Field(description="Its headline.", examples=["Your invoices"])
    body: Text | None = Field(default=None, description="Markdown.")
    action: Action | None = Field(
        default=None, description="Its button; with `step` a branch, without one: next."
    )
    secondary_action: Action | None = Field(default=None, description="Default: the tour's.")
    advance_on: Annotated[str, Field(min_length=1, max_length=1_000)] | None = Field(
        default=None, description="A CSS selector: a click on it goes on to the next step."
    )


class ChecklistItem(Part):
    """One line of a checklist: done when its milestone is reached."""

    milestone: Id = Field(
        description="The milestone that ticks it off.", examples=["first_invoice"]
    )
    title: Text | None = Field(default=None, description="Default: the milestone's title.")
    required: StrictBool = Field(
        default=True, description="Whether the checklist is complete only with it."
    )
    after: tuple[Id, ...] = Field(
        default=(), description="Milestones that must be reached before it can be started."
    )
    action: Action | None = Field(default=None, description="Where to go to do it.")


class Guidance(Part):
    """One thing shown to a person, toward one milestone."""

    id: Id = Field(
        description="Its name in reports and events; keep it once it is in use.",
        examples=["import-contacts"],
    )
    type: Annotated[
        GuidanceType,
        meanings(
            tooltip="A card that points at an element.",
            hint="A dot at an element; pressed, it opens a card.",
            banner="A line across the page.",
            modal="A card in the middle, over the page.",
            tour="Cards one after the other, over as many pages as it takes.",
            checklist="Lines that are ticked off as milestones are reached.",
            survey="Questions, answered whole, once.",
            announcement="News in the middle of the page; it can be read again later.",
        ),
    ] = Field(description="What it looks like.")
    moment: Annotated[
        Moment,
        meanings(
            onboard="On the way to the first value.",
            celebrate="A milestone was reached just now; outside of all limits.",
            nurture="After the first value: a habit, one more use.",
            upgrade="Something that a larger subscription offers.",
            advocate="Ask to recommend, to invite, to tell others.",
            renew="A cycle ends: go on together.",
        ),
    ] = Field(description="Why it exists.")
    toward: Id = Field(
        description="The milestone it leads to; once reached, it is not shown.",
        examples=["first_invoice"],
    )
    roles: tuple[Label, ...] = Field(
        default=(), description="To whom; default: everyone.", examples=[["owner"]]
    )
    page: Pages = Field(default=(), description="Paths, with * and **; default: anywhere.")
    device: tuple[
        Annotated[
            Device,
            meanings(
                desktop="A wide screen.",
                tablet="A screen of middle width.",
                mobile="A narrow screen.",
            ),
        ],
        ...,
    ] = Field(default=(), description="On what; default: any device.", examples=[["desktop"]])
    when: RuleText | None = Field(
        default=None,
        description="A rule: only while it holds.",
        examples=['not did("contact.imported")', "since(reached first_invoice) > 2d"],
    )
    after: tuple[Id, ...] = Field(
        default=(),
        description="Guidance completed or milestones reached before.",
        examples=[["first_invoice"]],
    )
    starts: Instant | None = Field(default=None, description="From when on; default: always.")
    ends: Instant | None = Field(default=None, description="Until when; default: for good.")
    target: Target | None = Field(default=None, description="What on the page it points at.")
    placement: Placement = Field(
        default=Placement(), description="Where beside its target it stands, if there is room."
    )
    overlay: StrictBool = Field(default=False, description="Whether the rest of the page dims.")
    title: Text = Field(
        description="Its headline; plain text with values in braces.",
        examples=["Bring your contacts, {{ user.first_name }}"],
    )
    body: Text | None = Field(
        default=None, description="Markdown.", examples=["A **CSV** is enough."]
    )
    action: Action | None = Field(default=None, description="Its main button.")
    secondary_action: Action | None = Field(default=None, description="A second button.")
    dismissible: StrictBool = Field(
        default=True, description="Whether it can be closed without doing what it says."
    )
    frequency: Frequency = Field(
        default=Frequency(), description="Default: 3 times, a day apart; a checklist: no limit."
    )
    snooze: tuple[Duration, ...] = Field(
        default=(),
        description="For how long a person may put it off: the choices.",
        examples=[["4h", "1d"]],
    )
    steps: tuple[Step, ...] = Field(default=(), description="Of a tour, in order.")
    items: tuple[ChecklistItem, ...] = Field(default=(), description="Of a checklist: its lines.")
    questions: tuple[Question, ...] = Field(default=(), description="Of a survey: what it asks.")
    images: StrictBool = Field(default=False, description="Whether its bodies may show pictures.")
    theme: Id = Field(default="default", description="A name for your style sheet.")

    @model_validator(mode="before")
    @classmethod
    def _always_there(cls, value: object) -> object:
        if isinstance(value, dict) and value.get("type") == "checklist":
            return {"frequency": Frequency(max=None, cool_off=None), **value}
        return value

    @cached
    def version(self) -> str:
        """A short hash of its content: the same content has the same version, anywhere."""
        return fingerprint(self)[:12]


def rule_of(guidance: str, step: str) -> str:
    """The name under which a step's rule stands among those of guidance: no id has a dot."""
    return f"{guidance}.{step}"


def fingerprint(part: Part) -> str:
    """A hash of what a part says, 64 hex digits; what is left out counts as its default."""
    with whole:
        content = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
