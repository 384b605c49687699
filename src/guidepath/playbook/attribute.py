"""What the product reports: attributes of users and accounts, events and their properties."""

from typing import Literal

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from guidepath.playbook.frozen import Frozen, FrozenMap
from guidepath.playbook.name import Id, Label
from guidepath.playbook.part import Part
from guidepath.rules.vocabulary import ValueType

Kind = Literal["string", "integer", "number", "boolean", "time", "enum"]


class AttributeType(Part):
    """The type of an attribute or property: `integer`, or `{type: string, pii: true}`."""

    type: Kind
    enum: tuple[Label, ...] = Field(default=(), description="The values it may have.")
    optional: StrictBool = Field(default=False, description="Whether it may be missing.")
    pii: StrictBool = Field(default=False, description="Whether it tells who a person is.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        if isinstance(value, str):
            return {"type": value}
        if isinstance(value, dict) and "enum" in value:
            return {"type": "enum", **value}
        return value

    @model_validator(mode="after")
    def _enum(self) -> "AttributeType":
        if (self.type == "enum") is not bool(self.enum):
            raise PydanticCustomError(
                "bad-enum", "values are listed under `enum`, as in {enum: [law, retail]}"
            )
        if len(set(self.enum)) < len(self.enum):
            raise PydanticCustomError("bad-enum", "a value of this enum is listed twice")
        return self

    @property
    def value_type(self) -> ValueType:
        """The type as rules know it."""
        return ValueType(self.type, self.enum, self.optional, self.pii)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The schema with the short form beside the long one."""
        whole = handler.resolve_ref_schema(handler(core_schema))
        whole.pop("required", None)
        words = ["string", "integer", "number", "boolean", "time"]
        return {"oneOf": [{"enum": words}, {**whole, "minProperties": 1}]}


Types = Frozen[Id, AttributeType]


class Attributes(Part):
    """What is known of users and of accounts."""

    user: Types = Field(default_factory=FrozenMap)
    account: Types = Field(default_factory=FrozenMap)


class EventType(Part):
    """Something that happens: its properties, and who may say so."""

    properties: Types = Field(
        default_factory=FrozenMap, description="What an event of this kind carries."
    )
    source: Literal["server", "browser"] = Field(
        default="server",
        alias="from",
        description="Only events with `from: browser` are taken from a browser.",
    )

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return {} if value is None else value  # `tour.opened:` with nothing after it

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The schema with nothing beside something."""
        return {"oneOf": [{"type": "null"}, handler.resolve_ref_schema(handler(core_schema))]}


Events = Frozen[Label, EventType]
