"""All parts of a playbook together, each right by itself."""

from typing import Literal

from pydantic import Field

from guidepath.playbook.attribute import Attributes, Events
from guidepath.playbook.frozen import Frozen, FrozenMap
from guidepath.playbook.guidance import Guidance
from guidepath.playbook.limits import Holdout, Limits
from guidepath.playbook.milestone import Milestone
from guidepath.playbook.name import Id, Label, Locale
from guidepath.playbook.part import Part
from guidepath.playbook.rule import RuleText


class Declared(Part):
    """What a playbook declares."""

    guidepath: Literal[1] = Field(default=1, description="The version of this format.")
    name: Label = Field(description="What the playbook is called.", examples=["ledgerly"])
    locale: Locale = Field(
        default="en",
        description="The language of texts written as one string.",
        examples=["en", "de-AT", "zh-Hant"],
    )
    roles: tuple[Label, ...] = Field(
        default=(),
        description="What users can be in an account.",
        examples=[["owner", "accountant", "member"]],
    )
    attributes: Attributes = Field(
        default=Attributes(), description="What is known of users and of accounts."
    )
    events: Events = Field(
        default_factory=FrozenMap,
        description="What happens in your product, by the name under which it is tracked.",
        examples=[{"invoice.sent": {"properties": {"total": "number"}}}],
    )
    segments: Frozen[Id, RuleText] = Field(
        default_factory=FrozenMap,
        description="Rules with a name of their own; other rules ask `segment(NAME)`.",
        examples=[{"small_team": "account.size <= 10"}],
    )
    milestones: tuple[Milestone, ...] = Field(
        description="What people achieve; exactly one is the first value."
    )
    guidance: tuple[Guidance, ...] = Field(
        default=(), description="What is shown; of those that fit, the first here goes first."
    )
    limits: Limits = Field(
        default=Limits(),
        description="The most that one person is shown; celebrations do not count.",
    )
    holdout: Holdout = Field(
        default=Holdout(),
        description="Who gets no guidance, so that its effect can be measured.",
    )
