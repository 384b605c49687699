"""Named achievements of a user or an account."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from guidepath.playbook.duration import Duration
from guidepath.playbook.name import Id, Label
from guidepath.playbook.part import Part, meanings
from guidepath.playbook.rule import RuleText
from guidepath.playbook.text import Text


class Responsible(Part):
    """Who is responsible on either side: one of the customer's roles, and a team of yours."""

    customer: Label | None = Field(default=None, description="A declared role.", examples=["owner"])
    supplier: Label | None = Field(
        default=None, description="A team or person of yours.", examples=["onboarding"]
    )


class Milestone(Part):
    """A named achievement, reached once and never un-reached."""

    id: Id = Field(
        description="Its name in rules, guidance, reports and events; keep it once it is in use.",
        examples=["first_invoice"],
    )
    title: Text = Field(
        description="What it is called, on checklists and in reports.",
        examples=["Send your first invoice"],
    )
    description: Text | None = Field(default=None, description="Why it matters, in a sentence.")
    scope: Annotated[
        Literal["user", "account"],
        meanings(
            user="Each person reaches it for herself.", account="The account reaches it as a whole."
        ),
    ] = Field(
        default="user", description="Whether each user reaches it, or the account as a whole."
    )
    reached_when: RuleText = Field(
        description="A rule: it is reached the first time this holds.",
        examples=['did("invoice.sent")', 'count("invoice.sent" within 30d) >= 5'],
    )
    first_value: StrictBool = Field(
        default=False, description="Whether this is the line in the sand; exactly one is."
    )
    due: Duration | None = Field(
        default=None, description="How long after the start it is due.", examples=["3d"]
    )
    responsible: Responsible | None = Field(
        default=None, description="Who is responsible, on the customer's side and on yours."
    )
    renamed_from: Id | None = Field(
        default=None, description="Its id in earlier versions of the playbook."
    )
