"""Personas as YAML, as a person would write them; and a persona from a witness of the proofs."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from guidepath.clock import iso
from guidepath.playbook.personas import Expectation, Happening, Persona, Personas
from guidepath.playbook.personas_time import write_age
from guidepath.rules.expression import Scalar
from guidepath.rules.vocabulary import ValueType, Vocabulary
from guidepath.rules.witness import Witness

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*|([0-9]+(us|ms|[wdhms]))+")
# Words that some programs read as something else.
_TAKEN = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")


def text(personas: Personas) -> str:
    """The YAML of personas; reading it gives the same ones."""
    written = personas.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    lines = [f"{key}: {_flow(one)}" for key, one in written.items() if key != "personas"]
    lines.append("personas:")
    for persona in written["personas"]:
        keys = iter(persona.items())
        key, one = next(keys)
        lines.append(f"  - {key}: {_flow(one)}")
        for key, one in keys:
            lines += _key(key, one)
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def persona_of(
    witness: Witness,
    id: str,  # noqa: A002 - the field's name
    vocabulary: Vocabulary,
    *,
    about: str | None = None,
    expects: Sequence[Expectation] = (),
) -> Persona:
    """The made-up user of a proof as a persona."""
    hers = [one.ago for one in witness.events if one.by is None]
    started = None if witness.started is None else max(witness.started, *hers, 0)
    parts: dict[str, object] = {
        "id": id,
        "about": about,
        "role": witness.role,
        "user": _written(witness.user, vocabulary.user),
        "account": _written(witness.account, vocabulary.account),
        "device": witness.device,
        "started": None if started is None else write_age(started),
        "account_started": _account_started(witness, started, hers),
        "events": _happenings(witness, vocabulary),
        "expects": tuple(expects),
    }
    return Persona.model_validate({key: one for key, one in parts.items() if one is not None})


def _account_started(witness: Witness, started: int | None, hers: Sequence[int]) -> str | None:
    if witness.account_started is None:
        return None
    agos = [one.ago for one in witness.events]
    return write_age(max(witness.account_started, started or 0, *agos, *hers, 0))


def _happenings(witness: Witness, vocabulary: Vocabulary) -> list[Happening]:
    """Its events, the oldest first; those that are alike in one line."""
    alike: list[tuple[tuple[str, Mapping[str, object], str | None], list[int]]] = []
    for one in sorted(witness.events, key=lambda one: -one.ago):
        properties = _written(one.properties, vocabulary.events.get(one.event, {}))
        kind = (one.event, properties, one.by)
        if not alike or alike[-1][0] != kind:
            alike.append((kind, []))
        alike[-1][1].append(one.ago)
    return [
        Happening.model_validate(
            {
                "event": event,
                "ago": [write_age(one) for one in ages],
                "properties": properties,
                "by": by,
            }
        )
        for (event, properties, by), ages in alike
    ]


def _written(
    values: Mapping[str, Scalar], declared: Mapping[str, ValueType]
) -> dict[str, bool | int | float | str]:
    """Values as a product reports them: rules hold times as microseconds."""
    return {
        name: iso(one)
        if name in declared and declared[name].kind == "time" and isinstance(one, int)
        else one
        for name, one in values.items()
    }


def _key(key: str, value: object) -> list[str]:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return [f"    {key}:", *(f"      - {_flow(one)}" for one in value)]
    return [f"    {key}: {_flow(value)}"]


def _flow(value: object) -> str:
    """A value on one line."""
    match value:
        case dict():
            inner = ", ".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items())
            return f"{{{inner}}}"
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case str():
            plain = _PLAIN.fullmatch(value) and value.lower() not in _TAKEN
            return value if plain else json.dumps(value, ensure_ascii=False)
        case float():
            return _decimal(value)
        case _:
            return json.dumps(value)


def _decimal(value: float) -> str:
    """The number with a point and no exponent, which some programs read as a text."""
    digits = format(Decimal(repr(value)), "f")
    return digits if "." in digits else f"{digits}.0"
