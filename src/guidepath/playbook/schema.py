"""The JSON Schema of a YAML file: what an editor completes, explains and checks as one types."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from guidepath.playbook import duration
from guidepath.playbook.declared import Declared
from guidepath.playbook.part import Part

FILE = "guidepath.schema.json"  # as it is called beside a playbook
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def schema() -> dict[str, Any]:
    """The schema (draft 2020-12), its keys in the order in which a playbook is written.

    A kind of value has a title: Rule, Text, Duration, Time, Pages, or the name of a part.
    """
    made = schema_of(
        Declared, "guidepath playbook", "Vocabulary, milestones and guidance of one product."
    )
    for one in made["properties"]["segments"]["patternProperties"].values():
        one["title"] = "Rule"  # pydantic leaves out the titles of a mapping's values
    return made


def schema_of(part: type[Part], title: str, description: str) -> dict[str, Any]:
    """The schema of a file that says this part."""
    made = part.model_json_schema(by_alias=True)
    parts = made.pop("$defs")
    made = {key: value for key, value in made.items() if key not in ("title", "description")}
    for one in (made, *parts.values()):
        _tidy(one)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        **made,
        "$defs": parts,
    }


def modeline(file: str) -> str:
    """The first line of a YAML file by which editors find its schema.

    >>> modeline("guidepath.schema.json")
    '# yaml-language-server: $schema=guidepath.schema.json'
    """
    return f"# yaml-language-server: $schema={file}"


def _tidy(node: dict[str, Any]) -> None:
    """Leave out what tells an editor nothing, all the way down."""
    for name, one in node.get("properties", {}).items():
        _property(name, one)
    if "`" in node.get("description", ""):
        node["markdownDescription"] = node["description"]  # else an editor shows the backticks
    if "patternProperties" in node:
        node.setdefault("additionalProperties", False)  # else any other name would do
    for one in _inner(node):
        _tidy(one)


def _inner(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of what is inside."""
    for key in ("properties", "patternProperties"):
        yield from node.get(key, {}).values()
    for key in ("oneOf", "anyOf"):
        yield from node.get(key, ())
    for key in ("items", "additionalProperties"):
        if isinstance(one := node.get(key), dict):
            yield one


def _property(name: str, node: dict[str, Any]) -> None:
    if node.get("title") == name.replace("_", " ").title():
        del node["title"]  # the key once more
    if isinstance(node.get("default"), dict) or node.get("default", 1) in (None, [], ""):
        del node["default"]  # the same as leaving the key out
    match node.get("anyOf"):
        case [{"type": str(kind)} as one, {"type": "null"}]:
            del node["anyOf"]
            node.update({**one, "type": [kind, "null"], **node})
        case [{"oneOf": [*some]} as one, {"type": "null"}]:
            del node["anyOf"]
            node.update({**one, "oneOf": [*some, {"type": "null"}], **node})
    default = node.get("default")
    if node.get("title") == "Duration" and isinstance(default, str):
        node["default"] = duration.write(_length(default))


def _length(iso: str) -> timedelta:
    """The length that pydantic writes as ISO 8601 has it, in days, hours, minutes and seconds."""
    found = _ISO.fullmatch(iso)
    days, hours, minutes, seconds = (int(one or 0) for one in found.groups()) if found else [0] * 4
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
