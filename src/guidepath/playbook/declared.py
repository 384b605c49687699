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


class Declared(Part):
    """What a playbook declares."""

    guidepath: Literal[1] = Field(default=1, description="The version of this format.")
    name: Label = Field(description="What the playbook is called.")
    locale: Locale = Field(default="en", description="The language of texts written as one string.")
    roles: tuple[Label, ...] = Field(default=(), description="What users can be in an account.")
    attributes: Attributes = Attributes()
    events: Events = Field(default_factory=FrozenMap)
    segments: Frozen[Id, str] = Field(default_factory=FrozenMap, description="Named rules.")
    milestones: tuple[Milestone, ...]
    guidance: tuple[Guidance, ...] = ()
    limits: Limits = Limits()
    holdout: Holdout = Holdout()
