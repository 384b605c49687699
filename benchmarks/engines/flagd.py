"""OpenFeature's flagd, evaluated in this process: a flag a rule, targeted by JsonLogic."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from benchmarks.engines.engine import Engine, Given, Test, json_logic


def made(tests: Sequence[Test], _example: Given) -> Iterator[Engine]:
    core = import_module("openfeature.contrib.tools.flagd.core").FlagdCore()
    context = import_module("openfeature.evaluation_context").EvaluationContext
    flags = {
        f"r{n}": {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "targeting": {"if": [json_logic(one), "on", "off"]},
        }
        for n, one in enumerate(tests)
    }
    core.set_flags({"flags": flags})

    def know(given: Given) -> Any:
        return context(targeting_key="u", attributes=dict(given))

    def ask(known: Any) -> list[object]:
        return [core.resolve_boolean_value(key, False, known).value for key in flags]

    yield Engine("OpenFeature flagd", know, ask)
