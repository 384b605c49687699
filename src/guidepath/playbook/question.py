"""What a survey asks."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from guidepath.playbook.name import Id
from guidepath.playbook.part import Part, meanings
from guidepath.playbook.text import Text

QuestionType = Literal["rating", "choice", "text", "nps"]

# What only some types of questions have.
OF_TYPES: Mapping[str, tuple[QuestionType, ...]] = {
    "options": ("choice",),
    "multiple": ("choice",),
    "scale": ("rating",),
    "low": ("rating", "nps"),
    "high": ("rating", "nps"),
    "max_length": ("text",),
}


class Option(Part):
    """One answer to choose."""

    id: Id = Field(description="What the answer is called in events.", examples=["price"])
    label: Text = Field(description="What people read.", examples=["It costs too much"])


class Question(Part):
    """One question of a survey."""

    id: Id = Field(description="What the question is called in events.", examples=["ease"])
    type: Annotated[
        QuestionType,
        meanings(
            rating="A mark from 1 to `scale`.",
            choice="One of the `options`, or several.",
            text="A few words of one's own.",
            nps="A mark from 0 to 10: would you recommend us?",
        ),
    ] = Field(description="How it is answered.")
    prompt: Text = Field(description="What is asked.", examples=["How easy was it?"])
    required: StrictBool = Field(
        default=True, description="Whether it must be answered before the survey can be sent."
    )
    pii: StrictBool = Field(
        default=False, description="Whether answers may tell who a person is; see sinks."
    )
    options: tuple[Option, ...] = Field(
        default=(), description="Of a choice: the answers, at least two."
    )
    multiple: StrictBool = Field(default=False, description="Whether several may be chosen.")
    scale: Annotated[StrictInt, Field(ge=3, le=10)] = Field(
        default=5, description="The best of a rating; 1 is the worst."
    )
    low: Text | None = Field(
        default=None, description="What the worst mark means.", examples=["Hard"]
    )
    high: Text | None = Field(
        default=None, description="What the best mark means.", examples=["Easy"]
    )
    max_length: Annotated[StrictInt, Field(ge=1, le=5_000)] = Field(
        default=1_000, description="How many characters a text may have."
    )
