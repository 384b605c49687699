"""What all parts of a playbook have in common: frozen, and unknown keys are mistakes."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from guidepath.lock import cached


def meanings(**told: str) -> Any:
    """What each word of an enum means, for editors: one for every word."""

    def add(schema: dict[str, Any]) -> None:
        schema["enumDescriptions"] = [told[one] for one in schema["enum"]]

    return Field(json_schema_extra=add)


class Part(BaseModel):
    """A part of a playbook.

    A part built wrongly in Python raises pydantic's ValidationError; a whole playbook raises
    PlaybookError.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        allow_inf_nan=False,
        ignored_types=(cached,),
    )
