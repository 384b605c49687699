"""Texts that people read: one string, or one for each language."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from guidepath.playbook.frozen import Frozen, FrozenMap
from guidepath.playbook.name import Locale

# The key of a text written as one string: "undetermined" in BCP 47, the playbook's own language.
BARE = "und"


def _spread(value: object) -> object:
    if isinstance(value, str):
        return {BARE: value}
    if not isinstance(value, Mapping):
        raise PydanticCustomError("wrong-type", "a text is expected here; write it in quotes")
    return value


def _some(value: FrozenMap[str, str]) -> FrozenMap[str, str]:
    if not value:
        raise PydanticCustomError("bad-text", "there is no text here; write one, or one a language")
    return value


def _written(value: FrozenMap[str, str]) -> str | dict[str, str]:
    return value[BARE] if list(value) == [BARE] else dict(value)


Text = Annotated[
    Frozen[Locale, Annotated[str, Field(min_length=1)]],
    BeforeValidator(_spread),
    AfterValidator(_some),
    PlainSerializer(_written),
    WithJsonSchema(
        {
            "title": "Text",
            "description": "A text, or one for each language.",
            "oneOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "minProperties": 1,
                    "examples": [{"en": "Welcome", "de": "Willkommen"}],
                    "additionalProperties": {"type": "string", "minLength": 1},
                },
            ],
        }
    ),
]
