"""What the canonical form decides about a tree: order of keys, spellings, what is a block."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from guidepath.playbook import duration
from guidepath.playbook.canonical.tree import Branch, Leaf, Node
from guidepath.playbook.finding import Path
from guidepath.playbook.rule import canonical
from guidepath.playbook.schema import schema

# Names that the product gives: each on a line of its own, so that a change is a line.
_VOCABULARY = (
    ("attributes",),
    ("attributes", "user"),
    ("attributes", "account"),
    ("events",),
    ("segments",),
)
_AIRY = (("milestones",), ("guidance",))

Schema = Mapping[str, Any]


def shape(root: Branch) -> None:
    """Bring a tree into form, by what the schema says of each value."""
    whole = _whole()
    _Shaper(whole["$defs"]).node(root, whole, ())


@cache
def _whole() -> Schema:
    return schema()  # some tenths of a second, and the same for every file


class _Shaper:
    def __init__(self, parts: Mapping[str, Schema]) -> None:
        self._parts = parts

    def node(self, node: Node, wanted: Schema, path: Path) -> None:
        variants = list(self._variants(wanted))
        if isinstance(node, Leaf):
            _spell(node, {one.get("title") for one in variants})
        elif node.kind == "map":
            self._map(node, variants, path)
        else:
            node.tall = node.airy = path in _AIRY
            items: Schema = next((one["items"] for one in variants if "items" in one), {})
            for index, entry in enumerate(node.entries):
                self.node(entry.node, items, (*path, index))

    def _map(self, node: Branch, variants: list[Schema], path: Path) -> None:
        keys: Schema = next((one["properties"] for one in variants if "properties" in one), {})
        others = next(filter(None, map(_others, variants)), {})
        node.tall = path in _VOCABULARY or path == () or path[:-1] in _AIRY
        node.ordered = bool(keys)
        if keys:
            order = list(keys)
            node.entries.sort(key=lambda one: order.index(str(one.key)) if one.key in keys else -1)
        for entry in node.entries:
            key = str(entry.key)
            inner = keys.get(key, others)
            if path == ("events",) and isinstance(entry.node, Leaf):
                entry.node = Branch("map")  # an event of which nothing more is said
            self.node(entry.node, inner, (*path, key))

    def _variants(self, wanted: Schema) -> Iterator[Schema]:
        """The schema and everything it may stand for."""
        if "$ref" in wanted:
            wanted = self._parts[wanted["$ref"].rpartition("/")[2]]
        yield wanted
        for one in (*wanted.get("oneOf", ()), *wanted.get("anyOf", ())):
            yield from self._variants(one)


def _others(one: Schema) -> Schema:
    """What stands behind keys that the product names."""
    found = next(iter(one.get("patternProperties", {}).values()), one.get("additionalProperties"))
    return found if isinstance(found, dict) else {}


def _spell(leaf: Leaf, titles: set[str | None]) -> None:
    if leaf.bare:
        return
    if "Rule" in titles:
        leaf.value, leaf.rule = canonical(leaf.value), True
    elif "Duration" in titles:
        leaf.value = duration.write(duration.read(leaf.value))
