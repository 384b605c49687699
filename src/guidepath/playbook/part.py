"""What all parts of a playbook have in common: frozen, and unknown keys are mistakes."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a playbook.

    A part built wrongly in Python raises pydantic's ValidationError; a whole playbook raises
    PlaybookError.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )
