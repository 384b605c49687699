"""What the product reports: attributes of users and accounts, events and their properties."""

from typing import Annotated, Literal

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
from guidepath.playbook.part import Part, meanings
from guidepath.rules.vocabulary import ValueType

Kind = Literal["string", "integer", "number", "boolean", "time", "enum"]


class AttributeType(Part):
    """The type of an attribute or property: `integer`, or `{type: string, pii: true}`."""

    type: Annotated[
        Kind,
        meanings(
            string="Any text, compared exactly.",
            integer="A whole number.",
            number="A number, with decimals or without.",
            boolean="true or false.",
            time="An instant: ISO 8601 with its zone.",
            enum="One of the values listed under `enum`.",
        ),
    ] = Field(description="What its values are.")
    enum: tuple[Label, ...] = Field(
        default=(), description="The values it may have.", examples=[["law", "retail", "other"]]
    )
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
        kinds = whole["properties"]["type"]
        told = dict(zip(kinds["enum"], kinds["enumDescriptions"], strict=True))
        del told["enum"]  # which needs its values beside it
        short = {"enum": list(told), "enumDescriptions": list(told.values())}
        description = whole.pop("description")
        return {"description": description, "oneOf": [short, {**whole, "minProperties": 1}]}


Types = Frozen[Id, AttributeType]


class Attributes(Part):
    """What is known of users and of accounts."""

    user: Types = Field(
        default_factory=FrozenMap,
        description="Of a person, by name; rules ask `user.NAME`, texts write {{ user.NAME }}.",
        examples=[{"first_name": {"type": "string", "optional": True, "pii": True}}],
    )
    account: Types = Field(
        default_factory=FrozenMap,
        description="Of a customer company, by name; rules ask `account.NAME`.",
        examples=[{"size": "integer", "industry": {"enum": ["law", "retail"]}}],
    )


class EventType(Part):
    """Something that happens: its properties, and who may say so."""

    properties: Types = Field(
        default_factory=FrozenMap,
        description="What an event of this kind carries, by name.",
        examples=[{"total": "number", "currency": "string"}],
    )
    source: Annotated[
        Literal["server", "browser"],
        meanings(server="Only your servers say it.", browser="A browser may say it, too."),
    ] = Field(
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
        whole = handler.resolve_ref_schema(handler(core_schema))
        description = whole.pop("description")
        return {"description": description, "oneOf": [whole, {"type": "null"}]}


Events = Frozen[Label, EventType]
