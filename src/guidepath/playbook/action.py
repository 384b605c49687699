"""What a person may press, and where it leads."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from guidepath.content import link
from guidepath.playbook.name import Id
from guidepath.playbook.part import Part
from guidepath.playbook.text import Text


def _address(value: str) -> str:
    if "{{" in value or "{%" in value:
        raise PydanticCustomError(
            "bad-link", "an address cannot hold values; lead to a page that knows the person"
        )
    if link.kind(value) not in ("path", "fragment", "https"):
        raise PydanticCustomError(
            "bad-link",
            "an action leads to a path (/contacts), a place on the page (#top) or an https address",
        )
    return value


class Action(Part):
    """A button: it leads to an address or to a step of its tour, or completes the item."""

    label: Text = Field(description="What the button says.", examples=["Import"])
    navigate: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None,
        description="/path, #place or https address; without it, the item is done.",
        examples=["/contacts/import", "#top", "https://example.com/help"],
    )
    step: Id | None = Field(default=None, description="The step at which its tour goes on.")

    @property
    def type(self) -> Literal["navigate", "step", "complete"]:
        """What pressing it does."""
        if self.step is not None:
            return "step"
        return "complete" if self.navigate is None else "navigate"
