"""How much guidance one person gets in all, and who gets none so that its effect shows."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from guidepath.playbook.duration import Duration
from guidepath.playbook.part import Part, meanings

Most = Annotated[StrictInt, Field(ge=1)]


class Limits(Part):
    """The most that one person is shown; celebrations do not count. Default: no limit."""

    per_session: Most | None = Field(
        default=None, description="The most items in one visit.", examples=[1]
    )
    per_day: Most | None = Field(
        default=None, description="The most items within 24 hours.", examples=[3]
    )
    per_week: Most | None = Field(
        default=None, description="The most items within seven days.", examples=[8]
    )
    cool_off: Duration | None = Field(
        default=None, description="How long after one item the next may show.", examples=["10m"]
    )
    quiet_first_session: StrictBool = Field(
        default=False, description="Whether a person's first session stays without guidance."
    )
    lease: Duration = Field(
        default=timedelta(minutes=5),
        description="How long an item that was decided waits to be shown before it is free again.",
    )


class Holdout(Part):
    """Who gets no guidance, so that its effect can be measured."""

    percent: Annotated[float, Field(strict=True, ge=0, le=100)] = Field(
        default=0, description="How many of a hundred are shown nothing.", examples=[10]
    )
    by: Annotated[
        Literal["user", "account"],
        meanings(
            user="Each person is drawn for herself.", account="Whole accounts are drawn together."
        ),
    ] = Field(default="user", description="Who is drawn.")
    salt: str = Field(default="", description="Another salt draws other people.")
