"""Named achievements of a user or an account."""

from typing import Literal

from pydantic import Field, StrictBool

from guidepath.playbook.duration import Duration
from guidepath.playbook.name import Id, Label
from guidepath.playbook.part import Part
from guidepath.playbook.text import Text


class Responsible(Part):
    """Who is responsible on either side: one of the customer's roles, and a team of yours."""

    customer: Label | None = Field(default=None, description="A declared role.")
    supplier: Label | None = Field(default=None, description="A team or person of yours.")


class Milestone(Part):
    """A named achievement, reached once and never un-reached."""

    id: Id
    title: Text
    description: Text | None = None
    scope: Literal["user", "account"] = Field(
        default="user", description="Whether each user reaches it, or the account as a whole."
    )
    reached_when: str = Field(description="A rule: it is reached the first time this holds.")
    first_value: StrictBool = Field(
        default=False, description="Whether this is the line in the sand; exactly one is."
    )
    due: Duration | None = Field(default=None, description="How long after the start it is due.")
    responsible: Responsible | None = None
    renamed_from: Id | None = Field(
        default=None, description="Its id in earlier versions of the playbook."
    )
