"""Plain values to parts, with every mistake; what is right is kept, so that it can be checked on.

Where a value is wrong it is left out and the rest is read again, until what is left is right.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from guidepath.playbook.declared import Declared
from guidepath.playbook.finding import Finding, Path
from guidepath.playbook.part import Part
from guidepath.rules.problem import suggest

_SECTIONS = ("attributes", "events", "segments", "roles", "milestones", "guidance")
_CODES = {
    "extra_forbidden": "unknown-key",
    "missing": "missing-key",
    "literal_error": "unknown-value",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
    "finite_number": "out-of-range",
    "string_too_long": "out-of-range",
}
_EXPECTED = {
    "string_type": "a text is expected here; write it in quotes",
    "int_type": "a whole number is expected here, such as 3",
    "float_type": "a number is expected here, such as 10",
    "bool_type": "true or false is expected here",
    "tuple_type": "a list is expected here; write [ ] around it",
    "mapping_type": "names with their values are expected here, as in {{name: value}}",
    "dict_type": "names with their values are expected here, as in {{name: value}}",
    "model_type": "names with their values are expected here, as in {{name: value}}",
    "model_attributes_type": "names with their values are expected here, as in {{name: value}}",
    "string_too_short": "there is no text here; write one",
    "string_too_long": "this is too long; at most {max_length} characters are possible",
    "greater_than_equal": "this is too little; at least {ge:g} is possible",
    "less_than_equal": "this is too much; at most {le:g} is possible",
}
_MOST_ROUNDS = 40


@dataclass
class Salvage:
    """The parts that are right, what is wrong, and the sections of which something is missing.

    `lost` holds `keys` where something within a milestone or guidance is missing.
    """

    declared: Declared | None = None
    findings: tuple[Finding, ...] = ()
    lost: set[str] = field(default_factory=set)
    _kept: dict[Path, list[int]] = field(default_factory=dict)

    def original(self, path: Path) -> Path:
        """Where a part of `declared` stood before anything was left out."""
        found: Path = ()
        for step in path:
            kept = self._kept.get(found)
            found = (*found, kept[step] if kept is not None and isinstance(step, int) else step)
        return found

    def forget(self, path: Path, index: int, count: int) -> None:
        """One entry of a list of so many is left out."""
        kept = self._kept.setdefault(self.original(path), list(range(count)))
        del kept[index]


def salvage(value: object) -> Salvage:
    """The parts that plain values declare, as far as they are right."""
    found = Salvage()
    if not isinstance(value, dict):
        message = "a playbook is expected, beginning with `guidepath: 1` and a `name`"
        found.findings = (Finding("wrong-type", message, ()),)
        return found
    rest = deepcopy(value)
    for _ in range(_MOST_ROUNDS):
        try:
            found.declared = Declared.model_validate(rest)
        except ValidationError as error:
            mistakes = error.errors(include_url=False)
            found.findings = found.findings or tuple(finding(one, rest) for one in mistakes)
            _leave_out(rest, {_end(one["loc"], rest): one["type"] for one in mistakes}, found)
        else:
            break
    return found


def finding(mistake: ErrorDetails, value: object, part: type[Part] = Declared) -> Finding:
    """One of pydantic's errors in our words; `value` is what was validated as this part."""
    kind, path = mistake["type"], mistake["loc"]
    code = _CODES.get(kind, kind if "-" in kind else "wrong-type")
    if kind == "extra_forbidden":
        message = f"unknown key '{_shown(path[-1])}'{suggest(str(path[-1]), _siblings(path, part))}"
        return Finding(code, message, path, on="key")
    if kind == "missing":
        return Finding(code, f"the key `{path[-1]}` is missing here; add it", path[:-1])
    on_key = path[-1:] == ("[key]",)
    return Finding(code, _message(mistake), _end(path, value), on="key" if on_key else "value")


def _message(mistake: ErrorDetails) -> str:
    context = mistake.get("ctx", {})
    if mistake["type"] != "literal_error":
        expected = _EXPECTED.get(mistake["type"])
        return mistake["msg"] if expected is None else expected.format_map(context)
    known = re.findall(r"'([^']*)'", context["expected"])
    word = _shown(mistake["input"])
    if not known:
        return f"this cannot be {word}, only {context['expected']}"
    return f"this cannot be '{word}'{suggest(word, known)} (known: {', '.join(known)})"


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _end(path: Path, value: Any) -> Path:
    """The part of a path that leads through the values: pydantic adds steps of its own."""
    for depth, step in enumerate(path):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return path[:depth]
    return path


def _siblings(path: Path, part: type[Part]) -> Iterator[str]:
    """The keys that are known beside an unknown one."""
    model: Any = part
    for step in path[:-1]:
        known = {one.alias or name: one.annotation for name, one in model.model_fields.items()}
        if step in known:  # else it is a place in a list, or a name that the playbook gives
            model = _model(known[step]) or model
    for name, one in model.model_fields.items():
        yield one.alias or name


def _model(annotation: Any) -> Any:
    """The part that an annotation is about, through tuples, mappings and `| None`."""
    if hasattr(annotation, "model_fields"):
        return annotation
    inner = (_model(one) for one in getattr(annotation, "__args__", ()))
    return next((one for one in inner if one is not None), None)


def _leave_out(rest: dict[str, Any], wrong: dict[Path, str], found: Salvage) -> None:
    # the last of a list first, so that the numbers of the others stay
    for path in sorted(wrong, key=_order, reverse=True):
        found.lost.update(_lost(path, wrong[path]))
        if path:
            _drop(rest, path, found)
        else:
            rest.update({"name": "unnamed", "milestones": [], **rest})


def _order(path: Path) -> list[tuple[bool, int, str]]:
    return [(isinstance(one, int), one if isinstance(one, int) else 0, str(one)) for one in path]


def _drop(rest: dict[str, Any], path: Path, found: Salvage) -> None:
    holder: Any = rest
    for step in path[:-1]:
        holder = holder[step]
    if isinstance(holder, list):
        found.forget(path[:-1], int(path[-1]), len(holder))
    del holder[path[-1]]


def lost(path: Path) -> str:
    """The section that lacks a name when the value at this path is left out; else `keys`."""
    named = ("attributes", "events", "segments", "roles")
    section = str(path[0])
    if section in named or len(path) < 3 or (len(path) == 3 and path[2] in ("id", "scope")):
        return section
    return "keys"


def _lost(path: Path, kind: str) -> tuple[str, ...]:
    if kind == "extra_forbidden" and len(path) == 1:
        return _SECTIONS  # it may be any of them, misspelled
    if kind == "extra_forbidden" and path[0] not in ("attributes", "events"):
        return ("keys",)
    return (lost(path),) if path else ()
