"""What may be called how."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from guidepath.content import locale as languages

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST = 200


def _id(value: str) -> str:
    if not _ID.fullmatch(value) or len(value) > _LONGEST:
        raise PydanticCustomError(
            "bad-name",
            "{value} cannot be a name here: use letters, digits, _ and -, beginning with a letter",
            {"value": ascii(value[:40])},
        )
    return value


def _label(value: str) -> str:
    value = unicodedata.normalize("NFC", value)
    if not value or value != value.strip() or len(value) > _LONGEST or not value.isprintable():
        raise PydanticCustomError(
            "bad-name",
            "{value} cannot be a name here: use 1 to 200 printable characters, no spaces around",
            {"value": ascii(value[:40])},
        )
    return value


def _locale(value: str) -> str:
    if not languages.well_formed(value):
        raise PydanticCustomError(
            "bad-locale",
            "{value} is no language tag; write for example en, de-AT or zh-Hant",
            {"value": ascii(value[:40])},
        )
    return value


# What rules and templates name without quotes.
Id = Annotated[
    str,
    AfterValidator(_id),
    WithJsonSchema({"type": "string", "pattern": f"^{_ID.pattern}$", "maxLength": _LONGEST}),
]
# What the product calls its events and roles: compared exactly, after NFC.
Label = Annotated[
    str,
    AfterValidator(_label),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _LONGEST}),
]
Locale = Annotated[str, AfterValidator(_locale), WithJsonSchema({"type": "string"})]
