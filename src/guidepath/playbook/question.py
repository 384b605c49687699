"""What a survey asks."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from guidepath.playbook.name import Id
from guidepath.playbook.part import Part
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

    id: Id
    label: Text


class Question(Part):
    """One question of a survey."""

    id: Id
    type: QuestionType = Field(description="nps is from 0 to 10, a rating from 1 to `scale`.")
    prompt: Text
    required: StrictBool = True
    pii: StrictBool = Field(
        default=False, description="Whether answers may tell who a person is; see sinks."
    )
    options: tuple[Option, ...] = Field(default=(), description="Of a choice.")
    multiple: StrictBool = Field(default=False, description="Whether several may be chosen.")
    scale: Annotated[StrictInt, Field(ge=3, le=10)] = Field(
        default=5, description="The best of a rating; 1 is the worst."
    )
    low: Text | None = Field(default=None, description="What the worst mark means.")
    high: Text | None = Field(default=None, description="What the best mark means.")
    max_length: Annotated[StrictInt, Field(ge=1, le=5_000)] = Field(
        default=1_000, description="How many characters a text may have."
    )
